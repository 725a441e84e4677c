package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.lang.foreign.MemorySegment;

/** Products with quantized weights, against double precision on the dequantized weights. */
class QuantizedGemmTest extends QuantizedProblems {
    private static final MemorySegment NO_BIAS = MemorySegment.NULL;

    @ParameterizedTest
    @MethodSource("backends")
    void productsOfHostileSizes(Kernels kernels) {
        int[] depths = {1, 31, 32, 33, 130};
        for (int m : new int[] {1, 2, 3, 4, 5, 8, 9, 13}) {
            for (int n : new int[] {1, 15, 63, 64, 65, 200}) {
                for (QuantizedLayout layout : layouts(n, depths[random.nextInt(5)])) {
                    check(kernels, layout, m);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void longChainsAndManyBlocks(Kernels kernels) {
        for (int[] size :
                new int[][] {{1, 65, 2500}, {4, 30, 1025}, {9, 193, 2051}, {70, 260, 90}}) {
            for (QuantizedLayout layout : layouts(size[1], size[2])) {
                check(kernels, layout, size[0]);
            }
        }
    }

    private void check(Kernels kernels, QuantizedLayout layout, int m) {
        long n = layout.n();
        long k = layout.k();
        MemorySegment packed = quantize(kernels, layout, randoms(n * k));
        MemorySegment weights = dequantize(kernels, layout, packed);
        MemorySegment a = randoms(m * k);
        MemorySegment bias = randoms(n);
        MemorySegment c = multiply(kernels, layout, a, m, packed, bias, FusedActivation.RELU);
        for (long i = 0; i < m; i++) {
            for (long j = 0; j < n; j++) {
                double sum = get(bias, j);
                double magnitude = Math.abs(sum);
                for (long p = 0; p < k; p++) {
                    double x = get(a, i * k + p);
                    sum += x * get(weights, p * n + j);
                    // |scale · q · unit| + |offset| is at most 3, weights being below 1
                    magnitude += Math.abs(x) * (layout.hasOffsets() ? 3 : 1);
                }
                assertThat((double) get(c, i * n + j))
                        .as("%s, m %d, element (%d, %d)", layout, m, i, j)
                        .isCloseTo(
                                Math.max(sum, 0),
                                within(Math.min(k + 4, 60) * EPSILON * magnitude));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void manyRowsHaveTheBitsOfTheFloatProduct(Kernels kernels) {
        Gemm gemm = kernels.gemm();
        for (int[] size : new int[][] {{9, 70, 100}, {17, 130, 1100}, {200, 65, 64}}) {
            int m = size[0];
            int n = size[1];
            int k = size[2];
            for (QuantizedLayout layout : layouts(n, k)) {
                MemorySegment packed = quantize(kernels, layout, randoms((long) n * k));
                MemorySegment weights = dequantize(kernels, layout, packed);
                MemorySegment a = randoms((long) m * k);
                MemorySegment bias = randoms(n);
                MemorySegment c =
                        multiply(kernels, layout, a, m, packed, bias, FusedActivation.TANH);
                MemorySegment expected = floats((long) m * n);
                MemorySegment work = arena.allocate(4 * gemm.workspaceSize(m, n, k) + 64, 64);
                gemm.gemm(
                        a,
                        0,
                        k,
                        1,
                        weights,
                        0,
                        n,
                        1,
                        BiasAxis.COLUMNS,
                        bias,
                        0,
                        m,
                        n,
                        k,
                        1,
                        0,
                        FusedActivation.TANH,
                        work,
                        0,
                        expected,
                        0,
                        n);
                assertThat(c.mismatch(expected)).as("%s, m %d", layout, m).isEqualTo(-1);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void anySplitOfColumnsAndAnyStridesGiveTheSameBits(Kernels kernels) {
        QuantizedGemm gemm = kernels.quantizedGemm();
        int n = 210;
        int k = 70;
        for (int m : new int[] {1, 3, 10}) {
            for (QuantizedLayout layout : layouts(n, k)) {
                MemorySegment packed = quantize(kernels, layout, randoms((long) n * k));
                MemorySegment a = randoms((long) m * k);
                MemorySegment bias = randoms(n);
                MemorySegment whole =
                        multiply(kernels, layout, a, m, packed, bias, FusedActivation.NONE);
                MemorySegment transposed = floats((long) m * k);
                for (int i = 0; i < m; i++) {
                    for (int p = 0; p < k; p++) {
                        set(transposed, (long) p * m + i, get(a, (long) i * k + p));
                    }
                }
                MemorySegment parts = floats((long) m * (n + 5));
                MemorySegment work = arena.allocate(4 * gemm.workspaceSize(m, layout) + 64, 64);
                for (int[] part : new int[][] {{0, 64}, {64, 64}, {128, 82}}) {
                    gemm.gemm(
                            transposed,
                            0,
                            1,
                            m,
                            packed,
                            0,
                            layout,
                            part[0],
                            BiasAxis.COLUMNS,
                            bias,
                            part[0],
                            m,
                            part[1],
                            1,
                            0,
                            FusedActivation.NONE,
                            work,
                            0,
                            parts,
                            part[0],
                            n + 5);
                }
                for (int i = 0; i < m; i++) {
                    for (int j = 0; j < n; j++) {
                        assertThat(get(parts, (long) i * (n + 5) + j))
                                .isEqualTo(get(whole, (long) i * n + j));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void wholeNumbersAreExact(Kernels kernels) {
        int n = 70;
        int k = 300;
        for (QuantizedLayout layout : layouts(n, k)) {
            int largest = layout.type() == WeightType.BFLOAT16 ? 127 : layout.type().largest();
            for (int m : new int[] {1, 2, 9}) {
                MemorySegment w = floats((long) n * k);
                MemorySegment a = floats((long) m * k);
                for (int i = 0; i < n * k; i++) {
                    // The extremes in every group, so that the step between weights is 1.
                    int value =
                            i % 4 == 0
                                    ? largest
                                    : i % 4 == 1 ? -largest - 1 : random.nextInt(-largest, largest);
                    set(w, i, layout.hasOffsets() ? value : Math.max(value, -largest));
                }
                for (int i = 0; i < m * k; i++) {
                    set(a, i, random.nextInt(-9, 10));
                }
                MemorySegment packed = quantize(kernels, layout, w);
                MemorySegment c =
                        multiply(kernels, layout, a, m, packed, NO_BIAS, FusedActivation.NONE);
                for (int i = 0; i < m; i++) {
                    for (int j = 0; j < n; j++) {
                        long sum = 0;
                        for (int p = 0; p < k; p++) {
                            sum +=
                                    (long) get(a, (long) i * k + p)
                                            * (long) get(w, (long) j * k + p);
                        }
                        assertThat(get(c, (long) i * n + j)).as(layout.toString()).isEqualTo(sum);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void everyAlphaAndBeta(Kernels kernels) {
        int n = 70;
        for (int k : new int[] {40, 1030}) {
            for (int m : new int[] {1, 3, 9}) {
                for (QuantizedLayout layout : layouts(n, k)) {
                    MemorySegment packed = quantize(kernels, layout, randoms((long) n * k));
                    MemorySegment weights = dequantize(kernels, layout, packed);
                    MemorySegment a = randoms((long) m * k);
                    float[][] factors = {{0f, 1f}, {1f, 0f}, {-0.7f, -1.3f}};
                    for (float[] f : factors) {
                        checkUpdate(kernels, layout, packed, weights, a, m, f[0], f[1]);
                    }
                }
            }
        }
    }

    private void checkUpdate(
            Kernels kernels,
            QuantizedLayout layout,
            MemorySegment packed,
            MemorySegment weights,
            MemorySegment a,
            int m,
            float alpha,
            float beta) {
        long n = layout.n();
        long k = layout.k();
        MemorySegment bias = randoms(n);
        MemorySegment old = randoms(m * n);
        MemorySegment c = floats(m * n).copyFrom(old);
        if (beta == 0f) {
            c.fill((byte) 0xff); // NaN, not read
        }
        update(kernels, layout, a, m, packed, bias, alpha, beta, FusedActivation.RELU, c);
        for (long i = 0; i < m; i++) {
            for (long j = 0; j < n; j++) {
                double shift = beta * (double) get(old, i * n + j) + get(bias, j);
                double magnitude = 2 * Math.max(Math.abs(beta), 1);
                double sum = 0;
                for (long p = 0; p < k; p++) {
                    double x = get(a, i * k + p);
                    sum += x * get(weights, p * n + j);
                    magnitude += Math.abs(alpha * x) * (layout.hasOffsets() ? 3 : 1);
                }
                assertThat((double) get(c, i * n + j))
                        .as("%s, alpha %s, beta %s, element (%d, %d)", layout, alpha, beta, i, j)
                        .isCloseTo(
                                Math.max(alpha * sum + shift, 0),
                                within(Math.min(k + 6, 60) * EPSILON * magnitude));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void updatesOfManyRowsHaveTheBitsOfTheFloatProduct(Kernels kernels) {
        Gemm gemm = kernels.gemm();
        int m = 11;
        int n = 130;
        int k = 1100;
        for (QuantizedLayout layout : layouts(n, k)) {
            MemorySegment packed = quantize(kernels, layout, randoms((long) n * k));
            MemorySegment weights = dequantize(kernels, layout, packed);
            MemorySegment a = randoms((long) m * k);
            MemorySegment bias = randoms(n);
            MemorySegment c = randoms((long) m * n);
            MemorySegment expected = floats((long) m * n).copyFrom(c);
            update(kernels, layout, a, m, packed, bias, 0.3f, 0.7f, FusedActivation.NONE, c);
            MemorySegment work = arena.allocate(4 * gemm.workspaceSize(m, n, k) + 64, 64);
            gemm.gemm(
                    a,
                    0,
                    k,
                    1,
                    weights,
                    0,
                    n,
                    1,
                    BiasAxis.COLUMNS,
                    bias,
                    0,
                    m,
                    n,
                    k,
                    0.3f,
                    0.7f,
                    FusedActivation.NONE,
                    work,
                    0,
                    expected,
                    0,
                    n);
            assertThat(c.mismatch(expected)).as("%s", layout).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void withoutDepthAlphaHasNoInfluence(Kernels kernels) {
        for (int m : new int[] {1, 9}) {
            for (QuantizedLayout layout : layouts(70, 0)) {
                MemorySegment c = randoms(70L * m);
                MemorySegment old = floats(70L * m).copyFrom(c);
                MemorySegment empty = floats(1);
                FusedActivation none = FusedActivation.NONE;
                update(kernels, layout, empty, m, empty, NO_BIAS, Float.NaN, 2f, none, c);
                for (int i = 0; i < 70 * m; i++) {
                    assertThat(get(c, i)).isEqualTo(2 * get(old, i));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void withoutDepthTheBiasIsLeft(Kernels kernels) {
        for (int m : new int[] {1, 9}) {
            for (QuantizedLayout layout : layouts(70, 0)) {
                MemorySegment bias = randoms(70);
                MemorySegment c =
                        multiply(
                                kernels,
                                layout,
                                floats(1),
                                m,
                                floats(1),
                                bias,
                                FusedActivation.RELU);
                for (int i = 0; i < 70 * m; i++) {
                    assertThat(get(c, i)).isEqualTo(Math.max(get(bias, i % 70), 0f));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void notANumberStaysInItsRow(Kernels kernels) {
        for (int m : new int[] {3, 9}) {
            for (QuantizedLayout layout : layouts(70, 40)) {
                MemorySegment packed = quantize(kernels, layout, randoms(70 * 40));
                MemorySegment a = randoms(m * 40L);
                set(a, 40 + 39, Float.NaN);
                MemorySegment c =
                        multiply(kernels, layout, a, m, packed, NO_BIAS, FusedActivation.NONE);
                for (int i = 0; i < 70 * m; i++) {
                    assertThat(Float.isNaN(get(c, i))).as(layout.toString()).isEqualTo(i / 70 == 1);
                }
            }
        }
    }
}
