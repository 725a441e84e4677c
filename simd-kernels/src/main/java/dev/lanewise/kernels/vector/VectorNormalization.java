package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;
import static dev.lanewise.kernels.vector.Lanes.bound;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.lanewise.kernels.Normalization;
import dev.lanewise.kernels.scalar.ScalarNormalization;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

import java.lang.foreign.MemorySegment;

/**
 * Batch and layer normalization on vectors.
 *
 * <p>Sums of a plane are those of {@link Sums}, planes are added up in double, and planes smaller
 * than a vector go to the scalar kernels. Rows have loops of their own, {@link LayerNormRows} and
 * {@link LayerNormRow}; {@link Sums} serves short ones.
 */
final class VectorNormalization implements Normalization {
    private static final Normalization SCALAR = new ScalarNormalization();

    /** Rows that are added up in registers before they are added to the output. */
    private static final int ROW_BLOCK = 32;

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
        if (spatial < COUNT) {
            SCALAR.channelStatistics(
                    x,
                    xOffset,
                    batch,
                    channels,
                    spatial,
                    mean,
                    meanOffset,
                    variance,
                    varianceOffset);
            return;
        }
        double count = (double) batch * spatial;
        for (long c = 0; c < channels; c++) {
            double sum = 0;
            for (long b = 0; b < batch; b++) {
                long plane = (b * channels + c) * spatial;
                sum += Sums.sum(x, xOffset + plane, spatial);
            }
            float center = (float) (sum / count);
            double squares = 0;
            for (long b = 0; b < batch; b++) {
                long plane = (b * channels + c) * spatial;
                squares += Sums.squaredDifferences(x, xOffset + plane, spatial, center);
            }
            mean.setAtIndex(JAVA_FLOAT, meanOffset + c, center);
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
        if (spatial < COUNT) {
            SCALAR.channelAffine(
                    x,
                    xOffset,
                    scale,
                    scaleOffset,
                    shift,
                    shiftOffset,
                    batch,
                    channels,
                    spatial,
                    out,
                    outOffset);
            return;
        }
        for (long c = 0; c < channels; c++) {
            float factor = scale.getAtIndex(JAVA_FLOAT, scaleOffset + c);
            float term = shift.getAtIndex(JAVA_FLOAT, shiftOffset + c);
            for (long b = 0; b < batch; b++) {
                long plane = (b * channels + c) * spatial;
                affine(x, xOffset + plane, spatial, factor, term, out, outOffset + plane);
            }
        }
    }

