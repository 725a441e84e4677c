package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.bound;
import static dev.lanewise.kernels.vector.Lanes.horizontalSum;
import static dev.lanewise.kernels.vector.Lanes.load;
import static dev.lanewise.kernels.vector.Lanes.tail;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

import java.lang.foreign.MemorySegment;

/**
 * Sums over whole arrays, in one fixed order.
 *
 * <p>Eight accumulators take turns; they, then their lanes, are added pairwise. The loops are
 * written out, as a helper that returns a vector is not sure to be inlined and boxes the vector if
 * it is not; and they hold at most about 20 loads, beyond which C2 stops inlining (its
 * NodeCountInliningCutoff) and boxes too.
 */
final class Sums {
    private static final int THREE = 3 * COUNT;
    private static final int EIGHT = 8 * COUNT;

    private Sums() {}

    /** Σ xᵢ. */
    static float sum(MemorySegment x, long xOffset, long n) {
        FloatVector s0 = FloatVector.zero(FLOAT);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        FloatVector s4 = s0;
        FloatVector s5 = s0;
        FloatVector s6 = s0;
        FloatVector s7 = s0;
        long steps = n & -EIGHT;
        long i = 0;
        for (; i < steps; i += EIGHT) {
            s0 = s0.add(load(x, xOffset + i));
            s1 = s1.add(load(x, xOffset + i + COUNT));
            s2 = s2.add(load(x, xOffset + i + 2 * COUNT));
            s3 = s3.add(load(x, xOffset + i + 3 * COUNT));
            s4 = s4.add(load(x, xOffset + i + 4 * COUNT));
            s5 = s5.add(load(x, xOffset + i + 5 * COUNT));
            s6 = s6.add(load(x, xOffset + i + 6 * COUNT));
            s7 = s7.add(load(x, xOffset + i + 7 * COUNT));
        }
        long bound = bound(n);
        for (; i < bound; i += COUNT) {
            s0 = s0.add(load(x, xOffset + i));
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            s1 = s1.add(load(x, xOffset + i, tail));
        }
        FloatVector low = s0.add(s1).add(s2.add(s3));
        return horizontalSum(low.add(s4.add(s5).add(s6.add(s7))));
    }

    /** Σ xᵢ². */
    static float squares(MemorySegment x, long xOffset, long n) {
        FloatVector s0 = FloatVector.zero(FLOAT);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        FloatVector s4 = s0;
        FloatVector s5 = s0;
        FloatVector s6 = s0;
        FloatVector s7 = s0;
        long steps = n & -EIGHT;
        long i = 0;
        for (; i < steps; i += EIGHT) {
            FloatVector v0 = load(x, xOffset + i);
            s0 = v0.fma(v0, s0);
            FloatVector v1 = load(x, xOffset + i + COUNT);
            s1 = v1.fma(v1, s1);
            FloatVector v2 = load(x, xOffset + i + 2 * COUNT);
            s2 = v2.fma(v2, s2);
            FloatVector v3 = load(x, xOffset + i + 3 * COUNT);
            s3 = v3.fma(v3, s3);
            FloatVector v4 = load(x, xOffset + i + 4 * COUNT);
            s4 = v4.fma(v4, s4);
            FloatVector v5 = load(x, xOffset + i + 5 * COUNT);
            s5 = v5.fma(v5, s5);
            FloatVector v6 = load(x, xOffset + i + 6 * COUNT);
            s6 = v6.fma(v6, s6);
            FloatVector v7 = load(x, xOffset + i + 7 * COUNT);
            s7 = v7.fma(v7, s7);
        }
        long bound = bound(n);
        for (; i < bound; i += COUNT) {
            FloatVector v0 = load(x, xOffset + i);
            s0 = v0.fma(v0, s0);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            FloatVector v1 = load(x, xOffset + i, tail);
            s1 = v1.fma(v1, s1);
        }
        FloatVector low = s0.add(s1).add(s2.add(s3));
        return horizontalSum(low.add(s4.add(s5).add(s6.add(s7))));
    }

