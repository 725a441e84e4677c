package dev.lanewise.core;

import static dev.lanewise.core.Operands.KERNELS;
import static dev.lanewise.core.ReductionLoops.MAXIMUM;
import static dev.lanewise.core.ReductionLoops.MINIMUM;
import static dev.lanewise.core.ReductionLoops.SUM;

import dev.lanewise.core.ReductionLoops.Fold;
import dev.lanewise.kernels.Reduction;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Sums, means, extrema, moments and norms of float32 tensors of any layout, over all axes, one axis
 * or several.
 *
 * <p>The result has the shape without the reduced axes, or, with {@code keepDim}, with size 1 in
 * their place. Over no elements a sum or norm is 0, a maximum −∞, a minimum +∞, a mean or variance
 * NaN. A NaN among the elements makes the result NaN. Sums have a fixed order, whatever the number
 * of threads. An explicit {@code out} shares no memory with x.
 *
 * <p>Sum, maximum and minimum also take int32 tensors and give int32, exactly; a sum that does not
 * fit is an {@link ArgumentException}, an extremum of no elements a {@link ShapeException}.
 */
public final class Reductions {
    private static final Reduction KERNEL = KERNELS.reduction();

    private Reductions() {}

    /** Σ x over all elements: a scalar tensor. */
    public static Tensor sum(Tensor x) {
        return sum(x, ReducedAxes.all(x.shape()), false);
    }

    /** Σ x along an axis. */
    public static Tensor sum(Tensor x, int axis, boolean keepDim) {
        return sum(x, new int[] {axis}, keepDim);
    }

    /** Σ x over axes. */
    public static Tensor sum(Tensor x, int[] axes, boolean keepDim) {
        return fold(SUM, x, axes, keepDim, null);
    }

    /** out = Σ x over axes. */
    public static Tensor sum(Tensor x, int[] axes, boolean keepDim, Tensor out) {
        return fold(SUM, x, axes, keepDim, out);
    }

    /** The largest element: a scalar tensor. */
    public static Tensor max(Tensor x) {
        return max(x, ReducedAxes.all(x.shape()), false);
    }

    /** The largest elements along an axis. */
    public static Tensor max(Tensor x, int axis, boolean keepDim) {
        return max(x, new int[] {axis}, keepDim);
    }

    /** The largest elements over axes. */
    public static Tensor max(Tensor x, int[] axes, boolean keepDim) {
        return fold(MAXIMUM, x, axes, keepDim, null);
    }

    /** out = the largest elements over axes. */
    public static Tensor max(Tensor x, int[] axes, boolean keepDim, Tensor out) {
        return fold(MAXIMUM, x, axes, keepDim, out);
    }

    /** The smallest element: a scalar tensor. */
    public static Tensor min(Tensor x) {
        return min(x, ReducedAxes.all(x.shape()), false);
    }

    /** The smallest elements along an axis. */
    public static Tensor min(Tensor x, int axis, boolean keepDim) {
        return min(x, new int[] {axis}, keepDim);
    }

    /** The smallest elements over axes. */
    public static Tensor min(Tensor x, int[] axes, boolean keepDim) {
        return fold(MINIMUM, x, axes, keepDim, null);
    }

    /** out = the smallest elements over axes. */
    public static Tensor min(Tensor x, int[] axes, boolean keepDim, Tensor out) {
        return fold(MINIMUM, x, axes, keepDim, out);
    }

    private static Tensor fold(Fold fold, Tensor x, int[] axes, boolean keepDim, Tensor out) {
        if (x.type() == ElementType.INT32) {
            return Int32Reductions.fold(fold.name(), x, axes, keepDim, out);
        }
        ReducedAxes reduced = axes(fold.name(), x, axes, keepDim);
        return ReductionLoops.fold(fold, x, reduced, output(fold.name(), out, reduced.result));
    }

