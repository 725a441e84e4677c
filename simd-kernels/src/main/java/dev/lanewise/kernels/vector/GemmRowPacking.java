package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.BYTES;
import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

import java.lang.foreign.MemorySegment;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;

/**
 * Packs six rows of A: out[p, i] = a[i, p].
 *
 * <p>Half a vector of steps at a time: two rows each are interleaved, and of the three pairs of
 * rows three vectors are put together, in which the steps follow one another without gaps.
 */
final class GemmRowPacking {
    static final int ROWS = 6;

    /** Steps that become three vectors. */
    private static final int STEPS = COUNT / 2;

    /** Of two rows x, y: x0 y0 x1 y1 and so on. */
    private static final VectorShuffle<Float> PAIR = shuffle(i -> i / 2 + (i & 1) * COUNT);

    private static final VectorShuffle<Float> FIRST_0 = shuffle(i -> ofFirstPairs(i));
    private static final VectorShuffle<Float> FIRST_1 = shuffle(i -> ofFirstPairs(i + COUNT));
    private static final VectorShuffle<Float> FIRST_2 = shuffle(i -> ofFirstPairs(i + 2 * COUNT));
    private static final VectorShuffle<Float> LAST_0 = shuffle(i -> inPair(i));
    private static final VectorShuffle<Float> LAST_1 = shuffle(i -> inPair(i + COUNT));
    private static final VectorShuffle<Float> LAST_2 = shuffle(i -> inPair(i + 2 * COUNT));
    private static final VectorMask<Float> IS_LAST_0 = mask(i -> pair(i) == 2);
    private static final VectorMask<Float> IS_LAST_1 = mask(i -> pair(i + COUNT) == 2);
    private static final VectorMask<Float> IS_LAST_2 = mask(i -> pair(i + 2 * COUNT) == 2);

    private GemmRowPacking() {}

    /**
     * Packs the first steps of six rows; offsets and strides in bytes.
     *
     * @return how many steps: all but less than {@link Lanes#COUNT}
     */
    static int pack(
            MemorySegment a, long aAt, long aRowBytes, int steps, MemorySegment out, long outAt) {
        a = NATIVE.cast(a);
        out = NATIVE.cast(out);
        int p = 0;
        for (; p + COUNT <= steps; p += STEPS) {
            long at = aAt + 4L * p;
            FloatVector a0 = FloatVector.fromMemorySegment(FLOAT, a, at, ORDER);
            at += aRowBytes;
            FloatVector a1 = FloatVector.fromMemorySegment(FLOAT, a, at, ORDER);
            at += aRowBytes;
            FloatVector a2 = FloatVector.fromMemorySegment(FLOAT, a, at, ORDER);
            at += aRowBytes;
            FloatVector a3 = FloatVector.fromMemorySegment(FLOAT, a, at, ORDER);
            at += aRowBytes;
            FloatVector a4 = FloatVector.fromMemorySegment(FLOAT, a, at, ORDER);
            at += aRowBytes;
            FloatVector a5 = FloatVector.fromMemorySegment(FLOAT, a, at, ORDER);
            FloatVector a01 = a0.rearrange(PAIR, a1);
            FloatVector a23 = a2.rearrange(PAIR, a3);
            FloatVector a45 = a4.rearrange(PAIR, a5);
            a01.rearrange(FIRST_0, a23)
                    .blend(a45.rearrange(LAST_0), IS_LAST_0)
                    .intoMemorySegment(out, outAt, ORDER);
            a01.rearrange(FIRST_1, a23)
                    .blend(a45.rearrange(LAST_1), IS_LAST_1)
                    .intoMemorySegment(out, outAt + BYTES, ORDER);
            a01.rearrange(FIRST_2, a23)
                    .blend(a45.rearrange(LAST_2), IS_LAST_2)
                    .intoMemorySegment(out, outAt + 2 * BYTES, ORDER);
            outAt += 3 * BYTES;
        }
        return p;
    }

    /** Which pair of rows element q of the result comes from. */
    private static int pair(int q) {
        return q % ROWS / 2;
    }

    /** The lane of element q of the result in its pair of rows. */
    private static int inPair(int q) {
        return 2 * (q / ROWS) + (q & 1);
    }

    /** The lane of element q of the result in the first two pairs; any, if it is in the third. */
    private static int ofFirstPairs(int q) {
        return inPair(q) + (pair(q) == 1 ? COUNT : 0);
    }

    /** A shuffle of two vectors whose lanes count from 0 to 2 · COUNT. */
    private static VectorShuffle<Float> shuffle(IntUnaryOperator lane) {
        return VectorShuffle.fromOp(
                FLOAT,
                i -> {
                    int source = lane.applyAsInt(i);
                    return source < COUNT ? source : source - 2 * COUNT;
                });
    }

    private static VectorMask<Float> mask(IntPredicate lane) {
        boolean[] lanes = new boolean[COUNT];
        for (int i = 0; i < COUNT; i++) {
            lanes[i] = lane.test(i);
        }
        return VectorMask.fromArray(FLOAT, lanes, 0);
    }
}
