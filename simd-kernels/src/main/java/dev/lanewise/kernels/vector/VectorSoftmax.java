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

import dev.lanewise.kernels.Softmax;
import dev.lanewise.kernels.scalar.ScalarMath;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;

/**
 * Softmax of rows on vectors, by {@link SoftmaxRows}; log-softmax in three passes over a row while
 * it is in the first-level cache. The rest of a row goes under a mask, and rows of at most one
 * vector stay in a register.
 */
final class VectorSoftmax implements Softmax {
    private static final float LOWEST = Float.NEGATIVE_INFINITY;

    @Override
    public void softmaxRows(
            MemorySegment x,
            long xOffset,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset) {
        if (columns <= COUNT) {
            for (long row = 0; row < rows; row++) {
                softmaxShort(x, xOffset + row * columns, columns, out, outOffset + row * columns);
            }
            return;
        }
        if (rows > 0) {
            SoftmaxRows.run(x, xOffset, rows, columns, out, outOffset);
        }
    }

    private static void softmaxShort(
            MemorySegment x, long from, long columns, MemorySegment out, long to) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        VectorMask<Float> mask = FLOAT.indexInRange(0, columns);
        FloatVector values =
                broadcast(FLOAT, LOWEST)
                        .blend(fromMemorySegment(FLOAT, x, from << 2, ORDER, mask), mask);
        FloatVector m = values;
        FloatVector eighth = COUNT > 8 ? m.rearrange(SWAP_8) : m;
        m = m.blend(eighth, eighth.compare(VectorOperators.GT, m));
        FloatVector fourth = COUNT > 4 ? m.rearrange(SWAP_4) : m;
        m = m.blend(fourth, fourth.compare(VectorOperators.GT, m));
        FloatVector second = m.rearrange(SWAP_2);
        m = m.blend(second, second.compare(VectorOperators.GT, m));
        FloatVector first = m.rearrange(SWAP_1);
        m = m.blend(first, first.compare(VectorOperators.GT, m));
        FloatVector e = expShort(values.sub(m));
        // a lane of padding is NaN beside infinities only, but must not reach the sum then either
        FloatVector s = broadcast(FLOAT, 0f).blend(e, mask);
        s = COUNT > 8 ? s.add(s.rearrange(SWAP_8)) : s;
        s = COUNT > 4 ? s.add(s.rearrange(SWAP_4)) : s;
        s = s.add(s.rearrange(SWAP_2));
        s = s.add(s.rearrange(SWAP_1));
        e.mul(broadcast(FLOAT, 1f).div(s)).intoMemorySegment(out, to << 2, ORDER, mask);
    }

    @Override
    public void logSoftmaxRows(
            MemorySegment x,
            long xOffset,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset) {
        if (columns <= COUNT) {
            for (long row = 0; row < rows; row++) {
                logSoftmaxShort(
                        x, xOffset + row * columns, columns, out, outOffset + row * columns);
            }
            return;
        }
        for (long row = 0; row < rows; row++) {
            long from = xOffset + row * columns;
            float max = max(x, from, columns);
            float sum = sumExp(x, from, columns, max);
            shift(x, from, columns, max, ScalarMath.log(sum), out, outOffset + row * columns);
        }
    }

    private static void logSoftmaxShort(
            MemorySegment x, long from, long columns, MemorySegment out, long to) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        VectorMask<Float> mask = FLOAT.indexInRange(0, columns);
        FloatVector values =
                broadcast(FLOAT, LOWEST)
                        .blend(fromMemorySegment(FLOAT, x, from << 2, ORDER, mask), mask);
        FloatVector m = values;
        FloatVector eighth = COUNT > 8 ? m.rearrange(SWAP_8) : m;
        m = m.blend(eighth, eighth.compare(VectorOperators.GT, m));
        FloatVector fourth = COUNT > 4 ? m.rearrange(SWAP_4) : m;
        m = m.blend(fourth, fourth.compare(VectorOperators.GT, m));
        FloatVector second = m.rearrange(SWAP_2);
        m = m.blend(second, second.compare(VectorOperators.GT, m));
        FloatVector first = m.rearrange(SWAP_1);
        m = m.blend(first, first.compare(VectorOperators.GT, m));
        FloatVector shifted = values.sub(m);
        FloatVector s = broadcast(FLOAT, 0f).blend(expShort(shifted), mask);
        s = COUNT > 8 ? s.add(s.rearrange(SWAP_8)) : s;
        s = COUNT > 4 ? s.add(s.rearrange(SWAP_4)) : s;
        s = s.add(s.rearrange(SWAP_2));
        s = s.add(s.rearrange(SWAP_1));
        shifted.sub(ScalarMath.log(s.lane(0))).intoMemorySegment(out, to << 2, ORDER, mask);
    }

    /**
     * The largest element of more than a vector; NaN never counts for good, and reaches the result
     * through the sum. Vectors just loaded call, accumulators are arguments: C2 knows the class of
     * the former for certain.
     */
    static float max(MemorySegment x, long from, long columns) {
        x = NATIVE.cast(x);
        long last = from + columns - COUNT; // overlaps the one before
        FloatVector m0 = fromMemorySegment(FLOAT, x, last << 2, ORDER);
        FloatVector m1 = m0;
        FloatVector m2 = m0;
        FloatVector m3 = m0;
        long j = from;
        for (; j <= last - 3 * COUNT; j += 4 * COUNT) {
            FloatVector v0 = fromMemorySegment(FLOAT, x, j << 2, ORDER);
            m0 = v0.blend(m0, v0.compare(VectorOperators.LE, m0));
            FloatVector v1 = fromMemorySegment(FLOAT, x, j + COUNT << 2, ORDER);
            m1 = v1.blend(m1, v1.compare(VectorOperators.LE, m1));
            FloatVector v2 = fromMemorySegment(FLOAT, x, j + 2 * COUNT << 2, ORDER);
            m2 = v2.blend(m2, v2.compare(VectorOperators.LE, m2));
            FloatVector v3 = fromMemorySegment(FLOAT, x, j + 3 * COUNT << 2, ORDER);
            m3 = v3.blend(m3, v3.compare(VectorOperators.LE, m3));
        }
        for (; j < last; j += COUNT) {
            FloatVector v0 = fromMemorySegment(FLOAT, x, j << 2, ORDER);
            m0 = v0.blend(m0, v0.compare(VectorOperators.LE, m0));
        }
        m0 = m0.blend(m1, m1.compare(VectorOperators.GT, m0));
        m2 = m2.blend(m3, m3.compare(VectorOperators.GT, m2));
        FloatVector m = m0.blend(m2, m2.compare(VectorOperators.GT, m0));
        FloatVector eighth = COUNT > 8 ? m.rearrange(SWAP_8) : m;
        m = m.blend(eighth, eighth.compare(VectorOperators.GT, m));
        FloatVector fourth = COUNT > 4 ? m.rearrange(SWAP_4) : m;
        m = m.blend(fourth, fourth.compare(VectorOperators.GT, m));
        FloatVector second = m.rearrange(SWAP_2);
        m = m.blend(second, second.compare(VectorOperators.GT, m));
        FloatVector first = m.rearrange(SWAP_1);
        m = m.blend(first, first.compare(VectorOperators.GT, m));
        return m.lane(0);
    }

    /** Σ e^(x − max). */
    static float sumExp(MemorySegment x, long from, long columns, float max) {
        long bound = bound(columns);
        float sum = bound > 0 ? sumExpWhole(x, from, bound, max) : 0;
        return bound < columns ? sum + sumExpRest(x, from + bound, columns - bound, max) : sum;
    }

    private static float sumExpWhole(MemorySegment x, long from, long bound, float max) {
        x = NATIVE.cast(x);
        FloatVector s = broadcast(FLOAT, 0f);
        for (long j = 0; j < bound; j += COUNT) {
            s = expShort(fromMemorySegment(FLOAT, x, from + j << 2, ORDER).sub(max)).add(s);
        }
        s = COUNT > 8 ? s.add(s.rearrange(SWAP_8)) : s;
        s = COUNT > 4 ? s.add(s.rearrange(SWAP_4)) : s;
        s = s.add(s.rearrange(SWAP_2));
        return s.add(s.rearrange(SWAP_1)).lane(0);
    }

    /**
     * Σ e^(x − max) of fewer elements than a vector has, written out as {@code
     * SoftmaxRows.storeRest}.
     */
    private static float sumExpRest(MemorySegment x, long from, long count, float max) {
        x = NATIVE.cast(x);
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
        FloatVector e = p.mul(power).blend(0f, v.compare(VectorOperators.LT, EXP_SHORT_MIN));
        FloatVector s = broadcast(FLOAT, 0f).blend(e, mask);
        s = COUNT > 8 ? s.add(s.rearrange(SWAP_8)) : s;
        s = COUNT > 4 ? s.add(s.rearrange(SWAP_4)) : s;
        s = s.add(s.rearrange(SWAP_2));
        return s.add(s.rearrange(SWAP_1)).lane(0);
    }

    /** out = (x − max) − log. */
    private static void shift(
            MemorySegment x,
            long from,
            long columns,
            float max,
            float log,
            MemorySegment out,
            long to) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        long bound = columns & -COUNT;
        for (long j = 0; j < bound; j += COUNT) {
            FloatVector.fromMemorySegment(FLOAT, x, from + j << 2, ORDER)
                    .sub(max)
                    .sub(log)
                    .intoMemorySegment(out, to + j << 2, ORDER);
        }
        if (bound < columns) {
            VectorMask<Float> mask = FLOAT.indexInRange(bound, columns);
            FloatVector.fromMemorySegment(FLOAT, x, from + bound << 2, ORDER, mask)
                    .sub(max)
                    .sub(log)
                    .intoMemorySegment(out, to + bound << 2, ORDER, mask);
        }
    }

    @Override
    public void softmaxRowsGradient(
            MemorySegment y,
            long yOffset,
            MemorySegment dy,
            long dyOffset,
            long rows,
            long columns,
            MemorySegment dx,
            long dxOffset) {
        long bound = bound(columns);
        for (long i = 0; i < rows * columns; i += columns) {
            float dot = Sums.dot(dy, dyOffset + i, y, yOffset + i, columns);
            if (bound > 0) {
                gradient(y, yOffset + i, dy, dyOffset + i, bound, dot, dx, dxOffset + i);
            }
            if (bound < columns) {
                long rest = i + bound;
                gradientRest(
                        y,
                        yOffset + rest,
                        dy,
                        dyOffset + rest,
                        columns - bound,
                        dot,
                        dx,
                        dxOffset + rest);
            }
        }
    }

    private static void gradient(
            MemorySegment y,
            long yOffset,
            MemorySegment dy,
            long dyOffset,
            long bound,
            float dot,
            MemorySegment dx,
            long dxOffset) {
        y = NATIVE.cast(y);
        dy = NATIVE.cast(dy);
        dx = NATIVE.cast(dx);
        for (long j = 0; j < bound; j += COUNT) {
            FloatVector difference =
                    fromMemorySegment(FLOAT, dy, dyOffset + j << 2, ORDER).sub(dot);
            fromMemorySegment(FLOAT, y, yOffset + j << 2, ORDER)
                    .mul(difference)
                    .intoMemorySegment(dx, dxOffset + j << 2, ORDER);
        }
    }

    private static void gradientRest(
            MemorySegment y,
            long yOffset,
            MemorySegment dy,
            long dyOffset,
            long count,
            float dot,
            MemorySegment dx,
            long dxOffset) {
        y = NATIVE.cast(y);
        dy = NATIVE.cast(dy);
        dx = NATIVE.cast(dx);
        VectorMask<Float> mask = FLOAT.indexInRange(0, count);
        FloatVector difference = fromMemorySegment(FLOAT, dy, dyOffset << 2, ORDER, mask).sub(dot);
        fromMemorySegment(FLOAT, y, yOffset << 2, ORDER, mask)
                .mul(difference)
                .intoMemorySegment(dx, dxOffset << 2, ORDER, mask);
    }

    @Override
    public void logSoftmaxRowsGradient(
            MemorySegment y,
            long yOffset,
            MemorySegment dy,
            long dyOffset,
            long rows,
            long columns,
            MemorySegment dx,
            long dxOffset) {
        long bound = bound(columns);
        for (long i = 0; i < rows * columns; i += columns) {
            float sum = sum(dy, dyOffset + i, columns);
            if (bound > 0) {
                logGradient(y, yOffset + i, dy, dyOffset + i, bound, sum, dx, dxOffset + i);
            }
            if (bound < columns) {
                long rest = i + bound;
                logGradientRest(
                        y,
                        yOffset + rest,
                        dy,
                        dyOffset + rest,
                        columns - bound,
                        sum,
                        dx,
                        dxOffset + rest);
            }
        }
    }

    private static float sum(MemorySegment x, long from, long columns) {
        x = NATIVE.cast(x);
        long bound = bound(columns);
        FloatVector sum = broadcast(FLOAT, 0f);
        for (long j = 0; j < bound; j += COUNT) {
            sum = fromMemorySegment(FLOAT, x, from + j << 2, ORDER).add(sum);
        }
        if (bound < columns) {
            sum =
                    fromMemorySegment(
                                    FLOAT,
                                    x,
                                    from + bound << 2,
                                    ORDER,
                                    FLOAT.indexInRange(bound, columns))
                            .add(sum);
        }
        sum = COUNT > 8 ? sum.add(sum.rearrange(SWAP_8)) : sum;
        sum = COUNT > 4 ? sum.add(sum.rearrange(SWAP_4)) : sum;
        sum = sum.add(sum.rearrange(SWAP_2));
        return sum.add(sum.rearrange(SWAP_1)).lane(0);
    }

    private static void logGradient(
            MemorySegment y,
            long yOffset,
            MemorySegment dy,
            long dyOffset,
            long bound,
            float sum,
            MemorySegment dx,
            long dxOffset) {
        y = NATIVE.cast(y);
        dy = NATIVE.cast(dy);
        dx = NATIVE.cast(dx);
        for (long j = 0; j < bound; j += COUNT) {
            FloatVector gradient = fromMemorySegment(FLOAT, dy, dyOffset + j << 2, ORDER);
            expShort(fromMemorySegment(FLOAT, y, yOffset + j << 2, ORDER))
                    .neg()
                    .fma(broadcast(FLOAT, sum), gradient)
                    .intoMemorySegment(dx, dxOffset + j << 2, ORDER);
        }
    }

    private static void logGradientRest(
            MemorySegment y,
            long yOffset,
            MemorySegment dy,
            long dyOffset,
            long count,
            float sum,
            MemorySegment dx,
            long dxOffset) {
        y = NATIVE.cast(y);
        dy = NATIVE.cast(dy);
        dx = NATIVE.cast(dx);
        VectorMask<Float> mask = FLOAT.indexInRange(0, count);
        FloatVector gradient = fromMemorySegment(FLOAT, dy, dyOffset << 2, ORDER, mask);
        expShort(fromMemorySegment(FLOAT, y, yOffset << 2, ORDER, mask))
                .neg()
                .fma(broadcast(FLOAT, sum), gradient)
                .intoMemorySegment(dx, dxOffset << 2, ORDER, mask);
    }
}
