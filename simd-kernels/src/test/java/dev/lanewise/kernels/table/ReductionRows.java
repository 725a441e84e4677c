package dev.lanewise.kernels.table;

import dev.lanewise.kernels.Reduction;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** Rows of {@link Reduction}. */
final class ReductionRows {
    private ReductionRows() {}

    static List<KernelRow> rows() {
        return List.of(
                whole("sum", Reduction::sum)
                        .flops(n -> 1.0 * n)
                        .tolerance(Tolerance.sum(n -> n, 1)),
                whole("sumOfSquares", Reduction::sumOfSquares)
                        .flops(n -> 2.0 * n)
                        .tolerance(Tolerance.sum(n -> n, 1)),
                whole("sumOfAbsolutes", Reduction::sumOfAbsolutes)
                        .flops(n -> 2.0 * n)
                        .tolerance(Tolerance.sum(n -> n, 1)),
                row(
                                "sumOfSquaredDifferences",
                                (kernels, n, memory) -> {
                                    KernelArray x = memory.input(n);
                                    KernelArray out = memory.output(1);
                                    return () ->
                                            out.set(
                                                    0,
                                                    kernels.reduction()
                                                            .sumOfSquaredDifferences(
                                                                    x.segment(),
                                                                    x.offset(),
                                                                    n,
                                                                    0.25f));
                                })
                        .flops(n -> 3.0 * n)
                        .tolerance(Tolerance.sum(n -> n, 1.6)),
                row(
                                "dot",
                                (kernels, n, memory) -> {
                                    KernelArray a = memory.input(n);
                                    KernelArray b = memory.input(n);
                                    KernelArray out = memory.output(1);
                                    return () ->
                                            out.set(
                                                    0,
                                                    kernels.reduction()
                                                            .dot(
                                                                    a.segment(),
                                                                    a.offset(),
                                                                    b.segment(),
                                                                    b.offset(),
                                                                    n));
                                })
                        .flops(n -> 2.0 * n)
                        .tolerance(Tolerance.sum(n -> n, 1)),
                whole("maximum", Reduction::maximum).flops(n -> n),
                whole("minimum", Reduction::minimum).flops(n -> n),
                row(
                                "argMax",
                                (kernels, n, memory) -> {
                                    KernelArray x = memory.input(n);
                                    KernelArray out = memory.outputInts(1);
                                    return () ->
                                            out.setInt(
                                                    0,
                                                    (int)
                                                            kernels.reduction()
                                                                    .argMax(
                                                                            x.segment(),
                                                                            x.offset(),
                                                                            n));
                                })
                        .flops(n -> n),
                row(
                                "argMin",
                                (kernels, n, memory) -> {
                                    KernelArray x = memory.input(n);
                                    KernelArray out = memory.outputInts(1);
                                    return () ->
                                            out.setInt(
                                                    0,
                                                    (int)
                                                            kernels.reduction()
                                                                    .argMin(
                                                                            x.segment(),
                                                                            x.offset(),
                                                                            n));
                                })
                        .flops(n -> n),
                rows("sumRows", Reduction::sumRows).tolerance(Tolerance.sum(n -> n, 1)),
                rows("maximumRows", Reduction::maximumRows),
                rows("minimumRows", Reduction::minimumRows),
                indicesOfRows("argMaxRowsInt32", Reduction::argMaxRowsInt32),
                indicesOfRows("argMinRowsInt32", Reduction::argMinRowsInt32),
                row(
                                "meanAndVarianceRows",
                                (kernels, n, memory) -> {
                                    KernelArray x = memory.input(span(3, n));
                                    KernelArray mean = memory.output(3);
                                    KernelArray variance = memory.output(3);
                                    return () ->
                                            kernels.reduction()
                                                    .meanAndVarianceRows(
                                                            x.segment(),
                                                            x.offset(),
                                                            n + 2L,
                                                            3,
                                                            n,
                                                            mean.segment(),
                                                            mean.offset(),
                                                            variance.segment(),
                                                            variance.offset());
                                })
                        .benchSizes(MATRIX_BENCH_SIZES)
                        .flops(n -> 12.0 * n)
                        .tolerance(Tolerance.sum(n -> n, 1)),
                row(
                                "sumColumns",
                                (kernels, n, memory) -> {
                                    KernelArray x = memory.input(span(COLUMN_ROWS, n));
                                    KernelArray out = memory.output(n);
                                    return () ->
                                            kernels.reduction()
                                                    .sumColumns(
                                                            x.segment(),
                                                            x.offset(),
                                                            n + 2L,
                                                            COLUMN_ROWS,
                                                            n,
                                                            0f,
                                                            out.segment(),
                                                            out.offset());
                                })
                        .benchSizes(MATRIX_BENCH_SIZES)
                        .flops(n -> (double) COLUMN_ROWS * n)
                        .tolerance(Tolerance.sum(n -> COLUMN_ROWS + 1, 1)),
                row(
                                "sumColumns",
                                (kernels, n, memory) -> {
                                    KernelArray x = memory.input(span(COLUMN_ROWS, n));
                                    KernelArray out = memory.updated(n, -1, 1);
                                    return () ->
                                            kernels.reduction()
                                                    .sumColumns(
                                                            x.segment(),
                                                            x.offset(),
                                                            n + 2L,
                                                            COLUMN_ROWS,
                                                            n,
                                                            0.5f,
                                                            out.segment(),
                                                            out.offset());
                                })
                        .variant("accumulate")
                        .benchSizes(MATRIX_BENCH_SIZES)
                        .flops(n -> (double) COLUMN_ROWS * n)
                        .tolerance(Tolerance.sum(n -> COLUMN_ROWS + 1, 1)),
                row(
                                "sumColumns",
                                (kernels, n, memory) -> {
                                    KernelArray x = memory.input(span(n, 5));
                                    KernelArray out = memory.output(5);
                                    return () ->
                                            kernels.reduction()
                                                    .sumColumns(
                                                            x.segment(),
                                                            x.offset(),
                                                            7,
                                                            n,
                                                            5,
                                                            0f,
                                                            out.segment(),
                                                            out.offset());
                                })
                        .variant("tall")
                        .benchSizes(MATRIX_BENCH_SIZES)
                        .flops(n -> 5.0 * n)
                        .tolerance(Tolerance.sum(n -> n, 1)),
                columns("maximumColumns", Reduction::maximumColumns),
                columns("minimumColumns", Reduction::minimumColumns),
                indicesOfColumns("argMaxColumnsInt32", Reduction::argMaxColumnsInt32),
                indicesOfColumns("argMinColumnsInt32", Reduction::argMinColumnsInt32),
                row(
                                "meanAndVarianceColumns",
                                (kernels, n, memory) -> {
                                    KernelArray x = memory.input(span(COLUMN_ROWS, n));
                                    KernelArray mean = memory.output(n);
                                    KernelArray variance = memory.output(n);
                                    return () ->
                                            kernels.reduction()
                                                    .meanAndVarianceColumns(
                                                            x.segment(),
                                                            x.offset(),
                                                            n + 2L,
                                                            COLUMN_ROWS,
                                                            n,
                                                            mean.segment(),
                                                            mean.offset(),
                                                            variance.segment(),
                                                            variance.offset());
                                })
                        .benchSizes(MATRIX_BENCH_SIZES)
                        .flops(n -> 4.0 * COLUMN_ROWS * n)
                        .tolerance(Tolerance.sum(n -> COLUMN_ROWS, 1)));
    }

