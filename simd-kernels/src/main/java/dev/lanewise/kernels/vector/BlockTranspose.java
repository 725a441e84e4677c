package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

import java.lang.foreign.MemorySegment;
import java.util.function.IntUnaryOperator;

/**
 * The transpose of a square block of as many rows as a vector has lanes.
 *
 * <p>First every four rows are transposed within groups of four lanes, then whole groups change
 * places between rows. The destination holds the rows in between. Two short methods instead of one
 * with all rows in registers, because a method of so many vector operations compiles badly.
 */
final class BlockTranspose {
    private static final VectorShuffle<Float> LANES_LOW = shuffle(BlockTranspose::lowLane);
    private static final VectorShuffle<Float> LANES_HIGH = shuffle(i -> lowLane(i) + 2);
    private static final VectorShuffle<Float> PAIRS_LOW = shuffle(BlockTranspose::lowPair);
    private static final VectorShuffle<Float> PAIRS_HIGH = shuffle(i -> lowPair(i) + 2);
    private static final VectorShuffle<Float> GROUPS_LOW = shuffle(BlockTranspose::lowGroup);
    private static final VectorShuffle<Float> GROUPS_HIGH = shuffle(i -> lowGroup(i) + COUNT / 2);
    private static final VectorShuffle<Float> HALVES_LOW = shuffle(BlockTranspose::lowHalf);
    private static final VectorShuffle<Float> HALVES_HIGH = shuffle(i -> lowHalf(i) + COUNT / 2);

    private BlockTranspose() {}

    /** out[j, i] = a[i, j] for i, j &lt; {@link Lanes#COUNT}; offsets and strides in bytes. */
    static void run(
            MemorySegment a,
            long aAt,
            long aRowBytes,
            MemorySegment out,
            long outAt,
            long outRowBytes) {
        withinGroups(a, aAt, aRowBytes, out, outAt, outRowBytes);
        if (COUNT == 16) {
            amongFourGroups(out, outAt, outRowBytes);
        } else if (COUNT == 8) {
            amongTwoGroups(out, outAt, outRowBytes);
        }
    }

    /**
     * out[c, r] = a[r, c] for a matrix of any size; offsets and strides in bytes. Blocks at the
     * ends overlap those before them.
     */
    static void matrix(
            MemorySegment a,
            long aAt,
            long aRowBytes,
            int rows,
            int columns,
            MemorySegment out,
            long outAt,
            long outRowBytes) {
        if (rows < COUNT || columns < COUNT) {
            small(a, aAt, aRowBytes, rows, columns, out, outAt, outRowBytes);
            return;
        }
        for (int c = 0; c < columns; c += COUNT) {
            long column = Math.min(c, columns - COUNT);
            for (int r = 0; r < rows; r += COUNT) {
                long row = Math.min(r, rows - COUNT);
                run(
                        a,
                        aAt + row * aRowBytes + 4 * column,
                        aRowBytes,
                        out,
                        outAt + column * outRowBytes + 4 * row,
                        outRowBytes);
            }
        }
    }

    /** {@link #matrix} element by element. */
    static void small(
            MemorySegment a,
            long aAt,
            long aRowBytes,
            int rows,
            int columns,
            MemorySegment out,
            long outAt,
            long outRowBytes) {
        for (int c = 0; c < columns; c++) {
            for (int r = 0; r < rows; r++) {
                float value = a.get(JAVA_FLOAT_UNALIGNED, aAt + r * aRowBytes + 4L * c);
                out.set(JAVA_FLOAT_UNALIGNED, outAt + c * outRowBytes + 4L * r, value);
            }
        }
    }