    private static ReducedAxes axes(String name, Tensor x, int[] axes, boolean keepDim) {
        Operands.checkFloat(name, "x", x);
        return new ReducedAxes(name, x.shape(), axes, keepDim);
    }

    private static Tensor output(String name, Tensor out, Shape shape) {
        if (out == null) {
            return Operands.result(name, shape);
        }
        Operands.checkOut(name, out, shape, ElementType.FLOAT32);
        return out;
    }

    /** Σ x / count over all elements: a scalar tensor. */
    public static Tensor mean(Tensor x) {
        return mean(x, ReducedAxes.all(x.shape()), false);
    }

    /** The mean along an axis. */
    public static Tensor mean(Tensor x, int axis, boolean keepDim) {
        return mean(x, new int[] {axis}, keepDim);
    }

    /** The mean over axes. */
    public static Tensor mean(Tensor x, int[] axes, boolean keepDim) {
        return mean(x, axes, keepDim, null);
    }

    /** out = the mean over axes. */
    public static Tensor mean(Tensor x, int[] axes, boolean keepDim, Tensor out) {
        ReducedAxes reduced = axes("mean", x, axes, keepDim);
        Tensor y = output("mean", out, reduced.result);
        ReductionLoops.fold(SUM, x, reduced, y);
        return Elementwise.divide(y, reduced.count, y);
    }

    /** Σ (x − mean)² / count over all elements: a scalar tensor. */
    public static Tensor variance(Tensor x) {
        return variance(x, ReducedAxes.all(x.shape()), 0, false);
    }

    /** Σ (x − mean)² / count along an axis. */
    public static Tensor variance(Tensor x, int axis, boolean keepDim) {
        return variance(x, new int[] {axis}, 0, keepDim);
    }

    /**
     * Σ (x − mean)² / (count − correction) over axes: correction 0 is the variance of these numbers
     * (NumPy's default), 1 the unbiased estimate for the population they were drawn from (PyTorch's
     * default).
     */
    public static Tensor variance(Tensor x, int[] axes, int correction, boolean keepDim) {
        return variance(x, axes, correction, keepDim, null);
    }

    /** out = Σ (x − mean)² / (count − correction) over axes. */
    public static Tensor variance(
            Tensor x, int[] axes, int correction, boolean keepDim, Tensor out) {
        ReducedAxes reduced = axes("variance", x, axes, keepDim);
        Tensor y = output("variance", out, reduced.result);
        moments("variance", x, reduced, y);
        return correction == 0
                ? y
                : Elementwise.multiply(
                        y, (float) ((double) reduced.count / (reduced.count - correction)), y);
    }

    private static void moments(String name, Tensor x, ReducedAxes axes, Tensor variance) {
        int run = axes.lastReducedRun();
        boolean oneRun = axes.reducedRuns() == 1;
        // Several separate runs: bring them together behind the kept axes.
        Tensor source = oneRun || run < 0 ? x : x.permute(axes.keptFirst());
        long results = axes.result.elements();
        long outer = oneRun ? axes.product(0, run) : results;
        long inner = oneRun ? axes.product(run + 1, axes.runs.length) : 1;
        long n = axes.count;
        ReductionLoops.compact(
                name,
                source,
                variance,
                (in, inOffset, out, outOffset) -> {
                    if (results == 0) {
                        return;
                    }
                    if (n == 0) {
                        KERNELS.data().fill(results, Float.NaN, out.segment(), outOffset);
                        return;
                    }
                    try (Block mean = Block.scratch(results)) {
                        moments(
                                in.segment(),
                                inOffset,
                                outer,
                                n,
                                inner,
                                mean,
                                out.segment(),
                                outOffset);
                    }
                });
    }

