package dev.lanewise.kernels.scalar;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.lanewise.kernels.Softmax;

import java.lang.foreign.MemorySegment;

/** Softmax and log-softmax of rows as plain loops. */
final class ScalarSoftmax implements Softmax {
    @Override
    public void softmaxRows(
            MemorySegment x,
            long xOffset,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset) {
        for (long row = 0; row < rows; row++) {
            long from = xOffset + row * columns;
            long to = outOffset + row * columns;
            float max = max(x, from, columns);
            float sum = 0;
            for (long j = 0; j < columns; j++) {
                float e = ScalarMath.exp(x.getAtIndex(JAVA_FLOAT, from + j) - max);
                out.setAtIndex(JAVA_FLOAT, to + j, e);
                sum += e;
            }
            float scale = 1 / sum;
            for (long j = 0; j < columns; j++) {
                out.setAtIndex(JAVA_FLOAT, to + j, out.getAtIndex(JAVA_FLOAT, to + j) * scale);
            }
        }
    }

    @Override
    public void logSoftmaxRows(
            MemorySegment x,
            long xOffset,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset) {
        for (long row = 0; row < rows; row++) {
            long from = xOffset + row * columns;
            long to = outOffset + row * columns;
            float max = max(x, from, columns);
            float sum = 0;
            for (long j = 0; j < columns; j++) {
                sum += ScalarMath.exp(x.getAtIndex(JAVA_FLOAT, from + j) - max);
            }
            float log = ScalarMath.log(sum);
            for (long j = 0; j < columns; j++) {
                out.setAtIndex(
                        JAVA_FLOAT, to + j, (x.getAtIndex(JAVA_FLOAT, from + j) - max) - log);
            }
        }
    }

    /** The largest element; NaN never counts, and reaches the result through the sum. */
    private static float max(MemorySegment x, long from, long columns) {
        float max = Float.NEGATIVE_INFINITY;
        for (long j = 0; j < columns; j++) {
            float value = x.getAtIndex(JAVA_FLOAT, from + j);
            max = value > max ? value : max;
        }
        return max;
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
        for (long i = 0; i < rows * columns; i += columns) {
            float dot = 0;
            for (long j = i; j < i + columns; j++) {
                dot =
                        Math.fma(
                                dy.getAtIndex(JAVA_FLOAT, dyOffset + j),
                                y.getAtIndex(JAVA_FLOAT, yOffset + j),
                                dot);
            }
            for (long j = i; j < i + columns; j++) {
                float difference = dy.getAtIndex(JAVA_FLOAT, dyOffset + j) - dot;
                dx.setAtIndex(
                        JAVA_FLOAT,
                        dxOffset + j,
                        y.getAtIndex(JAVA_FLOAT, yOffset + j) * difference);
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
        for (long i = 0; i < rows * columns; i += columns) {
            float sum = 0;
            for (long j = i; j < i + columns; j++) {
                sum += dy.getAtIndex(JAVA_FLOAT, dyOffset + j);
            }
            for (long j = i; j < i + columns; j++) {
                float softmax = ScalarMath.exp(y.getAtIndex(JAVA_FLOAT, yOffset + j));
                dx.setAtIndex(
                        JAVA_FLOAT,
                        dxOffset + j,
                        Math.fma(-softmax, sum, dy.getAtIndex(JAVA_FLOAT, dyOffset + j)));
            }
        }
    }
}
