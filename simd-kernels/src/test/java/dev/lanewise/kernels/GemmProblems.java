package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.AfterEach;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Matrix products of given shapes between canaries, and their check against double precision. */
abstract class GemmProblems {
    /** The BLAS testers' limit for error / (ε · bound). */
    static final double RATIO = 16;

    static final float CANARY = Float.intBitsToFloat(0x7fc0dead);
    static final int GUARD = 32;

    final Arena arena = Arena.ofShared();
    final SplittableRandom random = new SplittableRandom(20261121);

    static Stream<Kernels> backends() {
        return Stream.of(Kernels.scalar(), Kernels.active()).distinct();
    }

    @AfterEach
    void close() {
        arena.close();
    }

    /** Sizes, strides and scalars of one product. */
    record Shape(
            int m, int n, int k, boolean transposedA, boolean transposedB, int gap, int stretch) {
        long aRowStride() {
            return transposedA ? stretch : (long) k * stretch + gap;
        }

        long aColumnStride() {
            return transposedA ? (long) m * stretch + gap : stretch;
        }

        long bRowStride() {
            return transposedB ? stretch : (long) n * stretch + gap;
        }

        long bColumnStride() {
            return transposedB ? (long) k * stretch + gap : stretch;
        }

        long cRowStride() {
            return n + gap;
        }

        long extentA() {
            return extent(m, k, aRowStride(), aColumnStride());
        }

        long extentB() {
            return extent(k, n, bRowStride(), bColumnStride());
        }

        long extentC() {
            return extent(m, n, cRowStride(), 1);
        }

        private static long extent(long rows, long columns, long rowStride, long columnStride) {
            return rows == 0 || columns == 0
                    ? 0
                    : (rows - 1) * rowStride + (columns - 1) * columnStride + 1;
        }
    }

    static Shape plain(int m, int n, int k) {
        return new Shape(m, n, k, false, false, 0, 1);
    }

    /** Operands in exact-size segments, C amid canaries. */
    final class Problem {
        final Shape shape;
        final MemorySegment a;
        final MemorySegment b;
        final MemorySegment bias;
        final MemorySegment c;
        float alpha = 1f;
        float beta = 0f;
        BiasAxis biasAxis = BiasAxis.NONE;
        FusedActivation activation = FusedActivation.NONE;

        Problem(Shape shape) {
            this.shape = shape;
            a = randoms(shape.extentA());
            b = randoms(shape.extentB());
            bias = randoms(Math.max(shape.m, shape.n));
            c = allocate(shape.extentC() + 2 * GUARD);
            for (long i = 0; i < shape.extentC() + 2 * GUARD; i++) {
                set(c, i, CANARY);
            }
        }

        void fillC(float value) {
            for (int i = 0; i < shape.m; i++) {
                for (int j = 0; j < shape.n; j++) {
                    set(c, index(i, j), value);
                }
            }
        }

        void randomizeC() {
            for (int i = 0; i < shape.m; i++) {
                for (int j = 0; j < shape.n; j++) {
                    set(c, index(i, j), uniform());
                }
            }
        }

        long index(int i, int j) {
            return GUARD + i * shape.cRowStride() + j;
        }

        double[][] valuesOfC() {
            double[][] values = new double[shape.m][shape.n];
            for (int i = 0; i < shape.m; i++) {
                for (int j = 0; j < shape.n; j++) {
                    values[i][j] = get(c, index(i, j));
                }
            }
            return values;
        }

        void run(Gemm gemm) {
            run(gemm, 0, shape.m, 0, shape.n);
        }

        /** The rows and columns of C in these ranges. */
        void run(Gemm gemm, int firstRow, int lastRow, int firstColumn, int lastColumn) {
            long rows = lastRow - firstRow;
            long columns = lastColumn - firstColumn;
            long size = gemm.workspaceSize(rows, columns, shape.k);
            gemm.gemm(
                    a,
                    firstRow * shape.aRowStride(),
                    shape.aRowStride(),
                    shape.aColumnStride(),
                    b,
                    firstColumn * shape.bColumnStride(),
                    shape.bRowStride(),
                    shape.bColumnStride(),
                    biasAxis,
                    bias,
                    biasAxis == BiasAxis.ROWS ? firstRow : firstColumn,
                    rows,
                    columns,
                    shape.k,
                    alpha,
                    beta,
                    activation,
                    allocate(size),
                    0,
                    c,
                    index(firstRow, firstColumn),
                    shape.cRowStride());
        }

