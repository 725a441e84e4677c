package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.BYTES;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.INT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;
import static dev.lanewise.kernels.vector.QuantizedSums.LINE_BYTES;
import static dev.lanewise.kernels.vector.QuantizedSums.ROW_BYTES;

import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;

import dev.lanewise.kernels.QuantizedLayout;
import dev.lanewise.kernels.WeightType;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

import java.lang.foreign.MemorySegment;

/** Quantized panels back to floats: row p of the output holds the weights of step p. */
final class QuantizedUnpacking {
    private static final int TOP_8 = 0xff000000;
    private static final int TOP_4 = 0xf0000000;
    private static final int TOP_16 = 0xffff0000;

    private QuantizedUnpacking() {}

    /**
     * The steps from {@code first} to {@code end} of all 64 columns of a panel; offsets in bytes.
     */
    static void panel(
            QuantizedLayout layout,
            MemorySegment packed,
            long panelAt,
            long first,
            long end,
            MemorySegment out,
            long outAt,
            long outRowBytes) {
        long p = first;
        while (p < end) {
            long g = p / layout.groupSize();
            long start = g * layout.groupSize();
            int steps = layout.steps(g);
            int half = layout.type() == WeightType.INT4 ? layout.lines(steps) : steps;
            int step = (int) (p - start);
            int stop = step < half ? half : steps;
            int count = (int) Math.min(end - p, stop - step);
            group(
                    layout,
                    packed,
                    panelAt + 4 * layout.groupPlace(g),
                    step < half ? step : step - half,
                    step < half ? 16 : 0,
                    count,
                    out,
                    outAt + (p - first) * outRowBytes,
                    outRowBytes);
            p += count;
        }
    }

    /** Steps of one group whose weights lie in the same bits of their words. */
    private static void group(
            QuantizedLayout layout,
            MemorySegment packed,
            long groupAt,
            int step,
            int lift,
            int steps,
            MemorySegment out,
            long outAt,
            long outRowBytes) {
        long linesAt = groupAt + 4L * layout.headerSize();
        // Where there are no offsets, the scales times 0 stand for them.
        float keep = layout.hasOffsets() ? 1f : 0f;
        long offsetsAt = layout.hasOffsets() ? groupAt + ROW_BYTES : groupAt;
        for (long part = 0; part < LINE_BYTES; part += BYTES) {
            long to = outAt + part;
            switch (layout.type()) {
                case BFLOAT16 -> {
                    long at = linesAt + 2 * step * LINE_BYTES + part;
                    halves(packed, at, steps, out, to, outRowBytes);
                }
                case INT8 -> {
                    long at = linesAt + step * LINE_BYTES + part;
                    bytes(
                            packed,
                            at,
                            groupAt + part,
                            offsetsAt + part,
                            keep,
                            steps,
                            out,
                            to,
                            outRowBytes);
                }
                case INT4 -> {
                    long at = linesAt + step * LINE_BYTES + part;
                    nibbles(
                            packed,
                            at,
                            lift,
                            groupAt + part,
                            offsetsAt + part,
                            keep,
                            steps,
                            out,
                            to,
                            outRowBytes);
                }
            }
        }
    }

    private static void bytes(
            MemorySegment packed,
            long at,
            long scalesAt,
            long offsetsAt,
            float keep,
            int steps,
            MemorySegment out,
            long outAt,
            long outRowBytes) {
        packed = NATIVE.cast(packed);
        out = NATIVE.cast(out);
        FloatVector d0 = FloatVector.fromMemorySegment(FLOAT, packed, scalesAt, ORDER);
        FloatVector d1 = FloatVector.fromMemorySegment(FLOAT, packed, scalesAt + 64, ORDER);
        FloatVector d2 = FloatVector.fromMemorySegment(FLOAT, packed, scalesAt + 128, ORDER);
        FloatVector d3 = FloatVector.fromMemorySegment(FLOAT, packed, scalesAt + 192, ORDER);
        FloatVector o0 = FloatVector.fromMemorySegment(FLOAT, packed, offsetsAt, ORDER).mul(keep);
        FloatVector o1 =
                FloatVector.fromMemorySegment(FLOAT, packed, offsetsAt + 64, ORDER).mul(keep);
        FloatVector o2 =
                FloatVector.fromMemorySegment(FLOAT, packed, offsetsAt + 128, ORDER).mul(keep);
        FloatVector o3 =
                FloatVector.fromMemorySegment(FLOAT, packed, offsetsAt + 192, ORDER).mul(keep);
        for (int p = 0; p < steps; p++) {
            IntVector v = IntVector.fromMemorySegment(INT, packed, at, ORDER);
            ((FloatVector) v.lanewise(LSHL, 24).convert(I2F, 0))
                    .fma(d0, o0)
                    .intoMemorySegment(out, outAt, ORDER);
            ((FloatVector) v.lanewise(LSHL, 16).and(TOP_8).convert(I2F, 0))
                    .fma(d1, o1)
                    .intoMemorySegment(out, outAt + 64, ORDER);
            ((FloatVector) v.lanewise(LSHL, 8).and(TOP_8).convert(I2F, 0))
                    .fma(d2, o2)
                    .intoMemorySegment(out, outAt + 128, ORDER);
            ((FloatVector) v.and(TOP_8).convert(I2F, 0))
                    .fma(d3, o3)
                    .intoMemorySegment(out, outAt + 192, ORDER);
            at += LINE_BYTES;
            outAt += outRowBytes;
        }
    }

