package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.kernels.table.KernelArray;
import dev.lanewise.kernels.table.KernelMemory;
import dev.lanewise.kernels.table.KernelMemory.Placement;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import java.lang.foreign.MemorySegment;
import java.util.function.IntToDoubleFunction;

/** Reductions against double precision: the contract's bound, ties, NaN, empty and strided data. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.lanewise.kernels.Bundles#all")
class ReductionTest {
    private static final double EPSILON = 0x1p-24;
    private final Reduction kernels;

    ReductionTest(Kernels bundle) {
        kernels = bundle.reduction();
    }

    private interface ToFloat {
        float run(MemorySegment x, long xOffset, long n);
    }

    private interface Matrix {
        void run(
                MemorySegment x,
                long xOffset,
                long rowStride,
                long rows,
                long columns,
                MemorySegment out,
                long outOffset);
    }

    @Test
    void sumsStayWithinTheBound() {
        for (int n : new int[] {0, 1, 3, 17, 63, 64, 65, 257, 1021, 4098, 100_003}) {
            for (double low : new double[] {-1, 0}) {
                try (KernelMemory memory = new KernelMemory(Placement.EXACT, n)) {
                    KernelArray x = memory.input(n, low, 1);
                    KernelArray y = memory.input(n, low, 1);
                    checkSum(x, kernels::sum, i -> x.get(i));
                    checkSum(x, kernels::sumOfSquares, i -> square(x.get(i)));
                    checkSum(x, kernels::sumOfAbsolutes, i -> Math.abs(x.get(i)));
                    checkSum(
                            x,
                            (s, o, k) -> kernels.sumOfSquaredDifferences(s, o, k, 0.25f),
                            i -> square(x.get(i) - 0.25));
                    checkSum(
                            x,
                            (s, o, k) -> kernels.dot(s, o, y.segment(), y.offset(), k),
                            i -> (double) x.get(i) * y.get(i));
                }
            }
        }
    }

    @Test
    void sumsOfIntegersAreExact() {
        int n = 4099;
        try (KernelMemory memory = new KernelMemory(Placement.GUARDED, 1)) {
            KernelArray x = memory.output(n);
            for (int i = 0; i < n; i++) {
                x.set(i, i % 17 - 5);
            }
            double exact = 0;
            for (int i = 0; i < n; i++) {
                exact += i % 17 - 5;
            }
            assertThat((double) kernels.sum(x.segment(), x.offset(), n)).isEqualTo(exact);
        }
    }

    @Test
    void extremaAndTheirIndices() {
        for (int n : Bundles.SIZES) {
            try (KernelMemory memory = new KernelMemory(Placement.EXACT, n)) {
                // Few values, so that there are ties, in which the first must win.
                KernelArray x = memory.output(n);
                for (int i = 0; i < n; i++) {
                    x.set(i, (float) ((i * 2654435761L >>> 7) % 5 - 2));
                }
                checkExtrema(x);
                for (int nan : new int[] {n - 1, n / 2, 0}) {
                    if (n > 0) {
                        x.set(nan, Float.NaN);
                        checkExtrema(x);
                    }
                }
            }
        }
    }

    @Test
    void extremaOfInfinitiesAndZeros() {
        try (KernelMemory memory = new KernelMemory(Placement.EXACT, 1)) {
            KernelArray x = memory.output(33);
            for (float value : new float[] {Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY}) {
                for (int i = 0; i < 33; i++) {
                    x.set(i, value);
                }
                checkExtrema(x);
            }
            for (int i = 0; i < 33; i++) {
                x.set(i, i % 2 == 0 ? -0f : 0f);
            }
            assertThat(kernels.maximum(x.segment(), x.offset(), 33)).isEqualTo(Float.valueOf(0f));
            assertThat(kernels.minimum(x.segment(), x.offset(), 33)).isEqualTo(Float.valueOf(-0f));
            assertThat(kernels.argMax(x.segment(), x.offset(), 33)).isZero();
        }
    }

    @Test
    void emptyOnes() {
        MemorySegment none = MemorySegment.NULL;
        assertThat(kernels.sum(none, 0, 0)).isZero();
        assertThat(kernels.dot(none, 0, none, 0, 0)).isZero();
        assertThat(kernels.maximum(none, 0, 0)).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(kernels.minimum(none, 0, 0)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(kernels.argMax(none, 0, 0)).isEqualTo(-1);
        assertThat(kernels.argMin(none, 0, 0)).isEqualTo(-1);
    }

    @Test
    void rowsAndColumnsOfStridedMatrices() {
        int[][] shapes = {{0, 5}, {5, 0}, {1, 1}, {3, 67}, {67, 3}, {17, 16}, {129, 65}, {300, 5}};
        for (int[] shape : shapes) {
            checkMatrix(shape[0], shape[1], shape[1]);
            checkMatrix(shape[0], shape[1], shape[1] + 3);
        }
    }

    private void checkMatrix(int rows, int columns, int stride) {
        try (KernelMemory memory = new KernelMemory(Placement.EXACT, rows * 1000L + columns)) {
            long span = rows == 0 || columns == 0 ? 0 : (long) (rows - 1) * stride + columns;
            KernelArray x = memory.input(span);
            for (boolean alongRows : new boolean[] {true, false}) {
                int lines = alongRows ? rows : columns;
                int length = alongRows ? columns : rows;
                int step = alongRows ? 1 : stride;
                int between = alongRows ? stride : 1;
                KernelArray sum = memory.output(lines);
                KernelArray mean = memory.output(lines);
                KernelArray variance = memory.output(lines);
                sums(alongRows)
                        .run(
                                x.segment(),
                                x.offset(),
                                stride,
                                rows,
                                columns,
                                sum.segment(),
                                sum.offset());
                moments(alongRows, x, stride, rows, columns, mean, variance);
                for (int line = 0; line < lines; line++) {
                    int start = line * between;
                    IntToDoubleFunction value = i -> x.get(start + (long) i * step);
                    double exact = total(value, length);
                    double bound = bound(length, i -> Math.abs(value.applyAsDouble(i)));
                    assertThat((double) sum.get(line)).isCloseTo(exact, within(bound));
                    if (length == 0) {
                        assertThat(mean.get(line)).isNaN();
                        assertThat(variance.get(line)).isNaN();
                        continue;
                    }
                    double center = exact / length;
                    double squares = total(i -> square(value.applyAsDouble(i) - center), length);
                    assertThat((double) mean.get(line)).isCloseTo(center, within(1e-6));
                    assertThat((double) variance.get(line))
                            .isCloseTo(squares / length, within(1e-6));
                }
                checkLineExtrema(x, rows, columns, stride, alongRows, memory);
            }
            memory.checkCanaries("matrix reduction");
        }
    }

    private void checkLineExtrema(
            KernelArray x,
            int rows,
            int columns,
            int stride,
            boolean alongRows,
            KernelMemory memory) {
        int lines = alongRows ? rows : columns;
        int length = alongRows ? columns : rows;
        for (int sign : new int[] {1, -1}) {
            KernelArray extremum = memory.output(lines);
            KernelArray index = memory.outputInts(lines);
            values(alongRows, sign)
                    .run(
                            x.segment(),
                            x.offset(),
                            stride,
                            rows,
                            columns,
                            extremum.segment(),
                            extremum.offset());
            indices(alongRows, sign)
                    .run(
                            x.segment(),
                            x.offset(),
                            stride,
                            rows,
                            columns,
                            index.segment(),
                            index.offset());
            for (int line = 0; line < lines; line++) {
                int start = line * (alongRows ? stride : 1);
                int step = alongRows ? 1 : stride;
                int best = first(i -> sign * x.get(start + (long) i * step), length);
                assertThat(index.getInt(line)).isEqualTo(best);
                assertThat(extremum.get(line))
                        .isEqualTo(
                                best < 0
                                        ? sign * Float.NEGATIVE_INFINITY
                                        : x.get(start + (long) best * step));
            }
        }
    }

    @Test
    void sumColumnsAccumulates() {
        int rows = 300;
        int columns = 67;
        try (KernelMemory memory = new KernelMemory(Placement.EXACT, 3)) {
            KernelArray x = memory.input((long) rows * columns);
            KernelArray out = memory.updated(columns, -1, 1);
            double[] expected = new double[columns];
            for (int c = 0; c < columns; c++) {
                int column = c;
                expected[c] =
                        0.5 * out.get(c) + total(i -> x.get((long) i * columns + column), rows);
            }
            kernels.sumColumns(
                    x.segment(),
                    x.offset(),
                    columns,
                    rows,
                    columns,
                    0.5f,
                    out.segment(),
                    out.offset());
            for (int c = 0; c < columns; c++) {
                assertThat((double) out.get(c)).isCloseTo(expected[c], within(1e-4));
            }
            kernels.sumColumns(
                    x.segment(), x.offset(), columns, 0, columns, 0f, out.segment(), out.offset());
            assertThat(out.get(columns - 1)).isZero();
        }
    }

    private Matrix sums(boolean alongRows) {
        return alongRows
                ? kernels::sumRows
                : (x, o, s, r, c, out, p) -> kernels.sumColumns(x, o, s, r, c, 0f, out, p);
    }

    private Matrix values(boolean alongRows, int sign) {
        if (alongRows) {
            return sign > 0 ? kernels::maximumRows : kernels::minimumRows;
        }
        return sign > 0 ? kernels::maximumColumns : kernels::minimumColumns;
    }

    private Matrix indices(boolean alongRows, int sign) {
        if (alongRows) {
            return sign > 0 ? kernels::argMaxRowsInt32 : kernels::argMinRowsInt32;
        }
        return sign > 0 ? kernels::argMaxColumnsInt32 : kernels::argMinColumnsInt32;
    }

    private void moments(
            boolean alongRows,
            KernelArray x,
            int stride,
            int rows,
            int columns,
            KernelArray mean,
            KernelArray variance) {
        if (alongRows) {
            kernels.meanAndVarianceRows(
                    x.segment(),
                    x.offset(),
                    stride,
                    rows,
                    columns,
                    mean.segment(),
                    mean.offset(),
                    variance.segment(),
                    variance.offset());
        } else {
            kernels.meanAndVarianceColumns(
                    x.segment(),
                    x.offset(),
                    stride,
                    rows,
                    columns,
                    mean.segment(),
                    mean.offset(),
                    variance.segment(),
                    variance.offset());
        }
    }

    private void checkExtrema(KernelArray x) {
        int n = (int) x.count();
        for (int sign : new int[] {1, -1}) {
            int best = first(i -> sign * x.get(i), n);
            float value = best < 0 ? sign * Float.NEGATIVE_INFINITY : x.get(best);
            ToFloat extremum = sign > 0 ? kernels::maximum : kernels::minimum;
            assertThat(extremum.run(x.segment(), x.offset(), n)).isEqualTo(Float.valueOf(value));
            long index =
                    sign > 0
                            ? kernels.argMax(x.segment(), x.offset(), n)
                            : kernels.argMin(x.segment(), x.offset(), n);
            assertThat(index).as("n = %d, sign %d", n, sign).isEqualTo(best);
        }
    }

    /** The first index of the largest value, or of the first NaN; −1 where there is none. */
    private static int first(IntToDoubleFunction value, int n) {
        int best = -1;
        for (int i = 0; i < n; i++) {
            double candidate = value.applyAsDouble(i);
            if (candidate != candidate) {
                return i;
            }
            if (best < 0 || candidate > value.applyAsDouble(best)) {
                best = i;
            }
        }
        return best;
    }

    private static void checkSum(KernelArray x, ToFloat kernel, IntToDoubleFunction term) {
        int n = (int) x.count();
        double exact = total(term, n);
        double bound = bound(n, i -> Math.abs(term.applyAsDouble(i)));
        assertThat((double) kernel.run(x.segment(), x.offset(), n))
                .as("n = %d", n)
                .isCloseTo(exact, within(bound));
    }

    private static double bound(int n, IntToDoubleFunction magnitude) {
        return (n
                                / (Kernels.active().backend() == Backend.VECTOR
                                                && Backend.vectorBits() == 128
                                        ? 32.0
                                        : 64.0)
                        + 12)
                * EPSILON
                * total(magnitude, n);
    }

    private static double total(IntToDoubleFunction value, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += value.applyAsDouble(i);
        }
        return sum;
    }

    private static double square(double value) {
        return value * value;
    }
}
