package dev.lanewise.kernels.table;

import dev.lanewise.kernels.Softmax;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;

/**
 * Rows of {@link Softmax}: a size is the number of columns. Two sums of n terms in another order
 * differ by less than n ulps.
 */
final class SoftmaxRows {
    private static final int[] COLUMNS = {10, 128, 1024};

    private SoftmaxRows() {}

    static List<KernelRow> rows() {
        return Stream.of(
                        forward("softmaxRows", Softmax::softmaxRows, 26),
                        forward("logSoftmaxRows", Softmax::logSoftmaxRows, 26),
                        gradient("softmaxRowsGradient", Softmax::softmaxRowsGradient, 4),
                        gradient("logSoftmaxRowsGradient", Softmax::logSoftmaxRowsGradient, 26))
                .toList();
    }

    /** As many rows as give about 2¹⁶ elements in benchmarks, three in tests. */
    private static long rows(int columns) {
        return columns == 10 || columns == 128 || columns == 1024 ? (1 << 16) / columns : 3;
    }

    @FunctionalInterface
    private interface Forward {
        void run(
                Softmax softmax,
                MemorySegment x,
                long xOffset,
                long rows,
                long columns,
                MemorySegment out,
                long outOffset);
    }

    @FunctionalInterface
    private interface Gradient {
        void run(
                Softmax softmax,
                MemorySegment y,
                long yOffset,
                MemorySegment dy,
                long dyOffset,
                long rows,
                long columns,
                MemorySegment dx,
                long dxOffset);
    }

    private static KernelRow forward(String method, Forward kernel, int flops) {
        return row(
                method,
                flops,
                (kernels, columns, memory) -> {
                    long rows = rows(columns);
                    KernelArray x = memory.input(rows * columns, -8, 8);
                    KernelArray out = memory.output(rows * columns);
                    return () ->
                            kernel.run(
                                    kernels.softmax(),
                                    x.segment(),
                                    x.offset(),
                                    rows,
                                    columns,
                                    out.segment(),
                                    out.offset());
                });
    }

    private static KernelRow gradient(String method, Gradient kernel, int flops) {
        return row(
                method,
                flops,
                (kernels, columns, memory) -> {
                    long rows = rows(columns);
                    KernelArray y = memory.input(rows * columns, -1, 0);
                    KernelArray dy = memory.input(rows * columns);
                    KernelArray dx = memory.output(rows * columns);
                    return () ->
                            kernel.run(
                                    kernels.softmax(),
                                    y.segment(),
                                    y.offset(),
                                    dy.segment(),
                                    dy.offset(),
                                    rows,
                                    columns,
                                    dx.segment(),
                                    dx.offset());
                });
    }

    private static KernelRow row(String method, int flops, KernelRow.Preparation preparation) {
        return KernelRow.of("softmax", method, preparation)
                .benchSizes(COLUMNS)
                .flops(columns -> (double) flops * rows(columns) * columns)
                .tolerance(
                        (columns, expected) ->
                                (columns + 8) * 0x1p-23 * magnitude(method, expected));
    }

    /** Softmax is a quotient, so errors are relative; the others are differences of sums. */
    private static double magnitude(String method, float expected) {
        return method.equals("softmaxRows") ? Math.abs(expected) : 1 + Math.abs(expected);
    }
}
