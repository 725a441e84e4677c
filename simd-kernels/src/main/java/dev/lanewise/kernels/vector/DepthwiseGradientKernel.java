package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;

/**
 * The weight gradient of a depthwise convolution (one input and one output channel per group), with
 * the channels in the lanes.
 *
 * <p>The workspace holds, for {@link #CHANNELS} channels at a time, the sums [taps, CHANNELS], dOut
 * and the staged input with the channels innermost, and the staged planes.
 */
final class DepthwiseGradientKernel {
    /** Channels of a block: what the transposition works on. */
    private static final int CHANNELS = 16;

    /** Taps of a tile, of which the plan's table is a multiple. */
    private static final int TAPS = GradientTiles.LOW;

    private DepthwiseGradientKernel() {}

    static boolean applies(Correlation forward) {
        return forward.filters == 1 && forward.sourceChannels == 1;
    }

    static long workspaceSize(ConvolutionPlan plan) {
        return stagedAt(plan) + CHANNELS * plan.forward.stagedSize() + 2L * Lanes.COUNT;
    }

    private static long gradientAt(ConvolutionPlan plan) {
        return (long) plan.tapTable.length * CHANNELS;
    }

    private static long inputAt(ConvolutionPlan plan) {
        return gradientAt(plan) + (long) plan.positions.length * CHANNELS;
    }

    private static long blockAt(ConvolutionPlan plan) {
        return inputAt(plan) + (long) plan.forward.channelSize() * CHANNELS;
    }

    private static long stagedAt(ConvolutionPlan plan) {
        return blockAt(plan) + Staging.TRANSPOSE_SCRATCH;
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
        for (int first = 0; first < c.groups; first += CHANNELS) {
            int n = Math.min(CHANNELS, c.groups - first);
            Staging.zero(work, workOffset, plan.tapTable.length * CHANNELS);
            for (int image = firstImage; image < lastImage; image++) {
                long channel = (long) image * c.groups + first;
                turnGradient(plan, dOut, dOutOffset, channel, n, work, workOffset);
                turnInput(plan, in, inOffset, channel, n, work, workOffset);
                addImage(plan, work, workOffset);
            }
            store(plan, n, beta, work, workOffset, dWeight, dWeightOffset, first);
        }
    }

    private static void turnGradient(
            ConvolutionPlan plan,
            MemorySegment dOut,
            long dOutOffset,
            long channel,
            int n,
            MemorySegment work,
            long workOffset) {
        int plane = plan.positions.length;
        Staging.transpose(
                dOut,
                dOutOffset + channel * plane,
                plane,
                n,
                plane,
                work,
                workOffset + blockAt(plan),
                workOffset + gradientAt(plan),
                CHANNELS);
    }

    private static void turnInput(
            ConvolutionPlan plan,
            MemorySegment in,
            long inOffset,
            long channel,
            int n,
            MemorySegment work,
            long workOffset) {
        Correlation c = plan.forward;
        int plane = c.sourceHeight * c.sourceWidth;
        long from = inOffset + channel * plane;
        long staged = workOffset + stagedAt(plan);
        if (!c.inPlace) {
            for (int i = 0; i < n; i++) {
                Staging.stage(
                        c,
                        0,
                        c.gridRows,
                        in,
                        from + (long) i * plane,
                        work,
                        staged + i * c.stagedSize());
            }
        }
        Staging.transpose(
                c.inPlace ? in : work,
                c.inPlace ? from : staged,
                c.channelSize(),
                n,
                c.channelSize(),
                work,
                workOffset + blockAt(plan),
                workOffset + inputAt(plan),
                CHANNELS);
    }

    private static void addImage(ConvolutionPlan plan, MemorySegment work, long workOffset) {
        long gradient = (workOffset + gradientAt(plan)) << 2;
        long input = (workOffset + inputAt(plan)) << 2;
        for (int lane = 0; lane < CHANNELS; lane += Lanes.COUNT) {
            for (int tap = 0; tap < plan.tapTable.length; tap += TAPS) {
                long sum = (workOffset + (long) tap * CHANNELS + lane) << 2;
                long skip = (long) lane << 2;
                addTaps(
                        plan.tapTable,
                        tap,
                        plan.positions,
                        work,
                        input + skip,
                        gradient + skip,
                        sum);
            }
        }
    }

    /**
     * sum[i, k] += Σ over p of x[table[tap + i] + positions[p], k] · d[p, k] for three taps i and a
     * vector of channels k: the table and the positions count the bytes of one channel.
     */
    private static void addTaps(
            int[] table,
            int tap,
            int[] positions,
            MemorySegment work,
            long xAt,
            long dAt,
            long sumAt) {
        work = NATIVE.cast(work);
        long x0 = xAt + (long) table[tap] * CHANNELS;
        long x1 = xAt + (long) table[tap + 1] * CHANNELS;
        long x2 = xAt + (long) table[tap + 2] * CHANNELS;
        FloatVector sum0 = FloatVector.fromMemorySegment(FLOAT, work, sumAt, ORDER);
        FloatVector sum1 = FloatVector.fromMemorySegment(FLOAT, work, sumAt + 4 * CHANNELS, ORDER);
        FloatVector sum2 = FloatVector.fromMemorySegment(FLOAT, work, sumAt + 8 * CHANNELS, ORDER);
        for (int p = 0; p < positions.length; p++) {
            long position = (long) positions[p] * CHANNELS;
            FloatVector d = FloatVector.fromMemorySegment(FLOAT, work, dAt, ORDER);
            sum0 = FloatVector.fromMemorySegment(FLOAT, work, x0 + position, ORDER).fma(d, sum0);
            sum1 = FloatVector.fromMemorySegment(FLOAT, work, x1 + position, ORDER).fma(d, sum1);
            sum2 = FloatVector.fromMemorySegment(FLOAT, work, x2 + position, ORDER).fma(d, sum2);
            dAt += 4 * CHANNELS;
        }
        sum0.intoMemorySegment(work, sumAt, ORDER);
        sum1.intoMemorySegment(work, sumAt + 4 * CHANNELS, ORDER);
        sum2.intoMemorySegment(work, sumAt + 8 * CHANNELS, ORDER);
    }

    /** dWeight[first + k, t] = beta · dWeight + sums[t, k] for n channels k. */
    private static void store(
            ConvolutionPlan plan,
            int n,
            float beta,
            MemorySegment work,
            long sums,
            MemorySegment dWeight,
            long dWeightOffset,
            int first) {
        int taps = plan.shape.weightsPerChannel();
        for (int k = 0; k < n; k++) {
            for (int t = 0; t < taps; t++) {
                float sum = work.get(JAVA_FLOAT_UNALIGNED, (sums + (long) t * CHANNELS + k) << 2);
                long at = (dWeightOffset + (long) (first + k) * taps + t) << 2;
                float before = beta == 0 ? 0 : beta * dWeight.get(JAVA_FLOAT_UNALIGNED, at);
                dWeight.set(JAVA_FLOAT_UNALIGNED, at, before + sum);
            }
        }
    }
}