        void runPacked(Gemm gemm, MemorySegment packed, int firstColumn, int lastColumn) {
            long columns = lastColumn - firstColumn;
            gemm.gemmPackedB(
                    a,
                    0,
                    shape.aRowStride(),
                    shape.aColumnStride(),
                    packed,
                    0,
                    shape.n,
                    firstColumn,
                    biasAxis,
                    bias,
                    biasAxis == BiasAxis.ROWS ? 0 : firstColumn,
                    shape.m,
                    columns,
                    shape.k,
                    alpha,
                    beta,
                    activation,
                    allocate(gemm.workspaceSize(shape.m, columns, shape.k)),
                    0,
                    c,
                    index(0, firstColumn),
                    shape.cRowStride());
        }

        MemorySegment pack(Gemm gemm) {
            MemorySegment packed = allocate(gemm.packedSizeB(shape.k, shape.n));
            gemm.packB(
                    b, 0, shape.bRowStride(), shape.bColumnStride(), shape.k, shape.n, packed, 0);
            return packed;
        }

        /** Checks C against double precision and that nothing around it was written. */
        void check(double[][] old) {
            for (int i = 0; i < shape.m; i++) {
                for (int j = 0; j < shape.n; j++) {
                    double sum = 0;
                    double magnitude = 0;
                    for (int p = 0; p < shape.k; p++) {
                        double x = get(a, i * shape.aRowStride() + p * shape.aColumnStride());
                        double y = get(b, p * shape.bRowStride() + j * shape.bColumnStride());
                        sum += x * y;
                        magnitude += Math.abs(x * y);
                    }
                    double expected = alpha * sum;
                    magnitude *= Math.abs(alpha);
                    if (beta != 0) {
                        expected += beta * old[i][j];
                        magnitude += Math.abs(beta * old[i][j]);
                    }
                    if (biasAxis != BiasAxis.NONE) {
                        double shift = get(bias, biasAxis == BiasAxis.ROWS ? i : j);
                        expected += shift;
                        magnitude += Math.abs(shift);
                    }
                    assertThat((double) get(c, index(i, j)))
                            .as("C[%d, %d] of %s, alpha %s, beta %s", i, j, shape, alpha, beta)
                            .isCloseTo(expected, within(RATIO * 0x1p-24 * magnitude));
                }
            }
            checkCanaries();
        }

        void checkCanaries() {
            long end = GUARD + shape.extentC();
            for (long i = 0; i < end + GUARD; i++) {
                long column = (i - GUARD) % Math.max(shape.cRowStride(), 1);
                boolean inside = i >= GUARD && i < end && column < shape.n;
                if (!inside) {
                    assertThat(Float.floatToRawIntBits(get(c, i)))
                            .as("canary %d of %s", i - GUARD, shape)
                            .isEqualTo(Float.floatToRawIntBits(CANARY));
                }
            }
        }

        int[] bits() {
            int[] bits = new int[Math.toIntExact(shape.extentC())];
            for (int i = 0; i < bits.length; i++) {
                bits[i] = Float.floatToRawIntBits(get(c, GUARD + i));
            }
            return bits;
        }
    }

    void fillWithIntegers(MemorySegment segment, long count) {
        for (long i = 0; i < count; i++) {
            set(segment, i, random.nextInt(-8, 9));
        }
    }

    MemorySegment randoms(long count) {
        MemorySegment segment = allocate(count);
        for (long i = 0; i < count; i++) {
            set(segment, i, uniform());
        }
        return segment;
    }

    float uniform() {
        return (float) random.nextDouble(-1, 1);
    }

    MemorySegment allocate(long count) {
        return arena.allocate(4 * count, 64);
    }

    static float get(MemorySegment segment, long index) {
        return segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * index);
    }

    static void set(MemorySegment segment, long index, float value) {
        segment.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * index, value);
    }
}
