package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Attention and its gradient against the plain formula in double precision. */
class AttentionTest {
    private static final float NAN = Float.NaN;
    private static final float HIDDEN = Float.NEGATIVE_INFINITY;

    /** One call: sizes, masks, and where rows lie. */
    private record Case(
            int queries,
            int keys,
            int features,
            long visible,
            boolean biased,
            int gap,
            float scale) {
        static Case of(int queries, int keys, int features, long visible) {
            return new Case(queries, keys, features, visible, false, 3, 0.3f);
        }

        int stride() {
            return features + gap;
        }

        boolean sees(int i, int j) {
            return j < visible + i;
        }
    }

    /** Inputs, outputs and gradients; rows with gaps of NaN between them. */
    private static final class Head {
        final Case c;
        final float[] q;
        final float[] k;
        final float[] v;
        final float[] dOut;
        final float[] bias;
        float[] out;
        float[] logSumExp;
        float[] dQ;
        float[] dK;
        float[] dV;

        Head(Case c, long seed) {
            this.c = c;
            SplittableRandom random = new SplittableRandom(seed);
            q = rows(c, c.queries, random);
            k = rows(c, c.keys, random);
            v = rows(c, c.keys, random);
            dOut = rows(c, c.queries, random);
            bias = new float[c.biased ? c.queries * c.keys : 0];
            for (int i = 0; i < bias.length; i++) {
                bias[i] = 2 * (float) random.nextDouble() - 1;
            }
        }

        private static float[] rows(Case c, int count, SplittableRandom random) {
            float[] x = new float[count * c.stride()];
            Arrays.fill(x, NAN);
            for (int i = 0; i < count; i++) {
                for (int d = 0; d < c.features; d++) {
                    x[i * c.stride() + d] = 2 * (float) random.nextDouble() - 1;
                }
            }
            return x;
        }

        /** Queries {@code first} to {@code last} by one call, or several if cut. */
        void run(Kernels kernels, int... cuts) {
            Attention attention = kernels.attention();
            long stride = c.stride();
            try (Arena arena = Arena.ofShared()) {
                MemorySegment qs = arena.allocateFrom(JAVA_FLOAT, q);
                MemorySegment ks = arena.allocateFrom(JAVA_FLOAT, k);
                MemorySegment vs = arena.allocateFrom(JAVA_FLOAT, v);
                MemorySegment bs = arena.allocateFrom(JAVA_FLOAT, bias);
                MemorySegment ds = arena.allocateFrom(JAVA_FLOAT, dOut);
                MemorySegment os = filled(arena, q.length, NAN);
                MemorySegment ls = filled(arena, c.queries, NAN);
                MemorySegment ws =
                        arena.allocate(4 * attention.workspaceSize(c.keys, c.features) + 64, 64);
                int from = 0;
                for (int to : cuts.length == 0 ? new int[] {c.queries} : cuts) {
                    attention.head(
                            qs,
                            from * stride,
                            stride,
                            ks,
                            0,
                            stride,
                            vs,
                            0,
                            stride,
                            c.biased,
                            bs,
                            (long) from * c.keys,
                            c.keys,
                            to - from,
                            c.keys,
                            c.features,
                            c.visible + from,
                            c.scale,
                            ws,
                            0,
                            ls,
                            from,
                            os,
                            from * stride,
                            stride);
                    from = to;
                }
                MemorySegment dqs = filled(arena, q.length, NAN);
                MemorySegment dks = filled(arena, k.length, 0);
                MemorySegment dvs = filled(arena, v.length, 0);
                attention.headGradient(
                        qs,
                        0,
                        stride,
                        ks,
                        0,
                        stride,
                        vs,
                        0,
                        stride,
                        c.biased,
                        bs,
                        0,
                        c.keys,
                        os,
                        0,
                        stride,
                        ds,
                        0,
                        stride,
                        ls,
                        0,
                        c.queries,
                        c.keys,
                        c.features,
                        c.visible,
                        c.scale,
                        ws,
                        0,
                        dqs,
                        0,
                        stride,
                        dks,
                        0,
                        stride,
                        dvs,
                        0,
                        stride);
                out = os.toArray(JAVA_FLOAT);
                logSumExp = ls.toArray(JAVA_FLOAT);
                dQ = dqs.toArray(JAVA_FLOAT);
                dK = dks.toArray(JAVA_FLOAT);
                dV = dvs.toArray(JAVA_FLOAT);
            }
        }

