package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.INT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;
import static dev.lanewise.kernels.vector.Lanes.bound;

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
        x = NATIVE.cast(x);
        FloatVector signs = FloatVector.broadcast(FLOAT, sign);
        FloatVector m0 = FloatVector.broadcast(FLOAT, Float.NEGATIVE_INFINITY);
        FloatVector m1 = m0;
        FloatVector m2 = m0;
        FloatVector m3 = m0;
        long steps = n & -(4 * COUNT);
        long i = 0;
        for (; i < steps; i += 4 * COUNT) {
            m0 = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER).mul(signs).max(m0);
            m1 = fromMemorySegment(FLOAT, x, xOffset + i + COUNT << 2, ORDER).mul(signs).max(m1);
            m2 =
                    fromMemorySegment(FLOAT, x, xOffset + i + 2 * COUNT << 2, ORDER)
                            .mul(signs)
                            .max(m2);
            m3 =
                    fromMemorySegment(FLOAT, x, xOffset + i + 3 * COUNT << 2, ORDER)
                            .mul(signs)
                            .max(m3);
        }
        long bound = bound(n);
        for (; i < bound; i += COUNT) {
            m0 = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER).mul(signs).max(m0);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            FloatVector values =
                    fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, tail).mul(signs);
            m1 = values.max(m1).blend(m1, tail.not());
        }
        return sign * m0.max(m1).max(m2.max(m3)).reduceLanes(VectorOperators.MAX);
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

    /**
     * Each lane keeps its first maximum and where that was, unless a value is larger or the first
     * NaN; two sets of lanes take turns.
     */
    private static int firstMaximumOfBlock(MemorySegment x, long xOffset, long n, float sign) {
        x = NATIVE.cast(x);
        FloatVector signs = FloatVector.broadcast(FLOAT, sign);
        FloatVector best0 = FloatVector.broadcast(FLOAT, Float.NEGATIVE_INFINITY);
        FloatVector best1 = best0;
        IntVector start = IntVector.zero(INT).addIndex(1);
        IntVector index0 = start;
        IntVector index1 = start;
        long steps = n & -(2 * COUNT);
        long i = 0;
        for (; i < steps; i += 2 * COUNT) {
            FloatVector values = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER).mul(signs);
            VectorMask<Float> kept =
                    values.compare(VectorOperators.LE, best0)
                            .or(best0.test(VectorOperators.IS_NAN));
            best0 = values.blend(best0, kept);
            index0 = start.add((int) i).blend(index0, kept.cast(INT));
            values = fromMemorySegment(FLOAT, x, xOffset + i + COUNT << 2, ORDER).mul(signs);
            kept = values.compare(VectorOperators.LE, best1).or(best1.test(VectorOperators.IS_NAN));
            best1 = values.blend(best1, kept);
            index1 = start.add((int) i + COUNT).blend(index1, kept.cast(INT));
        }
        for (; i < n; i += COUNT) {
            VectorMask<Float> valid = FLOAT.indexInRange(i, n);
            FloatVector values =
                    fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, valid).mul(signs);
            VectorMask<Float> kept =
                    values.compare(VectorOperators.LE, best0)
                            .or(best0.test(VectorOperators.IS_NAN))
                            .or(valid.not());
            best0 = values.blend(best0, kept);
            index0 = start.add((int) i).blend(index0, kept.cast(INT));
        }
        float maximum = best0.max(best1).reduceLanes(VectorOperators.MAX);
        boolean isNan = Float.isNaN(maximum);
        VectorMask<Float> reached0 =
                isNan
                        ? best0.test(VectorOperators.IS_NAN)
                        : best0.compare(VectorOperators.EQ, maximum);
        VectorMask<Float> reached1 =
                isNan
                        ? best1.test(VectorOperators.IS_NAN)
                        : best1.compare(VectorOperators.EQ, maximum);
        return Math.min(
                index0.reduceLanes(VectorOperators.MIN, reached0.cast(INT)),
                index1.reduceLanes(VectorOperators.MIN, reached1.cast(INT)));
    }
}
