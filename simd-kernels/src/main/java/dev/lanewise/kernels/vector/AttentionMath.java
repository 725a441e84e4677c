package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.scalar.ScalarMath.*;
import static dev.lanewise.kernels.vector.Lanes.BYTES;
import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;
import static dev.lanewise.kernels.vector.Lanes.SWAP_1;
import static dev.lanewise.kernels.vector.Lanes.SWAP_2;
import static dev.lanewise.kernels.vector.Lanes.SWAP_4;
import static dev.lanewise.kernels.vector.Lanes.SWAP_8;

import static jdk.incubator.vector.FloatVector.broadcast;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;

/**
 * The softmax of attention over transposed scores ({@link AttentionBlock}), a query per lane, and
 * scalings of rows. Offsets in bytes.
 */
final class AttentionMath {
    private static final float LOWEST = Float.NEGATIVE_INFINITY;

    /** Below, eˣ is subnormal and counts as 0. */
    static final float EXP_NORMAL_MIN = -87.25f;

    private static final long PITCH = AttentionBlock.PITCH;

    private AttentionMath() {}

    /**
     * eˣ for x up to 88 with results below 2⁻¹²⁵ as 0: {@link VectorMath#exp} without the care for
     * subnormal results, at two thirds of its cost.
     */
    static FloatVector exp(FloatVector x) {
        FloatVector t = x.fma(broadcast(FLOAT, LOG2_E), broadcast(FLOAT, ROUND_BIASED));
        FloatVector n = t.sub(ROUND_BIASED);
        FloatVector r = n.fma(broadcast(FLOAT, -LN2_LOW), n.fma(broadcast(FLOAT, -LN2), x));
        FloatVector p =
                broadcast(FLOAT, E4)
                        .fma(r, broadcast(FLOAT, E3))
                        .fma(r, broadcast(FLOAT, E2))
                        .fma(r, broadcast(FLOAT, E1))
                        .fma(r, broadcast(FLOAT, E0))
                        .fma(r, broadcast(FLOAT, 1f))
                        .fma(r, broadcast(FLOAT, 1f));
        FloatVector power =
                t.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
        return p.mul(power).blend(0f, x.compare(VectorOperators.LT, EXP_NORMAL_MIN));
    }

    /** max = the larger of max and the scores of each query. */
    static void raiseMaxima(
            MemorySegment scores, long scoresAt, int keys, int queries, long maxAt) {
        for (int i = 0; i < queries; i += COUNT) {
            raise(scores, scoresAt + 4L * i, keys, maxAt + 4L * i);
        }
    }

    /** Two chains, not four: more would be past what C2 inlines. */
    private static void raise(MemorySegment scores, long at, int keys, long maxAt) {
        scores = NATIVE.cast(scores);
        FloatVector m0 = FloatVector.fromMemorySegment(FLOAT, scores, maxAt, ORDER);
        FloatVector m1 = m0;
        int pairs = keys / 2;
        for (int j = 0; j < pairs; j++) {
            FloatVector s0 = FloatVector.fromMemorySegment(FLOAT, scores, at, ORDER);
            m0 = s0.blend(m0, s0.compare(VectorOperators.LE, m0));
            FloatVector s1 = FloatVector.fromMemorySegment(FLOAT, scores, at + PITCH, ORDER);
            m1 = s1.blend(m1, s1.compare(VectorOperators.LE, m1));
            at += 2 * PITCH;
        }
        if ((keys & 1) != 0) {
            FloatVector s0 = FloatVector.fromMemorySegment(FLOAT, scores, at, ORDER);
            m0 = s0.blend(m0, s0.compare(VectorOperators.LE, m0));
        }
        m0.blend(m1, m1.compare(VectorOperators.GT, m0)).intoMemorySegment(scores, maxAt, ORDER);
    }

    /** factor = e^(before − max); sum = sum · factor. */
    static void rescaleSums(
            MemorySegment memory, long beforeAt, long maxAt, long sumAt, int queries, long out) {
        memory = NATIVE.cast(memory);
        for (long x = 0; x < 4L * queries; x += BYTES) {
            FloatVector max = FloatVector.fromMemorySegment(FLOAT, memory, maxAt + x, ORDER);
            FloatVector before = FloatVector.fromMemorySegment(FLOAT, memory, beforeAt + x, ORDER);
            FloatVector factor =
                    exp(before.sub(max.blend(0f, max.compare(VectorOperators.EQ, LOWEST))));
            factor.intoMemorySegment(memory, out + x, ORDER);
            FloatVector.fromMemorySegment(FLOAT, memory, sumAt + x, ORDER)
                    .mul(factor)
                    .intoMemorySegment(memory, sumAt + x, ORDER);
        }
    }

