package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.BYTES;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;

/**
 * The register tiles of convolution: {@code out[i, q] = Σ over t of w[i, t] · x[table[t] + q]} for
 * a few filters i and some vectors of flat positions q.
 *
 * <p>The rows of w are read in place; the table tells, in bytes, where the inputs of each term
 * begin. Each sum is one chain of fused multiply-adds in ascending t from 0. The tile goes to a
 * scratch array [rows, vectors]. The methods are small enough for C2 to inline every vector
 * operation: it gives up at some thousands of nodes, and then each vector left over is an object.
 */
final class TapTiles {
    /** Vectors along the flat positions in the widest tile of four rows. */
    static final int WIDE = Lanes.BITS == 512 ? 4 : 3;

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
     * @param rowBytes distance of two rows of w
     * @param valid rows of w that exist; the tile's rows behind them repeat the last
     * @param vectors 1 to {@link #WIDE} with four rows, {@link #ROW_WIDE} with one
     */
    static void run(
            int rows,
            int vectors,
            MemorySegment w,
            long wAt,
            long rowBytes,
            int valid,
            MemorySegment x,
            long xAt,
            int[] table,
            MemorySegment work,
            long outAt) {
        if (rows == 1) {
            tile1x6(w, wAt, rowBytes, valid, x, xAt, table, work, outAt);
        } else if (vectors == 4) {
            tile4x4(w, wAt, rowBytes, valid, x, xAt, table, work, outAt);
        } else if (vectors == 3) {
            tile4x3(w, wAt, rowBytes, valid, x, xAt, table, work, outAt);
        } else if (vectors == 2) {
            tile4x2(w, wAt, rowBytes, valid, x, xAt, table, work, outAt);
        } else {
            tile4x1(w, wAt, rowBytes, valid, x, xAt, table, work, outAt);
        }
    }

    /** 4 filters, 4 vectors. */
    private static void tile4x4(
            MemorySegment w,
            long wAt,
            long rowBytes,
            int valid,
            MemorySegment x,
            long xAt,
            int[] table,
            MemorySegment work,
            long outAt) {
        w = NATIVE.cast(w);
        x = NATIVE.cast(x);
        work = NATIVE.cast(work);
        long row1 = rowBytes * Math.min(1, valid - 1);
        long row2 = rowBytes * Math.min(2, valid - 1);
        long row3 = rowBytes * Math.min(3, valid - 1);
        FloatVector c00 = FloatVector.zero(FLOAT);
        FloatVector c01 = FloatVector.zero(FLOAT);
        FloatVector c02 = FloatVector.zero(FLOAT);
        FloatVector c03 = FloatVector.zero(FLOAT);
        FloatVector c10 = FloatVector.zero(FLOAT);
        FloatVector c11 = FloatVector.zero(FLOAT);
        FloatVector c12 = FloatVector.zero(FLOAT);
        FloatVector c13 = FloatVector.zero(FLOAT);
        FloatVector c20 = FloatVector.zero(FLOAT);
        FloatVector c21 = FloatVector.zero(FLOAT);
        FloatVector c22 = FloatVector.zero(FLOAT);
        FloatVector c23 = FloatVector.zero(FLOAT);
        FloatVector c30 = FloatVector.zero(FLOAT);
        FloatVector c31 = FloatVector.zero(FLOAT);
        FloatVector c32 = FloatVector.zero(FLOAT);
        FloatVector c33 = FloatVector.zero(FLOAT);
        for (int t = 0; t < table.length; t++) {
            long at = xAt + table[t];
            FloatVector x0 = FloatVector.fromMemorySegment(FLOAT, x, at, ORDER);
            FloatVector x1 = FloatVector.fromMemorySegment(FLOAT, x, at + BYTES, ORDER);
            FloatVector x2 = FloatVector.fromMemorySegment(FLOAT, x, at + 2 * BYTES, ORDER);
            FloatVector x3 = FloatVector.fromMemorySegment(FLOAT, x, at + 3 * BYTES, ORDER);
            FloatVector w0 = FloatVector.broadcast(FLOAT, w.get(JAVA_FLOAT_UNALIGNED, wAt));
            c00 = w0.fma(x0, c00);
            c01 = w0.fma(x1, c01);
            c02 = w0.fma(x2, c02);
            c03 = w0.fma(x3, c03);
            FloatVector w1 = FloatVector.broadcast(FLOAT, w.get(JAVA_FLOAT_UNALIGNED, wAt + row1));
            c10 = w1.fma(x0, c10);
            c11 = w1.fma(x1, c11);
            c12 = w1.fma(x2, c12);
            c13 = w1.fma(x3, c13);
            FloatVector w2 = FloatVector.broadcast(FLOAT, w.get(JAVA_FLOAT_UNALIGNED, wAt + row2));
            c20 = w2.fma(x0, c20);
            c21 = w2.fma(x1, c21);
            c22 = w2.fma(x2, c22);
            c23 = w2.fma(x3, c23);
            FloatVector w3 = FloatVector.broadcast(FLOAT, w.get(JAVA_FLOAT_UNALIGNED, wAt + row3));
            c30 = w3.fma(x0, c30);
            c31 = w3.fma(x1, c31);
            c32 = w3.fma(x2, c32);
            c33 = w3.fma(x3, c33);
            wAt += Float.BYTES;
        }
        c00.intoMemorySegment(work, outAt, ORDER);
        c01.intoMemorySegment(work, outAt + BYTES, ORDER);
        c02.intoMemorySegment(work, outAt + 2 * BYTES, ORDER);
        c03.intoMemorySegment(work, outAt + 3 * BYTES, ORDER);
        c10.intoMemorySegment(work, outAt + 4 * BYTES, ORDER);
        c11.intoMemorySegment(work, outAt + 5 * BYTES, ORDER);
        c12.intoMemorySegment(work, outAt + 6 * BYTES, ORDER);
        c13.intoMemorySegment(work, outAt + 7 * BYTES, ORDER);
        c20.intoMemorySegment(work, outAt + 8 * BYTES, ORDER);
        c21.intoMemorySegment(work, outAt + 9 * BYTES, ORDER);
        c22.intoMemorySegment(work, outAt + 10 * BYTES, ORDER);
        c23.intoMemorySegment(work, outAt + 11 * BYTES, ORDER);
        c30.intoMemorySegment(work, outAt + 12 * BYTES, ORDER);
        c31.intoMemorySegment(work, outAt + 13 * BYTES, ORDER);
        c32.intoMemorySegment(work, outAt + 14 * BYTES, ORDER);
        c33.intoMemorySegment(work, outAt + 15 * BYTES, ORDER);
    }

    /** 4 filters, 3 vectors. */
    private static void tile4x3(
            MemorySegment w,
            long wAt,
            long rowBytes,
            int valid,
            MemorySegment x,
            long xAt,
            int[] table,
            MemorySegment work,
            long outAt) {
        w = NATIVE.cast(w);
        x = NATIVE.cast(x);
        work = NATIVE.cast(work);
        long row1 = rowBytes * Math.min(1, valid - 1);
        long row2 = rowBytes * Math.min(2, valid - 1);
        long row3 = rowBytes * Math.min(3, valid - 1);
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
            FloatVector x0 = FloatVector.fromMemorySegment(FLOAT, x, at, ORDER);
            FloatVector x1 = FloatVector.fromMemorySegment(FLOAT, x, at + BYTES, ORDER);
            FloatVector x2 = FloatVector.fromMemorySegment(FLOAT, x, at + 2 * BYTES, ORDER);
            FloatVector w0 = FloatVector.broadcast(FLOAT, w.get(JAVA_FLOAT_UNALIGNED, wAt));
            c00 = w0.fma(x0, c00);
            c01 = w0.fma(x1, c01);
            c02 = w0.fma(x2, c02);
            FloatVector w1 = FloatVector.broadcast(FLOAT, w.get(JAVA_FLOAT_UNALIGNED, wAt + row1));
            c10 = w1.fma(x0, c10);
            c11 = w1.fma(x1, c11);
            c12 = w1.fma(x2, c12);
            FloatVector w2 = FloatVector.broadcast(FLOAT, w.get(JAVA_FLOAT_UNALIGNED, wAt + row2));
            c20 = w2.fma(x0, c20);
            c21 = w2.fma(x1, c21);
            c22 = w2.fma(x2, c22);
            FloatVector w3 = FloatVector.broadcast(FLOAT, w.get(JAVA_FLOAT_UNALIGNED, wAt + row3));
            c30 = w3.fma(x0, c30);
            c31 = w3.fma(x1, c31);
            c32 = w3.fma(x2, c32);
            wAt += Float.BYTES;
        }
        c00.intoMemorySegment(work, outAt, ORDER);
        c01.intoMemorySegment(work, outAt + BYTES, ORDER);
        c02.intoMemorySegment(work, outAt + 2 * BYTES, ORDER);
        c10.intoMemorySegment(work, outAt + 3 * BYTES, ORDER);
        c11.intoMemorySegment(work, outAt + 4 * BYTES, ORDER);
        c12.intoMemorySegment(work, outAt + 5 * BYTES, ORDER);
        c20.intoMemorySegment(work, outAt + 6 * BYTES, ORDER);
        c21.intoMemorySegment(work, outAt + 7 * BYTES, ORDER);
        c22.intoMemorySegment(work, outAt + 8 * BYTES, ORDER);
        c30.intoMemorySegment(work, outAt + 9 * BYTES, ORDER);
        c31.intoMemorySegment(work, outAt + 10 * BYTES, ORDER);
        c32.intoMemorySegment(work, outAt + 11 * BYTES, ORDER);
    }

