package dev.lanewise.kernels.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The register tiles of convolution: {@code out[i, q] = Σ over t of w[t, i] · x[table[t] + q]} for
 * a few filters i and some vectors of flat positions q.
 *
 * <p>The filters of a panel lie interleaved, [terms, rows]; the table tells, in bytes, where the
 * inputs of each term begin. Each sum is one chain of fused multiply-adds in ascending t from 0.
 * The tile goes to a scratch array [rows, vectors]. Twelve sums are enough to hide the latency of
 * the multiply-adds, fit 16 registers, and stay below the size at which C2 gives up on inlining.
 */
final class TapTiles {
    private static final VectorSpecies<Float> FLOAT = Lanes.FLOAT;
    private static final long BYTES = Lanes.BYTES;
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT_UNALIGNED;

    /** Vectors along the flat positions in the wide tile of four rows. */
    static final int WIDE = 3;

    /** Vectors along the flat positions in the tile of one row. */
    static final int ROW_WIDE = 6;

    private TapTiles() {}

    /** The rows of the tile for this many filters: 1 or 4. */
    static int rows(int filters) {
        return filters == 1 ? 1 : 4;
    }

    /**
     * Computes one tile of {@code rows} x {@code vectors}; offsets in bytes end in At.
     *
     * @param vectors {@link #WIDE} or 1 with four rows, {@link #ROW_WIDE} with one
     */
    static void run(
            int rows,
            int vectors,
            MemorySegment work,
            long wAt,
            MemorySegment x,
            long xAt,
            int[] table,
            long outAt) {
        if (rows == 1) {
            tile1x6(work, wAt, x, xAt, table, outAt);
        } else if (vectors == WIDE) {
            tile4x3(work, wAt, x, xAt, table, outAt);
        } else {
            tile4x1(work, wAt, x, xAt, table, outAt);
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

    private static void tile4x3(
            MemorySegment work, long wAt, MemorySegment x, long xAt, int[] table, long outAt) {
        FloatVector c00 = FloatVector.zero(FLOAT);
        FloatVector c01 = FloatVector.zero(FLOAT);
        FloatVector c02 = FloatVector.zero(FLOAT);
        FloatVector c10 = FloatVector.zero(FLOAT);
        FloatVector c11 = FloatVector.zero(FLOAT);
        FloatVector c12 = FloatVector.zero(FLOAT);
        FloatVector c20 = FloatVector.zero(FLOAT);
        FloatVector c21 = FloatVector.zero(FLOAT);
        FloatVector c22 = FloatVector.zero(FLOAT);
        FloatVector c30 = FloatVector.zero(FLOAT);
        FloatVector c31 = FloatVector.zero(FLOAT);
        FloatVector c32 = FloatVector.zero(FLOAT);
        for (int t = 0; t < table.length; t++) {
            long at = xAt + table[t];
            long row = wAt + (long) t * 16;
            FloatVector x0 = load(x, at);
            FloatVector x1 = load(x, at + BYTES);
            FloatVector x2 = load(x, at + 2 * BYTES);
            FloatVector w0 = broadcast(work, row);
            c00 = x0.fma(w0, c00);
            c01 = x1.fma(w0, c01);
            c02 = x2.fma(w0, c02);
            FloatVector w1 = broadcast(work, row + 4);
            c10 = x0.fma(w1, c10);
            c11 = x1.fma(w1, c11);
            c12 = x2.fma(w1, c12);
            FloatVector w2 = broadcast(work, row + 8);
            c20 = x0.fma(w2, c20);
            c21 = x1.fma(w2, c21);
            c22 = x2.fma(w2, c22);
            FloatVector w3 = broadcast(work, row + 12);
            c30 = x0.fma(w3, c30);
            c31 = x1.fma(w3, c31);
            c32 = x2.fma(w3, c32);
        }
        store(c00, work, outAt);
        store(c01, work, outAt + BYTES);
        store(c02, work, outAt + 2 * BYTES);
        store(c10, work, outAt + 3 * BYTES);
        store(c11, work, outAt + 4 * BYTES);
        store(c12, work, outAt + 5 * BYTES);
        store(c20, work, outAt + 6 * BYTES);
        store(c21, work, outAt + 7 * BYTES);
        store(c22, work, outAt + 8 * BYTES);
        store(c30, work, outAt + 9 * BYTES);
        store(c31, work, outAt + 10 * BYTES);
        store(c32, work, outAt + 11 * BYTES);
    }

    private static void tile4x1(
            MemorySegment work, long wAt, MemorySegment x, long xAt, int[] table, long outAt) {
        FloatVector c00 = FloatVector.zero(FLOAT);
        FloatVector c10 = FloatVector.zero(FLOAT);
        FloatVector c20 = FloatVector.zero(FLOAT);
        FloatVector c30 = FloatVector.zero(FLOAT);
        for (int t = 0; t < table.length; t++) {
            long at = xAt + table[t];
            long row = wAt + (long) t * 16;
            FloatVector x0 = load(x, at);
            FloatVector w0 = broadcast(work, row);
            c00 = x0.fma(w0, c00);
            FloatVector w1 = broadcast(work, row + 4);
            c10 = x0.fma(w1, c10);
            FloatVector w2 = broadcast(work, row + 8);
            c20 = x0.fma(w2, c20);
            FloatVector w3 = broadcast(work, row + 12);
            c30 = x0.fma(w3, c30);
        }
        store(c00, work, outAt);
        store(c10, work, outAt + BYTES);
        store(c20, work, outAt + 2 * BYTES);
        store(c30, work, outAt + 3 * BYTES);
    }

    private static void tile1x6(
            MemorySegment work, long wAt, MemorySegment x, long xAt, int[] table, long outAt) {
        FloatVector c00 = FloatVector.zero(FLOAT);
        FloatVector c01 = FloatVector.zero(FLOAT);
        FloatVector c02 = FloatVector.zero(FLOAT);
        FloatVector c03 = FloatVector.zero(FLOAT);
        FloatVector c04 = FloatVector.zero(FLOAT);
        FloatVector c05 = FloatVector.zero(FLOAT);
        for (int t = 0; t < table.length; t++) {
            long at = xAt + table[t];
            long row = wAt + (long) t * 4;
            FloatVector x0 = load(x, at);
            FloatVector x1 = load(x, at + BYTES);
            FloatVector x2 = load(x, at + 2 * BYTES);
            FloatVector x3 = load(x, at + 3 * BYTES);
            FloatVector x4 = load(x, at + 4 * BYTES);
            FloatVector x5 = load(x, at + 5 * BYTES);
            FloatVector w0 = broadcast(work, row);
            c00 = x0.fma(w0, c00);
            c01 = x1.fma(w0, c01);
            c02 = x2.fma(w0, c02);
            c03 = x3.fma(w0, c03);
            c04 = x4.fma(w0, c04);
            c05 = x5.fma(w0, c05);
        }
        store(c00, work, outAt);
        store(c01, work, outAt + BYTES);
        store(c02, work, outAt + 2 * BYTES);
        store(c03, work, outAt + 3 * BYTES);
        store(c04, work, outAt + 4 * BYTES);
        store(c05, work, outAt + 5 * BYTES);
    }
}
