package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.INT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;

/**
 * Maxima of sign · x down the columns of matrices and their indices, a lane for each column; sign =
 * −1 makes them minima.
 */
final class ColumnExtrema {
    private ColumnExtrema() {}

    /** out = the maximum of sign · x of each column, times sign. */
    static void maximum(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            long columns,
            float sign,
            MemorySegment out,
            long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        long c = 0;
        for (; c + 4 * COUNT <= columns; c += 4 * COUNT) {
            maximumFour(x, xOffset + c, rowStride, rows, sign, out, outOffset + c);
        }
        FloatVector signs = FloatVector.broadcast(FLOAT, sign);
        for (; c < columns; c += COUNT) {
            VectorMask<Float> mask = FLOAT.indexInRange(c, columns);
            FloatVector maximum = FloatVector.broadcast(FLOAT, Float.NEGATIVE_INFINITY);
            for (long r = 0; r < rows; r++) {
                maximum =
                        fromMemorySegment(FLOAT, x, xOffset + r * rowStride + c << 2, ORDER, mask)
                                .mul(signs)
                                .max(maximum);
            }
            maximum.mul(signs).intoMemorySegment(out, outOffset + c << 2, ORDER, mask);
        }
    }

    private static void maximumFour(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            float sign,
            MemorySegment out,
            long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        FloatVector signs = FloatVector.broadcast(FLOAT, sign);
        FloatVector m0 = FloatVector.broadcast(FLOAT, Float.NEGATIVE_INFINITY);
        FloatVector m1 = m0;
        FloatVector m2 = m0;
        FloatVector m3 = m0;
        for (long r = 0; r < rows; r++) {
            long row = xOffset + r * rowStride;
            m0 = fromMemorySegment(FLOAT, x, row << 2, ORDER).mul(signs).max(m0);
            m1 = fromMemorySegment(FLOAT, x, row + COUNT << 2, ORDER).mul(signs).max(m1);
            m2 = fromMemorySegment(FLOAT, x, row + 2 * COUNT << 2, ORDER).mul(signs).max(m2);
            m3 = fromMemorySegment(FLOAT, x, row + 3 * COUNT << 2, ORDER).mul(signs).max(m3);
        }
        m0.mul(signs).intoMemorySegment(out, outOffset << 2, ORDER);
        m1.mul(signs).intoMemorySegment(out, outOffset + COUNT << 2, ORDER);
        m2.mul(signs).intoMemorySegment(out, outOffset + 2 * COUNT << 2, ORDER);
        m3.mul(signs).intoMemorySegment(out, outOffset + 3 * COUNT << 2, ORDER);
    }

    /** out = the first row of a maximum of sign · x of each column, as int32; −1 without rows. */
    static void firstMaximum(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            long columns,
            float sign,
            MemorySegment out,
            long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        FloatVector signs = FloatVector.broadcast(FLOAT, sign);
        for (long c = 0; c < columns; c += COUNT) {
            VectorMask<Float> mask = FLOAT.indexInRange(c, columns);
            FloatVector best = FloatVector.broadcast(FLOAT, Float.NEGATIVE_INFINITY);
            IntVector index = IntVector.broadcast(INT, rows > 0 ? 0 : -1);
            for (long r = 0; r < rows; r++) {
                FloatVector values =
                        fromMemorySegment(FLOAT, x, xOffset + r * rowStride + c << 2, ORDER, mask)
                                .mul(signs);
                VectorMask<Float> kept =
                        values.compare(VectorOperators.LE, best)
                                .or(best.test(VectorOperators.IS_NAN));
                best = values.blend(best, kept);
                index = IntVector.broadcast(INT, (int) r).blend(index, kept.cast(INT));
            }
            index.intoMemorySegment(out, outOffset + c << 2, ORDER, mask.cast(INT));
        }
    }
}
