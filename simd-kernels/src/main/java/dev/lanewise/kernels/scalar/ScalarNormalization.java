package dev.lanewise.kernels.scalar;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.lanewise.kernels.Normalization;

import java.lang.foreign.MemorySegment;

/** Batch and layer normalization as plain loops; sums are held in double and rounded once. */
public final class ScalarNormalization implements Normalization {

    @Override
    public void channelStatistics(
            MemorySegment x,
            long xOffset,
            long batch,
            long channels,
            long spatial,
            MemorySegment mean,
            long meanOffset,
            MemorySegment variance,
            long varianceOffset) {
        double count = (double) batch * spatial;
        for (long c = 0; c < channels; c++) {
            double sum = 0;
            for (long b = 0; b < batch; b++) {
                long plane = (b * channels + c) * spatial;
                for (long i = plane; i < plane + spatial; i++) {
                    sum += x.getAtIndex(JAVA_FLOAT, xOffset + i);
                }
            }
            double center = sum / count;
            double squares = 0;
            for (long b = 0; b < batch; b++) {
                long plane = (b * channels + c) * spatial;
                for (long i = plane; i < plane + spatial; i++) {
                    double difference = x.getAtIndex(JAVA_FLOAT, xOffset + i) - center;
                    squares += difference * difference;
                }
            }
            mean.setAtIndex(JAVA_FLOAT, meanOffset + c, (float) center);
            variance.setAtIndex(JAVA_FLOAT, varianceOffset + c, (float) (squares / count));
        }
    }

    @Override
    public void channelAffine(
            MemorySegment x,
            long xOffset,
            MemorySegment scale,
            long scaleOffset,
            MemorySegment shift,
            long shiftOffset,
            long batch,
            long channels,
            long spatial,
            MemorySegment out,
            long outOffset) {
        for (long c = 0; c < channels; c++) {
            float factor = scale.getAtIndex(JAVA_FLOAT, scaleOffset + c);
            float term = shift.getAtIndex(JAVA_FLOAT, shiftOffset + c);
            for (long b = 0; b < batch; b++) {
                long plane = (b * channels + c) * spatial;
                for (long i = plane; i < plane + spatial; i++) {
                    out.setAtIndex(
                            JAVA_FLOAT,
                            outOffset + i,
                            Math.fma(x.getAtIndex(JAVA_FLOAT, xOffset + i), factor, term));
                }
            }
        }
    }

    @Override
    public void channelGradientSums(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            MemorySegment mean,
            long meanOffset,
            MemorySegment invStd,
            long invStdOffset,
            long batch,
            long channels,
            long spatial,
            MemorySegment sumDy,
            long sumDyOffset,
            MemorySegment sumDyX,
            long sumDyXOffset) {
        for (long c = 0; c < channels; c++) {
            double center = mean.getAtIndex(JAVA_FLOAT, meanOffset + c);
            double plain = 0;
            double weighted = 0;
            for (long b = 0; b < batch; b++) {
                long plane = (b * channels + c) * spatial;
                for (long i = plane; i < plane + spatial; i++) {
                    double gradient = dy.getAtIndex(JAVA_FLOAT, dyOffset + i);
                    plain += gradient;
                    weighted += gradient * (x.getAtIndex(JAVA_FLOAT, xOffset + i) - center);
                }
            }
            sumDy.setAtIndex(JAVA_FLOAT, sumDyOffset + c, (float) plain);
            sumDyX.setAtIndex(
                    JAVA_FLOAT,
                    sumDyXOffset + c,
                    (float) (weighted * invStd.getAtIndex(JAVA_FLOAT, invStdOffset + c)));
        }
    }

