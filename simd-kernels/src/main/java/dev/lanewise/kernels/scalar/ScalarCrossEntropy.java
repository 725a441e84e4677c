package dev.lanewise.kernels.scalar;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.lanewise.kernels.CrossEntropy;

import java.lang.foreign.MemorySegment;

/** Cross-entropy of rows as plain loops; sums are held in double and rounded once. */
final class ScalarCrossEntropy implements CrossEntropy {

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
        float weightSum = weightSum(weights, weightsOffset, weighted && smoothing > 0, columns);
        for (long r = 0; r < rows; r++) {
            long row = xOffset + r * columns;
            float largest = Float.NEGATIVE_INFINITY;
            for (long c = 0; c < columns; c++) {
                float value = x.getAtIndex(JAVA_FLOAT, row + c);
                largest = value > largest ? value : largest;
            }
            double sum = 0;
            double shifted = 0;
            for (long c = 0; c < columns; c++) {
                float difference = x.getAtIndex(JAVA_FLOAT, row + c) - largest;
                sum += ScalarMath.exp(difference);
                if (smoothing > 0) {
                    shifted += difference * weight(weights, weightsOffset + c, weighted);
                }
            }
            float log = ScalarMath.log((float) sum);
            max.setAtIndex(JAVA_FLOAT, maxOffset + r, largest);
            logSum.setAtIndex(JAVA_FLOAT, logSumOffset + r, log);
            int target = classes.getAtIndex(JAVA_INT, classesOffset + r);
            float value = 0;
            if (target != ignored) {
                CrossEntropy.checkClass("crossEntropyRows", target, r, columns);
                float own = (1 - smoothing) * weight(weights, weightsOffset + target, weighted);
                value = own * (log - (x.getAtIndex(JAVA_FLOAT, row + target) - largest));
                if (smoothing > 0) {
                    value += smoothing / columns * (weightSum * log - (float) shifted);
                }
            }
            loss.setAtIndex(JAVA_FLOAT, lossOffset + r, value);
        }
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
        float weightSum = weightSum(weights, weightsOffset, weighted && smoothing > 0, columns);
        for (long r = 0; r < rows; r++) {
            long from = xOffset + r * columns;
            long to = dxOffset + r * columns;
            int target = classes.getAtIndex(JAVA_INT, classesOffset + r);
            if (target == ignored) {
                for (long c = 0; c < columns; c++) {
                    dx.setAtIndex(JAVA_FLOAT, to + c, 0);
                }
                continue;
            }
            CrossEntropy.checkClass("crossEntropyRowsGradient", target, r, columns);
            float gradient = dLoss.getAtIndex(JAVA_FLOAT, dLossOffset + r);
            float largest = max.getAtIndex(JAVA_FLOAT, maxOffset + r);
            float log = logSum.getAtIndex(JAVA_FLOAT, logSumOffset + r);
            float own = (1 - smoothing) * weight(weights, weightsOffset + target, weighted);
            float share = smoothing / columns;
            float factor = gradient * (own + share * weightSum);
            float shared = gradient * share;
            for (long c = 0; c < columns; c++) {
                float p = ScalarMath.exp(x.getAtIndex(JAVA_FLOAT, from + c) - largest - log);
                float term = shared * weight(weights, weightsOffset + c, weighted && shared != 0);
                dx.setAtIndex(JAVA_FLOAT, to + c, Math.fma(p, factor, -term));
            }
            float atTarget = dx.getAtIndex(JAVA_FLOAT, to + target);
            dx.setAtIndex(JAVA_FLOAT, to + target, atTarget - gradient * own);
        }
    }

    private static float weight(MemorySegment weights, long at, boolean weighted) {
        return weighted ? weights.getAtIndex(JAVA_FLOAT, at) : 1;
    }

    private static float weightSum(
            MemorySegment weights, long offset, boolean weighted, long columns) {
        double sum = weighted ? 0 : columns;
        for (long c = 0; weighted && c < columns; c++) {
            sum += weights.getAtIndex(JAVA_FLOAT, offset + c);
        }
        return (float) sum;
    }
}
