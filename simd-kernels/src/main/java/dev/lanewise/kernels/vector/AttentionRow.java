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

import dev.lanewise.kernels.scalar.ScalarMath;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;

/**
 * Attention of one query, as generation has it: keys and values are read once, row after row, and
 * nothing is packed.
 */
final class AttentionRow {
    /** The keys whose scores are kept at once: a part of the first-level cache. */
    private static final int KEYS = 1024;

    private AttentionRow() {}

    /**
     * One row of {@link dev.lanewise.kernels.Attention#head}. Offsets in bytes but for the bias and
     * the scores: scratch of {@link #KEYS} elements, and a vector for each four of them.
     */
    static void run(
            MemorySegment q,
            long qAt,
            MemorySegment k,
            long kAt,
            long kRowBytes,
            MemorySegment v,
            long vAt,
            long vRowBytes,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            long seen,
            int features,
            float scale,
            MemorySegment scores,
            long scoresOffset,
            MemorySegment logSumExp,
            long logSumExpAt,
            MemorySegment out,
            long outAt) {
        float max = Float.NEGATIVE_INFINITY;
        float sum = 0f;
        long end = outAt + 4L * features;
        for (long x = outAt; x < end; x += 4) {
            out.set(JAVA_FLOAT_UNALIGNED, x, 0f);
        }
        for (long j = 0; j < seen; j += KEYS) {
            int count = (int) Math.min(KEYS, seen - j);
            QueryProducts.run(
                    k,
                    kAt + j * kRowBytes,
                    kRowBytes,
                    q,
                    qAt,
                    count,
                    features,
                    scale,
                    scores,
                    4 * (scoresOffset + KEYS),
                    4 * scoresOffset);
            if (hasBias) {
                addBias(bias, biasOffset + j, count, scores, scoresOffset);
            }
            pad(scores, 4 * scoresOffset, count);
            float before = max;
            float blockMax = maximum(scores, 4 * scoresOffset, count);
            max = blockMax > max ? blockMax : max;
            float shift = VectorAttention.finite(max);
            float factor = ScalarMath.exp(before - shift);
            exponentials(scores, 4 * scoresOffset, count, shift);
            sum = sum * factor + sumOfLanes(scores, 4 * scoresOffset);
            if (j > 0) {
                AttentionMath.scale(out, outAt, features, factor);
            }
            addRows(
                    v,
                    vAt + j * vRowBytes,
                    vRowBytes,
                    count,
                    features,
                    scores,
                    scoresOffset,
                    out,
                    outAt);
        }
        logSumExp.set(
                JAVA_FLOAT_UNALIGNED,
                logSumExpAt,
                VectorAttention.finite(max) + ScalarMath.log(sum));
        AttentionMath.scale(out, outAt, features, sum == 0f ? 0f : 1f / sum);
    }

    private static void addBias(
            MemorySegment bias, long biasOffset, int n, MemorySegment scores, long scoresOffset) {
        VectorKernels.bundle()
                .arithmetic()
                .add(bias, biasOffset, scores, scoresOffset, n, scores, scoresOffset);
    }

    /** Fills the last vector up with −∞, so that no loop over scores needs a rest. */
    private static void pad(MemorySegment scores, long at, int n) {
        for (int j = n; j % COUNT != 0; j++) {
            scores.set(JAVA_FLOAT_UNALIGNED, at + 4L * j, Float.NEGATIVE_INFINITY);
        }
    }

    private static float maximum(MemorySegment scores, long at, int n) {
        scores = NATIVE.cast(scores);
        FloatVector max = FloatVector.broadcast(FLOAT, Float.NEGATIVE_INFINITY);
        for (int j = 0; j < n; j += COUNT) {
            FloatVector s = FloatVector.fromMemorySegment(FLOAT, scores, at, ORDER);
            max = s.blend(max, s.compare(VectorOperators.GT, max).not());
            at += BYTES;
        }
        return max.reduceLanes(VectorOperators.MAX);
    }

