package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.bound;
import static dev.lanewise.kernels.vector.Lanes.load;
import static dev.lanewise.kernels.vector.Lanes.store;
import static dev.lanewise.kernels.vector.Lanes.tail;
import static dev.lanewise.kernels.vector.VectorMath.exp;

import static jdk.incubator.vector.FloatVector.broadcast;

import dev.lanewise.kernels.Softmax;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

import java.lang.foreign.MemorySegment;

/**
 * Softmax of rows on vectors: three passes over a row while it is in the first-level cache, the
 * rest of a row under a mask. Rows of at most one vector stay in a register.
 */
final class VectorSoftmax implements Softmax {
    private static final float LOWEST = Float.NEGATIVE_INFINITY;

    private static final VectorShuffle<Float> BY_EIGHT = rotation(8);
    private static final VectorShuffle<Float> BY_FOUR = rotation(4);
    private static final VectorShuffle<Float> BY_TWO = rotation(2);
    private static final VectorShuffle<Float> BY_ONE = rotation(1);

    private static VectorShuffle<Float> rotation(int by) {
        return VectorShuffle.fromOp(FLOAT, lane -> (lane + by) % COUNT);
    }

    @Override
    public void softmaxRows(
            MemorySegment x,
            long xOffset,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset) {
        if (columns <= COUNT) {
            VectorMask<Float> mask = tail(0, columns);
            for (long row = 0; row < rows; row++) {
                softmaxShort(x, xOffset + row * columns, mask, out, outOffset + row * columns);
            }
            return;
        }
        for (long row = 0; row < rows; row++) {
            long from = xOffset + row * columns;
            long to = outOffset + row * columns;
            float sum = storeExp(x, from, columns, max(x, from, columns), out, to);
            multiply(out, to, columns, 1 / sum);
        }
    }

