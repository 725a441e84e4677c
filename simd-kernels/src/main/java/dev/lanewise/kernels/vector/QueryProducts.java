package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.BYTES;
import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ODD_QUARTERS;
import static dev.lanewise.kernels.vector.Lanes.ORDER;
import static dev.lanewise.kernels.vector.Lanes.SWAP_1;
import static dev.lanewise.kernels.vector.Lanes.SWAP_2;
import static dev.lanewise.kernels.vector.Lanes.SWAP_HALVES;
import static dev.lanewise.kernels.vector.Lanes.SWAP_QUARTERS;
import static dev.lanewise.kernels.vector.Lanes.UPPER_HALF;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

import java.lang.foreign.MemorySegment;

/**
 * The products of one query with all keys: a matrix-vector product of short rows, where the loop
 * runs over the rows and their sums are gathered in vectors. ({@link VectorGemv} loops along each
 * row, which for rows of a few vectors costs more to set up than to do.)
 */
final class QueryProducts {
    /** Lanes of a quarter of a vector. */
    private static final int QUARTER = COUNT / 4;

    private static final VectorMask<Float> SECOND_BIT = Lanes.withBit(2);
    private static final VectorMask<Float> FIRST_BIT = Lanes.withBit(1);

    /** Lane i takes the lane whose number has the bits of i in reversed order. */
    private static final VectorShuffle<Float> REVERSED_BITS =
            VectorShuffle.fromOp(
                    FLOAT, i -> Integer.reverse(i) >>> 32 - Integer.numberOfTrailingZeros(COUNT));

    private QueryProducts() {}

    /**
     * scores = scale · K · q, whole vectors of them.
     *
     * @param partsAt scratch in scores: a vector for each four keys
     */
    static void run(
            MemorySegment k,
            long kAt,
            long kRowBytes,
            MemorySegment q,
            long qAt,
            int count,
            int features,
            float scale,
            MemorySegment scores,
            long partsAt,
            long scoresAt) {
        int vectors = Math.ceilDiv(count, COUNT);
        clear(scores, partsAt, QUARTER * vectors);
        int groups = count / 4;
        int rest = count % 4;
        int wide = features / (4 * COUNT) * (4 * COUNT);
        for (int d = 0; d < features; d += d < wide ? 4 * COUNT : COUNT) {
            long from = kAt + 4L * d;
            long qFrom = qAt + 4L * d;
            int n = d < wide ? 4 * COUNT : Math.min(COUNT, features - d);
            addProducts(k, from, kRowBytes, 4, groups, q, qFrom, n, scores, partsAt);
            if (rest > 0) {
                from += 4L * groups * kRowBytes;
                long lastAt = partsAt + groups * BYTES;
                addProducts(k, from, kRowBytes, rest, 1, q, qFrom, n, scores, lastAt);
            }
        }
        for (int j = 0; j < vectors; j++) {
            mergeParts(scores, partsAt + j * QUARTER * BYTES, scale, scoresAt + j * BYTES);
        }
    }

    private static void clear(MemorySegment x, long at, int vectors) {
        x = NATIVE.cast(x);
        FloatVector zero = FloatVector.zero(FLOAT);
        for (int i = 0; i < vectors; i++) {
            zero.intoMemorySegment(x, at, ORDER);
            at += BYTES;
        }
    }

    /**
     * parts += the products of n features, four vectors or at most one, with groups of four keys;
     * in a group of fewer the last one is repeated.
     */
    private static void addProducts(
            MemorySegment k,
            long kAt,
            long rowBytes,
            int keys,
            int groups,
            MemorySegment q,
            long qAt,
            int n,
            MemorySegment parts,
            long partsAt) {
        long row1 = Math.min(1, keys - 1) * rowBytes;
        long row2 = Math.min(2, keys - 1) * rowBytes;
        long row3 = (keys - 1) * rowBytes;
        if (n > COUNT) {
            addFour(k, kAt, row1, row2, row3, 4 * rowBytes, groups, q, qAt, parts, partsAt);
        } else {
            addOne(k, kAt, row1, row2, row3, 4 * rowBytes, groups, q, qAt, n, parts, partsAt);
        }
    }

