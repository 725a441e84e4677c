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
import static dev.lanewise.kernels.vector.VectorMath.exp;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.lanewise.kernels.CrossEntropy;
import dev.lanewise.kernels.scalar.ScalarMath;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;

/**
 * Cross-entropy of rows on vectors: a row comes from memory once and stays in the cache for the
 * passes over it.
 */
final class VectorCrossEntropy implements CrossEntropy {

    @Override
    public void crossEntropyRows(
            MemorySegment x,
            long xOffset,
            MemorySegment classes,
            long classesOffset,
            MemorySegment weights,
            long weightsOffset,
            boolean weighted,
            long rows,
            long columns,
            float smoothing,
            int ignored,
            MemorySegment loss,
            long lossOffset,
            MemorySegment max,
            long maxOffset,
            MemorySegment logSum,
            long logSumOffset) {
        boolean spread = smoothing > 0;
        float weightSum = weighted && spread ? Sums.sum(weights, weightsOffset, columns) : columns;
        for (long r = 0; r < rows; r++) {
            long row = xOffset + r * columns;
            float largest = max(x, row, columns);
            float log = ScalarMath.log(VectorSoftmax.sumExp(x, row, columns, largest));
            max.setAtIndex(JAVA_FLOAT, maxOffset + r, largest);
            logSum.setAtIndex(JAVA_FLOAT, logSumOffset + r, log);
            int target = classes.getAtIndex(JAVA_INT, classesOffset + r);
            float value = 0;
            if (target != ignored) {
                CrossEntropy.checkClass("crossEntropyRows", target, r, columns);
                float weight =
                        weighted ? weights.getAtIndex(JAVA_FLOAT, weightsOffset + target) : 1;
                float own = (1 - smoothing) * weight;
                value = own * (log - (x.getAtIndex(JAVA_FLOAT, row + target) - largest));
                if (spread) {
                    float shifted =
                            weighted
                                    ? Sums.centeredDot(
                                            x, row, largest, weights, weightsOffset, columns)
                                    : sumShifted(x, row, columns, largest);
                    value += smoothing / columns * (weightSum * log - shifted);
                }
            }
            loss.setAtIndex(JAVA_FLOAT, lossOffset + r, value);
        }
    }

    /** The largest element; NaN never counts, and reaches the loss through the sum. */
    private static float max(MemorySegment x, long from, long columns) {
        x = NATIVE.cast(x);
        FloatVector m0 = broadcast(FLOAT, Float.NEGATIVE_INFINITY);
        FloatVector m1 = m0;
        long bound = bound(columns);
        long j = 0;
        for (; j < bound - COUNT; j += 2 * COUNT) {
            FloatVector v0 = fromMemorySegment(FLOAT, x, from + j << 2, ORDER);
            m0 = v0.blend(m0, v0.compare(VectorOperators.GT, m0).not());
            FloatVector v1 = fromMemorySegment(FLOAT, x, from + j + COUNT << 2, ORDER);
            m1 = v1.blend(m1, v1.compare(VectorOperators.GT, m1).not());
        }
        for (; j < columns; j += COUNT) {
            VectorMask<Float> mask = FLOAT.indexInRange(j, columns);
            FloatVector v0 = fromMemorySegment(FLOAT, x, from + j << 2, ORDER, mask);
            m0 = v0.blend(m0, v0.compare(VectorOperators.GT, m0).and(mask).not());
        }
        return m0.max(m1).reduceLanes(VectorOperators.MAX);
    }

    /** Σ (x − max). */
    private static float sumShifted(MemorySegment x, long from, long columns, float max) {
        x = NATIVE.cast(x);
        FloatVector s0 = broadcast(FLOAT, 0f);
        FloatVector s1 = s0;
        long bound = bound(columns);
        long j = 0;
        for (; j < bound - COUNT; j += 2 * COUNT) {
            s0 = fromMemorySegment(FLOAT, x, from + j << 2, ORDER).sub(max).add(s0);
            s1 = fromMemorySegment(FLOAT, x, from + j + COUNT << 2, ORDER).sub(max).add(s1);
        }
        for (; j < columns; j += COUNT) {
            VectorMask<Float> mask = FLOAT.indexInRange(j, columns);
            s0 = fromMemorySegment(FLOAT, x, from + j << 2, ORDER, mask).sub(max, mask).add(s0);
        }
        FloatVector s = s0.add(s1);
        s = COUNT > 8 ? s.add(s.rearrange(SWAP_8)) : s;
        s = COUNT > 4 ? s.add(s.rearrange(SWAP_4)) : s;
        s = s.add(s.rearrange(SWAP_2));
        return s.add(s.rearrange(SWAP_1)).lane(0);
    }

