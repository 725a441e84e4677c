package dev.lanewise.core;

import static dev.lanewise.core.Operands.KERNELS;

import dev.lanewise.kernels.Reduction;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Runs reduction kernels over any axes of any layout. Work is cut by its shape in the same pieces
 * whatever the number of threads, so results have the same bits.
 */
final class ReductionLoops {
    private static final Reduction KERNEL = KERNELS.reduction();
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

    /** The least elements per piece of rows or columns. */
    private static final long GRAIN = 1 << 17;

    /** The elements of a long array that are summed in one go: fewer round better. */
    private static final long STRETCH = 1 << 14;

    private ReductionLoops() {}

    /** One result from an array. */
    interface Whole {
        float run(MemorySegment x, long xOffset, long n);
    }

    /** One result per row. */
    interface RowWise {
        void run(
                MemorySegment x,
                long xOffset,
                long rowStride,
                long rows,
                long columns,
                MemorySegment out,
                long outOffset);
    }

    /**
     * A reduction whose results can be reduced again: sum, maximum, minimum.
     *
     * @param name the operation
     * @param identity the result over no elements
     * @param whole the kernel for one array
     * @param rows the kernel for rows
     * @param columns the kernel for columns
     */
    record Fold(String name, float identity, Whole whole, RowWise rows, RowWise columns) {}

    static final Fold SUM =
            new Fold(
                    "sum",
                    0,
                    KERNEL::sum,
                    KERNEL::sumRows,
                    (x, xo, stride, rows, columns, out, oo) ->
                            KERNEL.sumColumns(x, xo, stride, rows, columns, 0, out, oo));
    static final Fold MAXIMUM =
            new Fold(
                    "max",
                    Float.NEGATIVE_INFINITY,
                    KERNEL::maximum,
                    KERNEL::maximumRows,
                    KERNEL::maximumColumns);
    static final Fold MINIMUM =
            new Fold(
                    "min",
                    Float.POSITIVE_INFINITY,
                    KERNEL::minimum,
                    KERNEL::minimumRows,
                    KERNEL::minimumColumns);

    /** A body that gets the elements side by side, and a contiguous place for the results. */
    interface Body {
        void run(Block in, long inOffset, Block out, long outOffset);
    }

    /** Runs a body on contiguous input and output, through scratch where they are not. */
    static Tensor compact(String name, Tensor x, Tensor out, Body body) {
        Operands.checkApart(name, out, "x", x);
        Operands.hold(name, x, out);
        Block in = x.storage;
        Block target = out.storage;
        try {
            long inOffset = x.layout().offset();
            long outOffset = out.layout().offset();
            if (!x.isContiguous()) {
                in = Block.scratch(x.elements());
                inOffset = 0;
                Copies.move(x.storage, x.layout(), in, Layout.contiguous(x.shape()));
            }
            if (!out.isContiguous()) {
                target = Block.scratch(out.elements());
                outOffset = 0;
            }
            body.run(in, in.base() + inOffset, target, target.base() + outOffset);
            if (target != out.storage) {
                Copies.move(target, Layout.contiguous(out.shape()), out.storage, out.layout());
            }
        } finally {
            if (in != x.storage) {
                in.close();
            }
            if (target != out.storage) {
                target.close();
            }
            Operands.release(x, out);
        }
        return out;
    }

    static Tensor fold(Fold fold, Tensor x, ReducedAxes axes, Tensor out) {
        return compact(
                fold.name,
                x,
                out,
                (in, inOffset, target, outOffset) ->
                        stages(fold, in, inOffset, x.elements(), axes, target, outOffset));
    }

    /** Reduces one run after the other, from the last one on. */
    static void stages(
            Fold fold,
            Block in,
            long inOffset,
            long elements,
            ReducedAxes axes,
            Block out,
            long outOffset) {
        long results = axes.result.elements();
        if (results == 0) {
            return;
        }
        if (elements == 0) {
            KERNELS.data().fill(results, fold.identity, out.segment(), outOffset);
            return;
        }
        int run = axes.lastReducedRun();
        if (run < 0) {
            KERNELS.data().copy(in.segment(), inOffset, elements, out.segment(), outOffset);
            return;
        }
        long inner = axes.product(run + 1, axes.runs.length);
        stages(fold, in, inOffset, axes, run, inner, out, outOffset);
    }

    private static void stages(
            Fold fold,
            Block in,
            long inOffset,
            ReducedAxes axes,
            int run,
            long inner,
            Block out,
            long outOffset) {
        long outer = axes.product(0, run);
        long n = axes.runs[run];
        // Reduced and kept runs alternate: the next reduced one lies before a kept one.
        int next = run - 2;
        if (next < 0) {
            stage(fold, in, inOffset, outer, n, inner, out, outOffset);
            return;
        }
        try (Block partial = Block.scratch(outer * inner)) {
            stage(fold, in, inOffset, outer, n, inner, partial, partial.base());
            long newInner = inner * axes.runs[run - 1];
            stages(fold, partial, partial.base(), axes, next, newInner, out, outOffset);
        }
    }

    /** [outer, n, inner] to [outer, inner]. */
    private static void stage(
            Fold fold,
            Block in,
            long inOffset,
            long outer,
            long n,
            long inner,
            Block out,
            long outOffset) {
        MemorySegment x = in.segment();
        MemorySegment y = out.segment();
        if (inner == 1 && outer == 1) {
            y.setAtIndex(FLOAT, outOffset, whole(fold.whole, fold.whole, x, inOffset, n));
        } else if (inner == 1) {
            Parallel.pieces(
                    outer,
                    Math.max(1, GRAIN / n),
                    (from, to) ->
                            fold.rows.run(
                                    x, inOffset + from * n, n, to - from, n, y, outOffset + from));
        } else {
            columns(fold.columns, x, inOffset, outer, n, inner, y, outOffset);
        }
    }

    /** Column reductions of each of {@code outer} matrices [n, inner]. */
    static void columns(
            RowWise kernel,
            MemorySegment x,
            long xOffset,
            long outer,
            long n,
            long inner,
            MemorySegment y,
            long yOffset) {
        // Pieces of columns keep whole cache lines.
        long grain = Math.max(64, GRAIN / n / 64 * 64);
        if (grain >= inner) {
            Parallel.pieces(
                    outer,
                    Math.max(1, GRAIN / (n * inner)),
                    (from, to) -> {
                        for (long o = from; o < to; o++) {
                            kernel.run(
                                    x,
                                    xOffset + o * n * inner,
                                    inner,
                                    n,
                                    inner,
                                    y,
                                    yOffset + o * inner);
                        }
                    });
            return;
        }
        for (long o = 0; o < outer; o++) {
            long first = xOffset + o * n * inner;
            long outFirst = yOffset + o * inner;
            Parallel.pieces(
                    inner,
                    grain,
                    (from, to) ->
                            kernel.run(x, first + from, inner, n, to - from, y, outFirst + from));
        }
    }

    /** One result from an array: of long ones, the pieces' results are combined in order. */
    static float whole(Whole kernel, Whole combine, MemorySegment x, long offset, long n) {
        if (n <= STRETCH) {
            return kernel.run(x, offset, n);
        }
        long pieces = (n + STRETCH - 1) / STRETCH;
        try (Block partial = Block.scratch(pieces)) {
            MemorySegment results = partial.segment();
            long base = partial.base();
            Parallel.pieces(
                    n,
                    STRETCH,
                    (from, to) ->
                            results.setAtIndex(
                                    FLOAT,
                                    base + from / STRETCH,
                                    kernel.run(x, offset + from, to - from)));
            return combine.run(results, base, pieces);
        }
    }
}
