package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.INT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.lanewise.kernels.Pool2dShape;
import dev.lanewise.kernels.scalar.ScalarPooling;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;

/**
 * Pooling by windows of 2 x 2 that tile planes of even height and width: the most common case.
 *
 * <p>Rows are read and written in whole vectors: what is read behind a row is ignored, what is
 * written behind it is written again with the next row. Only where that would pass the end of all
 * planes, single windows are computed.
 */
final class HalvingPool {
    private static final int LANES = Lanes.COUNT;

    private HalvingPool() {}

    /**
     * Whether the windows are such; not for fewer than two vectors of them, so that each call of a
     * loop method here goes around at least once and C2 inlines what the loop calls.
     */
    static boolean applies(Pool2dShape shape, long planes) {
        return planes * shape.outHeight() * shape.outWidth() >= 2 * LANES
                && shape.kernelHeight() == 2
                && shape.kernelWidth() == 2
                && shape.strideHeight() == 2
                && shape.strideWidth() == 2
                && (shape.padTop() | shape.padBottom() | shape.padLeft() | shape.padRight()) == 0
                && ((shape.inHeight() | shape.inWidth()) & 1) == 0;
    }

    static void maxPool(
            MemorySegment in,
            long inOffset,
            long planes,
            Pool2dShape shape,
            MemorySegment indices,
            long indicesOffset,
            MemorySegment out,
            long outOffset) {
        in = NATIVE.cast(in);
        indices = NATIVE.cast(indices);
        out = NATIVE.cast(out);
        int inWidth = shape.inWidth();
        int outWidth = inWidth / 2;
        int outHeight = shape.inHeight() / 2;
        long rows = planes * outHeight;
        IntVector steps = IntVector.zero(INT).addIndex(2);
        for (long row = 0; row < rows; row++) {
            int y = (int) (row % outHeight);
            long upper = inOffset + row * 2 * inWidth;
            long o = row * outWidth;
            int whole = whole(row, rows, outWidth);
            int x = 0;
            for (; x < whole; x += LANES) {
                long a = (upper + 2 * x) << 2;
                long b = a + ((long) inWidth << 2);
                FloatVector a0 = FloatVector.fromMemorySegment(FLOAT, in, a, ORDER);
                FloatVector a1 = FloatVector.fromMemorySegment(FLOAT, in, a + Lanes.BYTES, ORDER);
                FloatVector b0 = FloatVector.fromMemorySegment(FLOAT, in, b, ORDER);
                FloatVector b1 = FloatVector.fromMemorySegment(FLOAT, in, b + Lanes.BYTES, ORDER);
                FloatVector best = Interleave.even(a0, a1);
                FloatVector value = Interleave.odd(a0, a1);
                VectorMask<Float> wins = wins(value, best);
                best = best.blend(value, wins);
                IntVector place = steps.blend(steps.add(1), wins.cast(INT));
                value = Interleave.even(b0, b1);
                wins = wins(value, best);
                best = best.blend(value, wins);
                place = place.blend(steps.add(inWidth), wins.cast(INT));
                value = Interleave.odd(b0, b1);
                wins = wins(value, best);
                best = best.blend(value, wins);
                place = place.blend(steps.add(inWidth + 1), wins.cast(INT));
                best.intoMemorySegment(out, (outOffset + o + x) << 2, ORDER);
                place.add(2 * (y * inWidth + x))
                        .intoMemorySegment(indices, (indicesOffset + o + x) << 2, ORDER);
            }
            long plane = inOffset + row / outHeight * outHeight * 2 * inWidth;
            for (; x < outWidth; x++) {
                int index = ScalarPooling.indexOfMaximum(in, plane, shape, y, x);
                indices.set(JAVA_INT_UNALIGNED, (indicesOffset + o + x) << 2, index);
                float best = in.get(JAVA_FLOAT_UNALIGNED, (plane + index) << 2);
                out.set(JAVA_FLOAT_UNALIGNED, (outOffset + o + x) << 2, best);
            }
        }
    }