    /** Σ |xᵢ|. */
    static float absolutes(MemorySegment x, long xOffset, long n) {
        FloatVector s0 = FloatVector.zero(FLOAT);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        FloatVector s4 = s0;
        FloatVector s5 = s0;
        FloatVector s6 = s0;
        FloatVector s7 = s0;
        long steps = n & -EIGHT;
        long i = 0;
        for (; i < steps; i += EIGHT) {
            s0 = s0.add(load(x, xOffset + i).abs());
            s1 = s1.add(load(x, xOffset + i + COUNT).abs());
            s2 = s2.add(load(x, xOffset + i + 2 * COUNT).abs());
            s3 = s3.add(load(x, xOffset + i + 3 * COUNT).abs());
            s4 = s4.add(load(x, xOffset + i + 4 * COUNT).abs());
            s5 = s5.add(load(x, xOffset + i + 5 * COUNT).abs());
            s6 = s6.add(load(x, xOffset + i + 6 * COUNT).abs());
            s7 = s7.add(load(x, xOffset + i + 7 * COUNT).abs());
        }
        long bound = bound(n);
        for (; i < bound; i += COUNT) {
            s0 = s0.add(load(x, xOffset + i).abs());
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            s1 = s1.add(load(x, xOffset + i, tail).abs());
        }
        FloatVector low = s0.add(s1).add(s2.add(s3));
        return horizontalSum(low.add(s4.add(s5).add(s6.add(s7))));
    }

    /** Σ (xᵢ − center)². */
    static float squaredDifferences(MemorySegment x, long xOffset, long n, float center) {
        FloatVector centers = FloatVector.broadcast(FLOAT, center);
        FloatVector s0 = FloatVector.zero(FLOAT);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        FloatVector s4 = s0;
        FloatVector s5 = s0;
        FloatVector s6 = s0;
        FloatVector s7 = s0;
        long steps = n & -EIGHT;
        long i = 0;
        for (; i < steps; i += EIGHT) {
            FloatVector v0 = load(x, xOffset + i).sub(centers);
            s0 = v0.fma(v0, s0);
            FloatVector v1 = load(x, xOffset + i + COUNT).sub(centers);
            s1 = v1.fma(v1, s1);
            FloatVector v2 = load(x, xOffset + i + 2 * COUNT).sub(centers);
            s2 = v2.fma(v2, s2);
            FloatVector v3 = load(x, xOffset + i + 3 * COUNT).sub(centers);
            s3 = v3.fma(v3, s3);
            FloatVector v4 = load(x, xOffset + i + 4 * COUNT).sub(centers);
            s4 = v4.fma(v4, s4);
            FloatVector v5 = load(x, xOffset + i + 5 * COUNT).sub(centers);
            s5 = v5.fma(v5, s5);
            FloatVector v6 = load(x, xOffset + i + 6 * COUNT).sub(centers);
            s6 = v6.fma(v6, s6);
            FloatVector v7 = load(x, xOffset + i + 7 * COUNT).sub(centers);
            s7 = v7.fma(v7, s7);
        }
        long bound = bound(n);
        for (; i < bound; i += COUNT) {
            FloatVector v0 = load(x, xOffset + i).sub(centers);
            s0 = v0.fma(v0, s0);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            FloatVector v1 = load(x, xOffset + i, tail).sub(centers, tail);
            s1 = v1.fma(v1, s1);
        }
        FloatVector low = s0.add(s1).add(s2.add(s3));
        return horizontalSum(low.add(s4.add(s5).add(s6.add(s7))));
    }

    /** Σ aᵢ · bᵢ. */
    static float dot(MemorySegment a, long aOffset, MemorySegment b, long bOffset, long n) {
        FloatVector s0 = FloatVector.zero(FLOAT);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        FloatVector s4 = s0;
        FloatVector s5 = s0;
        FloatVector s6 = s0;
        FloatVector s7 = s0;
        long steps = n & -EIGHT;
        long i = 0;
        for (; i < steps; i += EIGHT) {
            s0 = load(a, aOffset + i).fma(load(b, bOffset + i), s0);
            s1 = load(a, aOffset + i + COUNT).fma(load(b, bOffset + i + COUNT), s1);
            s2 = load(a, aOffset + i + 2 * COUNT).fma(load(b, bOffset + i + 2 * COUNT), s2);
            s3 = load(a, aOffset + i + 3 * COUNT).fma(load(b, bOffset + i + 3 * COUNT), s3);
            s4 = load(a, aOffset + i + 4 * COUNT).fma(load(b, bOffset + i + 4 * COUNT), s4);
            s5 = load(a, aOffset + i + 5 * COUNT).fma(load(b, bOffset + i + 5 * COUNT), s5);
            s6 = load(a, aOffset + i + 6 * COUNT).fma(load(b, bOffset + i + 6 * COUNT), s6);
            s7 = load(a, aOffset + i + 7 * COUNT).fma(load(b, bOffset + i + 7 * COUNT), s7);
        }
        long bound = bound(n);
        for (; i < bound; i += COUNT) {
            s0 = load(a, aOffset + i).fma(load(b, bOffset + i), s0);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            s1 = load(a, aOffset + i, tail).fma(load(b, bOffset + i, tail), s1);
        }
        FloatVector low = s0.add(s1).add(s2.add(s3));
        return horizontalSum(low.add(s4.add(s5).add(s6.add(s7))));
    }