    /**
     * scores = e^(scores − shift), and their sum, a vector of parts, behind them: adding its lanes
     * here, too, would be past what C2 inlines; for the same reason {@link AttentionMath#exp} is
     * written out.
     */
    private static void exponentials(MemorySegment scores, long scoresAt, int n, float shift) {
        scores = NATIVE.cast(scores);
        FloatVector sum = FloatVector.zero(FLOAT);
        long at = scoresAt;
        for (int j = 0; j < n; j += COUNT) {
            FloatVector x = FloatVector.fromMemorySegment(FLOAT, scores, at, ORDER).sub(shift);
            FloatVector t = x.fma(broadcast(FLOAT, LOG2_E), broadcast(FLOAT, ROUND_BIASED));
            FloatVector k = t.sub(ROUND_BIASED);
            FloatVector r = k.fma(broadcast(FLOAT, -LN2_LOW), k.fma(broadcast(FLOAT, -LN2), x));
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
            FloatVector e =
                    p.mul(power)
                            .blend(0f, x.compare(VectorOperators.LT, AttentionMath.EXP_NORMAL_MIN));
            e.intoMemorySegment(scores, at, ORDER);
            sum = e.add(sum);
            at += BYTES;
        }
        sum.intoMemorySegment(scores, scoresAt + 4L * KEYS, ORDER);
    }

    private static float sumOfLanes(MemorySegment scores, long scoresAt) {
        scores = NATIVE.cast(scores);
        FloatVector s = FloatVector.fromMemorySegment(FLOAT, scores, scoresAt + 4L * KEYS, ORDER);
        s = COUNT > 8 ? s.add(s.rearrange(SWAP_8)) : s;
        s = COUNT > 4 ? s.add(s.rearrange(SWAP_4)) : s;
        s = s.add(s.rearrange(SWAP_2));
        return s.add(s.rearrange(SWAP_1)).lane(0);
    }

    /** out += Σ_j weights(j) · row j. */
    private static void addRows(
            MemorySegment rows,
            long rowsAt,
            long rowBytes,
            int count,
            int features,
            MemorySegment weights,
            long weightsOffset,
            MemorySegment out,
            long outAt) {
        long weightsAt = 4 * weightsOffset;
        int d = 0;
        for (; d + 4 * COUNT <= features; d += 4 * COUNT) {
            addFourVectors(
                    rows,
                    rowsAt + 4L * d,
                    rowBytes,
                    count,
                    weights,
                    weightsAt,
                    out,
                    outAt + 4L * d);
        }
        for (; d + COUNT <= features; d += COUNT) {
            addVector(
                    rows,
                    rowsAt + 4L * d,
                    rowBytes,
                    count,
                    weights,
                    weightsAt,
                    out,
                    outAt + 4L * d);
        }
        if (d < features) {
            addRest(
                    rows,
                    rowsAt + 4L * d,
                    rowBytes,
                    count,
                    features - d,
                    weights,
                    weightsAt,
                    out,
                    outAt + 4L * d);
        }
    }