    /** 4 filters, 2 vectors. */
    private static void tile4x2(
            MemorySegment w,
            long wAt,
            long rowBytes,
            int valid,
            MemorySegment x,
            long xAt,
            int[] table,
            MemorySegment work,
            long outAt) {
        w = NATIVE.cast(w);
        x = NATIVE.cast(x);
        work = NATIVE.cast(work);
        long row1 = rowBytes * Math.min(1, valid - 1);
        long row2 = rowBytes * Math.min(2, valid - 1);
        long row3 = rowBytes * Math.min(3, valid - 1);
        FloatVector c00 = FloatVector.zero(FLOAT);
        FloatVector c01 = FloatVector.zero(FLOAT);
        FloatVector c10 = FloatVector.zero(FLOAT);
        FloatVector c11 = FloatVector.zero(FLOAT);
        FloatVector c20 = FloatVector.zero(FLOAT);
        FloatVector c21 = FloatVector.zero(FLOAT);
        FloatVector c30 = FloatVector.zero(FLOAT);
        FloatVector c31 = FloatVector.zero(FLOAT);
        for (int t = 0; t < table.length; t++) {
            long at = xAt + table[t];
            FloatVector x0 = FloatVector.fromMemorySegment(FLOAT, x, at, ORDER);
            FloatVector x1 = FloatVector.fromMemorySegment(FLOAT, x, at + BYTES, ORDER);
            FloatVector w0 = FloatVector.broadcast(FLOAT, w.get(JAVA_FLOAT_UNALIGNED, wAt));
            c00 = w0.fma(x0, c00);
            c01 = w0.fma(x1, c01);
            FloatVector w1 = FloatVector.broadcast(FLOAT, w.get(JAVA_FLOAT_UNALIGNED, wAt + row1));
            c10 = w1.fma(x0, c10);
            c11 = w1.fma(x1, c11);
            FloatVector w2 = FloatVector.broadcast(FLOAT, w.get(JAVA_FLOAT_UNALIGNED, wAt + row2));
            c20 = w2.fma(x0, c20);
            c21 = w2.fma(x1, c21);
            FloatVector w3 = FloatVector.broadcast(FLOAT, w.get(JAVA_FLOAT_UNALIGNED, wAt + row3));
            c30 = w3.fma(x0, c30);
            c31 = w3.fma(x1, c31);
            wAt += Float.BYTES;
        }
        c00.intoMemorySegment(work, outAt, ORDER);
        c01.intoMemorySegment(work, outAt + BYTES, ORDER);
        c10.intoMemorySegment(work, outAt + 2 * BYTES, ORDER);
        c11.intoMemorySegment(work, outAt + 3 * BYTES, ORDER);
        c20.intoMemorySegment(work, outAt + 4 * BYTES, ORDER);
        c21.intoMemorySegment(work, outAt + 5 * BYTES, ORDER);
        c30.intoMemorySegment(work, outAt + 6 * BYTES, ORDER);
        c31.intoMemorySegment(work, outAt + 7 * BYTES, ORDER);
    }

