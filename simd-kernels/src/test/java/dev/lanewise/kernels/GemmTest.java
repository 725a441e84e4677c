package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;

/** {@link Gemm} against products in double precision, on both backends. */
class GemmTest {
    /** The BLAS testers' limit for error / (ε · bound). */
    private static final double RATIO = 16;

    private static final float CANARY = Float.intBitsToFloat(0x7fc0dead);
    private static final int GUARD = 32;

    private final Arena arena = Arena.ofShared();
    private final SplittableRandom random = new SplittableRandom(20261121);

    static Stream<Kernels> backends() {
        return Stream.of(Kernels.scalar(), Kernels.active()).distinct();
    }

    @AfterEach
    void close() {
        arena.close();
    }

    /** Sizes, strides and scalars of one product. */
    private record Shape(
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

    private static Shape plain(int m, int n, int k) {
        return new Shape(m, n, k, false, false, 0, 1);
    }

    /** Operands in exact-size segments, C amid canaries. */
    private final class Problem {
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

    @ParameterizedTest
    @MethodSource("backends")
    void everyTransposeAndStrideOfHostileSizes(Kernels kernels) {
        Gemm gemm = kernels.gemm();
        TreeSet<Integer> sizes = new TreeSet<>();
        sizes.add(0);
        sizes.add(1);
        sizes.add(2);
        sizes.add(3);
        sizes.add(9);
        addAround(sizes, gemm.tileRows());
        addAround(sizes, 4 * gemm.tileRows());
        addAround(sizes, gemm.tileColumns());
        addAround(sizes, gemm.tileColumns() / 2);
        int[] depths = {0, 1, 2, 4, 5, 17, gemm.depthBlock() + 1};
        for (int m : sizes) {
            for (int n : sizes) {
                int k = depths[random.nextInt(depths.length)];
                for (int variant = 0; variant < 4; variant++) {
                    boolean transposedA = (variant & 1) != 0;
                    boolean transposedB = (variant & 2) != 0;
                    int gap = random.nextInt(3);
                    int stretch = 1 + random.nextInt(4) / 3;
                    Problem problem =
                            new Problem(new Shape(m, n, k, transposedA, transposedB, gap, stretch));
                    problem.beta = random.nextInt(3) * 0.5f;
                    problem.randomizeC();
                    double[][] old = problem.valuesOfC();
                    problem.run(gemm);
                    problem.check(old);
                }
            }
        }
    }

    private static void addAround(TreeSet<Integer> sizes, int size) {
        sizes.add(Math.max(size - 1, 0));
        sizes.add(size);
        sizes.add(size + 1);
    }

    @ParameterizedTest
    @MethodSource("backends")
    void blocksOfEveryDimension(Kernels kernels) {
        Gemm gemm = kernels.gemm();
        int depth = gemm.depthBlock();
        for (boolean transposedA : new boolean[] {false, true}) {
            for (boolean transposedB : new boolean[] {false, true}) {
                for (int[] size :
                        new int[][] {
                            {31, 300, depth - 1},
                            {50, 257, depth},
                            {29, 259, depth + 1},
                            {33, 200, 2 * depth + 3},
                            {777, 131, 37},
                            {1, 300, depth + 5},
                            {300, 1, depth + 5}
                        }) {
                    Problem problem =
                            new Problem(
                                    new Shape(
                                            size[0],
                                            size[1],
                                            size[2],
                                            transposedA,
                                            transposedB,
                                            1,
                                            1));
                    problem.alpha = 0.7f;
                    problem.beta = -1.3f;
                    problem.randomizeC();
                    double[][] old = problem.valuesOfC();
                    problem.run(gemm);
                    problem.check(old);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void everyAlphaAndBeta(Kernels kernels) {
        for (float alpha : new float[] {0f, 1f, -1f, 0.7f}) {
            for (float beta : new float[] {0f, 1f, -1f, 1.3f}) {
                for (int m : new int[] {1, 7, 40}) {
                    Problem problem = new Problem(new Shape(m, 67, 33, false, false, 1, 1));
                    problem.alpha = alpha;
                    problem.beta = beta;
                    problem.randomizeC();
                    double[][] old = problem.valuesOfC();
                    problem.run(kernels.gemm());
                    problem.check(old);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void betaZeroNeverReadsC(Kernels kernels) {
        for (int m : new int[] {1, 5, 40}) {
            for (int n : new int[] {1, 17, 70}) {
                Problem problem = new Problem(plain(m, n, 19));
                problem.fillC(Float.NaN);
                problem.run(kernels.gemm());
                problem.check(null);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void emptyDepthScalesC(Kernels kernels) {
        for (int m : new int[] {1, 9}) {
            Problem problem = new Problem(plain(m, 21, 0));
            problem.alpha = Float.NaN; // of no influence: the product is empty
            problem.beta = 2f;
            problem.biasAxis = BiasAxis.COLUMNS;
            problem.randomizeC();
            double[][] old = problem.valuesOfC();
            problem.run(kernels.gemm());
            problem.alpha = 0f;
            problem.check(old);
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void notANumberAndInfinityPropagateToTheirRowAndColumn(Kernels kernels) {
        for (int m : new int[] {1, 7, 40}) {
            Problem problem = new Problem(plain(m, 70, 19));
            set(problem.a, 3, Float.NaN); // row 0, p = 3
            set(problem.b, 70 * 5 + 69, Float.POSITIVE_INFINITY); // column 69, p = 5
            problem.run(kernels.gemm());
            for (int i = 0; i < m; i++) {
                for (int j = 0; j < 70; j++) {
                    float value = get(problem.c, problem.index(i, j));
                    if (i == 0) {
                        assertThat(value).isNaN();
                    } else if (j == 69) {
                        assertThat(Math.abs(value)).isEqualTo(Float.POSITIVE_INFINITY);
                    } else {
                        assertThat(value).isFinite();
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void smallIntegersAreExact(Kernels kernels) {
        for (int[] size : new int[][] {{5, 7, 9}, {40, 130, 700}, {1, 130, 700}, {130, 1, 700}}) {
            Shape shape = new Shape(size[0], size[1], size[2], false, true, 0, 1);
            Problem problem = new Problem(shape);
            fillWithIntegers(problem.a, shape.extentA());
            fillWithIntegers(problem.b, shape.extentB());
            problem.run(kernels.gemm());
            for (int i = 0; i < shape.m; i++) {
                for (int j = 0; j < shape.n; j++) {
                    long sum = 0;
                    for (int p = 0; p < shape.k; p++) {
                        sum +=
                                (long) get(problem.a, (long) i * shape.k + p)
                                        * (long) get(problem.b, (long) j * shape.k + p);
                    }
                    assertThat(get(problem.c, problem.index(i, j))).isEqualTo((float) sum);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void biasLiesAlongEitherAxis(Kernels kernels) {
        for (BiasAxis axis : BiasAxis.values()) {
            for (int m : new int[] {1, 6, 31}) {
                for (int n : new int[] {1, 16, 70}) {
                    for (boolean transposedB : new boolean[] {false, true}) {
                        Problem problem =
                                new Problem(new Shape(m, n, 600, false, transposedB, 0, 1));
                        problem.biasAxis = axis;
                        problem.beta = 0.5f;
                        problem.randomizeC();
                        double[][] old = problem.valuesOfC();
                        problem.run(kernels.gemm());
                        problem.check(old);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(FusedActivation.class)
    void activationGivesTheBitsOfTheActivationKernel(FusedActivation activation) {
        backends()
                .forEach(
                        kernels -> {
                            for (int m : new int[] {1, 8, 29}) {
                                for (int n : new int[] {1, 40, 70}) {
                                    Shape shape = new Shape(m, n, 1025, false, true, 0, 1);
                                    Problem problem = new Problem(shape);
                                    problem.biasAxis = BiasAxis.COLUMNS;
                                    problem.run(kernels.gemm());
                                    activation.apply(kernels, problem.c, GUARD, (long) m * n);
                                    int[] expected = problem.bits();
                                    problem.fillC(Float.NaN);
                                    problem.activation = activation;
                                    problem.run(kernels.gemm());
                                    assertThat(problem.bits()).isEqualTo(expected);
                                    problem.checkCanaries();
                                }
                            }
                        });
    }

    @ParameterizedTest
    @MethodSource("backends")
    void splittingNeverChangesBits(Kernels kernels) {
        Gemm gemm = kernels.gemm();
        for (boolean transposedA : new boolean[] {false, true}) {
            for (boolean transposedB : new boolean[] {false, true}) {
                Shape shape = new Shape(61, 330, 1100, transposedA, transposedB, 1, 1);
                Problem problem = new Problem(shape);
                problem.alpha = 0.9f;
                problem.biasAxis = BiasAxis.ROWS;
                problem.run(gemm);
                int[] whole = problem.bits();
                for (int[] cut : new int[][] {{2, 100}, {13, 128}, {30, 32}, {59, 328}}) {
                    problem.fillC(Float.NaN);
                    problem.run(gemm, 0, cut[0], 0, cut[1]);
                    problem.run(gemm, 0, cut[0], cut[1], shape.n);
                    problem.run(gemm, cut[0], shape.m, 0, cut[1]);
                    problem.run(gemm, cut[0], shape.m, cut[1], shape.n);
                    assertThat(problem.bits()).isEqualTo(whole);
                }
                problem.fillC(Float.NaN);
                problem.runPacked(gemm, problem.pack(gemm), 0, shape.n);
                assertThat(problem.bits()).isEqualTo(whole);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void bitsAreThoseOfTheSpecification(Kernels kernels) {
        for (int m : new int[] {2, 6, 40}) {
            for (int n : new int[] {2, 33, 130}) {
                Shape shape = new Shape(m, n, 1030, false, false, 0, 1);
                Problem problem = new Problem(shape);
                problem.alpha = 1.1f;
                problem.beta = 0.3f;
                problem.biasAxis = BiasAxis.COLUMNS;
                problem.fillC(0.25f);
                problem.run(kernels.gemm());
                for (int i = 0; i < m; i++) {
                    for (int j = 0; j < n; j++) {
                        assertThat(get(problem.c, problem.index(i, j)))
                                .isEqualTo(specified(problem, kernels.gemm().depthBlock(), i, j));
                    }
                }
            }
        }
    }

    /** Element (i, j) as the contract says it is summed, from C = 0.25. */
    private static float specified(Problem problem, int depthBlock, int i, int j) {
        Shape shape = problem.shape;
        float t = problem.beta * 0.25f;
        for (int p0 = 0; p0 < shape.k; p0 += depthBlock) {
            float s = 0f;
            for (int p = p0; p < Math.min(p0 + depthBlock, shape.k); p++) {
                float x = get(problem.a, i * shape.aRowStride() + p);
                s = Math.fma(x, get(problem.b, p * shape.bRowStride() + j), s);
            }
            t = Math.fma(problem.alpha, s, t);
        }
        return t + get(problem.bias, j);
    }

    @ParameterizedTest
    @MethodSource("backends")
    void packedColumnsInAnyRange(Kernels kernels) {
        Gemm gemm = kernels.gemm();
        int tile = gemm.tileColumns();
        for (boolean transposedB : new boolean[] {false, true}) {
            for (int m : new int[] {1, 5, 31}) {
                Shape shape = new Shape(m, 3 * tile + 5, 1030, false, transposedB, 2, 1);
                Problem problem = new Problem(shape);
                problem.biasAxis = BiasAxis.COLUMNS;
                problem.beta = 1f;
                problem.fillC(0.5f);
                double[][] old = problem.valuesOfC();
                MemorySegment packed = problem.pack(gemm);
                problem.runPacked(gemm, packed, 0, tile);
                problem.runPacked(gemm, packed, tile, 2 * tile + 1);
                // The rest of a panel cut in the middle is reached by a range from its start.
                for (int i = 0; i < m; i++) {
                    set(problem.c, problem.index(i, 2 * tile), 0.5f);
                }
                problem.runPacked(gemm, packed, 2 * tile, shape.n);
                problem.check(old);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void matrixVectorProducts(Kernels kernels) {
        for (int m : new int[] {0, 1, 3, 4, 5, 9, 33}) {
            for (int n : new int[] {0, 1, 3, 15, 16, 17, 31, 32, 33, 100, 1027}) {
                for (float beta : new float[] {0f, 1f, -0.5f}) {
                    checkGemv(kernels.gemm(), m, n, false, beta);
                    checkGemv(kernels.gemm(), m, n, true, beta);
                }
            }
        }
    }

    private void checkGemv(Gemm gemm, int m, int n, boolean transposed, float beta) {
        int rowStride = n + 3;
        MemorySegment a = randoms(m == 0 ? 0 : (long) (m - 1) * rowStride + n);
        MemorySegment x = randoms(transposed ? m : n);
        int size = transposed ? n : m;
        MemorySegment y = allocate(size + 2);
        float start = beta == 0f ? Float.NaN : 0.75f;
        for (int i = 0; i < size + 2; i++) {
            set(y, i, i == 0 || i == size + 1 ? CANARY : start);
        }
        float alpha = 0.6f;
        if (transposed) {
            gemm.gemvTransposed(a, 0, rowStride, x, 0, m, n, alpha, beta, y, 1);
        } else {
            gemm.gemv(a, 0, rowStride, x, 0, m, n, alpha, beta, y, 1);
        }
        for (int i = 0; i < size; i++) {
            double sum = 0;
            double magnitude = 0;
            for (int p = 0; p < (transposed ? m : n); p++) {
                int at = transposed ? p * rowStride + i : i * rowStride + p;
                double term = (double) get(a, at) * get(x, p);
                sum += term;
                magnitude += Math.abs(term);
            }
            double old = beta == 0f ? 0 : beta * 0.75;
            double bound = RATIO * 0x1p-24 * (0.6 * magnitude + Math.abs(old));
            assertThat((double) get(y, i + 1))
                    .as("y[%d], m %d, n %d, transposed %s", i, m, n, transposed)
                    .isCloseTo(alpha * sum + old, within(bound));
        }
        assertThat(Float.floatToRawIntBits(get(y, 0))).isEqualTo(0x7fc0dead);
        assertThat(Float.floatToRawIntBits(get(y, size + 1))).isEqualTo(0x7fc0dead);
    }

    private void fillWithIntegers(MemorySegment segment, long count) {
        for (long i = 0; i < count; i++) {
            set(segment, i, random.nextInt(-8, 9));
        }
    }

    private MemorySegment randoms(long count) {
        MemorySegment segment = allocate(count);
        for (long i = 0; i < count; i++) {
            set(segment, i, uniform());
        }
        return segment;
    }

    private float uniform() {
        return (float) random.nextDouble(-1, 1);
    }

    private MemorySegment allocate(long count) {
        return arena.allocate(4 * count, 64);
    }

    private static float get(MemorySegment segment, long index) {
        return segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * index);
    }

    private static void set(MemorySegment segment, long index, float value) {
        segment.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * index, value);
    }
}
