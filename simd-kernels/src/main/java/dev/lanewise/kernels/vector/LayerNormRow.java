package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.BYTES;
import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;
import static dev.lanewise.kernels.vector.Lanes.SWAP_1;
import static dev.lanewise.kernels.vector.Lanes.SWAP_2;
import static dev.lanewise.kernels.vector.Lanes.SWAP_4;
import static dev.lanewise.kernels.vector.Lanes.SWAP_8;
import static dev.lanewise.kernels.vector.Lanes.bound;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

import java.lang.foreign.MemorySegment;

/**
 * One row of layer normalization: its output once its sums are known, and the gradient of the
 * input. The loops of the latter go over slices as those of {@link LayerNormRows} do.
 */
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

    /**
     * Σ g and Σ g · (x − center) for g = dy · scale: the former in the low half of the result, the
     * latter in the high one.
     */
    static long gradientSums(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            MemorySegment scale,
            long scaleOffset,
            long n,
            float center) {
        x = NATIVE.cast(x);
        dy = NATIVE.cast(dy);
        scale = NATIVE.cast(scale);
        long bound = bound(n);
        long bytes = bound << 2;
        MemorySegment xs = NATIVE.cast(x.asSlice(xOffset << 2, bytes));
        MemorySegment dys = NATIVE.cast(dy.asSlice(dyOffset << 2, bytes));
        MemorySegment scales = NATIVE.cast(scale.asSlice(scaleOffset << 2, bytes));
        FloatVector centers = FloatVector.broadcast(FLOAT, center);
        FloatVector sum = FloatVector.zero(FLOAT);
        FloatVector weighted = sum;
        for (long i = 0; i < bytes; i += BYTES) {
            FloatVector g =
                    fromMemorySegment(FLOAT, dys, i, ORDER)
                            .mul(fromMemorySegment(FLOAT, scales, i, ORDER));
            sum = g.add(sum);
            weighted = fromMemorySegment(FLOAT, xs, i, ORDER).sub(centers).fma(g, weighted);
        }
        if (bound < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(bound, n);
            FloatVector g =
                    fromMemorySegment(FLOAT, dy, dyOffset + bound << 2, ORDER, tail)
                            .mul(
                                    fromMemorySegment(
                                            FLOAT, scale, scaleOffset + bound << 2, ORDER, tail));
            FloatVector centered =
                    fromMemorySegment(FLOAT, x, xOffset + bound << 2, ORDER, tail)
                            .sub(centers, tail);
            sum = g.add(sum);
            weighted = centered.fma(g, weighted);
        }
        sum = COUNT > 8 ? sum.add(sum.rearrange(SWAP_8)) : sum;
        weighted = COUNT > 8 ? weighted.add(weighted.rearrange(SWAP_8)) : weighted;
        sum = COUNT > 4 ? sum.add(sum.rearrange(SWAP_4)) : sum;
        weighted = COUNT > 4 ? weighted.add(weighted.rearrange(SWAP_4)) : weighted;
        sum = sum.add(sum.rearrange(SWAP_2));
        weighted = weighted.add(weighted.rearrange(SWAP_2));
        float low = sum.add(sum.rearrange(SWAP_1)).lane(0);
        float high = weighted.add(weighted.rearrange(SWAP_1)).lane(0);
        return (long) Float.floatToRawIntBits(high) << 32
                | Float.floatToRawIntBits(low) & 0xFFFFFFFFL;
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
        long i = bound(n);
        long bytes = i << 2;
        MemorySegment xs = NATIVE.cast(x.asSlice(xOffset << 2, bytes));
        MemorySegment dys = NATIVE.cast(dy.asSlice(dyOffset << 2, bytes));
        MemorySegment scales = NATIVE.cast(scale.asSlice(scaleOffset << 2, bytes));
        MemorySegment dxs = NATIVE.cast(dx.asSlice(dxOffset << 2, bytes));
        for (long j = 0; j < bytes; j += BYTES) {
            FloatVector gradient =
                    fromMemorySegment(FLOAT, dys, j, ORDER)
                            .mul(fromMemorySegment(FLOAT, scales, j, ORDER));
            FloatVector centered = fromMemorySegment(FLOAT, xs, j, ORDER).sub(centers);
            FloatVector projected = centered.neg().fma(slopes, gradient.sub(meanGs));
            projected.mul(inverses).intoMemorySegment(dxs, j, ORDER);
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
