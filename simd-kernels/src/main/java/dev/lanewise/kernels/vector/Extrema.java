package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.INT;
import static dev.lanewise.kernels.vector.Lanes.ORDER;
import static dev.lanewise.kernels.vector.Lanes.bound;
import static dev.lanewise.kernels.vector.Lanes.horizontalMaximum;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;

/**
 * Maxima of sign · x and their indices over whole arrays; sign = −1 makes them minima, exactly, NaN
 * and −0 included.
 */
final class Extrema {
    /** Elements of a search with int indices. */
    private static final long BLOCK = 1L << 30;

    private Extrema() {}

    /** The maximum of sign · x times sign; −∞ · sign where n = 0. */
    static float maximum(MemorySegment x, long xOffset, long n, float sign) {
        FloatVector signs = FloatVector.broadcast(FLOAT, sign);
        FloatVector m0 = FloatVector.broadcast(FLOAT, Float.NEGATIVE_INFINITY);
        FloatVector m1 = m0;
        FloatVector m2 = m0;
        FloatVector m3 = m0;
        long steps = n & -(4 * COUNT);
        long i = 0;
        for (; i < steps; i += 4 * COUNT) {
            m0 = m0.max(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER).mul(signs));
            m1 = m1.max(fromMemorySegment(FLOAT, x, xOffset + i + COUNT << 2, ORDER).mul(signs));
            m2 =
                    m2.max(
                            fromMemorySegment(FLOAT, x, xOffset + i + 2 * COUNT << 2, ORDER)
                                    .mul(signs));
            m3 =
                    m3.max(
                            fromMemorySegment(FLOAT, x, xOffset + i + 3 * COUNT << 2, ORDER)
                                    .mul(signs));
        }
        long bound = bound(n);
        for (; i < bound; i += COUNT) {
            m0 = m0.max(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER).mul(signs));
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            FloatVector values =
                    fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, tail).mul(signs);
            m1 = m1.lanewise(VectorOperators.MAX, values, tail);
        }
        return sign * horizontalMaximum(m0.max(m1).max(m2.max(m3)));
    }

    /** The first index of a maximum of sign · x, or of a NaN; −1 where n = 0. */
    static long firstMaximum(MemorySegment x, long xOffset, long n, float sign) {
        if (n <= 0) {
            return -1;
        }
        long best = firstMaximumOfBlock(x, xOffset, Math.min(n, BLOCK), sign);
        for (long start = BLOCK; start < n; start += BLOCK) {
            long length = Math.min(n - start, BLOCK);
            long index = start + firstMaximumOfBlock(x, xOffset + start, length, sign);
            float value = sign * x.getAtIndex(JAVA_FLOAT, xOffset + index);
            float bestValue = sign * x.getAtIndex(JAVA_FLOAT, xOffset + best);
            if (value > bestValue || Float.isNaN(value) && !Float.isNaN(bestValue)) {
                best = index;
            }
        }
        return best;
    }

    /** Each lane keeps its first maximum and where that was; two sets of lanes take turns. */
    private static int firstMaximumOfBlock(MemorySegment x, long xOffset, long n, float sign) {
        FloatVector signs = FloatVector.broadcast(FLOAT, sign);
        FloatVector best0 = FloatVector.broadcast(FLOAT, Float.NEGATIVE_INFINITY);
        FloatVector best1 = best0;
        IntVector current = IntVector.broadcast(INT, 0).addIndex(1);
        IntVector index0 = current;
        IntVector index1 = current;
        long steps = n & -(2 * COUNT);
        long i = 0;
        for (; i < steps; i += 2 * COUNT) {
            FloatVector values = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER).mul(signs);
            VectorMask<Float> better = better(values, best0);
            best0 = best0.blend(values, better);
            index0 = index0.blend(current, better.cast(INT));
            current = current.add(COUNT);
            values = fromMemorySegment(FLOAT, x, xOffset + i + COUNT << 2, ORDER).mul(signs);
            better = better(values, best1);
            best1 = best1.blend(values, better);
            index1 = index1.blend(current, better.cast(INT));
            current = current.add(COUNT);
        }
        for (; i < n; i += COUNT) {
            VectorMask<Float> valid = FLOAT.indexInRange(i, n);
            FloatVector values =
                    fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, valid).mul(signs);
            VectorMask<Float> better = better(values, best0).and(valid);
            best0 = best0.blend(values, better);
            index0 = index0.blend(current, better.cast(INT));
            current = current.add(COUNT);
        }
        float maximum = horizontalMaximum(best0.max(best1));
        return Math.min(
                smallestIndex(index0, best0, maximum), smallestIndex(index1, best1, maximum));
    }

    /** Where values beat best: larger, or the first NaN; never where best is NaN already. */
    static VectorMask<Float> better(FloatVector values, FloatVector best) {
        return values.compare(VectorOperators.LE, best)
                .not()
                .and(best.compare(VectorOperators.EQ, best));
    }

    private static int smallestIndex(IntVector indices, FloatVector best, float maximum) {
        VectorMask<Float> reached =
                Float.isNaN(maximum)
                        ? best.test(VectorOperators.IS_NAN)
                        : best.compare(VectorOperators.EQ, maximum);
        return indices.reduceLanes(VectorOperators.MIN, reached.cast(INT));
    }
}