    /** 4 filters, 1 vectors. */
    private static void tile4x1(
            MemorySegment w,
            long wAt,
            long rowBytes,
            int valid,
            MemorySegment x,
            long xAt,
            int[] table,
            MemorySegment work,
            long outAt) {
        w = NATIVE.cast(w);
        x = NATIVE.cast(x);
        work = NATIVE.cast(work);
        long row1 = rowBytes * Math.min(1, valid - 1);
        long row2 = rowBytes * Math.min(2, valid - 1);
        long row3 = rowBytes * Math.min(3, valid - 1);
        FloatVector c00 = FloatVector.zero(FLOAT);
        FloatVector c10 = FloatVector.zero(FLOAT);
        FloatVector c20 = FloatVector.zero(FLOAT);
        FloatVector c30 = FloatVector.zero(FLOAT);
        for (int t = 0; t < table.length; t++) {
            long at = xAt + table[t];
            FloatVector x0 = FloatVector.fromMemorySegment(FLOAT, x, at, ORDER);
            FloatVector w0 = FloatVector.broadcast(FLOAT, w.get(JAVA_FLOAT_UNALIGNED, wAt));
            c00 = w0.fma(x0, c00);
            FloatVector w1 = FloatVector.broadcast(FLOAT, w.get(JAVA_FLOAT_UNALIGNED, wAt + row1));
            c10 = w1.fma(x0, c10);
            FloatVector w2 = FloatVector.broadcast(FLOAT, w.get(JAVA_FLOAT_UNALIGNED, wAt + row2));
            c20 = w2.fma(x0, c20);
            FloatVector w3 = FloatVector.broadcast(FLOAT, w.get(JAVA_FLOAT_UNALIGNED, wAt + row3));
            c30 = w3.fma(x0, c30);
            wAt += Float.BYTES;
        }
        c00.intoMemorySegment(work, outAt, ORDER);
        c10.intoMemorySegment(work, outAt + BYTES, ORDER);
        c20.intoMemorySegment(work, outAt + 2 * BYTES, ORDER);
        c30.intoMemorySegment(work, outAt + 3 * BYTES, ORDER);
    }