    /** Σ (xᵢ − center) · aᵢ. */
    static float centeredDot(
            MemorySegment x, long xOffset, float center, MemorySegment a, long aOffset, long n) {
        FloatVector centers = FloatVector.broadcast(FLOAT, center);
        FloatVector s0 = FloatVector.zero(FLOAT);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        FloatVector s4 = s0;
        FloatVector s5 = s0;
        FloatVector s6 = s0;
        FloatVector s7 = s0;
        long steps = n & -EIGHT;
        long i = 0;
        for (; i < steps; i += EIGHT) {
            s0 = load(x, xOffset + i).sub(centers).fma(load(a, aOffset + i), s0);
            s1 = load(x, xOffset + i + COUNT).sub(centers).fma(load(a, aOffset + i + COUNT), s1);
            s2 =
                    load(x, xOffset + i + 2 * COUNT)
                            .sub(centers)
                            .fma(load(a, aOffset + i + 2 * COUNT), s2);
            s3 =
                    load(x, xOffset + i + 3 * COUNT)
                            .sub(centers)
                            .fma(load(a, aOffset + i + 3 * COUNT), s3);
            s4 =
                    load(x, xOffset + i + 4 * COUNT)
                            .sub(centers)
                            .fma(load(a, aOffset + i + 4 * COUNT), s4);
            s5 =
                    load(x, xOffset + i + 5 * COUNT)
                            .sub(centers)
                            .fma(load(a, aOffset + i + 5 * COUNT), s5);
            s6 =
                    load(x, xOffset + i + 6 * COUNT)
                            .sub(centers)
                            .fma(load(a, aOffset + i + 6 * COUNT), s6);
            s7 =
                    load(x, xOffset + i + 7 * COUNT)
                            .sub(centers)
                            .fma(load(a, aOffset + i + 7 * COUNT), s7);
        }
        long bound = bound(n);
        for (; i < bound; i += COUNT) {
            s0 = load(x, xOffset + i).sub(centers).fma(load(a, aOffset + i), s0);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            s1 = load(x, xOffset + i, tail).sub(centers, tail).fma(load(a, aOffset + i, tail), s1);
        }
        FloatVector low = s0.add(s1).add(s2.add(s3));
        return horizontalSum(low.add(s4.add(s5).add(s6.add(s7))));
    }

    /** Σ (xᵢ − center) · aᵢ · bᵢ. */
    static float centeredDot3(
            MemorySegment x,
            long xOffset,
            float center,
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n) {
        FloatVector centers = FloatVector.broadcast(FLOAT, center);
        FloatVector s0 = FloatVector.zero(FLOAT);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        long steps = n - n % THREE;
        long i = 0;
        for (; i < steps; i += THREE) {
            FloatVector c0 = load(x, xOffset + i).sub(centers);
            s0 = c0.mul(load(a, aOffset + i)).fma(load(b, bOffset + i), s0);
            FloatVector c1 = load(x, xOffset + i + COUNT).sub(centers);
            s1 = c1.mul(load(a, aOffset + i + COUNT)).fma(load(b, bOffset + i + COUNT), s1);
            FloatVector c2 = load(x, xOffset + i + 2 * COUNT).sub(centers);
            s2 = c2.mul(load(a, aOffset + i + 2 * COUNT)).fma(load(b, bOffset + i + 2 * COUNT), s2);
        }
        for (; i < n; i += COUNT) {
            VectorMask<Float> mask = tail(i, n);
            FloatVector c0 = load(x, xOffset + i, mask).sub(centers, mask);
            s0 = c0.mul(load(a, aOffset + i, mask)).fma(load(b, bOffset + i, mask), s0);
        }
        return horizontalSum(s0.add(s1).add(s2));
    }
}
