package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;
import static dev.lanewise.kernels.vector.Lanes.SWAP_1;
import static dev.lanewise.kernels.vector.Lanes.SWAP_2;
import static dev.lanewise.kernels.vector.Lanes.SWAP_4;
import static dev.lanewise.kernels.vector.Lanes.SWAP_8;
import static dev.lanewise.kernels.vector.Lanes.bound;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;

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
        x = NATIVE.cast(x);
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
            s0 = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER).add(s0);
            s1 = fromMemorySegment(FLOAT, x, xOffset + i + COUNT << 2, ORDER).add(s1);
            s2 = fromMemorySegment(FLOAT, x, xOffset + i + 2 * COUNT << 2, ORDER).add(s2);
            s3 = fromMemorySegment(FLOAT, x, xOffset + i + 3 * COUNT << 2, ORDER).add(s3);
            s4 = fromMemorySegment(FLOAT, x, xOffset + i + 4 * COUNT << 2, ORDER).add(s4);
            s5 = fromMemorySegment(FLOAT, x, xOffset + i + 5 * COUNT << 2, ORDER).add(s5);
            s6 = fromMemorySegment(FLOAT, x, xOffset + i + 6 * COUNT << 2, ORDER).add(s6);
            s7 = fromMemorySegment(FLOAT, x, xOffset + i + 7 * COUNT << 2, ORDER).add(s7);
        }
        long bound = bound(n);
        for (; i < bound; i += COUNT) {
            s0 = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER).add(s0);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            s1 = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, tail).add(s1);
        }
        FloatVector low = s0.add(s1).add(s2.add(s3));
        FloatVector s = low.add(s4.add(s5).add(s6.add(s7)));
        s = COUNT > 8 ? s.add(s.rearrange(SWAP_8)) : s;
        s = COUNT > 4 ? s.add(s.rearrange(SWAP_4)) : s;
        s = s.add(s.rearrange(SWAP_2));
        return s.add(s.rearrange(SWAP_1)).lane(0);
    }

    /** Σ xᵢ². */
    static float squares(MemorySegment x, long xOffset, long n) {
        x = NATIVE.cast(x);
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
            FloatVector v0 = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER);
            s0 = v0.fma(v0, s0);
            FloatVector v1 = fromMemorySegment(FLOAT, x, xOffset + i + COUNT << 2, ORDER);
            s1 = v1.fma(v1, s1);
            FloatVector v2 = fromMemorySegment(FLOAT, x, xOffset + i + 2 * COUNT << 2, ORDER);
            s2 = v2.fma(v2, s2);
            FloatVector v3 = fromMemorySegment(FLOAT, x, xOffset + i + 3 * COUNT << 2, ORDER);
            s3 = v3.fma(v3, s3);
            FloatVector v4 = fromMemorySegment(FLOAT, x, xOffset + i + 4 * COUNT << 2, ORDER);
            s4 = v4.fma(v4, s4);
            FloatVector v5 = fromMemorySegment(FLOAT, x, xOffset + i + 5 * COUNT << 2, ORDER);
            s5 = v5.fma(v5, s5);
            FloatVector v6 = fromMemorySegment(FLOAT, x, xOffset + i + 6 * COUNT << 2, ORDER);
            s6 = v6.fma(v6, s6);
            FloatVector v7 = fromMemorySegment(FLOAT, x, xOffset + i + 7 * COUNT << 2, ORDER);
            s7 = v7.fma(v7, s7);
        }
        long bound = bound(n);
        for (; i < bound; i += COUNT) {
            FloatVector v0 = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER);
            s0 = v0.fma(v0, s0);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            FloatVector v1 = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, tail);
            s1 = v1.fma(v1, s1);
        }
        FloatVector low = s0.add(s1).add(s2.add(s3));
        FloatVector s = low.add(s4.add(s5).add(s6.add(s7)));
        s = COUNT > 8 ? s.add(s.rearrange(SWAP_8)) : s;
        s = COUNT > 4 ? s.add(s.rearrange(SWAP_4)) : s;
        s = s.add(s.rearrange(SWAP_2));
        return s.add(s.rearrange(SWAP_1)).lane(0);
    }

    /** Σ |xᵢ|. */
    static float absolutes(MemorySegment x, long xOffset, long n) {
        x = NATIVE.cast(x);
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
            s0 = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER).abs().add(s0);
            s1 = fromMemorySegment(FLOAT, x, xOffset + i + COUNT << 2, ORDER).abs().add(s1);
            s2 = fromMemorySegment(FLOAT, x, xOffset + i + 2 * COUNT << 2, ORDER).abs().add(s2);
            s3 = fromMemorySegment(FLOAT, x, xOffset + i + 3 * COUNT << 2, ORDER).abs().add(s3);
            s4 = fromMemorySegment(FLOAT, x, xOffset + i + 4 * COUNT << 2, ORDER).abs().add(s4);
            s5 = fromMemorySegment(FLOAT, x, xOffset + i + 5 * COUNT << 2, ORDER).abs().add(s5);
            s6 = fromMemorySegment(FLOAT, x, xOffset + i + 6 * COUNT << 2, ORDER).abs().add(s6);
            s7 = fromMemorySegment(FLOAT, x, xOffset + i + 7 * COUNT << 2, ORDER).abs().add(s7);
        }
        long bound = bound(n);
        for (; i < bound; i += COUNT) {
            s0 = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER).abs().add(s0);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            s1 = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, tail).abs().add(s1);
        }
        FloatVector low = s0.add(s1).add(s2.add(s3));
        FloatVector s = low.add(s4.add(s5).add(s6.add(s7)));
        s = COUNT > 8 ? s.add(s.rearrange(SWAP_8)) : s;
        s = COUNT > 4 ? s.add(s.rearrange(SWAP_4)) : s;
        s = s.add(s.rearrange(SWAP_2));
        return s.add(s.rearrange(SWAP_1)).lane(0);
    }

    /** Σ (xᵢ − center)². */
    static float squaredDifferences(MemorySegment x, long xOffset, long n, float center) {
        x = NATIVE.cast(x);
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
            FloatVector v0 = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER).sub(centers);
            s0 = v0.fma(v0, s0);
            FloatVector v1 =
                    fromMemorySegment(FLOAT, x, xOffset + i + COUNT << 2, ORDER).sub(centers);
            s1 = v1.fma(v1, s1);
            FloatVector v2 =
                    fromMemorySegment(FLOAT, x, xOffset + i + 2 * COUNT << 2, ORDER).sub(centers);
            s2 = v2.fma(v2, s2);
            FloatVector v3 =
                    fromMemorySegment(FLOAT, x, xOffset + i + 3 * COUNT << 2, ORDER).sub(centers);
            s3 = v3.fma(v3, s3);
            FloatVector v4 =
                    fromMemorySegment(FLOAT, x, xOffset + i + 4 * COUNT << 2, ORDER).sub(centers);
            s4 = v4.fma(v4, s4);
            FloatVector v5 =
                    fromMemorySegment(FLOAT, x, xOffset + i + 5 * COUNT << 2, ORDER).sub(centers);
            s5 = v5.fma(v5, s5);
            FloatVector v6 =
                    fromMemorySegment(FLOAT, x, xOffset + i + 6 * COUNT << 2, ORDER).sub(centers);
            s6 = v6.fma(v6, s6);
            FloatVector v7 =
                    fromMemorySegment(FLOAT, x, xOffset + i + 7 * COUNT << 2, ORDER).sub(centers);
            s7 = v7.fma(v7, s7);
        }
        long bound = bound(n);
        for (; i < bound; i += COUNT) {
            FloatVector v0 = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER).sub(centers);
            s0 = v0.fma(v0, s0);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            FloatVector v1 =
                    fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, tail).sub(centers, tail);
            s1 = v1.fma(v1, s1);
        }
        FloatVector low = s0.add(s1).add(s2.add(s3));
        FloatVector s = low.add(s4.add(s5).add(s6.add(s7)));
        s = COUNT > 8 ? s.add(s.rearrange(SWAP_8)) : s;
        s = COUNT > 4 ? s.add(s.rearrange(SWAP_4)) : s;
        s = s.add(s.rearrange(SWAP_2));
        return s.add(s.rearrange(SWAP_1)).lane(0);
    }

    /** Σ aᵢ · bᵢ. */
    static float dot(MemorySegment a, long aOffset, MemorySegment b, long bOffset, long n) {
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
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
            s0 =
                    fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                            .fma(fromMemorySegment(FLOAT, b, bOffset + i << 2, ORDER), s0);
            s1 =
                    fromMemorySegment(FLOAT, a, aOffset + i + COUNT << 2, ORDER)
                            .fma(fromMemorySegment(FLOAT, b, bOffset + i + COUNT << 2, ORDER), s1);
            s2 =
                    fromMemorySegment(FLOAT, a, aOffset + i + 2 * COUNT << 2, ORDER)
                            .fma(
                                    fromMemorySegment(
                                            FLOAT, b, bOffset + i + 2 * COUNT << 2, ORDER),
                                    s2);
            s3 =
                    fromMemorySegment(FLOAT, a, aOffset + i + 3 * COUNT << 2, ORDER)
                            .fma(
                                    fromMemorySegment(
                                            FLOAT, b, bOffset + i + 3 * COUNT << 2, ORDER),
                                    s3);
            s4 =
                    fromMemorySegment(FLOAT, a, aOffset + i + 4 * COUNT << 2, ORDER)
                            .fma(
                                    fromMemorySegment(
                                            FLOAT, b, bOffset + i + 4 * COUNT << 2, ORDER),
                                    s4);
            s5 =
                    fromMemorySegment(FLOAT, a, aOffset + i + 5 * COUNT << 2, ORDER)
                            .fma(
                                    fromMemorySegment(
                                            FLOAT, b, bOffset + i + 5 * COUNT << 2, ORDER),
                                    s5);
            s6 =
                    fromMemorySegment(FLOAT, a, aOffset + i + 6 * COUNT << 2, ORDER)
                            .fma(
                                    fromMemorySegment(
                                            FLOAT, b, bOffset + i + 6 * COUNT << 2, ORDER),
                                    s6);
            s7 =
                    fromMemorySegment(FLOAT, a, aOffset + i + 7 * COUNT << 2, ORDER)
                            .fma(
                                    fromMemorySegment(
                                            FLOAT, b, bOffset + i + 7 * COUNT << 2, ORDER),
                                    s7);
        }
        long bound = bound(n);
        for (; i < bound; i += COUNT) {
            s0 =
                    fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                            .fma(fromMemorySegment(FLOAT, b, bOffset + i << 2, ORDER), s0);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            s1 =
                    fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail)
                            .fma(fromMemorySegment(FLOAT, b, bOffset + i << 2, ORDER, tail), s1);
        }
        FloatVector low = s0.add(s1).add(s2.add(s3));
        FloatVector s = low.add(s4.add(s5).add(s6.add(s7)));
        s = COUNT > 8 ? s.add(s.rearrange(SWAP_8)) : s;
        s = COUNT > 4 ? s.add(s.rearrange(SWAP_4)) : s;
        s = s.add(s.rearrange(SWAP_2));
        return s.add(s.rearrange(SWAP_1)).lane(0);
    }

    /** Σ (xᵢ − center) · aᵢ. */
    static float centeredDot(
            MemorySegment x, long xOffset, float center, MemorySegment a, long aOffset, long n) {
        x = NATIVE.cast(x);
        a = NATIVE.cast(a);
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
            s0 =
                    fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER)
                            .sub(centers)
                            .fma(fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER), s0);
            s1 =
                    fromMemorySegment(FLOAT, x, xOffset + i + COUNT << 2, ORDER)
                            .sub(centers)
                            .fma(fromMemorySegment(FLOAT, a, aOffset + i + COUNT << 2, ORDER), s1);
            s2 =
                    fromMemorySegment(FLOAT, x, xOffset + i + 2 * COUNT << 2, ORDER)
                            .sub(centers)
                            .fma(
                                    fromMemorySegment(
                                            FLOAT, a, aOffset + i + 2 * COUNT << 2, ORDER),
                                    s2);
            s3 =
                    fromMemorySegment(FLOAT, x, xOffset + i + 3 * COUNT << 2, ORDER)
                            .sub(centers)
                            .fma(
                                    fromMemorySegment(
                                            FLOAT, a, aOffset + i + 3 * COUNT << 2, ORDER),
                                    s3);
            s4 =
                    fromMemorySegment(FLOAT, x, xOffset + i + 4 * COUNT << 2, ORDER)
                            .sub(centers)
                            .fma(
                                    fromMemorySegment(
                                            FLOAT, a, aOffset + i + 4 * COUNT << 2, ORDER),
                                    s4);
            s5 =
                    fromMemorySegment(FLOAT, x, xOffset + i + 5 * COUNT << 2, ORDER)
                            .sub(centers)
                            .fma(
                                    fromMemorySegment(
                                            FLOAT, a, aOffset + i + 5 * COUNT << 2, ORDER),
                                    s5);
            s6 =
                    fromMemorySegment(FLOAT, x, xOffset + i + 6 * COUNT << 2, ORDER)
                            .sub(centers)
                            .fma(
                                    fromMemorySegment(
                                            FLOAT, a, aOffset + i + 6 * COUNT << 2, ORDER),
                                    s6);
            s7 =
                    fromMemorySegment(FLOAT, x, xOffset + i + 7 * COUNT << 2, ORDER)
                            .sub(centers)
                            .fma(
                                    fromMemorySegment(
                                            FLOAT, a, aOffset + i + 7 * COUNT << 2, ORDER),
                                    s7);
        }
        long bound = bound(n);
        for (; i < bound; i += COUNT) {
            s0 =
                    fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER)
                            .sub(centers)
                            .fma(fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER), s0);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            s1 =
                    fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, tail)
                            .sub(centers, tail)
                            .fma(fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail), s1);
        }
        FloatVector low = s0.add(s1).add(s2.add(s3));
        FloatVector s = low.add(s4.add(s5).add(s6.add(s7)));
        s = COUNT > 8 ? s.add(s.rearrange(SWAP_8)) : s;
        s = COUNT > 4 ? s.add(s.rearrange(SWAP_4)) : s;
        s = s.add(s.rearrange(SWAP_2));
        return s.add(s.rearrange(SWAP_1)).lane(0);
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
        x = NATIVE.cast(x);
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        FloatVector centers = FloatVector.broadcast(FLOAT, center);
        FloatVector s0 = FloatVector.zero(FLOAT);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        long steps = n - n % THREE;
        long i = 0;
        for (; i < steps; i += THREE) {
            FloatVector c0 = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER).sub(centers);
            s0 =
                    c0.mul(fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER))
                            .fma(fromMemorySegment(FLOAT, b, bOffset + i << 2, ORDER), s0);
            FloatVector c1 =
                    fromMemorySegment(FLOAT, x, xOffset + i + COUNT << 2, ORDER).sub(centers);
            s1 =
                    c1.mul(fromMemorySegment(FLOAT, a, aOffset + i + COUNT << 2, ORDER))
                            .fma(fromMemorySegment(FLOAT, b, bOffset + i + COUNT << 2, ORDER), s1);
            FloatVector c2 =
                    fromMemorySegment(FLOAT, x, xOffset + i + 2 * COUNT << 2, ORDER).sub(centers);
            s2 =
                    c2.mul(fromMemorySegment(FLOAT, a, aOffset + i + 2 * COUNT << 2, ORDER))
                            .fma(
                                    fromMemorySegment(
                                            FLOAT, b, bOffset + i + 2 * COUNT << 2, ORDER),
                                    s2);
        }
        for (; i < n; i += COUNT) {
            VectorMask<Float> mask = FLOAT.indexInRange(i, n);
            FloatVector c0 =
                    fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, mask).sub(centers, mask);
            s0 =
                    c0.mul(fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, mask))
                            .fma(fromMemorySegment(FLOAT, b, bOffset + i << 2, ORDER, mask), s0);
        }
        FloatVector s = s0.add(s1).add(s2);
        s = COUNT > 8 ? s.add(s.rearrange(SWAP_8)) : s;
        s = COUNT > 4 ? s.add(s.rearrange(SWAP_4)) : s;
        s = s.add(s.rearrange(SWAP_2));
        return s.add(s.rearrange(SWAP_1)).lane(0);
    }
}