    /** Four vectors of two rows at a time: enough chains to hide their latency. */
    private static void addFourVectors(
            MemorySegment rows,
            long at,
            long rowBytes,
            int count,
            MemorySegment weights,
            long weightsAt,
            MemorySegment out,
            long outAt) {
        rows = NATIVE.cast(rows);
        weights = NATIVE.cast(weights);
        out = NATIVE.cast(out);
        FloatVector a0 = FloatVector.fromMemorySegment(FLOAT, out, outAt, ORDER);
        FloatVector a1 = FloatVector.fromMemorySegment(FLOAT, out, outAt + BYTES, ORDER);
        FloatVector a2 = FloatVector.fromMemorySegment(FLOAT, out, outAt + 2 * BYTES, ORDER);
        FloatVector a3 = FloatVector.fromMemorySegment(FLOAT, out, outAt + 3 * BYTES, ORDER);
        FloatVector b0 = FloatVector.zero(FLOAT);
        FloatVector b1 = FloatVector.zero(FLOAT);
        FloatVector b2 = FloatVector.zero(FLOAT);
        FloatVector b3 = FloatVector.zero(FLOAT);
        int pairs = count / 2;
        for (int j = 0; j < pairs; j++) {
            FloatVector w0 =
                    FloatVector.broadcast(FLOAT, weights.get(JAVA_FLOAT_UNALIGNED, weightsAt));
            a0 = FloatVector.fromMemorySegment(FLOAT, rows, at, ORDER).fma(w0, a0);
            a1 = FloatVector.fromMemorySegment(FLOAT, rows, at + BYTES, ORDER).fma(w0, a1);
            a2 = FloatVector.fromMemorySegment(FLOAT, rows, at + 2 * BYTES, ORDER).fma(w0, a2);
            a3 = FloatVector.fromMemorySegment(FLOAT, rows, at + 3 * BYTES, ORDER).fma(w0, a3);
            long next = at + rowBytes;
            FloatVector w1 =
                    FloatVector.broadcast(FLOAT, weights.get(JAVA_FLOAT_UNALIGNED, weightsAt + 4));
            b0 = FloatVector.fromMemorySegment(FLOAT, rows, next, ORDER).fma(w1, b0);
            b1 = FloatVector.fromMemorySegment(FLOAT, rows, next + BYTES, ORDER).fma(w1, b1);
            b2 = FloatVector.fromMemorySegment(FLOAT, rows, next + 2 * BYTES, ORDER).fma(w1, b2);
            b3 = FloatVector.fromMemorySegment(FLOAT, rows, next + 3 * BYTES, ORDER).fma(w1, b3);
            at += 2 * rowBytes;
            weightsAt += 8;
        }
        a0.add(b0).intoMemorySegment(out, outAt, ORDER);
        a1.add(b1).intoMemorySegment(out, outAt + BYTES, ORDER);
        a2.add(b2).intoMemorySegment(out, outAt + 2 * BYTES, ORDER);
        a3.add(b3).intoMemorySegment(out, outAt + 3 * BYTES, ORDER);
        if ((count & 1) != 0) {
            for (int x = 0; x < 4; x++) {
                addVector(
                        rows,
                        at + x * BYTES,
                        rowBytes,
                        1,
                        weights,
                        weightsAt,
                        out,
                        outAt + x * BYTES);
            }
        }
    }

    private static void addVector(
            MemorySegment rows,
            long at,
            long rowBytes,
            int count,
            MemorySegment weights,
            long weightsAt,
            MemorySegment out,
            long outAt) {
        rows = NATIVE.cast(rows);
        weights = NATIVE.cast(weights);
        out = NATIVE.cast(out);
        FloatVector a = FloatVector.fromMemorySegment(FLOAT, out, outAt, ORDER);
        for (int j = 0; j < count; j++) {
            FloatVector w =
                    FloatVector.broadcast(FLOAT, weights.get(JAVA_FLOAT_UNALIGNED, weightsAt));
            a = FloatVector.fromMemorySegment(FLOAT, rows, at, ORDER).fma(w, a);
            at += rowBytes;
            weightsAt += 4;
        }
        a.intoMemorySegment(out, outAt, ORDER);
    }

    /** The last columns, fewer than a vector has lanes. */
    private static void addRest(
            MemorySegment rows,
            long at,
            long rowBytes,
            int count,
            int columns,
            MemorySegment weights,
            long weightsAt,
            MemorySegment out,
            long outAt) {
        rows = NATIVE.cast(rows);
        weights = NATIVE.cast(weights);
        out = NATIVE.cast(out);
        VectorMask<Float> mask = Lanes.FLOAT.indexInRange(0, columns);
        FloatVector a = FloatVector.fromMemorySegment(FLOAT, out, outAt, ORDER, mask);
        for (int j = 0; j < count; j++) {
            FloatVector w =
                    FloatVector.broadcast(FLOAT, weights.get(JAVA_FLOAT_UNALIGNED, weightsAt));
            a = FloatVector.fromMemorySegment(FLOAT, rows, at, ORDER, mask).fma(w, a);
            at += rowBytes;
            weightsAt += 4;
        }
        a.intoMemorySegment(out, outAt, ORDER, mask);
    }
}