    @Override
    public void crossEntropyRowsGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment classes,
            long classesOffset,
            MemorySegment weights,
            long weightsOffset,
            boolean weighted,
            MemorySegment max,
            long maxOffset,
            MemorySegment logSum,
            long logSumOffset,
            MemorySegment dLoss,
            long dLossOffset,
            long rows,
            long columns,
            float smoothing,
            int ignored,
            MemorySegment dx,
            long dxOffset) {
        boolean spread = smoothing > 0;
        float weightSum = weighted && spread ? Sums.sum(weights, weightsOffset, columns) : columns;
        float share = smoothing / columns;
        for (long r = 0; r < rows; r++) {
            long from = xOffset + r * columns;
            long to = dxOffset + r * columns;
            int target = classes.getAtIndex(JAVA_INT, classesOffset + r);
            if (target == ignored) {
                VectorKernels.bundle().data().fill(columns, 0f, dx, to);
                continue;
            }
            CrossEntropy.checkClass("crossEntropyRowsGradient", target, r, columns);
            float gradient = dLoss.getAtIndex(JAVA_FLOAT, dLossOffset + r);
            float largest = max.getAtIndex(JAVA_FLOAT, maxOffset + r);
            float log = logSum.getAtIndex(JAVA_FLOAT, logSumOffset + r);
            float own =
                    (1 - smoothing)
                            * (weighted
                                    ? weights.getAtIndex(JAVA_FLOAT, weightsOffset + target)
                                    : 1);
            float factor = gradient * (own + share * weightSum);
            float shared = gradient * share;
            boolean apart = weighted && spread;
            scaledSoftmax(x, from, columns, largest, log, factor, apart ? 0 : shared, dx, to);
            if (apart) {
                subtract(weights, weightsOffset, columns, shared, dx, to);
            }
            float atTarget = dx.getAtIndex(JAVA_FLOAT, to + target);
            dx.setAtIndex(JAVA_FLOAT, to + target, atTarget - gradient * own);
        }
    }

    /**
     * out = e^(x − max − log) · factor − term: one exponential for whole vectors and the rest, so
     * that it is hot and inlined, but a masked store for the rest only: they take twice the time.
     */
    private static void scaledSoftmax(
            MemorySegment x,
            long from,
            long columns,
            float max,
            float log,
            float factor,
            float term,
            MemorySegment out,
            long to) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        FloatVector factors = broadcast(FLOAT, factor);
        FloatVector terms = broadcast(FLOAT, -term);
        for (long j = 0; j < columns; j += COUNT) {
            VectorMask<Float> mask = FLOAT.indexInRange(j, columns);
            FloatVector e =
                    exp(fromMemorySegment(FLOAT, x, from + j << 2, ORDER, mask).sub(max).sub(log));
            if (j + COUNT <= columns) {
                e.fma(factors, terms).intoMemorySegment(out, to + j << 2, ORDER);
            } else {
                e.fma(factors, terms).intoMemorySegment(out, to + j << 2, ORDER, mask);
            }
        }
    }

    /** out = out − weights · share. */
    private static void subtract(
            MemorySegment weights,
            long weightsOffset,
            long columns,
            float share,
            MemorySegment out,
            long to) {
        weights = NATIVE.cast(weights);
        out = NATIVE.cast(out);
        FloatVector shares = broadcast(FLOAT, -share);
        for (long j = 0; j < columns; j += COUNT) {
            VectorMask<Float> mask = FLOAT.indexInRange(j, columns);
            fromMemorySegment(FLOAT, weights, weightsOffset + j << 2, ORDER, mask)
                    .fma(shares, fromMemorySegment(FLOAT, out, to + j << 2, ORDER, mask))
                    .intoMemorySegment(out, to + j << 2, ORDER, mask);
        }
    }
}
