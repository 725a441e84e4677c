package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.BYTES;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;

/**
 * The register tiles of the weight gradient: {@code sum[i, k] += Σ over p of x[table[tap + i] +
 * positions[p]] · d[p, k]} for a few filter taps i and some vectors of output channels k.
 *
 * <p>{@code d} is dOut with its channels innermost, rows of {@code rowBytes}; {@code sum} has rows
 * of the same length. Each sum is one chain of fused multiply-adds in ascending p that goes on from
 * what the array holds.
 */
final class GradientTiles {
    /** Vectors along the channels in every tile. */
    static final int WIDE = 2;

    /** Taps of the tall tile. */
    static final int TALL = 6;

    /** Taps of the low tile, for the remainder. */
    static final int LOW = 3;

    private GradientTiles() {}

    /** Adds one tile of {@code taps} ({@link #TALL} or {@link #LOW}) taps; offsets in bytes. */
    static void run(
            int taps,
            MemorySegment x,
            long xAt,
            int[] table,
            int tap,
            int[] positions,
            MemorySegment work,
            long dAt,
            long rowBytes,
            long sumAt) {
        if (taps == TALL) {
            tile6x2(x, xAt, table, tap, positions, work, dAt, rowBytes, sumAt);
        } else {
            tile3x2(x, xAt, table, tap, positions, work, dAt, rowBytes, sumAt);
        }
    }

    private static void tile6x2(
            MemorySegment x,
            long xAt,
            int[] table,
            int tap,
            int[] positions,
            MemorySegment work,
            long dAt,
            long rowBytes,
            long sumAt) {
        x = NATIVE.cast(x);
        work = NATIVE.cast(work);
        long tap0 = xAt + table[tap];
        long tap1 = xAt + table[tap + 1];
        long tap2 = xAt + table[tap + 2];
        long tap3 = xAt + table[tap + 3];
        long tap4 = xAt + table[tap + 4];
        long tap5 = xAt + table[tap + 5];
        long sum1 = sumAt + rowBytes;
        long sum2 = sum1 + rowBytes;
        long sum3 = sum2 + rowBytes;
        long sum4 = sum3 + rowBytes;
        long sum5 = sum4 + rowBytes;
        FloatVector c00 = FloatVector.fromMemorySegment(FLOAT, work, sumAt, ORDER);
        FloatVector c01 = FloatVector.fromMemorySegment(FLOAT, work, sumAt + BYTES, ORDER);
        FloatVector c10 = FloatVector.fromMemorySegment(FLOAT, work, sum1, ORDER);
        FloatVector c11 = FloatVector.fromMemorySegment(FLOAT, work, sum1 + BYTES, ORDER);
        FloatVector c20 = FloatVector.fromMemorySegment(FLOAT, work, sum2, ORDER);
        FloatVector c21 = FloatVector.fromMemorySegment(FLOAT, work, sum2 + BYTES, ORDER);
        FloatVector c30 = FloatVector.fromMemorySegment(FLOAT, work, sum3, ORDER);
        FloatVector c31 = FloatVector.fromMemorySegment(FLOAT, work, sum3 + BYTES, ORDER);
        FloatVector c40 = FloatVector.fromMemorySegment(FLOAT, work, sum4, ORDER);
        FloatVector c41 = FloatVector.fromMemorySegment(FLOAT, work, sum4 + BYTES, ORDER);
        FloatVector c50 = FloatVector.fromMemorySegment(FLOAT, work, sum5, ORDER);
        FloatVector c51 = FloatVector.fromMemorySegment(FLOAT, work, sum5 + BYTES, ORDER);
        for (int p = 0; p < positions.length; p++) {
            long position = positions[p];
            FloatVector d0 = FloatVector.fromMemorySegment(FLOAT, work, dAt, ORDER);
            FloatVector d1 = FloatVector.fromMemorySegment(FLOAT, work, dAt + BYTES, ORDER);
            FloatVector x0 =
                    FloatVector.broadcast(FLOAT, x.get(JAVA_FLOAT_UNALIGNED, tap0 + position));
            c00 = x0.fma(d0, c00);
            c01 = x0.fma(d1, c01);
            FloatVector x1 =
                    FloatVector.broadcast(FLOAT, x.get(JAVA_FLOAT_UNALIGNED, tap1 + position));
            c10 = x1.fma(d0, c10);
            c11 = x1.fma(d1, c11);
            FloatVector x2 =
                    FloatVector.broadcast(FLOAT, x.get(JAVA_FLOAT_UNALIGNED, tap2 + position));
            c20 = x2.fma(d0, c20);
            c21 = x2.fma(d1, c21);
            FloatVector x3 =
                    FloatVector.broadcast(FLOAT, x.get(JAVA_FLOAT_UNALIGNED, tap3 + position));
            c30 = x3.fma(d0, c30);
            c31 = x3.fma(d1, c31);
            FloatVector x4 =
                    FloatVector.broadcast(FLOAT, x.get(JAVA_FLOAT_UNALIGNED, tap4 + position));
            c40 = x4.fma(d0, c40);
            c41 = x4.fma(d1, c41);
            FloatVector x5 =
                    FloatVector.broadcast(FLOAT, x.get(JAVA_FLOAT_UNALIGNED, tap5 + position));
            c50 = x5.fma(d0, c50);
            c51 = x5.fma(d1, c51);
            dAt += rowBytes;
        }
        c00.intoMemorySegment(work, sumAt, ORDER);
        c01.intoMemorySegment(work, sumAt + BYTES, ORDER);
        c10.intoMemorySegment(work, sum1, ORDER);
        c11.intoMemorySegment(work, sum1 + BYTES, ORDER);
        c20.intoMemorySegment(work, sum2, ORDER);
        c21.intoMemorySegment(work, sum2 + BYTES, ORDER);
        c30.intoMemorySegment(work, sum3, ORDER);
        c31.intoMemorySegment(work, sum3 + BYTES, ORDER);
        c40.intoMemorySegment(work, sum4, ORDER);
        c41.intoMemorySegment(work, sum4 + BYTES, ORDER);
        c50.intoMemorySegment(work, sum5, ORDER);
        c51.intoMemorySegment(work, sum5 + BYTES, ORDER);
    }

