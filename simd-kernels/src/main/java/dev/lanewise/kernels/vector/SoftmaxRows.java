package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.scalar.ScalarMath.LN2;
import static dev.lanewise.kernels.scalar.ScalarMath.LOG2_E;
import static dev.lanewise.kernels.scalar.ScalarMath.ROUND_BIASED;
import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;
import static dev.lanewise.kernels.vector.Lanes.SWAP_1;
import static dev.lanewise.kernels.vector.Lanes.SWAP_2;
import static dev.lanewise.kernels.vector.Lanes.SWAP_4;
import static dev.lanewise.kernels.vector.Lanes.SWAP_8;
import static dev.lanewise.kernels.vector.Lanes.bound;
import static dev.lanewise.kernels.vector.VectorMath.EXP_SHORT_MIN;
import static dev.lanewise.kernels.vector.VectorMath.S0;
import static dev.lanewise.kernels.vector.VectorMath.S1;
import static dev.lanewise.kernels.vector.VectorMath.S2;
import static dev.lanewise.kernels.vector.VectorMath.S3;
import static dev.lanewise.kernels.vector.VectorMath.expShort;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;

/**
 * Softmax of rows of more than a vector.
 *
 * <p>A row needs three passes: its maximum, the exponentials with their sum, and the product with
 * the sum's inverse. The first and the last move data, the one between computes, so one loop does
 * all three at a time: the exponentials of a row, the maximum of the next and the products of the
 * one before. So a step touches up to four rows, two of each side.
 */
final class SoftmaxRows {
    private SoftmaxRows() {}

    /** out = softmax of each row; at least one row, which may lie in place. */
    static void run(
            MemorySegment x,
            long xOffset,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset) {
        long bound = bound(columns);
        long end = rows * columns;
        float max = VectorSoftmax.max(x, xOffset, columns);
        float scale = 1;
        long before = outOffset; // the first row has none before it, so scales what it overwrites
        for (long at = 0; at < end; at += columns) {
            long from = xOffset + at;
            long to = outOffset + at;
            if (bound < columns) {
                storeRest(x, from + bound, columns - bound, max, out, to + bound);
            }
            // the row behind the last one is the last one again, to no purpose
            long next = at + columns < end ? from + columns : from;
            long sumAndMax = pass(x, from, next, columns, max, out, to, before, scale);
            scale = 1 / Float.intBitsToFloat((int) (sumAndMax >>> 32));
            max = Float.intBitsToFloat((int) sumAndMax);
            before = to;
        }
        multiply(out, before, columns, scale);
    }

    /**
     * The row at {@code to} = e^(x − max) of the one at {@code from}, whose rest {@link #storeRest}
     * has left there; the maximum of the one at {@code next}; and the one at {@code before} times
     * {@code scale}.
     *
     * @return the bits of the sum, and below them those of the maximum
     */
    private static long pass(
            MemorySegment x,
            long from,
            long next,
            long columns,
            float max,
            MemorySegment out,
            long to,
            long before,
            float scale) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        long bound = bound(columns);
        VectorMask<Float> tail = FLOAT.indexInRange(bound, columns);
        FloatVector s = fromMemorySegment(FLOAT, out, to + bound << 2, ORDER, tail);
        FloatVector m = fromMemorySegment(FLOAT, x, next + columns - COUNT << 2, ORDER);
        for (long j = 0; j < bound; j += COUNT) {
            // all loads first: in rows of 4 KB they would seem to read what was just stored
            FloatVector above = fromMemorySegment(FLOAT, out, before + j << 2, ORDER);
            FloatVector below = fromMemorySegment(FLOAT, x, next + j << 2, ORDER);
            FloatVector e = expShort(fromMemorySegment(FLOAT, x, from + j << 2, ORDER).sub(max));
            m = below.blend(m, below.compare(VectorOperators.LE, m));
            above.mul(scale).intoMemorySegment(out, before + j << 2, ORDER);
            e.intoMemorySegment(out, to + j << 2, ORDER);
            s = e.add(s);
        }
        if (bound < columns) {
            multiply(out, before + bound, columns - bound, scale);
        }
        s = COUNT > 8 ? s.add(s.rearrange(SWAP_8)) : s;
        s = COUNT > 4 ? s.add(s.rearrange(SWAP_4)) : s;
        s = s.add(s.rearrange(SWAP_2));
        float sum = s.add(s.rearrange(SWAP_1)).lane(0);
        FloatVector eighth = COUNT > 8 ? m.rearrange(SWAP_8) : m;
        m = m.blend(eighth, eighth.compare(VectorOperators.GT, m));
        FloatVector fourth = COUNT > 4 ? m.rearrange(SWAP_4) : m;
        m = m.blend(fourth, fourth.compare(VectorOperators.GT, m));
        FloatVector second = m.rearrange(SWAP_2);
        m = m.blend(second, second.compare(VectorOperators.GT, m));
        FloatVector first = m.rearrange(SWAP_1);
        m = m.blend(first, first.compare(VectorOperators.GT, m));
        return (long) Float.floatToRawIntBits(sum) << 32
                | Integer.toUnsignedLong(Float.floatToRawIntBits(m.lane(0)));
    }

    /**
     * out = e^(x − max) for fewer elements than a vector has: {@link VectorMath#expShort} written
     * out, as C2 inlines no helper here before it has a profile. Whole vectors have a loop of their
     * own because masked stores take several times as long.
     */
    private static void storeRest(
            MemorySegment x, long from, long count, float max, MemorySegment out, long to) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        VectorMask<Float> mask = FLOAT.indexInRange(0, count);
        FloatVector v = fromMemorySegment(FLOAT, x, from << 2, ORDER, mask).sub(max);
        FloatVector t = v.fma(broadcast(FLOAT, LOG2_E), broadcast(FLOAT, ROUND_BIASED));
        FloatVector r = t.sub(ROUND_BIASED).fma(broadcast(FLOAT, -LN2), v);
        FloatVector p =
                broadcast(FLOAT, S3)
                        .fma(r, broadcast(FLOAT, S2))
                        .fma(r, broadcast(FLOAT, S1))
                        .fma(r, broadcast(FLOAT, S0))
                        .fma(r, broadcast(FLOAT, 1f))
                        .fma(r, broadcast(FLOAT, 1f));
        FloatVector power =
                t.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
        p.mul(power)
                .blend(0f, v.compare(VectorOperators.LT, EXP_SHORT_MIN))
                .intoMemorySegment(out, to << 2, ORDER, mask);
    }

    /** out = out · scale. */
    private static void multiply(MemorySegment out, long to, long columns, float scale) {
        out = NATIVE.cast(out);
        long bound = bound(columns);
        for (long j = to; j < to + bound; j += COUNT) {
            fromMemorySegment(FLOAT, out, j << 2, ORDER)
                    .mul(scale)
                    .intoMemorySegment(out, j << 2, ORDER);
        }
        if (bound < columns) {
            VectorMask<Float> mask = FLOAT.indexInRange(bound, columns);
            fromMemorySegment(FLOAT, out, to + bound << 2, ORDER, mask)
                    .mul(scale)
                    .intoMemorySegment(out, to + bound << 2, ORDER, mask);
        }
    }
}