    /** Row 4r + q of out gets lane q of each group of the rows 4r to 4r + 3. */
    private static void withinGroups(
            MemorySegment a,
            long aAt,
            long aRowBytes,
            MemorySegment out,
            long outAt,
            long outRowBytes) {
        a = NATIVE.cast(a);
        out = NATIVE.cast(out);
        for (int r = 0; r < COUNT / 4; r++) {
            FloatVector v0 = FloatVector.fromMemorySegment(FLOAT, a, aAt, ORDER);
            FloatVector v1 = FloatVector.fromMemorySegment(FLOAT, a, aAt + aRowBytes, ORDER);
            FloatVector v2 = FloatVector.fromMemorySegment(FLOAT, a, aAt + 2 * aRowBytes, ORDER);
            FloatVector v3 = FloatVector.fromMemorySegment(FLOAT, a, aAt + 3 * aRowBytes, ORDER);
            FloatVector low01 = v0.rearrange(LANES_LOW, v1);
            FloatVector high01 = v0.rearrange(LANES_HIGH, v1);
            FloatVector low23 = v2.rearrange(LANES_LOW, v3);
            FloatVector high23 = v2.rearrange(LANES_HIGH, v3);
            low01.rearrange(PAIRS_LOW, low23).intoMemorySegment(out, outAt, ORDER);
            low01.rearrange(PAIRS_HIGH, low23).intoMemorySegment(out, outAt + outRowBytes, ORDER);
            high01.rearrange(PAIRS_LOW, high23)
                    .intoMemorySegment(out, outAt + 2 * outRowBytes, ORDER);
            high01.rearrange(PAIRS_HIGH, high23)
                    .intoMemorySegment(out, outAt + 3 * outRowBytes, ORDER);
            aAt += 4 * aRowBytes;
            outAt += 4 * outRowBytes;
        }
    }

    /** Row 4g + q gets group g of the rows q, 4 + q, 8 + q and 12 + q. */
    private static void amongFourGroups(MemorySegment out, long outAt, long outRowBytes) {
        out = NATIVE.cast(out);
        long step = 4 * outRowBytes;
        for (int q = 0; q < 4; q++) {
            FloatVector v0 = FloatVector.fromMemorySegment(FLOAT, out, outAt, ORDER);
            FloatVector v1 = FloatVector.fromMemorySegment(FLOAT, out, outAt + step, ORDER);
            FloatVector v2 = FloatVector.fromMemorySegment(FLOAT, out, outAt + 2 * step, ORDER);
            FloatVector v3 = FloatVector.fromMemorySegment(FLOAT, out, outAt + 3 * step, ORDER);
            FloatVector low01 = v0.rearrange(GROUPS_LOW, v1);
            FloatVector high01 = v0.rearrange(GROUPS_HIGH, v1);
            FloatVector low23 = v2.rearrange(GROUPS_LOW, v3);
            FloatVector high23 = v2.rearrange(GROUPS_HIGH, v3);
            low01.rearrange(HALVES_LOW, low23).intoMemorySegment(out, outAt, ORDER);
            low01.rearrange(HALVES_HIGH, low23).intoMemorySegment(out, outAt + step, ORDER);
            high01.rearrange(HALVES_LOW, high23).intoMemorySegment(out, outAt + 2 * step, ORDER);
            high01.rearrange(HALVES_HIGH, high23).intoMemorySegment(out, outAt + 3 * step, ORDER);
            outAt += outRowBytes;
        }
    }

    /** Row 4g + q gets group g of the rows q and 4 + q. */
    private static void amongTwoGroups(MemorySegment out, long outAt, long outRowBytes) {
        out = NATIVE.cast(out);
        long step = 4 * outRowBytes;
        for (int q = 0; q < 4; q++) {
            FloatVector v0 = FloatVector.fromMemorySegment(FLOAT, out, outAt, ORDER);
            FloatVector v1 = FloatVector.fromMemorySegment(FLOAT, out, outAt + step, ORDER);
            v0.rearrange(HALVES_LOW, v1).intoMemorySegment(out, outAt, ORDER);
            v0.rearrange(HALVES_HIGH, v1).intoMemorySegment(out, outAt + step, ORDER);
            outAt += outRowBytes;
        }
    }

    /** Of two vectors x, y, in each group: x0 y0 x1 y1. */
    private static int lowLane(int i) {
        return (i & ~3) + ((i & 3) >> 1) + (i & 1) * COUNT;
    }

    /** In each group: x0 x1 y0 y1. */
    private static int lowPair(int i) {
        return (i & ~3) + (i & 1) + ((i & 2) >> 1) * COUNT;
    }

    /** Groups 0 and 1 of x and y, by turns. */
    private static int lowGroup(int i) {
        return (i >> 3 << 2) + (i & 3) + ((i >> 2) & 1) * COUNT;
    }

    /** The first half of x, then that of y. */
    private static int lowHalf(int i) {
        return i < COUNT / 2 ? i : i + COUNT / 2;
    }

    /** A shuffle of two vectors whose lanes count from 0 to 2 · COUNT. */
    private static VectorShuffle<Float> shuffle(IntUnaryOperator lane) {
        return VectorShuffle.fromOp(
                FLOAT,
                i -> {
                    int source = lane.applyAsInt(i) % (2 * COUNT);
                    return source < COUNT ? source : source - 2 * COUNT;
                });
    }
}
