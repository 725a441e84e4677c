package dev.lanewise.kernels.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The register tiles of the weight gradient: {@code sum[i, k] += Σ over p of x[table[tap + i] +
 * positions[p]] · d[p, k]} for a few filter taps i and some vectors of output channels k.
 *
 * <p>{@code d} is dOut with its channels innermost, rows of {@code rowBytes}; {@code sum} has rows
 * of the same length. Each sum is one chain of fused multiply-adds in ascending p that goes on from
 * what the array holds.
 */
final class GradientTiles {
    private static final VectorSpecies<Float> FLOAT = Lanes.FLOAT;
    private static final long BYTES = Lanes.BYTES;
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT_UNALIGNED;

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

    private static FloatVector load(MemorySegment segment, long at) {
        return FloatVector.fromMemorySegment(FLOAT, segment, at, NATIVE);
    }

    private static FloatVector broadcast(MemorySegment segment, long at) {
        return FloatVector.broadcast(FLOAT, segment.get(SCALAR, at));
    }

    private static void store(FloatVector vector, MemorySegment segment, long at) {
        vector.intoMemorySegment(segment, at, NATIVE);
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
        long tap0 = xAt + table[tap];
        long sum0 = sumAt;
        long tap1 = xAt + table[tap + 1];
        long sum1 = sumAt + 1 * rowBytes;
        long tap2 = xAt + table[tap + 2];
        long sum2 = sumAt + 2 * rowBytes;
        long tap3 = xAt + table[tap + 3];
        long sum3 = sumAt + 3 * rowBytes;
        long tap4 = xAt + table[tap + 4];
        long sum4 = sumAt + 4 * rowBytes;
        long tap5 = xAt + table[tap + 5];
        long sum5 = sumAt + 5 * rowBytes;
        FloatVector c00 = load(work, sum0);
        FloatVector c01 = load(work, sum0 + BYTES);
        FloatVector c10 = load(work, sum1);
        FloatVector c11 = load(work, sum1 + BYTES);
        FloatVector c20 = load(work, sum2);
        FloatVector c21 = load(work, sum2 + BYTES);
        FloatVector c30 = load(work, sum3);
        FloatVector c31 = load(work, sum3 + BYTES);
        FloatVector c40 = load(work, sum4);
        FloatVector c41 = load(work, sum4 + BYTES);
        FloatVector c50 = load(work, sum5);
        FloatVector c51 = load(work, sum5 + BYTES);
        for (int p = 0; p < positions.length; p++) {
            long position = positions[p];
            long row = dAt + p * rowBytes;
            FloatVector d0 = load(work, row);
            FloatVector d1 = load(work, row + BYTES);
            FloatVector x0 = broadcast(x, tap0 + position);
            c00 = d0.fma(x0, c00);
            c01 = d1.fma(x0, c01);
            FloatVector x1 = broadcast(x, tap1 + position);
            c10 = d0.fma(x1, c10);
            c11 = d1.fma(x1, c11);
            FloatVector x2 = broadcast(x, tap2 + position);
            c20 = d0.fma(x2, c20);
            c21 = d1.fma(x2, c21);
            FloatVector x3 = broadcast(x, tap3 + position);
            c30 = d0.fma(x3, c30);
            c31 = d1.fma(x3, c31);
            FloatVector x4 = broadcast(x, tap4 + position);
            c40 = d0.fma(x4, c40);
            c41 = d1.fma(x4, c41);
            FloatVector x5 = broadcast(x, tap5 + position);
            c50 = d0.fma(x5, c50);
            c51 = d1.fma(x5, c51);
        }
        store(c00, work, sum0);
        store(c01, work, sum0 + BYTES);
        store(c10, work, sum1);
        store(c11, work, sum1 + BYTES);
        store(c20, work, sum2);
        store(c21, work, sum2 + BYTES);
        store(c30, work, sum3);
        store(c31, work, sum3 + BYTES);
        store(c40, work, sum4);
        store(c41, work, sum4 + BYTES);
        store(c50, work, sum5);
        store(c51, work, sum5 + BYTES);
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
        long tap0 = xAt + table[tap];
        long sum0 = sumAt;
        long tap1 = xAt + table[tap + 1];
        long sum1 = sumAt + 1 * rowBytes;
        long tap2 = xAt + table[tap + 2];
        long sum2 = sumAt + 2 * rowBytes;
        FloatVector c00 = load(work, sum0);
        FloatVector c01 = load(work, sum0 + BYTES);
        FloatVector c10 = load(work, sum1);
        FloatVector c11 = load(work, sum1 + BYTES);
        FloatVector c20 = load(work, sum2);
        FloatVector c21 = load(work, sum2 + BYTES);
        for (int p = 0; p < positions.length; p++) {
            long position = positions[p];
            long row = dAt + p * rowBytes;
            FloatVector d0 = load(work, row);
            FloatVector d1 = load(work, row + BYTES);
            FloatVector x0 = broadcast(x, tap0 + position);
            c00 = d0.fma(x0, c00);
            c01 = d1.fma(x0, c01);
            FloatVector x1 = broadcast(x, tap1 + position);
            c10 = d0.fma(x1, c10);
            c11 = d1.fma(x1, c11);
            FloatVector x2 = broadcast(x, tap2 + position);
            c20 = d0.fma(x2, c20);
            c21 = d1.fma(x2, c21);
        }
        store(c00, work, sum0);
        store(c01, work, sum0 + BYTES);
        store(c10, work, sum1);
        store(c11, work, sum1 + BYTES);
        store(c20, work, sum2);
        store(c21, work, sum2 + BYTES);
    }
}
