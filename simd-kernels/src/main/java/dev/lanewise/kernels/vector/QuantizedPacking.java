package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.QuantizedLayout.PANEL;
import static dev.lanewise.kernels.vector.Lanes.BYTES;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.INT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;
import static dev.lanewise.kernels.vector.QuantizedSums.LINE_BYTES;
import static dev.lanewise.kernels.vector.QuantizedSums.ROW_BYTES;

import static jdk.incubator.vector.VectorOperators.F2I;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.lanewise.kernels.QuantizedLayout;
import dev.lanewise.kernels.WeightType;
import dev.lanewise.kernels.scalar.ScalarQuantizedGemm;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;

/**
 * Floats to quantized panels, group by group: the group is copied with its 64 rows side by side,
 * turned into integers in place, and these are merged into words.
 *
 * <p>Scratch: 64 minima (then divisors), 64 maxima (then offsets), and the group.
 */
final class QuantizedPacking {
    /** Added and taken away again, rounds to a whole number, ties to even. */
    private static final float ROUND = 0x1.8p23f;

    private QuantizedPacking() {}

    /** Floats of scratch. */
    static long workspaceSize(QuantizedLayout layout) {
        return layout.k() == 0 ? 0 : PANEL * (2L + layout.steps(0));
    }

    /**
     * Packs the group of a panel whose first weight is at {@code wAt}; offsets and strides in
     * bytes.
     *
     * @param rows rows of W in the panel; the others become 0
     */
    static void group(
            QuantizedLayout layout,
            int steps,
            MemorySegment w,
            long wAt,
            long wRowBytes,
            long wColumnBytes,
            int rows,
            MemorySegment work,
            long workAt,
            MemorySegment packed,
            long groupAt) {
        long valuesAt = workAt + 2 * ROW_BYTES;
        long linesAt = groupAt + 4L * layout.headerSize();
        GemmPacking.interleave(w, wAt, wRowBytes, wColumnBytes, rows, steps, work, valuesAt, PANEL);
        WeightType type = layout.type();
        if (type == WeightType.BFLOAT16) {
            roundToBfloat16(work, valuesAt, steps * ROW_BYTES);
            mergeHalves(work, valuesAt, steps, packed, linesAt);
            return;
        }
        for (long part = 0; part < ROW_BYTES; part += BYTES) {
            extremes(work, workAt + part, valuesAt + part, steps);
        }
        header(layout, work, workAt, packed, groupAt);
        for (long part = 0; part < ROW_BYTES; part += BYTES) {
            levels(type, work, workAt + part, valuesAt + part, steps);
        }
        int lines = layout.lines(steps);
        int field = (1 << type.bits()) - 1;
        merge(type.bits(), field, work, valuesAt, lines, packed, linesAt);
        if (lines < steps) {
            long upperAt = valuesAt + lines * ROW_BYTES;
            mergeUpper(type.bits(), field, work, upperAt, steps - lines, packed, linesAt);
        }
    }

    /** The least and the largest value of each of a vector of rows. */
    private static void extremes(MemorySegment work, long outAt, long at, int steps) {
        work = NATIVE.cast(work);
        FloatVector low = FloatVector.broadcast(FLOAT, Float.POSITIVE_INFINITY);
        FloatVector high = FloatVector.broadcast(FLOAT, Float.NEGATIVE_INFINITY);
        for (int p = 0; p < steps; p++) {
            FloatVector v = FloatVector.fromMemorySegment(FLOAT, work, at, ORDER);
            low = v.min(low);
            high = v.max(high);
            at += ROW_BYTES;
        }
        low.intoMemorySegment(work, outAt, ORDER);
        high.intoMemorySegment(work, outAt + ROW_BYTES, ORDER);
    }

    /** Scales and offsets of the group; what the weights are divided by. */
    private static void header(
            QuantizedLayout layout,
            MemorySegment work,
            long workAt,
            MemorySegment packed,
            long groupAt) {
        for (int row = 0; row < PANEL; row++) {
            long at = workAt + 4L * row;
            float low = work.get(JAVA_FLOAT_UNALIGNED, at);
            float high = work.get(JAVA_FLOAT_UNALIGNED, at + ROW_BYTES);
            float scale = ScalarQuantizedGemm.scale(layout, low, high);
            float offset = ScalarQuantizedGemm.offset(layout, scale, low);
            ScalarQuantizedGemm.putHeader(layout, scale, offset, packed, groupAt >> 2, row);
            work.set(JAVA_FLOAT_UNALIGNED, at, ScalarQuantizedGemm.divisor(scale));
            work.set(JAVA_FLOAT_UNALIGNED, at + ROW_BYTES, offset);
        }
    }