    private static void tile3x2(
            MemorySegment x,
            long xAt,
            int[] table,
            int tap,
            int[] positions,
            MemorySegment work,
            long dAt,
            long rowBytes,
            long sumAt) {
        x = NATIVE.cast(x);
        work = NATIVE.cast(work);
        long tap0 = xAt + table[tap];
        long tap1 = xAt + table[tap + 1];
        long tap2 = xAt + table[tap + 2];
        long sum1 = sumAt + rowBytes;
        long sum2 = sum1 + rowBytes;
        FloatVector c00 = FloatVector.fromMemorySegment(FLOAT, work, sumAt, ORDER);
        FloatVector c01 = FloatVector.fromMemorySegment(FLOAT, work, sumAt + BYTES, ORDER);
        FloatVector c10 = FloatVector.fromMemorySegment(FLOAT, work, sum1, ORDER);
        FloatVector c11 = FloatVector.fromMemorySegment(FLOAT, work, sum1 + BYTES, ORDER);
        FloatVector c20 = FloatVector.fromMemorySegment(FLOAT, work, sum2, ORDER);
        FloatVector c21 = FloatVector.fromMemorySegment(FLOAT, work, sum2 + BYTES, ORDER);
        for (int p = 0; p < positions.length; p++) {
            long position = positions[p];
            FloatVector d0 = FloatVector.fromMemorySegment(FLOAT, work, dAt, ORDER);
            FloatVector d1 = FloatVector.fromMemorySegment(FLOAT, work, dAt + BYTES, ORDER);
            FloatVector x0 =
                    FloatVector.broadcast(FLOAT, x.get(JAVA_FLOAT_UNALIGNED, tap0 + position));
            c00 = x0.fma(d0, c00);
            c01 = x0.fma(d1, c01);
            FloatVector x1 =
                    FloatVector.broadcast(FLOAT, x.get(JAVA_FLOAT_UNALIGNED, tap1 + position));
            c10 = x1.fma(d0, c10);
            c11 = x1.fma(d1, c11);
            FloatVector x2 =
                    FloatVector.broadcast(FLOAT, x.get(JAVA_FLOAT_UNALIGNED, tap2 + position));
            c20 = x2.fma(d0, c20);
            c21 = x2.fma(d1, c21);
            dAt += rowBytes;
        }
        c00.intoMemorySegment(work, sumAt, ORDER);
        c01.intoMemorySegment(work, sumAt + BYTES, ORDER);
        c10.intoMemorySegment(work, sum1, ORDER);
        c11.intoMemorySegment(work, sum1 + BYTES, ORDER);
        c20.intoMemorySegment(work, sum2, ORDER);
        c21.intoMemorySegment(work, sum2 + BYTES, ORDER);
    }
}