    /** out = x · factor + term. */
    private static void affine(
            MemorySegment x,
            long xOffset,
            long n,
            float factor,
            float term,
            MemorySegment out,
            long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        FloatVector factors = FloatVector.broadcast(FLOAT, factor);
        FloatVector terms = FloatVector.broadcast(FLOAT, term);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER)
                    .fma(factors, terms)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, tail)
                    .fma(factors, terms)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
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
        if (spatial < COUNT) {
            SCALAR.channelGradientSums(
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
                    sumDy,
                    sumDyOffset,
                    sumDyX,
                    sumDyXOffset);
            return;
        }
        for (long c = 0; c < channels; c++) {
            float center = mean.getAtIndex(JAVA_FLOAT, meanOffset + c);
            double plain = 0;
            double weighted = 0;
            for (long b = 0; b < batch; b++) {
                long plane = (b * channels + c) * spatial;
                plain += Sums.sum(dy, dyOffset + plane, spatial);
                weighted +=
                        Sums.centeredDot(x, xOffset + plane, center, dy, dyOffset + plane, spatial);
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
        if (spatial < COUNT) {
            SCALAR.channelInputGradient(
                    x,
                    xOffset,
                    dy,
                    dyOffset,
                    mean,
                    meanOffset,
                    invStd,
                    invStdOffset,
                    scale,
                    scaleOffset,
                    sumDy,
                    sumDyOffset,
                    sumDyX,
                    sumDyXOffset,
                    batch,
                    channels,
                    spatial,
                    dx,
                    dxOffset);
            return;
        }
        float count = (float) batch * spatial;
        for (long c = 0; c < channels; c++) {
            float center = mean.getAtIndex(JAVA_FLOAT, meanOffset + c);
            float inverse = invStd.getAtIndex(JAVA_FLOAT, invStdOffset + c);
            float factor = scale.getAtIndex(JAVA_FLOAT, scaleOffset + c) * inverse;
            float meanDy = sumDy.getAtIndex(JAVA_FLOAT, sumDyOffset + c) / count;
            float slope = inverse * (sumDyX.getAtIndex(JAVA_FLOAT, sumDyXOffset + c) / count);
            for (long b = 0; b < batch; b++) {
                long plane = (b * channels + c) * spatial;
                planeGradient(
                        x,
                        xOffset + plane,
                        dy,
                        dyOffset + plane,
                        spatial,
                        center,
                        factor,
                        meanDy,
                        slope,
                        dx,
                        dxOffset + plane);
            }
        }
    }

    /** dx = factor · (dy − meanDy − (x − center) · slope). */
    private static void planeGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            float center,
            float factor,
            float meanDy,
            float slope,
            MemorySegment dx,
            long dxOffset) {
        x = NATIVE.cast(x);
        dy = NATIVE.cast(dy);
        dx = NATIVE.cast(dx);
        FloatVector centers = FloatVector.broadcast(FLOAT, center);
        FloatVector factors = FloatVector.broadcast(FLOAT, factor);
        FloatVector meanDys = FloatVector.broadcast(FLOAT, meanDy);
        FloatVector slopes = FloatVector.broadcast(FLOAT, slope);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            FloatVector rest = fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER).sub(meanDys);
            FloatVector centered =
                    fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER).sub(centers);
            centered.neg()
                    .fma(slopes, rest)
                    .mul(factors)
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            FloatVector rest =
                    fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER, tail).sub(meanDys);
            FloatVector centered =
                    fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, tail).sub(centers);
            centered.neg()
                    .fma(slopes, rest)
                    .mul(factors)
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER, tail);
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
        boolean inPlace = x.address() + 4 * xOffset == out.address() + 4 * outOffset;
        if (columns >= LayerNormRows.MIN_COLUMNS && !inPlace) {
            LayerNormRows.normalize(
                    x,
                    xOffset,
                    scale,
                    scaleOffset,
                    shift,
                    shiftOffset,
                    rows,
                    columns,
                    epsilon,
                    mean,
                    meanOffset,
                    invStd,
                    invStdOffset,
                    out,
                    outOffset);
            return;
        }
        for (long r = 0; r < rows; r++) {
            long row = r * columns;
            float center = Sums.sum(x, xOffset + row, columns) / columns;
            float squares = Sums.squaredDifferences(x, xOffset + row, columns, center);
            float inverse = (float) (1 / Math.sqrt((double) squares / columns + epsilon));
            LayerNormRow.normalize(
                    x,
                    xOffset + row,
                    scale,
                    scaleOffset,
                    shift,
                    shiftOffset,
                    columns,
                    center,
                    inverse,
                    out,
                    outOffset + row);
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
            long sums =
                    LayerNormRow.gradientSums(
                            x,
                            xOffset + row,
                            dy,
                            dyOffset + row,
                            scale,
                            scaleOffset,
                            columns,
                            center);
            float meanG = Float.intBitsToFloat((int) sums) / columns;
            float weighted = Float.intBitsToFloat((int) (sums >>> 32));
            float slope = weighted / columns * inverse * inverse;
            LayerNormRow.gradient(
                    x,
                    xOffset + row,
                    dy,
                    dyOffset + row,
                    scale,
                    scaleOffset,
                    columns,
                    center,
                    inverse,
                    meanG,
                    slope,
                    dx,
                    dxOffset + row);
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
        x = NATIVE.cast(x);
        dy = NATIVE.cast(dy);
        mean = NATIVE.cast(mean);
        invStd = NATIVE.cast(invStd);
        dScale = NATIVE.cast(dScale);
        dShift = NATIVE.cast(dShift);
        for (long c = 0; c < columns; c += COUNT) {
            VectorMask<Float> mask = FLOAT.indexInRange(c, columns);
            FloatVector zero = FloatVector.zero(FLOAT);
            zero.intoMemorySegment(dShift, dShiftOffset + c << 2, ORDER, mask);
            zero.intoMemorySegment(dScale, dScaleOffset + c << 2, ORDER, mask);
        }
        for (long r = 0; r < rows; r += ROW_BLOCK) {
            int height = (int) Math.min(rows - r, ROW_BLOCK);
            for (long c = 0; c < columns; c += COUNT) {
                addParameterGradients(
                        x,
                        xOffset + r * columns + c,
                        dy,
                        dyOffset + r * columns + c,
                        mean,
                        meanOffset + r,
                        invStd,
                        invStdOffset + r,
                        height,
                        columns,
                        columns - c,
                        dScale,
                        dScaleOffset + c,
                        dShift,
                        dShiftOffset + c);
            }
        }
    }

    /** Adds those of a block of rows, the first lanes of one vector wide. */
    private static void addParameterGradients(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            MemorySegment mean,
            long meanOffset,
            MemorySegment invStd,
            long invStdOffset,
            int rows,
            long columns,
            long lanes,
            MemorySegment dScale,
            long dScaleOffset,
            MemorySegment dShift,
            long dShiftOffset) {
        x = NATIVE.cast(x);
        dy = NATIVE.cast(dy);
        mean = NATIVE.cast(mean);
        invStd = NATIVE.cast(invStd);
        dScale = NATIVE.cast(dScale);
        dShift = NATIVE.cast(dShift);
        VectorMask<Float> mask = FLOAT.indexInRange(0, lanes);
        FloatVector shift = FloatVector.zero(FLOAT);
        FloatVector scale = FloatVector.zero(FLOAT);
        for (int r = 0; r < rows; r++) {
            FloatVector gradient =
                    fromMemorySegment(FLOAT, dy, dyOffset + r * columns << 2, ORDER, mask);
            float center = mean.getAtIndex(JAVA_FLOAT, meanOffset + r);
            float inverse = invStd.getAtIndex(JAVA_FLOAT, invStdOffset + r);
            shift = gradient.add(shift);
            scale =
                    fromMemorySegment(FLOAT, x, xOffset + r * columns << 2, ORDER, mask)
                            .sub(center)
                            .mul(inverse)
                            .fma(gradient, scale);
        }
        fromMemorySegment(FLOAT, dShift, dShiftOffset << 2, ORDER, mask)
                .add(shift)
                .intoMemorySegment(dShift, dShiftOffset << 2, ORDER, mask);
        fromMemorySegment(FLOAT, dScale, dScaleOffset << 2, ORDER, mask)
                .add(scale)
                .intoMemorySegment(dScale, dScaleOffset << 2, ORDER, mask);
    }
}
