package dev.lanewise.core;

import java.util.Arrays;

/**
 * The axes that a reduction runs over, and the contiguous input seen as runs of axes that are
 * reduced or kept together.
 */
final class ReducedAxes {
    private final Shape shape;
    private final boolean[] reduced;

    /** The number of elements that go into one result. */
    final long count;

    /** The result's shape. */
    final Shape result;

    /** Sizes of the runs; axes of size 1 belong to none. */
    final long[] runs;

    /** Whether a run is reduced; neighbours differ. */
    final boolean[] isReduced;

    ReducedAxes(String operation, Shape shape, int[] axes, boolean keepDim) {
        this.shape = shape;
        this.reduced = new boolean[shape.rank()];
        for (int axis : axes) {
            int at = shape.axis(operation, axis);
            if (reduced[at]) {
                throw new ShapeException(
                        "%s: axis %d is given twice: %s".formatted(operation, at, shape));
            }
            reduced[at] = true;
        }
        long[] sizes = shape.sizes();
        long[] kept = new long[sizes.length];
        int keptAxes = 0;
        long product = 1;
        long[] runSizes = new long[sizes.length];
        boolean[] runReduced = new boolean[sizes.length];
        int runCount = 0;
        for (int axis = 0; axis < sizes.length; axis++) {
            if (reduced[axis]) {
                product *= sizes[axis];
            }
            if (!reduced[axis] || keepDim) {
                kept[keptAxes++] = reduced[axis] ? 1 : sizes[axis];
            }
            if (sizes[axis] == 1) {
                continue;
            }
            if (runCount > 0 && runReduced[runCount - 1] == reduced[axis]) {
                runSizes[runCount - 1] *= sizes[axis];
            } else {
                runSizes[runCount] = sizes[axis];
                runReduced[runCount++] = reduced[axis];
            }
        }
        this.count = product;
        this.result = Shape.wrap(Arrays.copyOf(kept, keptAxes));
        this.runs = Arrays.copyOf(runSizes, runCount);
        this.isReduced = runReduced;
    }

    /** All axes of a shape. */
    static int[] all(Shape shape) {
        int[] axes = new int[shape.rank()];
        Arrays.setAll(axes, i -> i);
        return axes;
    }

    /** How many runs are reduced. */
    int reducedRuns() {
        int n = 0;
        for (int i = 0; i < runs.length; i++) {
            n += isReduced[i] ? 1 : 0;
        }
        return n;
    }

    /** The position of the last reduced run, −1 where nothing is reduced. */
    int lastReducedRun() {
        int run = runs.length - 1;
        while (run >= 0 && !isReduced[run]) {
            run--;
        }
        return run;
    }

    /** The product of the sizes of the runs {@code from} to {@code to} (exclusive). */
    long product(int from, int to) {
        long product = 1;
        for (int i = from; i < to; i++) {
            product *= runs[i];
        }
        return product;
    }

    /** The kept axes first, then the reduced ones. */
    int[] keptFirst() {
        int[] order = new int[shape.rank()];
        int next = 0;
        for (int pass = 0; pass < 2; pass++) {
            for (int axis = 0; axis < order.length; axis++) {
                if (reduced[axis] == (pass == 1)) {
                    order[next++] = axis;
                }
            }
        }
        return order;
    }
}
