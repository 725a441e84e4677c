package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.lanewise.kernels.Conv2dShape;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;

/**
 * The weight gradient as a product of taps and output channels, summed over the output positions of
 * one image after the other, for a block of {@link #CHANNELS} output channels at a time.
 *
 * <p>The workspace holds the sums [taps, CHANNELS] of a block, one image of its dOut with the
 * channels innermost, and one staged group of one image of the input.
 */
final class WeightGradientKernel {
    /** Output channels of a block: whole tiles, and a multiple of 16 as the transposition wants. */
    static final int CHANNELS = Math.max(16, GradientTiles.WIDE * Lanes.COUNT);

    private WeightGradientKernel() {}

    static long workspaceSize(ConvolutionPlan plan) {
        return stagedAt(plan) + plan.forward.stagedSize() + 2L * Lanes.COUNT;
    }

    private static long turnedAt(ConvolutionPlan plan) {
        return (long) plan.tapTable.length * CHANNELS;
    }

    private static long blockAt(ConvolutionPlan plan) {
        int rows = Math.max(plan.positions.length, rowPitch(plan));
        return turnedAt(plan) + (long) rows * CHANNELS;
    }

    private static long stagedAt(ConvolutionPlan plan) {
        return blockAt(plan) + Staging.TRANSPOSE_SCRATCH;
    }

    /** The taps of one output channel, rounded up. */
    private static int rowPitch(ConvolutionPlan plan) {
        return (plan.tapTable.length + 15) / 16 * 16;
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
        Correlation c = plan.forward;
        long inGroup = (long) c.sourceChannels * c.sourceHeight * c.sourceWidth;
        int outPlane = plan.positions.length;
        long turned = workOffset + turnedAt(plan);
        long staged = workOffset + stagedAt(plan);
        for (int first = 0; first < c.groups * c.filters; ) {
            int group = first / c.filters;
            int n = Math.min(CHANNELS, (group + 1) * c.filters - first);
            Staging.zero(work, workOffset, plan.tapTable.length * CHANNELS);
            for (int image = firstImage; image < lastImage; image++) {
                long from = inOffset + ((long) image * c.groups + group) * inGroup;
                long gradient =
                        dOutOffset + ((long) image * c.groups * c.filters + first) * outPlane;
                Staging.transpose(
                        dOut,
                        gradient,
                        outPlane,
                        n,
                        outPlane,
                        work,
                        workOffset + blockAt(plan),
                        turned,
                        CHANNELS);
                if (!c.inPlace) {
                    Staging.stage(c, 0, c.gridRows, in, from, work, staged);
                }
                addImage(
                        plan,
                        c.inPlace ? in : work,
                        c.inPlace ? from : staged,
                        work,
                        turned,
                        workOffset);
            }
            store(plan, first, n, beta, work, workOffset, dWeight, dWeightOffset);
            first += n;
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
        int width = GradientTiles.WIDE * Lanes.COUNT;
        for (int k = 0; k < CHANNELS; k += width) {
            for (int tap = 0; tap < table.length; ) {
                int rows =
                        table.length - tap >= GradientTiles.TALL
                                ? GradientTiles.TALL
                                : GradientTiles.LOW;
                long sum = (sums + (long) tap * CHANNELS + k) << 2;
                GradientTiles.run(
                        rows,
                        x,
                        xOffset << 2,
                        table,
                        tap,
                        plan.positions,
                        work,
                        (turned + k) << 2,
                        (long) CHANNELS << 2,
                        sum);
                tap += rows;
            }
        }
    }

    /** dWeight[first + k, t] = beta · dWeight + sums[t, k] for n channels k. */
    private static void store(
            ConvolutionPlan plan,
            int first,
            int n,
            float beta,
            MemorySegment work,
            long workOffset,
            MemorySegment dWeight,
            long dWeightOffset) {
        Conv2dShape shape = plan.shape;
        int taps = shape.weightsPerChannel();
        int pitch = rowPitch(plan);
        long turned = workOffset + turnedAt(plan);
        Staging.transpose(
                work,
                workOffset,
                CHANNELS,
                plan.tapTable.length,
                CHANNELS,
                work,
                workOffset + blockAt(plan),
                turned,
                pitch);
        for (int k = 0; k < n; k++) {
            long from = turned + (long) k * pitch;
            long to = dWeightOffset + (long) (first + k) * taps;
            if (beta == 0) {
                MemorySegment.copy(work, from << 2, dWeight, to << 2, (long) taps << 2);
            } else {
                addTo(work, from, taps, beta, dWeight, to);
            }
        }
    }

    /** out = beta · out + values. */
    private static void addTo(
            MemorySegment values, long from, int n, float beta, MemorySegment out, long at) {
        values = NATIVE.cast(values);
        out = NATIVE.cast(out);
        int i = 0;
        for (; i <= n - Lanes.COUNT; i += Lanes.COUNT) {
            FloatVector value =
                    FloatVector.fromMemorySegment(FLOAT, values, (from + i) << 2, ORDER);
            FloatVector.fromMemorySegment(FLOAT, out, (at + i) << 2, ORDER)
                    .mul(beta)
                    .add(value)
                    .intoMemorySegment(out, (at + i) << 2, ORDER);
        }
        for (; i < n; i++) {
            float value = values.get(JAVA_FLOAT_UNALIGNED, (from + i) << 2);
            float before = out.get(JAVA_FLOAT_UNALIGNED, (at + i) << 2);
            out.set(JAVA_FLOAT_UNALIGNED, (at + i) << 2, beta * before + value);
        }
    }
}