    /**
     * Four vectors of features. A part holds the sums of four keys, each in the lanes of a quarter:
     * every addition halves the lanes that a sum is spread over, so that vectors merge in pairs.
     */
    private static void addFour(
            MemorySegment k,
            long kAt,
            long row1,
            long row2,
            long row3,
            long groupBytes,
            int groups,
            MemorySegment q,
            long qAt,
            MemorySegment parts,
            long partsAt) {
        k = NATIVE.cast(k);
        q = NATIVE.cast(q);
        parts = NATIVE.cast(parts);
        FloatVector q0 = FloatVector.fromMemorySegment(FLOAT, q, qAt, ORDER);
        FloatVector q1 = FloatVector.fromMemorySegment(FLOAT, q, qAt + BYTES, ORDER);
        FloatVector q2 = FloatVector.fromMemorySegment(FLOAT, q, qAt + 2 * BYTES, ORDER);
        FloatVector q3 = FloatVector.fromMemorySegment(FLOAT, q, qAt + 3 * BYTES, ORDER);
        for (int g = 0; g < groups; g++) {
            FloatVector s0 = FloatVector.fromMemorySegment(FLOAT, k, kAt, ORDER).mul(q0);
            s0 = FloatVector.fromMemorySegment(FLOAT, k, kAt + BYTES, ORDER).fma(q1, s0);
            s0 = FloatVector.fromMemorySegment(FLOAT, k, kAt + 2 * BYTES, ORDER).fma(q2, s0);
            s0 = FloatVector.fromMemorySegment(FLOAT, k, kAt + 3 * BYTES, ORDER).fma(q3, s0);
            long at = kAt + row1;
            FloatVector s1 = FloatVector.fromMemorySegment(FLOAT, k, at, ORDER).mul(q0);
            s1 = FloatVector.fromMemorySegment(FLOAT, k, at + BYTES, ORDER).fma(q1, s1);
            s1 = FloatVector.fromMemorySegment(FLOAT, k, at + 2 * BYTES, ORDER).fma(q2, s1);
            s1 = FloatVector.fromMemorySegment(FLOAT, k, at + 3 * BYTES, ORDER).fma(q3, s1);
            at = kAt + row2;
            FloatVector s2 = FloatVector.fromMemorySegment(FLOAT, k, at, ORDER).mul(q0);
            s2 = FloatVector.fromMemorySegment(FLOAT, k, at + BYTES, ORDER).fma(q1, s2);
            s2 = FloatVector.fromMemorySegment(FLOAT, k, at + 2 * BYTES, ORDER).fma(q2, s2);
            s2 = FloatVector.fromMemorySegment(FLOAT, k, at + 3 * BYTES, ORDER).fma(q3, s2);
            at = kAt + row3;
            FloatVector s3 = FloatVector.fromMemorySegment(FLOAT, k, at, ORDER).mul(q0);
            s3 = FloatVector.fromMemorySegment(FLOAT, k, at + BYTES, ORDER).fma(q1, s3);
            s3 = FloatVector.fromMemorySegment(FLOAT, k, at + 2 * BYTES, ORDER).fma(q2, s3);
            s3 = FloatVector.fromMemorySegment(FLOAT, k, at + 3 * BYTES, ORDER).fma(q3, s3);
            FloatVector s01 =
                    s0.blend(s1, UPPER_HALF).add(s1.blend(s0, UPPER_HALF).rearrange(SWAP_HALVES));
            FloatVector s23 =
                    s2.blend(s3, UPPER_HALF).add(s3.blend(s2, UPPER_HALF).rearrange(SWAP_HALVES));
            s01.blend(s23, ODD_QUARTERS)
                    .add(s23.blend(s01, ODD_QUARTERS).rearrange(SWAP_QUARTERS))
                    .add(FloatVector.fromMemorySegment(FLOAT, parts, partsAt, ORDER))
                    .intoMemorySegment(parts, partsAt, ORDER);
            kAt += groupBytes;
            partsAt += BYTES;
        }
    }