        private static MemorySegment filled(Arena arena, int n, float value) {
            float[] x = new float[n];
            Arrays.fill(x, value);
            return arena.allocateFrom(JAVA_FLOAT, x);
        }
    }

    /** The formula with whole matrices, the softmax's Jacobian written out. */
    private static final class Reference {
        final double[][] out;
        final double[] logSumExp;
        final double[][] dQ;
        final double[][] dK;
        final double[][] dV;

        Reference(Head a) {
            Case c = a.c;
            double[][] q = matrix(a.q, c.queries, c);
            double[][] k = matrix(a.k, c.keys, c);
            double[][] v = matrix(a.v, c.keys, c);
            double[][] dOut = matrix(a.dOut, c.queries, c);
            double[][] p = new double[c.queries][c.keys];
            logSumExp = new double[c.queries];
            for (int i = 0; i < c.queries; i++) {
                double sum = 0;
                for (int j = 0; j < c.keys; j++) {
                    double bias = c.biased ? a.bias[i * c.keys + j] : 0;
                    double s = c.scale * dot(q[i], k[j]) + bias;
                    p[i][j] = c.sees(i, j) ? StrictMath.exp(s) : 0;
                    sum += p[i][j];
                }
                logSumExp[i] = StrictMath.log(sum);
                for (int j = 0; j < c.keys && sum > 0; j++) {
                    p[i][j] /= sum;
                }
            }
            out = product(p, v, c.features);
            dQ = new double[c.queries][c.features];
            dK = new double[c.keys][c.features];
            dV = product(transpose(p, c.keys), dOut, c.features);
            for (int i = 0; i < c.queries; i++) {
                for (int j = 0; j < c.keys; j++) {
                    double dS = 0;
                    for (int x = 0; x < c.keys; x++) {
                        double jacobian = p[i][x] * ((x == j ? 1 : 0) - p[i][j]);
                        dS += jacobian * dot(dOut[i], v[x]);
                    }
                    for (int d = 0; d < c.features; d++) {
                        dQ[i][d] += c.scale * dS * k[j][d];
                        dK[j][d] += c.scale * dS * q[i][d];
                    }
                }
            }
        }

        private static double[][] matrix(float[] x, int rows, Case c) {
            double[][] m = new double[rows][c.features];
            for (int i = 0; i < rows; i++) {
                for (int d = 0; d < c.features; d++) {
                    m[i][d] = x[i * c.stride() + d];
                }
            }
            return m;
        }

        private static double dot(double[] a, double[] b) {
            double sum = 0;
            for (int d = 0; d < a.length; d++) {
                sum += a[d] * b[d];
            }
            return sum;
        }

        private static double[][] product(double[][] a, double[][] b, int columns) {
            double[][] c = new double[a.length][columns];
            for (int i = 0; i < a.length; i++) {
                for (int p = 0; p < b.length; p++) {
                    for (int j = 0; j < columns; j++) {
                        c[i][j] += a[i][p] * b[p][j];
                    }
                }
            }
            return c;
        }

        private static double[][] transpose(double[][] a, int columns) {
            double[][] t = new double[columns][a.length];
            for (int i = 0; i < a.length; i++) {
                for (int j = 0; j < columns; j++) {
                    t[j][i] = a[i][j];
                }
            }
            return t;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 8, 1",
        "1, 40, 64, 40",
        "4, 33, 16, 33",
        "1, 3, 70, 3",
        "2, 1030, 147, 1029",
        "1, 2050, 64, 2050",
        "5, 7, 3, 7",
        "17, 19, 8, 19",
        "23, 70, 80, 70",
        "40, 40, 40, 1",
        "64, 64, 64, 1",
        "65, 65, 24, 1",
        "70, 90, 12, 21",
        "90, 70, 96, 70",
        "20, 280, 100, 280",
        "130, 130, 7, 1",
        "9, 9, 256, 1",
        "30, 20, 8, -5",
        "100, 40, 33, -70",
        "10, 10, 8, -20",
    })
    void followsTheFormula(int queries, int keys, int features, long visible) {
        Head arrays = new Head(Case.of(queries, keys, features, visible), queries);
        check(arrays);
    }

