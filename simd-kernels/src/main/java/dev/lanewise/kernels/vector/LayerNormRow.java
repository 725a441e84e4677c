package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;
import static dev.lanewise.kernels.vector.Lanes.bound;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

import java.lang.foreign.MemorySegment;

/** One row of layer normalization once its sums are known: output, and gradient of the input. */
final class LayerNormRow {
    private LayerNormRow() {}

    /** out = (x − center) · inverse · scale + shift. */
    static void normalize(
            MemorySegment x,
            long xOffset,
            MemorySegment scale,
            long scaleOffset,
            MemorySegment shift,
            long shiftOffset,
            long n,
            float center,
            float inverse,
            MemorySegment out,
            long outOffset) {
        x = NATIVE.cast(x);
        scale = NATIVE.cast(scale);
        shift = NATIVE.cast(shift);
        out = NATIVE.cast(out);
        FloatVector centers = FloatVector.broadcast(FLOAT, center);
        FloatVector inverses = FloatVector.broadcast(FLOAT, inverse);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            FloatVector normalized =
                    fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER).sub(centers).mul(inverses);
            FloatVector shifts = fromMemorySegment(FLOAT, shift, shiftOffset + i << 2, ORDER);
            normalized
                    .fma(fromMemorySegment(FLOAT, scale, scaleOffset + i << 2, ORDER), shifts)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            FloatVector normalized =
                    fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, tail)
                            .sub(centers)
                            .mul(inverses);
            FloatVector shifts = fromMemorySegment(FLOAT, shift, shiftOffset + i << 2, ORDER, tail);
            normalized
                    .fma(fromMemorySegment(FLOAT, scale, scaleOffset + i << 2, ORDER, tail), shifts)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
        }
    }

    /** dx = inverse · (dy · scale − meanG − (x − center) · slope). */
    static void gradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            MemorySegment scale,
            long scaleOffset,
            long n,
            float center,
            float inverse,
            float meanG,
            float slope,
            MemorySegment dx,
            long dxOffset) {
        x = NATIVE.cast(x);
        dy = NATIVE.cast(dy);
        scale = NATIVE.cast(scale);
        dx = NATIVE.cast(dx);
        FloatVector centers = FloatVector.broadcast(FLOAT, center);
        FloatVector inverses = FloatVector.broadcast(FLOAT, inverse);
        FloatVector meanGs = FloatVector.broadcast(FLOAT, meanG);
        FloatVector slopes = FloatVector.broadcast(FLOAT, slope);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            FloatVector gradient =
                    fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER)
                            .mul(fromMemorySegment(FLOAT, scale, scaleOffset + i << 2, ORDER));
            FloatVector centered =
                    fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER).sub(centers);
            FloatVector projected = centered.neg().fma(slopes, gradient.sub(meanGs));
            projected.mul(inverses).intoMemorySegment(dx, dxOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            FloatVector gradient =
                    fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER, tail)
                            .mul(
                                    fromMemorySegment(
                                            FLOAT, scale, scaleOffset + i << 2, ORDER, tail));
            FloatVector centered =
                    fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, tail).sub(centers);
            FloatVector projected = centered.neg().fma(slopes, gradient.sub(meanGs));
            projected.mul(inverses).intoMemorySegment(dx, dxOffset + i << 2, ORDER, tail);
        }
    }
}