    static void maxPoolInference(
            MemorySegment in,
            long inOffset,
            long planes,
            Pool2dShape shape,
            MemorySegment out,
            long outOffset) {
        in = NATIVE.cast(in);
        out = NATIVE.cast(out);
        int inWidth = shape.inWidth();
        int outWidth = inWidth / 2;
        int outHeight = shape.inHeight() / 2;
        long rows = planes * outHeight;
        for (long row = 0; row < rows; row++) {
            long upper = inOffset + row * 2 * inWidth;
            long o = outOffset + row * outWidth;
            int whole = whole(row, rows, outWidth);
            int x = 0;
            for (; x < whole; x += LANES) {
                long a = (upper + 2 * x) << 2;
                long b = a + ((long) inWidth << 2);
                FloatVector a0 = FloatVector.fromMemorySegment(FLOAT, in, a, ORDER);
                FloatVector a1 = FloatVector.fromMemorySegment(FLOAT, in, a + Lanes.BYTES, ORDER);
                FloatVector b0 = FloatVector.fromMemorySegment(FLOAT, in, b, ORDER);
                FloatVector b1 = FloatVector.fromMemorySegment(FLOAT, in, b + Lanes.BYTES, ORDER);
                FloatVector best = Interleave.even(a0, a1);
                FloatVector value = Interleave.odd(a0, a1);
                best = best.blend(value, wins(value, best));
                value = Interleave.even(b0, b1);
                best = best.blend(value, wins(value, best));
                value = Interleave.odd(b0, b1);
                best = best.blend(value, wins(value, best));
                best.intoMemorySegment(out, (o + x) << 2, ORDER);
            }
            long plane = inOffset + row / outHeight * outHeight * 2 * inWidth;
            for (; x < outWidth; x++) {
                int y = (int) (row % outHeight);
                int index = ScalarPooling.indexOfMaximum(in, plane, shape, y, x);
                float best = in.get(JAVA_FLOAT_UNALIGNED, (plane + index) << 2);
                out.set(JAVA_FLOAT_UNALIGNED, (o + x) << 2, best);
            }
        }
    }

    static void averagePoolGradient(
            MemorySegment dOut,
            long dOutOffset,
            long planes,
            Pool2dShape shape,
            MemorySegment dIn,
            long dInOffset) {
        dOut = NATIVE.cast(dOut);
        dIn = NATIVE.cast(dIn);
        int inWidth = shape.inWidth();
        int outWidth = inWidth / 2;
        long rows = planes * shape.inHeight();
        for (long row = 0; row < rows; row++) {
            long from = dOutOffset + row / 2 * outWidth;
            long to = dInOffset + row * inWidth;
            int whole = whole(row / 2, rows / 2, outWidth);
            int x = 0;
            for (; x < whole; x += LANES) {
                FloatVector share =
                        FloatVector.fromMemorySegment(FLOAT, dOut, (from + x) << 2, ORDER)
                                .mul(0.25f)
                                .add(0f);
                long at = (to + 2 * x) << 2;
                Interleave.low(share, share).intoMemorySegment(dIn, at, ORDER);
                Interleave.high(share, share).intoMemorySegment(dIn, at + Lanes.BYTES, ORDER);
            }
            for (; x < outWidth; x++) {
                float share = dOut.get(JAVA_FLOAT_UNALIGNED, (from + x) << 2) * 0.25f + 0f;
                dIn.set(JAVA_FLOAT_UNALIGNED, (to + 2 * x) << 2, share);
                dIn.set(JAVA_FLOAT_UNALIGNED, (to + 2 * x + 1) << 2, share);
            }
        }
    }

    /** The windows of a row that may go in whole vectors: all, but in the last rows. */
    private static int whole(long row, long rows, int outWidth) {
        return (rows - row - 1) * outWidth >= LANES ? outWidth : outWidth / LANES * LANES;
    }

    /** Where a value replaces the maximum so far: it is larger, or the first NaN. */
    private static VectorMask<Float> wins(FloatVector value, FloatVector maximum) {
        VectorMask<Float> larger = value.compare(VectorOperators.GT, maximum);
        VectorMask<Float> invalid = value.test(VectorOperators.IS_NAN);
        return larger.or(invalid.andNot(maximum.test(VectorOperators.IS_NAN)));
    }
}