    private static void nibbles(
            MemorySegment packed,
            long at,
            int lift,
            long scalesAt,
            long offsetsAt,
            float keep,
            int steps,
            MemorySegment out,
            long outAt,
            long outRowBytes) {
        packed = NATIVE.cast(packed);
        out = NATIVE.cast(out);
        FloatVector d0 = FloatVector.fromMemorySegment(FLOAT, packed, scalesAt, ORDER);
        FloatVector d1 = FloatVector.fromMemorySegment(FLOAT, packed, scalesAt + 64, ORDER);
        FloatVector d2 = FloatVector.fromMemorySegment(FLOAT, packed, scalesAt + 128, ORDER);
        FloatVector d3 = FloatVector.fromMemorySegment(FLOAT, packed, scalesAt + 192, ORDER);
        FloatVector o0 = FloatVector.fromMemorySegment(FLOAT, packed, offsetsAt, ORDER).mul(keep);
        FloatVector o1 =
                FloatVector.fromMemorySegment(FLOAT, packed, offsetsAt + 64, ORDER).mul(keep);
        FloatVector o2 =
                FloatVector.fromMemorySegment(FLOAT, packed, offsetsAt + 128, ORDER).mul(keep);
        FloatVector o3 =
                FloatVector.fromMemorySegment(FLOAT, packed, offsetsAt + 192, ORDER).mul(keep);
        for (int p = 0; p < steps; p++) {
            IntVector v = IntVector.fromMemorySegment(INT, packed, at, ORDER).lanewise(LSHL, lift);
            ((FloatVector) v.lanewise(LSHL, 12).and(TOP_4).convert(I2F, 0))
                    .fma(d0, o0)
                    .intoMemorySegment(out, outAt, ORDER);
            ((FloatVector) v.lanewise(LSHL, 8).and(TOP_4).convert(I2F, 0))
                    .fma(d1, o1)
                    .intoMemorySegment(out, outAt + 64, ORDER);
            ((FloatVector) v.lanewise(LSHL, 4).and(TOP_4).convert(I2F, 0))
                    .fma(d2, o2)
                    .intoMemorySegment(out, outAt + 128, ORDER);
            ((FloatVector) v.and(TOP_4).convert(I2F, 0))
                    .fma(d3, o3)
                    .intoMemorySegment(out, outAt + 192, ORDER);
            at += LINE_BYTES;
            outAt += outRowBytes;
        }
    }

    private static void halves(
            MemorySegment packed,
            long at,
            int steps,
            MemorySegment out,
            long outAt,
            long outRowBytes) {
        packed = NATIVE.cast(packed);
        out = NATIVE.cast(out);
        for (int p = 0; p < steps; p++) {
            IntVector v = IntVector.fromMemorySegment(INT, packed, at, ORDER);
            IntVector u = IntVector.fromMemorySegment(INT, packed, at + LINE_BYTES, ORDER);
            v.lanewise(LSHL, 16).reinterpretAsFloats().intoMemorySegment(out, outAt, ORDER);
            v.and(TOP_16).reinterpretAsFloats().intoMemorySegment(out, outAt + 64, ORDER);
            u.lanewise(LSHL, 16).reinterpretAsFloats().intoMemorySegment(out, outAt + 128, ORDER);
            u.and(TOP_16).reinterpretAsFloats().intoMemorySegment(out, outAt + 192, ORDER);
            at += 2 * LINE_BYTES;
            outAt += outRowBytes;
        }
    }
}