    /** Up to one vector of features. */
    private static void addOne(
            MemorySegment k,
            long kAt,
            long row1,
            long row2,
            long row3,
            long groupBytes,
            int groups,
            MemorySegment q,
            long qAt,
            int n,
            MemorySegment parts,
            long partsAt) {
        k = NATIVE.cast(k);
        q = NATIVE.cast(q);
        parts = NATIVE.cast(parts);
        VectorMask<Float> lanes = FLOAT.indexInRange(0, n);
        FloatVector x = FloatVector.fromMemorySegment(FLOAT, q, qAt, ORDER, lanes);
        for (int g = 0; g < groups; g++) {
            FloatVector s0 = FloatVector.fromMemorySegment(FLOAT, k, kAt, ORDER, lanes).mul(x);
            FloatVector s1 =
                    FloatVector.fromMemorySegment(FLOAT, k, kAt + row1, ORDER, lanes).mul(x);
            FloatVector s2 =
                    FloatVector.fromMemorySegment(FLOAT, k, kAt + row2, ORDER, lanes).mul(x);
            FloatVector s3 =
                    FloatVector.fromMemorySegment(FLOAT, k, kAt + row3, ORDER, lanes).mul(x);
            FloatVector s01 =
                    s0.blend(s1, UPPER_HALF).add(s1.blend(s0, UPPER_HALF).rearrange(SWAP_HALVES));
            FloatVector s23 =
                    s2.blend(s3, UPPER_HALF).add(s3.blend(s2, UPPER_HALF).rearrange(SWAP_HALVES));
            s01.blend(s23, ODD_QUARTERS)
                    .add(s23.blend(s01, ODD_QUARTERS).rearrange(SWAP_QUARTERS))
                    .add(FloatVector.fromMemorySegment(FLOAT, parts, partsAt, ORDER))
                    .intoMemorySegment(parts, partsAt, ORDER);
            kAt += groupBytes;
            partsAt += BYTES;
        }
    }

    /** Adds up the parts of a vector of scores and puts them into the order of the keys. */
    private static void mergeParts(MemorySegment scores, long partsAt, float scale, long at) {
        scores = NATIVE.cast(scores);
        FloatVector sums = FloatVector.fromMemorySegment(FLOAT, scores, partsAt, ORDER);
        if (QUARTER > 1) {
            FloatVector next = FloatVector.fromMemorySegment(FLOAT, scores, partsAt + BYTES, ORDER);
            VectorMask<Float> bit = QUARTER == 4 ? SECOND_BIT : FIRST_BIT;
            VectorShuffle<Float> swap = QUARTER == 4 ? SWAP_2 : SWAP_1;
            sums = sums.blend(next, bit).add(next.blend(sums, bit).rearrange(swap));
        }
        if (QUARTER == 4) {
            FloatVector a =
                    FloatVector.fromMemorySegment(FLOAT, scores, partsAt + 2 * BYTES, ORDER);
            FloatVector b =
                    FloatVector.fromMemorySegment(FLOAT, scores, partsAt + 3 * BYTES, ORDER);
            FloatVector next = a.blend(b, SECOND_BIT).add(b.blend(a, SECOND_BIT).rearrange(SWAP_2));
            sums = sums.blend(next, FIRST_BIT).add(next.blend(sums, FIRST_BIT).rearrange(SWAP_1));
        }
        sums.rearrange(REVERSED_BITS).mul(scale).intoMemorySegment(scores, at, ORDER);
    }
}
