package dev.lanewise.kernels.scalar;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.lanewise.kernels.RmsNormalization;

import java.lang.foreign.MemorySegment;

/** RMS normalization as plain loops; sums are held in double and rounded once. */
final class ScalarRmsNormalization implements RmsNormalization {

    @Override
    public void rmsNormRows(
            MemorySegment x,
            long xOffset,
            MemorySegment scale,
            long scaleOffset,
            long rows,
            long columns,
            float epsilon,
            MemorySegment invRms,
            long invRmsOffset,
            MemorySegment out,
            long outOffset) {
        for (long r = 0; r < rows; r++) {
            long row = r * columns;
            double squares = 0;
            for (long c = 0; c < columns; c++) {
                double value = x.getAtIndex(JAVA_FLOAT, xOffset + row + c);
                squares += value * value;
            }
            float inverse = (float) (1 / Math.sqrt(squares / columns + epsilon));
            for (long c = 0; c < columns; c++) {
                float normalized = x.getAtIndex(JAVA_FLOAT, xOffset + row + c) * inverse;
                out.setAtIndex(
                        JAVA_FLOAT,
                        outOffset + row + c,
                        normalized * scale.getAtIndex(JAVA_FLOAT, scaleOffset + c));
            }
            invRms.setAtIndex(JAVA_FLOAT, invRmsOffset + r, inverse);
        }
    }

    @Override
    public void rmsNormRowsInputGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            MemorySegment scale,
            long scaleOffset,
            MemorySegment invRms,
            long invRmsOffset,
            long rows,
            long columns,
            MemorySegment dx,
            long dxOffset) {
        for (long r = 0; r < rows; r++) {
            long row = r * columns;
            float inverse = invRms.getAtIndex(JAVA_FLOAT, invRmsOffset + r);
            double weighted = 0;
            for (long c = 0; c < columns; c++) {
                weighted +=
                        (double) dy.getAtIndex(JAVA_FLOAT, dyOffset + row + c)
                                * scale.getAtIndex(JAVA_FLOAT, scaleOffset + c)
                                * x.getAtIndex(JAVA_FLOAT, xOffset + row + c);
            }
            float slope = (float) (weighted / columns * inverse * inverse);
            for (long c = 0; c < columns; c++) {
                float gradient =
                        dy.getAtIndex(JAVA_FLOAT, dyOffset + row + c)
                                * scale.getAtIndex(JAVA_FLOAT, scaleOffset + c);
                float value = x.getAtIndex(JAVA_FLOAT, xOffset + row + c);
                dx.setAtIndex(
                        JAVA_FLOAT,
                        dxOffset + row + c,
                        Math.fma(value, -slope, gradient) * inverse);
            }
        }
    }

    @Override
    public void rmsNormRowsScaleGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            MemorySegment invRms,
            long invRmsOffset,
            long rows,
            long columns,
            MemorySegment dScale,
            long dScaleOffset) {
        for (long c = 0; c < columns; c++) {
            double sum = 0;
            for (long r = 0; r < rows; r++) {
                sum +=
                        (double) dy.getAtIndex(JAVA_FLOAT, dyOffset + r * columns + c)
                                * x.getAtIndex(JAVA_FLOAT, xOffset + r * columns + c)
                                * invRms.getAtIndex(JAVA_FLOAT, invRmsOffset + r);
            }
            dScale.setAtIndex(JAVA_FLOAT, dScaleOffset + c, (float) sum);
        }
    }
}
