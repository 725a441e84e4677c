package dev.lanewise.kernels.scalar;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.lanewise.kernels.GroupNormalization;

import java.lang.foreign.MemorySegment;

/** Group normalization as plain loops; sums are held in double and rounded once. */
public final class ScalarGroupNormalization implements GroupNormalization {

    /** The scalar kernels. */
    public ScalarGroupNormalization() {}

    @Override
    public void groupNorm(
            MemorySegment x,
            long xOffset,
            MemorySegment scale,
            long scaleOffset,
            MemorySegment shift,
            long shiftOffset,
            long batch,
            long channels,
            long spatial,
            long groups,
            float epsilon,
            MemorySegment mean,
            long meanOffset,
            MemorySegment invStd,
            long invStdOffset,
            MemorySegment out,
            long outOffset) {
        long count = channels / groups * spatial;
        for (long k = 0; k < batch * groups; k++) {
            long first = xOffset + k * count;
            double sum = 0;
            for (long i = first; i < first + count; i++) {
                sum += x.getAtIndex(JAVA_FLOAT, i);
            }
            double exactCenter = sum / count;
            double squares = 0;
            for (long i = first; i < first + count; i++) {
                double difference = x.getAtIndex(JAVA_FLOAT, i) - exactCenter;
                squares += difference * difference;
            }
            float center = (float) exactCenter;
            float inverse = (float) (1 / Math.sqrt(squares / count + epsilon));
            for (long i = 0; i < count; i++) {
                long channel = (k * count + i) / spatial % channels;
                float factor = scale.getAtIndex(JAVA_FLOAT, scaleOffset + channel) * inverse;
                float term = shift.getAtIndex(JAVA_FLOAT, shiftOffset + channel);
                float centered = x.getAtIndex(JAVA_FLOAT, first + i) - center;
                out.setAtIndex(
                        JAVA_FLOAT, outOffset + k * count + i, Math.fma(centered, factor, term));
            }
            mean.setAtIndex(JAVA_FLOAT, meanOffset + k, center);
            invStd.setAtIndex(JAVA_FLOAT, invStdOffset + k, inverse);
        }
    }

    @Override
    public void groupNormInputGradient(
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
            long batch,
            long channels,
            long spatial,
            long groups,
            MemorySegment dx,
            long dxOffset) {
        long count = channels / groups * spatial;
        for (long k = 0; k < batch * groups; k++) {
            float center = mean.getAtIndex(JAVA_FLOAT, meanOffset + k);
            float inverse = invStd.getAtIndex(JAVA_FLOAT, invStdOffset + k);
            double plain = 0;
            double weighted = 0;
            for (long i = k * count; i < (k + 1) * count; i++) {
                double gradient =
                        (double) dy.getAtIndex(JAVA_FLOAT, dyOffset + i)
                                * scale.getAtIndex(
                                        JAVA_FLOAT, scaleOffset + i / spatial % channels);
                plain += gradient;
                weighted += gradient * ((double) x.getAtIndex(JAVA_FLOAT, xOffset + i) - center);
            }
            float shift = (float) (plain / count) * inverse;
            float slope = (float) (weighted / count * inverse * inverse) * inverse;
            for (long i = k * count; i < (k + 1) * count; i++) {
                float factor =
                        scale.getAtIndex(JAVA_FLOAT, scaleOffset + i / spatial % channels)
                                * inverse;
                float centered = x.getAtIndex(JAVA_FLOAT, xOffset + i) - center;
                float rest = Math.fma(centered, -slope, -shift);
                dx.setAtIndex(
                        JAVA_FLOAT,
                        dxOffset + i,
                        Math.fma(dy.getAtIndex(JAVA_FLOAT, dyOffset + i), factor, rest));
            }
        }
    }

    @Override
    public void groupNormParameterGradients(
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
            long groups,
            MemorySegment dScale,
            long dScaleOffset,
            MemorySegment dShift,
            long dShiftOffset) {
        for (long c = 0; c < channels; c++) {
            double scaleSum = 0;
            double shiftSum = 0;
            for (long b = 0; b < batch; b++) {
                long k = b * groups + c / (channels / groups);
                double center = mean.getAtIndex(JAVA_FLOAT, meanOffset + k);
                double inverse = invStd.getAtIndex(JAVA_FLOAT, invStdOffset + k);
                long plane = (b * channels + c) * spatial;
                for (long i = plane; i < plane + spatial; i++) {
                    double gradient = dy.getAtIndex(JAVA_FLOAT, dyOffset + i);
                    double centered = x.getAtIndex(JAVA_FLOAT, xOffset + i) - center;
                    scaleSum += gradient * centered * inverse;
                    shiftSum += gradient;
                }
            }
            dScale.setAtIndex(JAVA_FLOAT, dScaleOffset + c, (float) scaleSum);
            dShift.setAtIndex(JAVA_FLOAT, dShiftOffset + c, (float) shiftSum);
        }
    }
}