    private static final int[] MATRIX_BENCH_SIZES = {1024, 1 << 16};

    private static final int COLUMN_ROWS = 13;

    private static KernelRow row(String method, KernelRow.Preparation preparation) {
        return KernelRow.of("reduction", method, preparation);
    }

    private interface Whole {
        float run(Reduction reduction, MemorySegment x, long xOffset, long n);
    }

    private interface Matrix {
        void run(
                Reduction reduction,
                MemorySegment x,
                long xOffset,
                long rowStride,
                long rows,
                long columns,
                MemorySegment out,
                long outOffset);
    }

    /** The elements from the first to the last of rows with two unused elements between them. */
    private static long span(long rows, long columns) {
        return rows == 0 || columns == 0 ? 0 : (rows - 1) * (columns + 2) + columns;
    }

    private static KernelRow whole(String method, Whole kernel) {
        return row(
                method,
                (kernels, n, memory) -> {
                    KernelArray x = memory.input(n);
                    KernelArray out = memory.output(1);
                    return () ->
                            out.set(0, kernel.run(kernels.reduction(), x.segment(), x.offset(), n));
                });
    }

    private static KernelRow rows(String method, Matrix kernel) {
        return matrix(method, kernel, false, false);
    }

    private static KernelRow indicesOfRows(String method, Matrix kernel) {
        return matrix(method, kernel, false, true);
    }

    private static KernelRow columns(String method, Matrix kernel) {
        return matrix(method, kernel, true, false);
    }

    private static KernelRow indicesOfColumns(String method, Matrix kernel) {
        return matrix(method, kernel, true, true);
    }

    /** Over [3, n] for kernels of rows and [13, n] for kernels of columns. */
    private static KernelRow matrix(
            String method, Matrix kernel, boolean columns, boolean indices) {
        int rows = columns ? COLUMN_ROWS : 3;
        return row(
                        method,
                        (kernels, n, memory) -> {
                            KernelArray x = memory.input(span(rows, n));
                            long count = columns ? n : rows;
                            KernelArray out =
                                    indices ? memory.outputInts(count) : memory.output(count);
                            return () ->
                                    kernel.run(
                                            kernels.reduction(),
                                            x.segment(),
                                            x.offset(),
                                            n + 2L,
                                            rows,
                                            n,
                                            out.segment(),
                                            out.offset());
                        })
                .benchSizes(MATRIX_BENCH_SIZES)
                .flops(n -> (double) rows * n);
    }
}
