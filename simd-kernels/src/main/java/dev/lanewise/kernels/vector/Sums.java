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
 * <p>Each step adds groups of vectors to four accumulators; the accumulators, then their lanes, are
 * added pairwise. The groups let 128-bit vectors keep the same bound as wider ones: no element goes
 * through more than n/64 + 10 additions.
 */
final class Sums {
    /** Vectors that are added up before an accumulator sees them. */
    private static final int GROUP = COUNT == 4 ? 4 : 2;

    /** Elements of a group. */
    private static final int SPAN = GROUP * COUNT;

    /** Elements of a step. */
    private static final int STEP = 4 * SPAN;

    private Sums() {}

    /** Σ xᵢ. */
    static float sum(MemorySegment x, long xOffset, long n) {
        FloatVector s0 = FloatVector.zero(FLOAT);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        long steps = n & -STEP;
        long i = 0;
        for (; i < steps; i += STEP) {
            s0 = s0.add(sumGroup(x, xOffset + i));
            s1 = s1.add(sumGroup(x, xOffset + i + SPAN));
            s2 = s2.add(sumGroup(x, xOffset + i + 2 * SPAN));
            s3 = s3.add(sumGroup(x, xOffset + i + 3 * SPAN));
        }
        long bound = bound(n);
        for (; i < bound; i += COUNT) {
            FloatVector sum = s0.add(load(x, xOffset + i));
            s0 = s1;
            s1 = s2;
            s2 = s3;
            s3 = sum;
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            s0 = s0.add(load(x, xOffset + i, tail));
        }
        return horizontalSum(s0.add(s1).add(s2.add(s3)));
    }

    private static FloatVector sumGroup(MemorySegment x, long i) {
        FloatVector pair = load(x, i).add(load(x, i + COUNT));
        if (GROUP == 2) {
            return pair;
        }
        FloatVector next = load(x, i + 2 * COUNT).add(load(x, i + 3 * COUNT));
        return pair.add(next);
    }

    /** Σ xᵢ². */
    static float squares(MemorySegment x, long xOffset, long n) {
        FloatVector s0 = FloatVector.zero(FLOAT);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        long steps = n & -STEP;
        long i = 0;
        for (; i < steps; i += STEP) {
            s0 = s0.add(squaresGroup(x, xOffset + i));
            s1 = s1.add(squaresGroup(x, xOffset + i + SPAN));
            s2 = s2.add(squaresGroup(x, xOffset + i + 2 * SPAN));
            s3 = s3.add(squaresGroup(x, xOffset + i + 3 * SPAN));
        }
        long bound = bound(n);
        for (; i < bound; i += COUNT) {
            FloatVector value = load(x, xOffset + i);
            FloatVector sum = value.fma(value, s0);
            s0 = s1;
            s1 = s2;
            s2 = s3;
            s3 = sum;
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            FloatVector value = load(x, xOffset + i, tail);
            s0 = value.fma(value, s0);
        }
        return horizontalSum(s0.add(s1).add(s2.add(s3)));
    }

    private static FloatVector squaresGroup(MemorySegment x, long i) {
        FloatVector a = load(x, i);
        FloatVector b = load(x, i + COUNT);
        FloatVector pair = b.fma(b, a.mul(a));
        if (GROUP == 2) {
            return pair;
        }
        FloatVector c = load(x, i + 2 * COUNT);
        FloatVector d = load(x, i + 3 * COUNT);
        return pair.add(d.fma(d, c.mul(c)));
    }

    /** Σ |xᵢ|. */
    static float absolutes(MemorySegment x, long xOffset, long n) {
        FloatVector s0 = FloatVector.zero(FLOAT);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        long steps = n & -STEP;
        long i = 0;
        for (; i < steps; i += STEP) {
            s0 = s0.add(absolutesGroup(x, xOffset + i));
            s1 = s1.add(absolutesGroup(x, xOffset + i + SPAN));
            s2 = s2.add(absolutesGroup(x, xOffset + i + 2 * SPAN));
            s3 = s3.add(absolutesGroup(x, xOffset + i + 3 * SPAN));
        }
        long bound = bound(n);
        for (; i < bound; i += COUNT) {
            FloatVector sum = s0.add(load(x, xOffset + i).abs());
            s0 = s1;
            s1 = s2;
            s2 = s3;
            s3 = sum;
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            s0 = s0.add(load(x, xOffset + i, tail).abs());
        }
        return horizontalSum(s0.add(s1).add(s2.add(s3)));
    }