    @Override
    public void channelInputGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            MemorySegment mean,
            long meanOffset,
            MemorySegment invStd,
            long invStdOffset,
            MemorySegment scale,
            long scaleOffset,
            MemorySegment sumDy,
            long sumDyOffset,
            MemorySegment sumDyX,
            long sumDyXOffset,
            long batch,
            long channels,
            long spatial,
            MemorySegment dx,
            long dxOffset) {
        float count = (float) batch * spatial;
        for (long c = 0; c < channels; c++) {
            float center = mean.getAtIndex(JAVA_FLOAT, meanOffset + c);
            float inverse = invStd.getAtIndex(JAVA_FLOAT, invStdOffset + c);
            float factor = scale.getAtIndex(JAVA_FLOAT, scaleOffset + c) * inverse;
            float meanDy = sumDy.getAtIndex(JAVA_FLOAT, sumDyOffset + c) / count;
            float slope = inverse * (sumDyX.getAtIndex(JAVA_FLOAT, sumDyXOffset + c) / count);
            for (long b = 0; b < batch; b++) {
                long plane = (b * channels + c) * spatial;
                for (long i = plane; i < plane + spatial; i++) {
                    float rest = dy.getAtIndex(JAVA_FLOAT, dyOffset + i) - meanDy;
                    float centered = x.getAtIndex(JAVA_FLOAT, xOffset + i) - center;
                    dx.setAtIndex(
                            JAVA_FLOAT, dxOffset + i, factor * Math.fma(-centered, slope, rest));
                }
            }
        }
    }

    @Override
    public void layerNormRows(
            MemorySegment x,
            long xOffset,
            MemorySegment scale,
            long scaleOffset,
            MemorySegment shift,
            long shiftOffset,
            long rows,
            long columns,
            float epsilon,
            MemorySegment mean,
            long meanOffset,
            MemorySegment invStd,
            long invStdOffset,
            MemorySegment out,
            long outOffset) {
        for (long r = 0; r < rows; r++) {
            long row = r * columns;
            double sum = 0;
            for (long c = 0; c < columns; c++) {
                sum += x.getAtIndex(JAVA_FLOAT, xOffset + row + c);
            }
            double exactCenter = sum / columns;
            double squares = 0;
            for (long c = 0; c < columns; c++) {
                double difference = x.getAtIndex(JAVA_FLOAT, xOffset + row + c) - exactCenter;
                squares += difference * difference;
            }
            float center = (float) exactCenter;
            float inverse = (float) (1 / Math.sqrt(squares / columns + epsilon));
            for (long c = 0; c < columns; c++) {
                float normalized = (x.getAtIndex(JAVA_FLOAT, xOffset + row + c) - center) * inverse;
                out.setAtIndex(
                        JAVA_FLOAT,
                        outOffset + row + c,
                        Math.fma(
                                normalized,
                                scale.getAtIndex(JAVA_FLOAT, scaleOffset + c),
                                shift.getAtIndex(JAVA_FLOAT, shiftOffset + c)));
            }
            mean.setAtIndex(JAVA_FLOAT, meanOffset + r, center);
            invStd.setAtIndex(JAVA_FLOAT, invStdOffset + r, inverse);
        }
    }

    @Override
    public void layerNormRowsInputGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            MemorySegment scale,
            long scaleOffset,
            MemorySegment mean,
            long meanOffset,
            MemorySegment invStd,
            long invStdOffset,
            long rows,
            long columns,
            MemorySegment dx,
            long dxOffset) {
        for (long r = 0; r < rows; r++) {
            long row = r * columns;
            float center = mean.getAtIndex(JAVA_FLOAT, meanOffset + r);
            float inverse = invStd.getAtIndex(JAVA_FLOAT, invStdOffset + r);
            double plain = 0;
            double weighted = 0;
            for (long c = 0; c < columns; c++) {
                double gradient =
                        (double) dy.getAtIndex(JAVA_FLOAT, dyOffset + row + c)
                                * scale.getAtIndex(JAVA_FLOAT, scaleOffset + c);
                plain += gradient;
                weighted +=
                        gradient * ((double) x.getAtIndex(JAVA_FLOAT, xOffset + row + c) - center);
            }
            float meanG = (float) (plain / columns);
            float slope = (float) (weighted / columns * inverse * inverse);
            for (long c = 0; c < columns; c++) {
                float gradient =
                        dy.getAtIndex(JAVA_FLOAT, dyOffset + row + c)
                                * scale.getAtIndex(JAVA_FLOAT, scaleOffset + c);
                float centered = x.getAtIndex(JAVA_FLOAT, xOffset + row + c) - center;
                dx.setAtIndex(
                        JAVA_FLOAT,
                        dxOffset + row + c,
                        inverse * Math.fma(-centered, slope, gradient - meanG));
            }
        }
    }

    @Override
    public void layerNormRowsParameterGradients(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            MemorySegment mean,
            long meanOffset,
            MemorySegment invStd,
            long invStdOffset,
            long rows,
            long columns,
            MemorySegment dScale,
            long dScaleOffset,
            MemorySegment dShift,
            long dShiftOffset) {
        for (long c = 0; c < columns; c++) {
            double shiftSum = 0;
            double scaleSum = 0;
            for (long r = 0; r < rows; r++) {
                double gradient = dy.getAtIndex(JAVA_FLOAT, dyOffset + r * columns + c);
                double centered =
                        (double) x.getAtIndex(JAVA_FLOAT, xOffset + r * columns + c)
                                - mean.getAtIndex(JAVA_FLOAT, meanOffset + r);
                shiftSum += gradient;
                scaleSum += gradient * centered * invStd.getAtIndex(JAVA_FLOAT, invStdOffset + r);
            }
            dScale.setAtIndex(JAVA_FLOAT, dScaleOffset + c, (float) scaleSum);
            dShift.setAtIndex(JAVA_FLOAT, dShiftOffset + c, (float) shiftSum);
        }
    }
}
