package dev.lanewise.core;

import static dev.lanewise.core.Operands.KERNELS;

import dev.lanewise.kernels.Reduction;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The places of largest and smallest elements, as int32. The first of equal elements counts, and
 * the first NaN before all others.
 */
public final class Extrema {
    private static final Reduction KERNEL = KERNELS.reduction();

    private Extrema() {}

    /**
     * The index of the largest element in row-major order: an int32 scalar tensor.
     *
     * @throws ShapeException if there are no elements
     */
    public static Tensor argMax(Tensor x) {
        return flat("argMax", KERNEL::argMax, x);
    }

    /** The index of the largest element along an axis: int32. */
    public static Tensor argMax(Tensor x, int axis, boolean keepDim) {
        return argMax(x, axis, keepDim, null);
    }

    /** out = the index of the largest element along an axis: int32. */
    public static Tensor argMax(Tensor x, int axis, boolean keepDim, Tensor out) {
        return along(
                "argMax",
                KERNEL::argMaxRowsInt32,
                KERNEL::argMaxColumnsInt32,
                x,
                axis,
                keepDim,
                out);
    }

    /**
     * The index of the smallest element in row-major order: an int32 scalar tensor.
     *
     * @throws ShapeException if there are no elements
     */
    public static Tensor argMin(Tensor x) {
        return flat("argMin", KERNEL::argMin, x);
    }

    /** The index of the smallest element along an axis: int32. */
    public static Tensor argMin(Tensor x, int axis, boolean keepDim) {
        return argMin(x, axis, keepDim, null);
    }

    /** out = the index of the smallest element along an axis: int32. */
    public static Tensor argMin(Tensor x, int axis, boolean keepDim, Tensor out) {
        return along(
                "argMin",
                KERNEL::argMinRowsInt32,
                KERNEL::argMinColumnsInt32,
                x,
                axis,
                keepDim,
                out);
    }

    private interface Flat {
        long run(MemorySegment x, long xOffset, long n);
    }

    private static Tensor flat(String name, Flat kernel, Tensor x) {
        Operands.checkFloat(name, "x", x);
        long n = x.elements();
        if (n == 0 || n > Integer.MAX_VALUE) {
            throw new ShapeException(
                    "%s: needs 1 to %d elements: %s".formatted(name, Integer.MAX_VALUE, x.shape()));
        }
        return ReductionLoops.compact(
                name,
                x,
                Operands.result(name, Shape.SCALAR, ElementType.INT32),
                (in, inOffset, target, outOffset) ->
                        target.segment()
                                .setAtIndex(
                                        ValueLayout.JAVA_INT,
                                        outOffset,
                                        (int) kernel.run(in.segment(), inOffset, n)));
    }

    private static Tensor along(
            String name,
            ReductionLoops.RowWise rows,
            ReductionLoops.RowWise columns,
            Tensor x,
            int axis,
            boolean keepDim,
            Tensor out) {
        Operands.checkFloat(name, "x", x);
        ReducedAxes axes = new ReducedAxes(name, x.shape(), new int[] {axis}, keepDim);
        if (axes.count == 0) {
            throw new ShapeException("%s: axis %d of %s is empty".formatted(name, axis, x.shape()));
        }
        Tensor y = out;
        if (out == null) {
            y = Operands.result(name, axes.result, ElementType.INT32);
        } else {
            Operands.checkOut(name, out, axes.result, ElementType.INT32);
        }
        int at = x.shape().axis(name, axis);
        long outer = 1;
        for (int i = 0; i < at; i++) {
            outer *= x.size(i);
        }
        long n = axes.count;
        long results = axes.result.elements();
        long inner = outer == 0 ? 0 : results / outer;
        long o = outer;
        return ReductionLoops.compact(
                name,
                x,
                y,
                (in, inOffset, target, outOffset) -> {
                    if (results == 0) {
                        return;
                    }
                    if (inner == 1) {
                        rows.run(in.segment(), inOffset, n, o, n, target.segment(), outOffset);
                    } else {
                        ReductionLoops.columns(
                                columns,
                                in.segment(),
                                inOffset,
                                o,
                                n,
                                inner,
                                target.segment(),
                                outOffset);
                    }
                });
    }
}