    private static FloatVector absolutesGroup(MemorySegment x, long i) {
        FloatVector pair = load(x, i).abs().add(load(x, i + COUNT).abs());
        if (GROUP == 2) {
            return pair;
        }
        FloatVector next = load(x, i + 2 * COUNT).abs().add(load(x, i + 3 * COUNT).abs());
        return pair.add(next);
    }

    /** Σ (xᵢ − center)². */
    static float squaredDifferences(MemorySegment x, long xOffset, long n, float center) {
        FloatVector centers = FloatVector.broadcast(FLOAT, center);
        FloatVector s0 = FloatVector.zero(FLOAT);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        long steps = n & -STEP;
        long i = 0;
        for (; i < steps; i += STEP) {
            s0 = s0.add(squaredDifferencesGroup(x, xOffset + i, centers));
            s1 = s1.add(squaredDifferencesGroup(x, xOffset + i + SPAN, centers));
            s2 = s2.add(squaredDifferencesGroup(x, xOffset + i + 2 * SPAN, centers));
            s3 = s3.add(squaredDifferencesGroup(x, xOffset + i + 3 * SPAN, centers));
        }
        long bound = bound(n);
        for (; i < bound; i += COUNT) {
            FloatVector value = load(x, xOffset + i).sub(centers);
            FloatVector sum = value.fma(value, s0);
            s0 = s1;
            s1 = s2;
            s2 = s3;
            s3 = sum;
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            FloatVector value = load(x, xOffset + i, tail).sub(centers, tail);
            s0 = value.fma(value, s0);
        }
        return horizontalSum(s0.add(s1).add(s2.add(s3)));
    }

    private static FloatVector squaredDifferencesGroup(
            MemorySegment x, long i, FloatVector centers) {
        FloatVector a = load(x, i).sub(centers);
        FloatVector b = load(x, i + COUNT).sub(centers);
        FloatVector pair = b.fma(b, a.mul(a));
        if (GROUP == 2) {
            return pair;
        }
        FloatVector c = load(x, i + 2 * COUNT).sub(centers);
        FloatVector d = load(x, i + 3 * COUNT).sub(centers);
        return pair.add(d.fma(d, c.mul(c)));
    }

    /** Σ aᵢ · bᵢ. */
    static float dot(MemorySegment a, long aOffset, MemorySegment b, long bOffset, long n) {
        FloatVector s0 = FloatVector.zero(FLOAT);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        long steps = n & -STEP;
        long i = 0;
        for (; i < steps; i += STEP) {
            s0 = s0.add(dotGroup(a, aOffset + i, b, bOffset + i));
            s1 = s1.add(dotGroup(a, aOffset + i + SPAN, b, bOffset + i + SPAN));
            s2 = s2.add(dotGroup(a, aOffset + i + 2 * SPAN, b, bOffset + i + 2 * SPAN));
            s3 = s3.add(dotGroup(a, aOffset + i + 3 * SPAN, b, bOffset + i + 3 * SPAN));
        }
        long bound = bound(n);
        for (; i < bound; i += COUNT) {
            FloatVector sum = load(a, aOffset + i).fma(load(b, bOffset + i), s0);
            s0 = s1;
            s1 = s2;
            s2 = s3;
            s3 = sum;
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            s0 = load(a, aOffset + i, tail).fma(load(b, bOffset + i, tail), s0);
        }
        return horizontalSum(s0.add(s1).add(s2.add(s3)));
    }

    private static FloatVector dotGroup(MemorySegment a, long i, MemorySegment b, long j) {
        FloatVector first = load(a, i).mul(load(b, j));
        FloatVector pair = load(a, i + COUNT).fma(load(b, j + COUNT), first);
        if (GROUP == 2) {
            return pair;
        }
        FloatVector third = load(a, i + 2 * COUNT).mul(load(b, j + 2 * COUNT));
        FloatVector next = load(a, i + 3 * COUNT).fma(load(b, j + 3 * COUNT), third);
        return pair.add(next);
    }