    /** The integers of a vector of rows, in place of the weights. */
    private static void levels(
            WeightType type, MemorySegment work, long headerAt, long at, int steps) {
        work = NATIVE.cast(work);
        FloatVector divisor = FloatVector.fromMemorySegment(FLOAT, work, headerAt, ORDER);
        FloatVector offset =
                FloatVector.fromMemorySegment(FLOAT, work, headerAt + ROW_BYTES, ORDER);
        FloatVector perUnit = FloatVector.broadcast(FLOAT, 1f / type.unit());
        FloatVector round = FloatVector.broadcast(FLOAT, ROUND);
        int largest = type.largest();
        for (int p = 0; p < steps; p++) {
            FloatVector q =
                    FloatVector.fromMemorySegment(FLOAT, work, at, ORDER)
                            .sub(offset)
                            .div(divisor)
                            .mul(perUnit)
                            .add(round)
                            .sub(round);
            ((IntVector) q.convert(F2I, 0))
                    .min(largest)
                    .max(-largest - 1)
                    .intoMemorySegment(work, at, ORDER);
            at += ROW_BYTES;
        }
    }

    /** Floats rounded to their upper halves, in the lower bits; NaN stays NaN. */
    private static void roundToBfloat16(MemorySegment work, long at, long bytes) {
        work = NATIVE.cast(work);
        for (long x = 0; x < bytes; x += BYTES) {
            IntVector bits = IntVector.fromMemorySegment(INT, work, at + x, ORDER);
            IntVector upper = bits.lanewise(LSHR, 16);
            IntVector rounded = upper.and(1).add(bits).add(0x7fff).lanewise(LSHR, 16);
            VectorMask<Integer> nan =
                    bits.and(Integer.MAX_VALUE).compare(VectorOperators.GT, 0x7f800000);
            rounded.blend(upper.or(0x40), nan).intoMemorySegment(work, at + x, ORDER);
        }
    }

    /** Lines of words of four weights from their lowest bits up. */
    private static void merge(
            int bits,
            int field,
            MemorySegment work,
            long at,
            int lines,
            MemorySegment packed,
            long linesAt) {
        work = NATIVE.cast(work);
        packed = NATIVE.cast(packed);
        for (int line = 0; line < lines; line++) {
            for (long part = 0; part < LINE_BYTES; part += BYTES) {
                long x = at + part;
                IntVector v0 = IntVector.fromMemorySegment(INT, work, x, ORDER);
                IntVector v1 = IntVector.fromMemorySegment(INT, work, x + 64, ORDER);
                IntVector v2 = IntVector.fromMemorySegment(INT, work, x + 128, ORDER);
                IntVector v3 = IntVector.fromMemorySegment(INT, work, x + 192, ORDER);
                v0.and(field)
                        .or(v1.and(field).lanewise(LSHL, bits))
                        .or(v2.and(field).lanewise(LSHL, 2 * bits))
                        .or(v3.and(field).lanewise(LSHL, 3 * bits))
                        .intoMemorySegment(packed, linesAt + part, ORDER);
            }
            at += ROW_BYTES;
            linesAt += LINE_BYTES;
        }
    }

    /** {@link #merge} into the upper 16 bits of lines that are there. */
    private static void mergeUpper(
            int bits,
            int field,
            MemorySegment work,
            long at,
            int lines,
            MemorySegment packed,
            long linesAt) {
        work = NATIVE.cast(work);
        packed = NATIVE.cast(packed);
        for (int line = 0; line < lines; line++) {
            for (long part = 0; part < LINE_BYTES; part += BYTES) {
                long x = at + part;
                IntVector v0 = IntVector.fromMemorySegment(INT, work, x, ORDER);
                IntVector v1 = IntVector.fromMemorySegment(INT, work, x + 64, ORDER);
                IntVector v2 = IntVector.fromMemorySegment(INT, work, x + 128, ORDER);
                IntVector v3 = IntVector.fromMemorySegment(INT, work, x + 192, ORDER);
                IntVector upper =
                        v0.and(field)
                                .or(v1.and(field).lanewise(LSHL, bits))
                                .or(v2.and(field).lanewise(LSHL, 2 * bits))
                                .or(v3.and(field).lanewise(LSHL, 3 * bits));
                IntVector.fromMemorySegment(INT, packed, linesAt + part, ORDER)
                        .or(upper.lanewise(LSHL, 16))
                        .intoMemorySegment(packed, linesAt + part, ORDER);
            }
            at += ROW_BYTES;
            linesAt += LINE_BYTES;
        }
    }

    /** Two lines a step of words of two weights. */
    private static void mergeHalves(
            MemorySegment work, long at, int steps, MemorySegment packed, long linesAt) {
        work = NATIVE.cast(work);
        packed = NATIVE.cast(packed);
        for (int line = 0; line < 2 * steps; line++) {
            for (long part = 0; part < LINE_BYTES; part += BYTES) {
                long x = at + part;
                IntVector low = IntVector.fromMemorySegment(INT, work, x, ORDER);
                IntVector.fromMemorySegment(INT, work, x + LINE_BYTES, ORDER)
                        .lanewise(LSHL, 16)
                        .or(low)
                        .intoMemorySegment(packed, linesAt + part, ORDER);
            }
            at += 2 * LINE_BYTES;
            linesAt += LINE_BYTES;
        }
    }
}
