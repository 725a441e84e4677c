package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;
import static dev.lanewise.kernels.vector.Lanes.bound;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.lanewise.kernels.RmsNormalization;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

import java.lang.foreign.MemorySegment;

/** RMS normalization on vectors; sums of a row are those of {@link Sums}. */
final class VectorRmsNormalization implements RmsNormalization {

    /** Rows that are added up in registers before they are added to the output. */
    private static final int ROW_BLOCK = 32;

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
            float squares = Sums.squares(x, xOffset + row, columns);
            float inverse = (float) (1 / Math.sqrt((double) squares / columns + epsilon));
            normalize(x, xOffset + row, scale, scaleOffset, columns, inverse, out, outOffset + row);
            invRms.setAtIndex(JAVA_FLOAT, invRmsOffset + r, inverse);
        }
    }

    /** out = x · inverse · scale. */
    private static void normalize(
            MemorySegment x,
            long xOffset,
            MemorySegment scale,
            long scaleOffset,
            long n,
            float inverse,
            MemorySegment out,
            long outOffset) {
        x = NATIVE.cast(x);
        scale = NATIVE.cast(scale);
        out = NATIVE.cast(out);
        FloatVector inverses = FloatVector.broadcast(FLOAT, inverse);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER)
                    .mul(inverses)
                    .mul(fromMemorySegment(FLOAT, scale, scaleOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, tail)
                    .mul(inverses)
                    .mul(fromMemorySegment(FLOAT, scale, scaleOffset + i << 2, ORDER, tail))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
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
            float weighted =
                    Sums.centeredDot3(
                            x, xOffset + row, 0, dy, dyOffset + row, scale, scaleOffset, columns);
            gradient(
                    x,
                    xOffset + row,
                    dy,
                    dyOffset + row,
                    scale,
                    scaleOffset,
                    columns,
                    inverse,
                    weighted / columns * inverse * inverse,
                    dx,
                    dxOffset + row);
        }
    }

    /** dx = (dy · scale − x · slope) · inverse. */
    private static void gradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            MemorySegment scale,
            long scaleOffset,
            long n,
            float inverse,
            float slope,
            MemorySegment dx,
            long dxOffset) {
        x = NATIVE.cast(x);
        dy = NATIVE.cast(dy);
        scale = NATIVE.cast(scale);
        dx = NATIVE.cast(dx);
        FloatVector inverses = FloatVector.broadcast(FLOAT, inverse);
        FloatVector slopes = FloatVector.broadcast(FLOAT, -slope);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            FloatVector g =
                    fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER)
                            .mul(fromMemorySegment(FLOAT, scale, scaleOffset + i << 2, ORDER));
            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER)
                    .fma(slopes, g)
                    .mul(inverses)
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            FloatVector g =
                    fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER, tail)
                            .mul(
                                    fromMemorySegment(
                                            FLOAT, scale, scaleOffset + i << 2, ORDER, tail));
            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, tail)
                    .fma(slopes, g)
                    .mul(inverses)
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER, tail);
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
        x = NATIVE.cast(x);
        dy = NATIVE.cast(dy);
        invRms = NATIVE.cast(invRms);
        dScale = NATIVE.cast(dScale);
        for (long c = 0; c < columns; c += COUNT) {
            FloatVector.zero(FLOAT)
                    .intoMemorySegment(
                            dScale, dScaleOffset + c << 2, ORDER, FLOAT.indexInRange(c, columns));
        }
        for (long r = 0; r < rows; r += ROW_BLOCK) {
            int height = (int) Math.min(rows - r, ROW_BLOCK);
            for (long c = 0; c < columns; c += COUNT) {
                addScaleGradient(
                        x,
                        xOffset + r * columns + c,
                        dy,
                        dyOffset + r * columns + c,
                        invRms,
                        invRmsOffset + r,
                        height,
                        columns,
                        columns - c,
                        dScale,
                        dScaleOffset + c);
            }
        }
    }

    /** Adds that of a block of rows, the first lanes of one vector wide. */
    private static void addScaleGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            MemorySegment invRms,
            long invRmsOffset,
            int rows,
            long columns,
            long lanes,
            MemorySegment dScale,
            long dScaleOffset) {
        x = NATIVE.cast(x);
        dy = NATIVE.cast(dy);
        invRms = NATIVE.cast(invRms);
        dScale = NATIVE.cast(dScale);
        VectorMask<Float> mask = FLOAT.indexInRange(0, lanes);
        FloatVector scale = FloatVector.zero(FLOAT);
        for (int r = 0; r < rows; r++) {
            FloatVector gradient =
                    fromMemorySegment(FLOAT, dy, dyOffset + r * columns << 2, ORDER, mask);
            scale =
                    fromMemorySegment(FLOAT, x, xOffset + r * columns << 2, ORDER, mask)
                            .mul(invRms.getAtIndex(JAVA_FLOAT, invRmsOffset + r))
                            .fma(gradient, scale);
        }
        fromMemorySegment(FLOAT, dScale, dScaleOffset << 2, ORDER, mask)
                .add(scale)
                .intoMemorySegment(dScale, dScaleOffset << 2, ORDER, mask);
    }
}