    private static void softmaxShort(
            MemorySegment x, long from, VectorMask<Float> mask, MemorySegment out, long to) {
        FloatVector values = broadcast(FLOAT, LOWEST).blend(load(x, from, mask), mask);
        FloatVector e = exp(values.sub(allMax(values)));
        // a lane of padding is NaN beside infinities only, but must not reach the sum then either
        FloatVector sum = allSum(broadcast(FLOAT, 0f).blend(e, mask));
        store(e.mul(broadcast(FLOAT, 1f).div(sum)), out, to, mask);
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
            VectorMask<Float> mask = tail(0, columns);
            for (long row = 0; row < rows; row++) {
                logSoftmaxShort(x, xOffset + row * columns, mask, out, outOffset + row * columns);
            }
            return;
        }
        for (long row = 0; row < rows; row++) {
            long from = xOffset + row * columns;
            float max = max(x, from, columns);
            float sum = sumExp(x, from, columns, max);
            shift(
                    x,
                    from,
                    columns,
                    max,
                    VectorMath.log(broadcast(FLOAT, sum)),
                    out,
                    outOffset + row * columns);
        }
    }

    private static void logSoftmaxShort(
            MemorySegment x, long from, VectorMask<Float> mask, MemorySegment out, long to) {
        FloatVector values = broadcast(FLOAT, LOWEST).blend(load(x, from, mask), mask);
        FloatVector shifted = values.sub(allMax(values));
        FloatVector sum = allSum(broadcast(FLOAT, 0f).blend(exp(shifted), mask));
        store(shifted.sub(VectorMath.log(sum)), out, to, mask);
    }

    /** The largest element; NaN never counts, and reaches the result through the sum. */
    private static float max(MemorySegment x, long from, long columns) {
        long bound = bound(columns);
        long j = 0;
        FloatVector m0 = broadcast(FLOAT, LOWEST);
        FloatVector m1 = m0;
        for (; j < bound - COUNT; j += 2 * COUNT) {
            m0 = larger(m0, load(x, from + j));
            m1 = larger(m1, load(x, from + j + COUNT));
        }
        if (j < bound) {
            m0 = larger(m0, load(x, from + j));
        }
        if (bound < columns) {
            VectorMask<Float> tail = tail(bound, columns);
            m1 = larger(m1, broadcast(FLOAT, LOWEST).blend(load(x, from + bound, tail), tail));
        }
        return allMax(larger(m0, m1)).lane(0);
    }

    private static FloatVector larger(FloatVector a, FloatVector b) {
        return a.blend(b, b.compare(VectorOperators.GT, a));
    }

    /** The largest lane, in every lane. */
    private static FloatVector allMax(FloatVector v) {
        FloatVector m = v;
        if (COUNT > 8) {
            m = larger(m, m.rearrange(BY_EIGHT));
        }
        if (COUNT > 4) {
            m = larger(m, m.rearrange(BY_FOUR));
        }
        m = larger(m, m.rearrange(BY_TWO));
        return larger(m, m.rearrange(BY_ONE));
    }

    /** The sum of the lanes, in every lane, halves first: one order per width. */
    private static FloatVector allSum(FloatVector v) {
        FloatVector s = v;
        if (COUNT > 8) {
            s = s.add(s.rearrange(BY_EIGHT));
        }
        if (COUNT > 4) {
            s = s.add(s.rearrange(BY_FOUR));
        }
        s = s.add(s.rearrange(BY_TWO));
        return s.add(s.rearrange(BY_ONE));
    }

    /** out = e^(x − max); returns the sum. */
    private static float storeExp(
            MemorySegment x, long from, long columns, float max, MemorySegment out, long to) {
        long bound = bound(columns);
        FloatVector sum = broadcast(FLOAT, 0f);
        for (long j = 0; j < bound; j += COUNT) {
            FloatVector e = exp(load(x, from + j).sub(max));
            store(e, out, to + j);
            sum = sum.add(e);
        }
        if (bound < columns) {
            VectorMask<Float> tail = tail(bound, columns);
            FloatVector e = exp(load(x, from + bound, tail).sub(max));
            store(e, out, to + bound, tail);
            sum = sum.add(broadcast(FLOAT, 0f).blend(e, tail));
        }
        return allSum(sum).lane(0);
    }

    /** Σ e^(x − max). */
    private static float sumExp(MemorySegment x, long from, long columns, float max) {
        long bound = bound(columns);
        FloatVector sum = broadcast(FLOAT, 0f);
        for (long j = 0; j < bound; j += COUNT) {
            sum = sum.add(exp(load(x, from + j).sub(max)));
        }
        if (bound < columns) {
            VectorMask<Float> tail = tail(bound, columns);
            FloatVector e = exp(load(x, from + bound, tail).sub(max));
            sum = sum.add(broadcast(FLOAT, 0f).blend(e, tail));
        }
        return allSum(sum).lane(0);
    }

    /** out = out · scale. */
    private static void multiply(MemorySegment out, long to, long columns, float scale) {
        long bound = bound(columns);
        for (long j = 0; j < bound; j += COUNT) {
            store(load(out, to + j).mul(scale), out, to + j);
        }
        if (bound < columns) {
            VectorMask<Float> tail = tail(bound, columns);
            store(load(out, to + bound, tail).mul(scale), out, to + bound, tail);
        }
    }

    /** out = (x − max) − log. */
    private static void shift(
            MemorySegment x,
            long from,
            long columns,
            float max,
            FloatVector log,
            MemorySegment out,
            long to) {
        long bound = bound(columns);
        for (long j = 0; j < bound; j += COUNT) {
            store(load(x, from + j).sub(max).sub(log), out, to + j);
        }
        if (bound < columns) {
            VectorMask<Float> tail = tail(bound, columns);
            store(load(x, from + bound, tail).sub(max).sub(log), out, to + bound, tail);
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
        VectorMask<Float> tail = tail(bound, columns);
        for (long i = 0; i < rows * columns; i += columns) {
            FloatVector sum = broadcast(FLOAT, 0f);
            for (long j = i; j < i + bound; j += COUNT) {
                sum = load(dy, dyOffset + j).fma(load(y, yOffset + j), sum);
            }
            long rest = i + bound;
            if (bound < columns) {
                FloatVector product =
                        load(dy, dyOffset + rest, tail).mul(load(y, yOffset + rest, tail));
                sum = sum.add(product);
            }
            FloatVector dot = allSum(sum);
            for (long j = i; j < i + bound; j += COUNT) {
                FloatVector difference = load(dy, dyOffset + j).sub(dot);
                store(load(y, yOffset + j).mul(difference), dx, dxOffset + j);
            }
            if (bound < columns) {
                FloatVector difference = load(dy, dyOffset + rest, tail).sub(dot);
                store(load(y, yOffset + rest, tail).mul(difference), dx, dxOffset + rest, tail);
            }
        }
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
        VectorMask<Float> tail = tail(bound, columns);
        for (long i = 0; i < rows * columns; i += columns) {
            FloatVector sum = broadcast(FLOAT, 0f);
            for (long j = i; j < i + bound; j += COUNT) {
                sum = sum.add(load(dy, dyOffset + j));
            }
            long rest = i + bound;
            if (bound < columns) {
                sum = sum.add(load(dy, dyOffset + rest, tail));
            }
            FloatVector total = allSum(sum);
            for (long j = i; j < i + bound; j += COUNT) {
                FloatVector softmax = exp(load(y, yOffset + j));
                store(softmax.neg().fma(total, load(dy, dyOffset + j)), dx, dxOffset + j);
            }
            if (bound < columns) {
                FloatVector softmax = exp(load(y, yOffset + rest, tail));
                store(
                        softmax.neg().fma(total, load(dy, dyOffset + rest, tail)),
                        dx,
                        dxOffset + rest,
                        tail);
            }
        }
    }
}