    @ParameterizedTest
    @CsvSource({"1, 9, 16, 9", "3, 12, 5, 1", "40, 30, 8, 30", "70, 70, 20, 1"})
    void addsABias(int queries, int keys, int features, long visible) {
        check(new Head(new Case(queries, keys, features, visible, true, 0, 0.5f), 3));
    }

    private static void check(Head arrays) {
        Case c = arrays.c;
        Reference expected = new Reference(arrays);
        Bundles.all()
                .forEach(
                        kernels -> {
                            arrays.run(kernels);
                            String name = kernels.backend() + " " + c;
                            double eps = 0x1p-23;
                            double sums = c.features * c.scale + 8;
                            close(
                                    name + " out",
                                    expected.out,
                                    arrays.out,
                                    c,
                                    eps * (sums + c.keys));
                            for (int i = 0; i < c.queries; i++) {
                                close(
                                        name + " logSumExp",
                                        expected.logSumExp[i],
                                        arrays.logSumExp[i],
                                        eps * 2 * sums);
                            }
                            double terms = eps * (c.features + c.keys + c.queries + 16);
                            close(name + " dQ", expected.dQ, arrays.dQ, c, 2 * terms);
                            close(name + " dK", expected.dK, arrays.dK, c, 2 * terms);
                            close(name + " dV", expected.dV, arrays.dV, c, 2 * terms);
                        });
    }

    private static void close(String what, double[][] expected, float[] actual, Case c, double by) {
        for (int i = 0; i < expected.length; i++) {
            for (int d = 0; d < c.features; d++) {
                close(what + " " + i + " " + d, expected[i][d], actual[i * c.stride() + d], by);
            }
        }
    }

    private static void close(String what, double expected, double actual, double by) {
        if (expected != actual && !(Math.abs(expected - actual) <= by * (1 + Math.abs(expected)))) {
            throw new AssertionError(what + ": expected " + expected + ", got " + actual);
        }
    }

    @Test
    void nothingSeenGivesZeros() {
        Bundles.all()
                .forEach(
                        kernels -> {
                            Head arrays = new Head(Case.of(70, 9, 8, -66), 5);
                            arrays.run(kernels);
                            for (int i = 0; i <= 66; i++) {
                                assertThat(arrays.out[i * arrays.c.stride()]).isZero();
                                assertThat(arrays.dQ[i * arrays.c.stride()]).isZero();
                                assertThat(arrays.logSumExp[i]).isEqualTo(HIDDEN);
                            }
                            assertThat(arrays.out[67 * arrays.c.stride()]).isNotZero();
                        });
    }

    @ParameterizedTest
    @CsvSource({"2, 20", "30, 20", "30, 300"})
    void aBiasOfMinusInfinityHides(int queries, int keys) {
        Case c = new Case(queries, keys, 8, keys, true, 0, 0.5f);
        Case shorter = new Case(queries, keys / 2, 8, keys / 2, false, 0, 0.5f);
        Bundles.all()
                .forEach(
                        kernels -> {
                            Head arrays = new Head(c, 8);
                            for (int i = 0; i < queries * keys; i++) {
                                boolean hide = i < keys || i % keys >= keys / 2;
                                arrays.bias[i] = hide ? HIDDEN : 0f;
                            }
                            arrays.run(kernels);
                            Head half = new Head(shorter, 8);
                            System.arraycopy(arrays.q, 0, half.q, 0, half.q.length);
                            System.arraycopy(arrays.k, 0, half.k, 0, half.k.length);
                            System.arraycopy(arrays.v, 0, half.v, 0, half.v.length);
                            System.arraycopy(arrays.dOut, 0, half.dOut, 0, half.dOut.length);
                            half.run(kernels);
                            assertThat(arrays.logSumExp[0]).isEqualTo(HIDDEN);
                            for (int x = 0; x < arrays.out.length; x++) {
                                double e = x < c.features ? 0 : half.out[x];
                                double dQ = x < c.features ? 0 : half.dQ[x];
                                close(kernels.backend() + " out " + x, e, arrays.out[x], 1e-5);
                                close(kernels.backend() + " dQ " + x, dQ, arrays.dQ[x], 1e-5);
                            }
                        });
    }