    /** [outer, n, inner] to [outer, inner]. */
    private static void moments(
            MemorySegment x,
            long xOffset,
            long outer,
            long n,
            long inner,
            Block mean,
            MemorySegment out,
            long outOffset) {
        MemorySegment means = mean.segment();
        long meanOffset = mean.base();
        if (inner == 1) {
            Parallel.pieces(
                    outer,
                    Math.max(1, Parallel.ELEMENTS / n),
                    (from, to) ->
                            KERNEL.meanAndVarianceRows(
                                    x,
                                    xOffset + from * n,
                                    n,
                                    to - from,
                                    n,
                                    means,
                                    meanOffset + from,
                                    out,
                                    outOffset + from));
            return;
        }
        Parallel.pieces(
                outer,
                Math.max(1, Parallel.ELEMENTS / (n * inner)),
                (from, to) -> {
                    for (long o = from; o < to; o++) {
                        KERNEL.meanAndVarianceColumns(
                                x,
                                xOffset + o * n * inner,
                                inner,
                                n,
                                inner,
                                means,
                                meanOffset + o * inner,
                                out,
                                outOffset + o * inner);
                    }
                });
    }

    /** √Σ x² over all elements: a scalar tensor. */
    public static Tensor norm(Tensor x) {
        return norm(x, ReducedAxes.all(x.shape()), false);
    }

    /** √Σ x² along an axis. */
    public static Tensor norm(Tensor x, int axis, boolean keepDim) {
        return norm(x, new int[] {axis}, keepDim);
    }

    /** √Σ x² over axes. */
    public static Tensor norm(Tensor x, int[] axes, boolean keepDim) {
        return norm(x, axes, keepDim, null);
    }

    /** out = √Σ x² over axes. */
    public static Tensor norm(Tensor x, int[] axes, boolean keepDim, Tensor out) {
        Tensor y =
                foldOf(
                        "norm",
                        KERNELS.arithmetic()::square,
                        KERNEL::sumOfSquares,
                        x,
                        axes,
                        keepDim,
                        out);
        return Transcendentals.sqrt(y, y);
    }

    /** Σ |x| over all elements: a scalar tensor. */
    public static Tensor norm1(Tensor x) {
        return norm1(x, ReducedAxes.all(x.shape()), false);
    }

    /** Σ |x| along an axis. */
    public static Tensor norm1(Tensor x, int axis, boolean keepDim) {
        return norm1(x, new int[] {axis}, keepDim);
    }

    /** Σ |x| over axes. */
    public static Tensor norm1(Tensor x, int[] axes, boolean keepDim) {
        return norm1(x, axes, keepDim, null);
    }

    /** out = Σ |x| over axes. */
    public static Tensor norm1(Tensor x, int[] axes, boolean keepDim, Tensor out) {
        return foldOf(
                "norm1", KERNELS.arithmetic()::abs, KERNEL::sumOfAbsolutes, x, axes, keepDim, out);
    }

    /** Σ f(x): in one kernel over everything, else through a scratch copy of f(x). */
    private static Tensor foldOf(
            String name,
            ElementwiseLoops.UnaryKernel f,
            ReductionLoops.Whole sumOfF,
            Tensor x,
            int[] axes,
            boolean keepDim,
            Tensor out) {
        ReducedAxes reduced = axes(name, x, axes, keepDim);
        Tensor y = output(name, out, reduced.result);
        long n = x.elements();
        return ReductionLoops.compact(
                name,
                x,
                y,
                (in, inOffset, target, outOffset) -> {
                    if (reduced.count == n && n > 0) {
                        float sum =
                                ReductionLoops.whole(
                                        sumOfF, KERNEL::sum, in.segment(), inOffset, n);
                        target.segment().setAtIndex(ValueLayout.JAVA_FLOAT, outOffset, sum);
                        return;
                    }
                    try (Block scratch = Block.scratch(n)) {
                        f.run(in.segment(), inOffset, n, scratch.segment(), scratch.base());
                        ReductionLoops.stages(
                                SUM, scratch, scratch.base(), n, reduced, target, outOffset);
                    }
                });
    }

    /** Σ aᵢ·bᵢ of two vectors: a scalar tensor. */
    public static Tensor dot(Tensor a, Tensor b) {
        return MatMul.matmul(a, b);
    }
}
