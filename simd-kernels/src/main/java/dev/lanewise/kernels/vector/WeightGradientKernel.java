package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.Conv2dShape;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The weight gradient as a product of taps and output channels, summed over the output positions of
 * one image after the other.
 *
 * <p>The workspace holds the sums [taps, channels], one image of dOut with its channels innermost,
 * and one staged group of one image of the input.
 */
final class WeightGradientKernel {
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT_UNALIGNED;

    private WeightGradientKernel() {}

    static long workspaceSize(ConvolutionPlan plan) {
        return stagedAt(plan) + plan.forward.stagedSize() + 2L * Lanes.COUNT;
    }

    private static long turnedAt(ConvolutionPlan plan) {
        return (long) plan.tapTable.length * plan.channelRow;
    }

    private static long stagedAt(ConvolutionPlan plan) {
        return turnedAt(plan) + (long) plan.positions.length * plan.channelRow;
    }

    static void run(
            ConvolutionPlan plan,
            MemorySegment in,
            long inOffset,
            MemorySegment dOut,
            long dOutOffset,
            int firstImage,
            int lastImage,
            float beta,
            MemorySegment work,
            long workOffset,
            MemorySegment dWeight,
            long dWeightOffset) {
        Conv2dShape shape = plan.shape;
        Correlation c = plan.forward;
        int inPlane = c.sourceHeight * c.sourceWidth;
        int outPlane = plan.positions.length;
        long turned = workOffset + turnedAt(plan);
        long staged = workOffset + stagedAt(plan);
        int taps = shape.weightsPerChannel();
        for (int g = 0; g < c.groups; g++) {
            clear(work, workOffset, (long) plan.tapTable.length * plan.channelRow);
            for (int n = firstImage; n < lastImage; n++) {
                long image = (long) n * c.groups + g;
                long from = inOffset + image * c.sourceChannels * inPlane;
                long gradient = dOutOffset + image * c.filters * outPlane;
                Staging.transpose(
                        dOut, gradient, c.filters, outPlane, work, turned, plan.channelRow);
                if (c.inPlace) {
                    addImage(plan, in, from, work, turned, workOffset);
                } else {
                    Staging.stage(c, in, from, work, staged);
                    addImage(plan, work, staged, work, turned, workOffset);
                }
            }
            long to = dWeightOffset + (long) g * c.filters * taps;
            store(plan, taps, beta, work, workOffset, dWeight, to);
        }
    }

    private static void addImage(
            ConvolutionPlan plan,
            MemorySegment x,
            long xOffset,
            MemorySegment work,
            long turned,
            long sums) {
        int[] table = plan.tapTable;
        long rowBytes = (long) plan.channelRow << 2;
        int width = GradientTiles.WIDE * Lanes.COUNT;
        for (int k = 0; k < plan.channelRow; k += width) {
            for (int tap = 0; tap < table.length; ) {
                int rows =
                        table.length - tap >= GradientTiles.TALL
                                ? GradientTiles.TALL
                                : GradientTiles.LOW;
                long sum = (sums + (long) tap * plan.channelRow + k) << 2;
                GradientTiles.run(
                        rows,
                        x,
                        xOffset << 2,
                        table,
                        tap,
                        plan.positions,
                        work,
                        (turned + k) << 2,
                        rowBytes,
                        sum);
                tap += rows;
            }
        }
    }

    /** dWeight[k, t] = beta · dWeight[k, t] + sums[t, k]. */
    private static void store(
            ConvolutionPlan plan,
            int taps,
            float beta,
            MemorySegment work,
            long sums,
            MemorySegment dWeight,
            long to) {
        for (int k = 0; k < plan.forward.filters; k++) {
            for (int t = 0; t < taps; t++) {
                float sum = work.get(SCALAR, (sums + (long) t * plan.channelRow + k) << 2);
                long at = (to + (long) k * taps + t) << 2;
                float before = beta == 0 ? 0 : beta * dWeight.get(SCALAR, at);
                dWeight.set(SCALAR, at, before + sum);
            }
        }
    }

    private static void clear(MemorySegment work, long at, long n) {
        for (long i = 0; i < n; i++) {
            work.set(SCALAR, (at + i) << 2, 0);
        }
    }
}
