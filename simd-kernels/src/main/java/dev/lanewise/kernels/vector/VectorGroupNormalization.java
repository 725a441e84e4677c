package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;
import static dev.lanewise.kernels.vector.Lanes.bound;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.lanewise.kernels.GroupNormalization;
import dev.lanewise.kernels.scalar.ScalarGroupNormalization;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

import java.lang.foreign.MemorySegment;

/**
 * Group normalization on vectors: sums of a group or plane are those of {@link Sums}; planes are
 * added up in double. Planes smaller than a vector go to the scalar kernels.
 */
final class VectorGroupNormalization implements GroupNormalization {
    private static final GroupNormalization SCALAR = new ScalarGroupNormalization();

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
        if (spatial < COUNT) {
            SCALAR.groupNorm(
                    x,
                    xOffset,
                    scale,
                    scaleOffset,
                    shift,
                    shiftOffset,
                    batch,
                    channels,
                    spatial,
                    groups,
                    epsilon,
                    mean,
                    meanOffset,
                    invStd,
                    invStdOffset,
                    out,
                    outOffset);
            return;
        }
        long members = channels / groups;
        long count = members * spatial;
        for (long k = 0; k < batch * groups; k++) {
            long first = k * count;
            float center = Sums.sum(x, xOffset + first, count) / count;
            float squares = Sums.squaredDifferences(x, xOffset + first, count, center);
            float inverse = (float) (1 / Math.sqrt((double) squares / count + epsilon));
            for (long m = 0; m < members; m++) {
                long channel = k % groups * members + m;
                normalize(
                        x,
                        xOffset + first + m * spatial,
                        spatial,
                        center,
                        scale.getAtIndex(JAVA_FLOAT, scaleOffset + channel) * inverse,
                        shift.getAtIndex(JAVA_FLOAT, shiftOffset + channel),
                        out,
                        outOffset + first + m * spatial);
            }
            mean.setAtIndex(JAVA_FLOAT, meanOffset + k, center);
            invStd.setAtIndex(JAVA_FLOAT, invStdOffset + k, inverse);
        }
    }

    /** out = (x − center) · factor + term. */
    private static void normalize(
            MemorySegment x,
            long xOffset,
            long n,
            float center,
            float factor,
            float term,
            MemorySegment out,
            long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        FloatVector centers = FloatVector.broadcast(FLOAT, center);
        FloatVector factors = FloatVector.broadcast(FLOAT, factor);
        FloatVector terms = FloatVector.broadcast(FLOAT, term);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER)
                    .sub(centers)
                    .fma(factors, terms)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, tail)
                    .sub(centers)
                    .fma(factors, terms)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
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
        if (spatial < COUNT) {
            SCALAR.groupNormInputGradient(
                    x,
                    xOffset,
                    dy,
                    dyOffset,
                    scale,
                    scaleOffset,
                    mean,
                    meanOffset,
                    invStd,
                    invStdOffset,
                    batch,
                    channels,
                    spatial,
                    groups,
                    dx,
                    dxOffset);
            return;
        }
        long members = channels / groups;
        long count = members * spatial;
        for (long k = 0; k < batch * groups; k++) {
            long first = k * count;
            long scales = scaleOffset + k % groups * members;
            float center = mean.getAtIndex(JAVA_FLOAT, meanOffset + k);
            float inverse = invStd.getAtIndex(JAVA_FLOAT, invStdOffset + k);
            double plain = 0;
            double weighted = 0;
            for (long m = 0; m < members; m++) {
                long plane = first + m * spatial;
                float factor = scale.getAtIndex(JAVA_FLOAT, scales + m);
                plain += (double) factor * Sums.sum(dy, dyOffset + plane, spatial);
                weighted +=
                        (double) factor
                                * Sums.centeredDot(
                                        x, xOffset + plane, center, dy, dyOffset + plane, spatial);
            }
            float term = (float) (plain / count) * inverse;
            float slope = (float) (weighted / count * inverse * inverse) * inverse;
            for (long m = 0; m < members; m++) {
                long plane = first + m * spatial;
                gradient(
                        x,
                        xOffset + plane,
                        dy,
                        dyOffset + plane,
                        spatial,
                        center,
                        scale.getAtIndex(JAVA_FLOAT, scales + m) * inverse,
                        slope,
                        term,
                        dx,
                        dxOffset + plane);
            }
        }
    }

    /** dx = dy · factor − (x − center) · slope − term. */
    private static void gradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            float center,
            float factor,
            float slope,
            float term,
            MemorySegment dx,
            long dxOffset) {
        x = NATIVE.cast(x);
        dy = NATIVE.cast(dy);
        dx = NATIVE.cast(dx);
        FloatVector centers = FloatVector.broadcast(FLOAT, center);
        FloatVector factors = FloatVector.broadcast(FLOAT, factor);
        FloatVector slopes = FloatVector.broadcast(FLOAT, -slope);
        FloatVector terms = FloatVector.broadcast(FLOAT, -term);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            FloatVector rest =
                    fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER)
                            .sub(centers)
                            .fma(slopes, terms);
            fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER)
                    .fma(factors, rest)
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            FloatVector rest =
                    fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, tail)
                            .sub(centers)
                            .fma(slopes, terms);
            fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER, tail)
                    .fma(factors, rest)
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER, tail);
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
        if (spatial < COUNT) {
            SCALAR.groupNormParameterGradients(
                    x,
                    xOffset,
                    dy,
                    dyOffset,
                    mean,
                    meanOffset,
                    invStd,
                    invStdOffset,
                    batch,
                    channels,
                    spatial,
                    groups,
                    dScale,
                    dScaleOffset,
                    dShift,
                    dShiftOffset);
            return;
        }
        long members = channels / groups;
        for (long c = 0; c < channels; c++) {
            double plain = 0;
            double weighted = 0;
            for (long b = 0; b < batch; b++) {
                long k = b * groups + c / members;
                long plane = (b * channels + c) * spatial;
                float center = mean.getAtIndex(JAVA_FLOAT, meanOffset + k);
                plain += Sums.sum(dy, dyOffset + plane, spatial);
                weighted +=
                        (double) invStd.getAtIndex(JAVA_FLOAT, invStdOffset + k)
                                * Sums.centeredDot(
                                        x, xOffset + plane, center, dy, dyOffset + plane, spatial);
            }
            dScale.setAtIndex(JAVA_FLOAT, dScaleOffset + c, (float) weighted);
            dShift.setAtIndex(JAVA_FLOAT, dShiftOffset + c, (float) plain);
        }
    }
}