    /** Scores of ±300 would overflow e^s; the largest key takes all. */
    @ParameterizedTest
    @CsvSource({"1, 600", "50, 600"})
    void survivesLargeScores(int queries, int keys) {
        Case c = new Case(queries, keys, 8, keys, false, 0, 100f);
        Head arrays = new Head(c, 11);
        Bundles.all()
                .forEach(
                        kernels -> {
                            arrays.run(kernels);
                            for (float[] result :
                                    new float[][] {arrays.out, arrays.dQ, arrays.dK, arrays.dV}) {
                                for (float x : result) {
                                    assertThat(x).isFinite();
                                }
                            }
                            assertThat(arrays.logSumExp[0]).isGreaterThan(88f).isFinite();
                        });
    }

    @Test
    void cutsOfQueriesChangeNoBit() {
        int block = Kernels.active().attention().queryBlock();
        Case c = Case.of(3 * block + 2, 3 * block, 20, 1);
        Head whole = new Head(c, 2);
        Head parts = new Head(c, 2);
        whole.run(Kernels.active());
        parts.run(Kernels.active(), block, 3 * block, c.queries);
        assertThat(parts.out).isEqualTo(whole.out);
        assertThat(parts.logSumExp).isEqualTo(whole.logSumExp);
    }

    @Test
    void gradientsOfKeysAddUp() {
        Head arrays = new Head(Case.of(12, 10, 8, 10), 4);
        Bundles.all()
                .forEach(
                        kernels -> {
                            arrays.run(kernels);
                            float once = arrays.dV[0];
                            assertThat(once).isNotZero();
                            assertThat(twice(kernels, arrays)).isEqualTo(2 * once, within(1e-6f));
                        });
    }

    private static org.assertj.core.data.Offset<Float> within(float by) {
        return org.assertj.core.data.Offset.offset(by);
    }

    /** dV(0, 0) of two calls. */
    private static float twice(Kernels kernels, Head a) {
        Attention attention = kernels.attention();
        Case c = a.c;
        long stride = c.stride();
        try (Arena arena = Arena.ofShared()) {
            MemorySegment qs = arena.allocateFrom(JAVA_FLOAT, a.q);
            MemorySegment ks = arena.allocateFrom(JAVA_FLOAT, a.k);
            MemorySegment vs = arena.allocateFrom(JAVA_FLOAT, a.v);
            MemorySegment os = arena.allocateFrom(JAVA_FLOAT, a.out);
            MemorySegment ds = arena.allocateFrom(JAVA_FLOAT, a.dOut);
            MemorySegment ls = arena.allocateFrom(JAVA_FLOAT, a.logSumExp);
            MemorySegment dqs = arena.allocate(4L * a.q.length);
            MemorySegment dks = arena.allocate(4L * a.k.length);
            MemorySegment dvs = arena.allocate(4L * a.v.length);
            MemorySegment ws = arena.allocate(4 * attention.workspaceSize(c.keys, c.features), 64);
            for (int call = 0; call < 2; call++) {
                attention.headGradient(
                        qs,
                        0,
                        stride,
                        ks,
                        0,
                        stride,
                        vs,
                        0,
                        stride,
                        false,
                        qs,
                        0,
                        0,
                        os,
                        0,
                        stride,
                        ds,
                        0,
                        stride,
                        ls,
                        0,
                        c.queries,
                        c.keys,
                        c.features,
                        c.visible,
                        c.scale,
                        ws,
                        0,
                        dqs,
                        0,
                        stride,
                        dks,
                        0,
                        stride,
                        dvs,
                        0,
                        stride);
            }
            return dvs.getAtIndex(JAVA_FLOAT, 0);
        }
    }
}
