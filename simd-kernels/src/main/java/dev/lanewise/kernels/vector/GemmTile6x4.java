package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.BYTES;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;

/**
 * Micro-kernels for 32 vector registers: 6 rows by 4 vectors, and fewer rows for the lower edge.
 *
 * <p>They are long on purpose: every accumulator is a local variable, so that C2 keeps it in a
 * register. They are <em>not</em> unrolled along k: more than about 30 vector operations in one
 * method are too much for C1's profiled tier, which then gives up, and a method that was in the
 * unprofiled C1 tier at that moment stays there for ever, at a hundredth of the speed.
 *
 * <p>The loop keeps few integers alive: B's offset also counts the steps (so its stride must not be
 * 0), and one running offset walks down the rows of A. With more of them C2 spills integers into
 * vector registers, and reading such a one back waits in line behind the multiply-adds: the loads
 * of the next steps start too late to hide the second-level cache. The range checks that stay in
 * the loop cost nothing next to 24 multiply-adds, and keep C2 from hoisting all loads and spilling
 * accumulators.
 */
final class GemmTile6x4 {
    static final int ROWS = 6;
    static final int COLUMNS = 4 * Lanes.COUNT;

    private GemmTile6x4() {}

    /** Whether there is a kernel for just so many rows. */
    static boolean isWhole(int rows) {
        return rows == 6 || rows == 4 || rows == 2;
    }

    /** {@link GemmTile#multiply} by the smallest kernel that covers the tile. */
    static void multiply(
            MemorySegment a,
            long aAt,
            long aRowBytes,
            long aStepBytes,
            int rows,
            MemorySegment b,
            long bAt,
            long bStepBytes,
            int columns,
            int depth,
            MemorySegment tile,
            long tileAt,
            long tileRowBytes) {
        if (columns <= COLUMNS / 2) {
            GemmTile6x2.multiply(
                    a,
                    aAt,
                    aRowBytes,
                    aStepBytes,
                    rows,
                    b,
                    bAt,
                    bStepBytes,
                    depth,
                    tile,
                    tileAt,
                    tileRowBytes);
        } else if (rows == ROWS && aRowBytes == 4 && aStepBytes == 4 * ROWS) {
            multiplyPacked6x4(a, aAt, b, bAt, bStepBytes, depth, tile, tileAt, tileRowBytes);
        } else if (rows > 4) {
            multiply6x4(
                    a,
                    aAt,
                    aRowBytes,
                    aStepBytes,
                    rows,
                    b,
                    bAt,
                    bStepBytes,
                    depth,
                    tile,
                    tileAt,
                    tileRowBytes);
        } else if (rows > 2) {
            multiply4x4(
                    a,
                    aAt,
                    aRowBytes,
                    aStepBytes,
                    rows,
                    b,
                    bAt,
                    bStepBytes,
                    depth,
                    tile,
                    tileAt,
                    tileRowBytes);
        } else {
            multiply2x4(
                    a,
                    aAt,
                    aRowBytes,
                    aStepBytes,
                    rows,
                    b,
                    bAt,
                    bStepBytes,
                    depth,
                    tile,
                    tileAt,
                    tileRowBytes);
        }
    }