    /** One filter, 6 vectors. */
    private static void tile1x6(
            MemorySegment w,
            long wAt,
            long rowBytes,
            int valid,
            MemorySegment x,
            long xAt,
            int[] table,
            MemorySegment work,
            long outAt) {
        w = NATIVE.cast(w);
        x = NATIVE.cast(x);
        work = NATIVE.cast(work);
        FloatVector c00 = FloatVector.zero(FLOAT);
        FloatVector c01 = FloatVector.zero(FLOAT);
        FloatVector c02 = FloatVector.zero(FLOAT);
        FloatVector c03 = FloatVector.zero(FLOAT);
        FloatVector c04 = FloatVector.zero(FLOAT);
        FloatVector c05 = FloatVector.zero(FLOAT);
        for (int t = 0; t < table.length; t++) {
            long at = xAt + table[t];
            FloatVector x0 = FloatVector.fromMemorySegment(FLOAT, x, at, ORDER);
            FloatVector x1 = FloatVector.fromMemorySegment(FLOAT, x, at + BYTES, ORDER);
            FloatVector x2 = FloatVector.fromMemorySegment(FLOAT, x, at + 2 * BYTES, ORDER);
            FloatVector x3 = FloatVector.fromMemorySegment(FLOAT, x, at + 3 * BYTES, ORDER);
            FloatVector x4 = FloatVector.fromMemorySegment(FLOAT, x, at + 4 * BYTES, ORDER);
            FloatVector x5 = FloatVector.fromMemorySegment(FLOAT, x, at + 5 * BYTES, ORDER);
            FloatVector w0 = FloatVector.broadcast(FLOAT, w.get(JAVA_FLOAT_UNALIGNED, wAt));
            c00 = w0.fma(x0, c00);
            c01 = w0.fma(x1, c01);
            c02 = w0.fma(x2, c02);
            c03 = w0.fma(x3, c03);
            c04 = w0.fma(x4, c04);
            c05 = w0.fma(x5, c05);
            wAt += Float.BYTES;
        }
        c00.intoMemorySegment(work, outAt, ORDER);
        c01.intoMemorySegment(work, outAt + BYTES, ORDER);
        c02.intoMemorySegment(work, outAt + 2 * BYTES, ORDER);
        c03.intoMemorySegment(work, outAt + 3 * BYTES, ORDER);
        c04.intoMemorySegment(work, outAt + 4 * BYTES, ORDER);
        c05.intoMemorySegment(work, outAt + 5 * BYTES, ORDER);
    }
}