    /** scores = e^(scores − max); sum += their sum over keys. */
    static void exponentials(
            MemorySegment scores, long scoresAt, int keys, int queries, long maxAt, long sumAt) {
        for (long x = 0; x < 4L * queries; x += BYTES) {
            exponentialsOfLanes(scores, scoresAt + x, keys, maxAt + x, sumAt + x);
        }
    }

    private static void exponentialsOfLanes(
            MemorySegment scores, long at, int keys, long maxAt, long sumAt) {
        scores = NATIVE.cast(scores);
        FloatVector max = FloatVector.fromMemorySegment(FLOAT, scores, maxAt, ORDER);
        max = max.blend(0f, max.compare(VectorOperators.EQ, LOWEST)); // so that −∞ − max is no NaN
        FloatVector sum = broadcast(FLOAT, 0f);
        for (int j = 0; j < keys; j++) {
            FloatVector e = exp(FloatVector.fromMemorySegment(FLOAT, scores, at, ORDER).sub(max));
            e.intoMemorySegment(scores, at, ORDER);
            sum = e.add(sum);
            at += PITCH;
        }
        FloatVector.fromMemorySegment(FLOAT, scores, sumAt, ORDER)
                .add(sum)
                .intoMemorySegment(scores, sumAt, ORDER);
    }

    /** scores = p = e^(scores − logSumExp), dP = p · (dP − mean). */
    static void scoreGradients(
            MemorySegment memory,
            long scoresAt,
            long dPAt,
            int keys,
            int queries,
            long logSumAt,
            long meanAt) {
        for (long x = 0; x < 4L * queries; x += BYTES) {
            scoreGradientsOfLanes(memory, scoresAt + x, dPAt + x, keys, logSumAt + x, meanAt + x);
        }
    }

    private static void scoreGradientsOfLanes(
            MemorySegment memory, long at, long dPAt, int keys, long logSumAt, long meanAt) {
        memory = NATIVE.cast(memory);
        FloatVector logSum = FloatVector.fromMemorySegment(FLOAT, memory, logSumAt, ORDER);
        FloatVector mean = FloatVector.fromMemorySegment(FLOAT, memory, meanAt, ORDER);
        for (int j = 0; j < keys; j++) {
            FloatVector p =
                    exp(FloatVector.fromMemorySegment(FLOAT, memory, at, ORDER).sub(logSum));
            p.intoMemorySegment(memory, at, ORDER);
            FloatVector.fromMemorySegment(FLOAT, memory, dPAt, ORDER)
                    .sub(mean)
                    .mul(p)
                    .intoMemorySegment(memory, dPAt, ORDER);
            at += PITCH;
            dPAt += PITCH;
        }
    }

    /** x = factor · x. */
    static void scale(MemorySegment x, long at, long n, float factor) {
        x = NATIVE.cast(x);
        FloatVector factors = broadcast(FLOAT, factor);
        long end = at + 4 * n;
        long whole = at + 4 * Lanes.bound(n);
        for (; at < whole; at += BYTES) {
            FloatVector.fromMemorySegment(FLOAT, x, at, ORDER)
                    .mul(factors)
                    .intoMemorySegment(x, at, ORDER);
        }
        for (; at < end; at += 4) {
            x.set(JAVA_FLOAT_UNALIGNED, at, factor * x.get(JAVA_FLOAT_UNALIGNED, at));
        }
    }

    /** Each row times its own factor. */
    static void scaleRows(
            MemorySegment x,
            long at,
            long rowBytes,
            int rows,
            int columns,
            MemorySegment factors,
            long factorsAt) {
        for (int i = 0; i < rows; i++) {
            float factor = factors.get(JAVA_FLOAT_UNALIGNED, factorsAt + 4L * i);
            if (factor != 1f) {
                scale(x, at, columns, factor);
            }
            at += rowBytes;
        }
    }

    /** The dot product of two rows. */
    static float dot(MemorySegment a, long aAt, MemorySegment b, long bAt, int n) {
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        FloatVector sum = broadcast(FLOAT, 0f);
        int whole = n / COUNT * COUNT;
        int d = 0;
        for (; d < whole; d += COUNT) {
            sum =
                    FloatVector.fromMemorySegment(FLOAT, a, aAt + 4L * d, ORDER)
                            .fma(FloatVector.fromMemorySegment(FLOAT, b, bAt + 4L * d, ORDER), sum);
        }
        sum = COUNT > 8 ? sum.add(sum.rearrange(SWAP_8)) : sum;
        sum = COUNT > 4 ? sum.add(sum.rearrange(SWAP_4)) : sum;
        sum = sum.add(sum.rearrange(SWAP_2));
        float total = sum.add(sum.rearrange(SWAP_1)).lane(0);
        for (; d < n; d++) {
            float x = a.get(JAVA_FLOAT_UNALIGNED, aAt + 4L * d);
            total = Math.fma(x, b.get(JAVA_FLOAT_UNALIGNED, bAt + 4L * d), total);
        }
        return total;
    }
}