    /** 6 rows of a packed panel, 4 vectors. */
    static void multiplyPacked6x4(
            MemorySegment a,
            long aAt,
            MemorySegment b,
            long bAt,
            long bStepBytes,
            int depth,
            MemorySegment tile,
            long tileAt,
            long tileRowBytes) {
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        tile = NATIVE.cast(tile);
        long bEnd = bAt + depth * bStepBytes;
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
        FloatVector c40 = FloatVector.zero(FLOAT);
        FloatVector c41 = FloatVector.zero(FLOAT);
        FloatVector c42 = FloatVector.zero(FLOAT);
        FloatVector c43 = FloatVector.zero(FLOAT);
        FloatVector c50 = FloatVector.zero(FLOAT);
        FloatVector c51 = FloatVector.zero(FLOAT);
        FloatVector c52 = FloatVector.zero(FLOAT);
        FloatVector c53 = FloatVector.zero(FLOAT);
        while (bAt != bEnd) {
            FloatVector b0 = FloatVector.fromMemorySegment(FLOAT, b, bAt, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(FLOAT, b, bAt + BYTES, ORDER);
            FloatVector b2 = FloatVector.fromMemorySegment(FLOAT, b, bAt + 2 * BYTES, ORDER);
            FloatVector b3 = FloatVector.fromMemorySegment(FLOAT, b, bAt + 3 * BYTES, ORDER);
            FloatVector a0 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, aAt));
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            c02 = a0.fma(b2, c02);
            c03 = a0.fma(b3, c03);
            FloatVector a1 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, aAt + 4));
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            c12 = a1.fma(b2, c12);
            c13 = a1.fma(b3, c13);
            FloatVector a2 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, aAt + 8));
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            c22 = a2.fma(b2, c22);
            c23 = a2.fma(b3, c23);
            FloatVector a3 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, aAt + 12));
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
            c32 = a3.fma(b2, c32);
            c33 = a3.fma(b3, c33);
            FloatVector a4 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, aAt + 16));
            c40 = a4.fma(b0, c40);
            c41 = a4.fma(b1, c41);
            c42 = a4.fma(b2, c42);
            c43 = a4.fma(b3, c43);
            FloatVector a5 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, aAt + 20));
            c50 = a5.fma(b0, c50);
            c51 = a5.fma(b1, c51);
            c52 = a5.fma(b2, c52);
            c53 = a5.fma(b3, c53);
            aAt += 4 * ROWS;
            bAt += bStepBytes;
        }
        c00.intoMemorySegment(tile, tileAt, ORDER);
        c01.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c02.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
        c03.intoMemorySegment(tile, tileAt + 3 * BYTES, ORDER);
        tileAt += tileRowBytes;
        c10.intoMemorySegment(tile, tileAt, ORDER);
        c11.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c12.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
        c13.intoMemorySegment(tile, tileAt + 3 * BYTES, ORDER);
        tileAt += tileRowBytes;
        c20.intoMemorySegment(tile, tileAt, ORDER);
        c21.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c22.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
        c23.intoMemorySegment(tile, tileAt + 3 * BYTES, ORDER);
        tileAt += tileRowBytes;
        c30.intoMemorySegment(tile, tileAt, ORDER);
        c31.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c32.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
        c33.intoMemorySegment(tile, tileAt + 3 * BYTES, ORDER);
        tileAt += tileRowBytes;
        c40.intoMemorySegment(tile, tileAt, ORDER);
        c41.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c42.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
        c43.intoMemorySegment(tile, tileAt + 3 * BYTES, ORDER);
        tileAt += tileRowBytes;
        c50.intoMemorySegment(tile, tileAt, ORDER);
        c51.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c52.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
        c53.intoMemorySegment(tile, tileAt + 3 * BYTES, ORDER);
    }

    /** 6 rows, 4 vectors. */
    static void multiply6x4(
            MemorySegment a,
            long aAt,
            long aRowBytes,
            long aStepBytes,
            int rows,
            MemorySegment b,
            long bAt,
            long bStepBytes,
            int depth,
            MemorySegment tile,
            long tileAt,
            long tileRowBytes) {
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        tile = NATIVE.cast(tile);
        long bEnd = bAt + depth * bStepBytes;
        long lastRow = rows == 6 ? aRowBytes : 0; // else the last row once more
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
        FloatVector c40 = FloatVector.zero(FLOAT);
        FloatVector c41 = FloatVector.zero(FLOAT);
        FloatVector c42 = FloatVector.zero(FLOAT);
        FloatVector c43 = FloatVector.zero(FLOAT);
        FloatVector c50 = FloatVector.zero(FLOAT);
        FloatVector c51 = FloatVector.zero(FLOAT);
        FloatVector c52 = FloatVector.zero(FLOAT);
        FloatVector c53 = FloatVector.zero(FLOAT);
        while (bAt != bEnd) {
            FloatVector b0 = FloatVector.fromMemorySegment(FLOAT, b, bAt, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(FLOAT, b, bAt + BYTES, ORDER);
            FloatVector b2 = FloatVector.fromMemorySegment(FLOAT, b, bAt + 2 * BYTES, ORDER);
            FloatVector b3 = FloatVector.fromMemorySegment(FLOAT, b, bAt + 3 * BYTES, ORDER);
            long at = aAt;
            FloatVector a0 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            c02 = a0.fma(b2, c02);
            c03 = a0.fma(b3, c03);
            at += aRowBytes;
            FloatVector a1 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            c12 = a1.fma(b2, c12);
            c13 = a1.fma(b3, c13);
            at += aRowBytes;
            FloatVector a2 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            c22 = a2.fma(b2, c22);
            c23 = a2.fma(b3, c23);
            at += aRowBytes;
            FloatVector a3 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
            c32 = a3.fma(b2, c32);
            c33 = a3.fma(b3, c33);
            at += aRowBytes;
            FloatVector a4 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c40 = a4.fma(b0, c40);
            c41 = a4.fma(b1, c41);
            c42 = a4.fma(b2, c42);
            c43 = a4.fma(b3, c43);
            at += lastRow;
            FloatVector a5 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c50 = a5.fma(b0, c50);
            c51 = a5.fma(b1, c51);
            c52 = a5.fma(b2, c52);
            c53 = a5.fma(b3, c53);
            aAt += aStepBytes;
            bAt += bStepBytes;
        }
        c00.intoMemorySegment(tile, tileAt, ORDER);
        c01.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c02.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
        c03.intoMemorySegment(tile, tileAt + 3 * BYTES, ORDER);
        tileAt += tileRowBytes;
        c10.intoMemorySegment(tile, tileAt, ORDER);
        c11.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c12.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
        c13.intoMemorySegment(tile, tileAt + 3 * BYTES, ORDER);
        tileAt += tileRowBytes;
        c20.intoMemorySegment(tile, tileAt, ORDER);
        c21.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c22.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
        c23.intoMemorySegment(tile, tileAt + 3 * BYTES, ORDER);
        tileAt += tileRowBytes;
        c30.intoMemorySegment(tile, tileAt, ORDER);
        c31.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c32.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
        c33.intoMemorySegment(tile, tileAt + 3 * BYTES, ORDER);
        tileAt += tileRowBytes;
        c40.intoMemorySegment(tile, tileAt, ORDER);
        c41.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c42.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
        c43.intoMemorySegment(tile, tileAt + 3 * BYTES, ORDER);
        tileAt += tileRowBytes;
        c50.intoMemorySegment(tile, tileAt, ORDER);
        c51.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c52.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
        c53.intoMemorySegment(tile, tileAt + 3 * BYTES, ORDER);
    }

    /** 4 rows, 4 vectors. */
    static void multiply4x4(
            MemorySegment a,
            long aAt,
            long aRowBytes,
            long aStepBytes,
            int rows,
            MemorySegment b,
            long bAt,
            long bStepBytes,
            int depth,
            MemorySegment tile,
            long tileAt,
            long tileRowBytes) {
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        tile = NATIVE.cast(tile);
        long bEnd = bAt + depth * bStepBytes;
        long lastRow = rows == 4 ? aRowBytes : 0; // else the last row once more
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
        while (bAt != bEnd) {
            FloatVector b0 = FloatVector.fromMemorySegment(FLOAT, b, bAt, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(FLOAT, b, bAt + BYTES, ORDER);
            FloatVector b2 = FloatVector.fromMemorySegment(FLOAT, b, bAt + 2 * BYTES, ORDER);
            FloatVector b3 = FloatVector.fromMemorySegment(FLOAT, b, bAt + 3 * BYTES, ORDER);
            long at = aAt;
            FloatVector a0 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            c02 = a0.fma(b2, c02);
            c03 = a0.fma(b3, c03);
            at += aRowBytes;
            FloatVector a1 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            c12 = a1.fma(b2, c12);
            c13 = a1.fma(b3, c13);
            at += aRowBytes;
            FloatVector a2 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            c22 = a2.fma(b2, c22);
            c23 = a2.fma(b3, c23);
            at += lastRow;
            FloatVector a3 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
            c32 = a3.fma(b2, c32);
            c33 = a3.fma(b3, c33);
            aAt += aStepBytes;
            bAt += bStepBytes;
        }
        c00.intoMemorySegment(tile, tileAt, ORDER);
        c01.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c02.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
        c03.intoMemorySegment(tile, tileAt + 3 * BYTES, ORDER);
        tileAt += tileRowBytes;
        c10.intoMemorySegment(tile, tileAt, ORDER);
        c11.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c12.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
        c13.intoMemorySegment(tile, tileAt + 3 * BYTES, ORDER);
        tileAt += tileRowBytes;
        c20.intoMemorySegment(tile, tileAt, ORDER);
        c21.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c22.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
        c23.intoMemorySegment(tile, tileAt + 3 * BYTES, ORDER);
        tileAt += tileRowBytes;
        c30.intoMemorySegment(tile, tileAt, ORDER);
        c31.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c32.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
        c33.intoMemorySegment(tile, tileAt + 3 * BYTES, ORDER);
    }

    /** 2 rows, 4 vectors. */
    static void multiply2x4(
            MemorySegment a,
            long aAt,
            long aRowBytes,
            long aStepBytes,
            int rows,
            MemorySegment b,
            long bAt,
            long bStepBytes,
            int depth,
            MemorySegment tile,
            long tileAt,
            long tileRowBytes) {
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        tile = NATIVE.cast(tile);
        long bEnd = bAt + depth * bStepBytes;
        long lastRow = rows == 2 ? aRowBytes : 0; // else the last row once more
        FloatVector c00 = FloatVector.zero(FLOAT);
        FloatVector c01 = FloatVector.zero(FLOAT);
        FloatVector c02 = FloatVector.zero(FLOAT);
        FloatVector c03 = FloatVector.zero(FLOAT);
        FloatVector c10 = FloatVector.zero(FLOAT);
        FloatVector c11 = FloatVector.zero(FLOAT);
        FloatVector c12 = FloatVector.zero(FLOAT);
        FloatVector c13 = FloatVector.zero(FLOAT);
        while (bAt != bEnd) {
            FloatVector b0 = FloatVector.fromMemorySegment(FLOAT, b, bAt, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(FLOAT, b, bAt + BYTES, ORDER);
            FloatVector b2 = FloatVector.fromMemorySegment(FLOAT, b, bAt + 2 * BYTES, ORDER);
            FloatVector b3 = FloatVector.fromMemorySegment(FLOAT, b, bAt + 3 * BYTES, ORDER);
            long at = aAt;
            FloatVector a0 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            c02 = a0.fma(b2, c02);
            c03 = a0.fma(b3, c03);
            at += lastRow;
            FloatVector a1 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            c12 = a1.fma(b2, c12);
            c13 = a1.fma(b3, c13);
            aAt += aStepBytes;
            bAt += bStepBytes;
        }
        c00.intoMemorySegment(tile, tileAt, ORDER);
        c01.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c02.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
        c03.intoMemorySegment(tile, tileAt + 3 * BYTES, ORDER);
        tileAt += tileRowBytes;
        c10.intoMemorySegment(tile, tileAt, ORDER);
        c11.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c12.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
        c13.intoMemorySegment(tile, tileAt + 3 * BYTES, ORDER);
    }
}