    /** Σ (xᵢ − center) · aᵢ. */
    static float centeredDot(
            MemorySegment x, long xOffset, float center, MemorySegment a, long aOffset, long n) {
        FloatVector centers = FloatVector.broadcast(FLOAT, center);
        FloatVector s0 = FloatVector.zero(FLOAT);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        long steps = n & -STEP;
        long i = 0;
        for (; i < steps; i += STEP) {
            s0 = s0.add(centeredDotGroup(x, xOffset + i, centers, a, aOffset + i));
            s1 = s1.add(centeredDotGroup(x, xOffset + i + SPAN, centers, a, aOffset + i + SPAN));
            s2 =
                    s2.add(
                            centeredDotGroup(
                                    x, xOffset + i + 2 * SPAN, centers, a, aOffset + i + 2 * SPAN));
            s3 =
                    s3.add(
                            centeredDotGroup(
                                    x, xOffset + i + 3 * SPAN, centers, a, aOffset + i + 3 * SPAN));
        }
        long bound = bound(n);
        for (; i < bound; i += COUNT) {
            FloatVector centered = load(x, xOffset + i).sub(centers);
            FloatVector sum = centered.fma(load(a, aOffset + i), s0);
            s0 = s1;
            s1 = s2;
            s2 = s3;
            s3 = sum;
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            FloatVector centered = load(x, xOffset + i, tail).sub(centers, tail);
            s0 = centered.fma(load(a, aOffset + i, tail), s0);
        }
        return horizontalSum(s0.add(s1).add(s2.add(s3)));
    }

    private static FloatVector centeredDotGroup(
            MemorySegment x, long i, FloatVector centers, MemorySegment a, long j) {
        FloatVector first = load(x, i).sub(centers).mul(load(a, j));
        FloatVector pair = load(x, i + COUNT).sub(centers).fma(load(a, j + COUNT), first);
        if (GROUP == 2) {
            return pair;
        }
        FloatVector third = load(x, i + 2 * COUNT).sub(centers).mul(load(a, j + 2 * COUNT));
        return pair.add(load(x, i + 3 * COUNT).sub(centers).fma(load(a, j + 3 * COUNT), third));
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
        FloatVector s3 = s0;
        long steps = n & -STEP;
        long i = 0;
        for (; i < steps; i += STEP) {
            s0 = s0.add(centeredDot3Group(x, xOffset + i, centers, a, aOffset + i, b, bOffset + i));
            s1 =
                    s1.add(
                            centeredDot3Group(
                                    x,
                                    xOffset + i + SPAN,
                                    centers,
                                    a,
                                    aOffset + i + SPAN,
                                    b,
                                    bOffset + i + SPAN));
            s2 =
                    s2.add(
                            centeredDot3Group(
                                    x,
                                    xOffset + i + 2 * SPAN,
                                    centers,
                                    a,
                                    aOffset + i + 2 * SPAN,
                                    b,
                                    bOffset + i + 2 * SPAN));
            s3 =
                    s3.add(
                            centeredDot3Group(
                                    x,
                                    xOffset + i + 3 * SPAN,
                                    centers,
                                    a,
                                    aOffset + i + 3 * SPAN,
                                    b,
                                    bOffset + i + 3 * SPAN));
        }
        long bound = bound(n);
        for (; i < bound; i += COUNT) {
            FloatVector centered = load(x, xOffset + i).sub(centers);
            FloatVector sum = centered.fma(load(a, aOffset + i).mul(load(b, bOffset + i)), s0);
            s0 = s1;
            s1 = s2;
            s2 = s3;
            s3 = sum;
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            FloatVector centered = load(x, xOffset + i, tail).sub(centers, tail);
            s0 = centered.fma(load(a, aOffset + i, tail).mul(load(b, bOffset + i, tail)), s0);
        }
        return horizontalSum(s0.add(s1).add(s2.add(s3)));
    }

    private static FloatVector centeredDot3Group(
            MemorySegment x,
            long i,
            FloatVector centers,
            MemorySegment a,
            long j,
            MemorySegment b,
            long k) {
        FloatVector first = load(x, i).sub(centers).mul(load(a, j).mul(load(b, k)));
        FloatVector pair =
                load(x, i + COUNT)
                        .sub(centers)
                        .fma(load(a, j + COUNT).mul(load(b, k + COUNT)), first);
        if (GROUP == 2) {
            return pair;
        }
        FloatVector third =
                load(x, i + 2 * COUNT)
                        .sub(centers)
                        .mul(load(a, j + 2 * COUNT).mul(load(b, k + 2 * COUNT)));
        return pair.add(
                load(x, i + 3 * COUNT)
                        .sub(centers)
                        .fma(load(a, j + 3 * COUNT).mul(load(b, k + 3 * COUNT)), third));
    }
}
