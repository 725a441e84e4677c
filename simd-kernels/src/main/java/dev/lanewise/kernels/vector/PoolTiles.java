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
 * Pooling of one vector of neighbouring windows, of {@code rows} x {@code columns} elements each,
 * that lie whole inside a plane. The first window begins at element {@code at}, the next ones 1 or
 * 2 columns further, rows {@code width} elements apart.
 *
 * <p>A maximum stays unless a value is larger, or the first NaN.
 *
 * <p>A tile writes a whole vector. Its last window may be followed by {@link #reach} elements that
 * are read and ignored, so a caller checks the ends of both arrays.
 */
final class PoolTiles {
    private PoolTiles() {}

    /** How many elements from {@code at} on are read. */
    static long reach(int width, int rows, int columns, int stride) {
        return (rows - 1L) * width + columns - 1 + (long) stride * COUNT;
    }

    /** Maxima, stride 1. */
    static void maximum1(
            MemorySegment in,
            long at,
            int width,
            int rows,
            int columns,
            MemorySegment out,
            long outAt) {
        in = NATIVE.cast(in);
        out = NATIVE.cast(out);
        FloatVector maximum = fromMemorySegment(FLOAT, in, at << 2, ORDER);
        for (int i = 0; i < rows; i++) {
            long row = at + (long) i * width;
            for (int j = 0; j < columns; j++) {
                FloatVector value = fromMemorySegment(FLOAT, in, row + j << 2, ORDER);
                maximum =
                        value.blend(
                                maximum,
                                value.compare(VectorOperators.LE, maximum)
                                        .or(maximum.test(VectorOperators.IS_NAN)));
            }
        }
        maximum.intoMemorySegment(out, outAt << 2, ORDER);
    }

    /** Maxima, stride 2. */
    static void maximum2(
            MemorySegment in,
            long at,
            int width,
            int rows,
            int columns,
            MemorySegment out,
            long outAt) {
        in = NATIVE.cast(in);
        out = NATIVE.cast(out);
        FloatVector maximum =
                Interleave.even(
                        fromMemorySegment(FLOAT, in, at << 2, ORDER),
                        fromMemorySegment(FLOAT, in, at + COUNT << 2, ORDER));
        for (int i = 0; i < rows; i++) {
            long row = at + (long) i * width;
            for (int j = 0; j < columns; j++) {
                FloatVector value =
                        Interleave.even(
                                fromMemorySegment(FLOAT, in, row + j << 2, ORDER),
                                fromMemorySegment(FLOAT, in, row + j + COUNT << 2, ORDER));
                maximum =
                        value.blend(
                                maximum,
                                value.compare(VectorOperators.LE, maximum)
                                        .or(maximum.test(VectorOperators.IS_NAN)));
            }
        }
        maximum.intoMemorySegment(out, outAt << 2, ORDER);
    }

    /** Maxima and their places, {@code place} that of {@code at}, stride 1. */
    static void maximumAt1(
            MemorySegment in,
            long at,
            int place,
            int width,
            int rows,
            int columns,
            MemorySegment indices,
            long indicesAt,
            MemorySegment out,
            long outAt) {
        in = NATIVE.cast(in);
        indices = NATIVE.cast(indices);
        out = NATIVE.cast(out);
        FloatVector maximum = fromMemorySegment(FLOAT, in, at << 2, ORDER);
        IntVector start = IntVector.broadcast(INT, place).addIndex(1);
        IntVector best = start;
        for (int i = 0; i < rows; i++) {
            long row = at + (long) i * width;
            for (int j = 0; j < columns; j++) {
                FloatVector value = fromMemorySegment(FLOAT, in, row + j << 2, ORDER);
                VectorMask<Float> kept =
                        value.compare(VectorOperators.LE, maximum)
                                .or(maximum.test(VectorOperators.IS_NAN));
                maximum = value.blend(maximum, kept);
                best = start.add(i * width + j).blend(best, kept.cast(INT));
            }
        }
        maximum.intoMemorySegment(out, outAt << 2, ORDER);
        best.intoMemorySegment(indices, indicesAt << 2, ORDER);
    }

    /** Maxima and their places, {@code place} that of {@code at}, stride 2. */
    static void maximumAt2(
            MemorySegment in,
            long at,
            int place,
            int width,
            int rows,
            int columns,
            MemorySegment indices,
            long indicesAt,
            MemorySegment out,
            long outAt) {
        in = NATIVE.cast(in);
        indices = NATIVE.cast(indices);
        out = NATIVE.cast(out);
        FloatVector maximum =
                Interleave.even(
                        fromMemorySegment(FLOAT, in, at << 2, ORDER),
                        fromMemorySegment(FLOAT, in, at + COUNT << 2, ORDER));
        IntVector start = IntVector.broadcast(INT, place).addIndex(2);
        IntVector best = start;
        for (int i = 0; i < rows; i++) {
            long row = at + (long) i * width;
            for (int j = 0; j < columns; j++) {
                FloatVector value =
                        Interleave.even(
                                fromMemorySegment(FLOAT, in, row + j << 2, ORDER),
                                fromMemorySegment(FLOAT, in, row + j + COUNT << 2, ORDER));
                VectorMask<Float> kept =
                        value.compare(VectorOperators.LE, maximum)
                                .or(maximum.test(VectorOperators.IS_NAN));
                maximum = value.blend(maximum, kept);
                best = start.add(i * width + j).blend(best, kept.cast(INT));
            }
        }
        maximum.intoMemorySegment(out, outAt << 2, ORDER);
        best.intoMemorySegment(indices, indicesAt << 2, ORDER);
    }

    /** Sums divided by {@code divisor}, stride 1. */
    static void average1(
            MemorySegment in,
            long at,
            int width,
            int rows,
            int columns,
            float divisor,
            MemorySegment out,
            long outAt) {
        in = NATIVE.cast(in);
        out = NATIVE.cast(out);
        FloatVector sum = FloatVector.zero(FLOAT);
        for (int i = 0; i < rows; i++) {
            long row = at + (long) i * width;
            for (int j = 0; j < columns; j++) {
                sum = fromMemorySegment(FLOAT, in, row + j << 2, ORDER).add(sum);
            }
        }
        sum.div(divisor).intoMemorySegment(out, outAt << 2, ORDER);
    }

    /** Sums divided by {@code divisor}, stride 2. */
    static void average2(
            MemorySegment in,
            long at,
            int width,
            int rows,
            int columns,
            float divisor,
            MemorySegment out,
            long outAt) {
        in = NATIVE.cast(in);
        out = NATIVE.cast(out);
        FloatVector sum = FloatVector.zero(FLOAT);
        for (int i = 0; i < rows; i++) {
            long row = at + (long) i * width;
            for (int j = 0; j < columns; j++) {
                sum =
                        Interleave.even(
                                        fromMemorySegment(FLOAT, in, row + j << 2, ORDER),
                                        fromMemorySegment(FLOAT, in, row + j + COUNT << 2, ORDER))
                                .add(sum);
            }
        }
        sum.div(divisor).intoMemorySegment(out, outAt << 2, ORDER);
    }
}
