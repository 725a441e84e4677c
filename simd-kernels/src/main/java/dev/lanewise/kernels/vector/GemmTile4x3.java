package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.BYTES;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;

/**
 * Micro-kernels for 16 vector registers: 4 rows by 3 vectors, and fewer rows or one vector for the
 * edges. Written like {@link GemmTile6x4}, for the reasons told there.
 *
 * <p>CPUs with 16 registers start two multiply-adds in a cycle, so that every other instruction
 * counts: packed rows of A, whose offsets are constants, have a kernel of their own.
 */
final class GemmTile4x3 {
    static final int ROWS = 4;
    static final int COLUMNS = 3 * Lanes.COUNT;

    private GemmTile4x3() {}

    /** Whether there is a kernel for just so many rows. */
    static boolean isWhole(int rows) {
        return rows == 4 || rows == 2;
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
        if (columns <= Lanes.COUNT) {
            multiplyNarrow(
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
            multiplyPacked4x3(a, aAt, b, bAt, bStepBytes, depth, tile, tileAt, tileRowBytes);
        } else if (rows > 2) {
            multiply4x3(
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
            multiply2x3(
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

    private static void multiplyNarrow(
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
        if (rows > 2) {
            multiply4x1(
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
            multiply2x1(
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

    /** 4 rows of a packed panel, 3 vectors. */
    static void multiplyPacked4x3(
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
        FloatVector c10 = FloatVector.zero(FLOAT);
        FloatVector c11 = FloatVector.zero(FLOAT);
        FloatVector c12 = FloatVector.zero(FLOAT);
        FloatVector c20 = FloatVector.zero(FLOAT);
        FloatVector c21 = FloatVector.zero(FLOAT);
        FloatVector c22 = FloatVector.zero(FLOAT);
        FloatVector c30 = FloatVector.zero(FLOAT);
        FloatVector c31 = FloatVector.zero(FLOAT);
        FloatVector c32 = FloatVector.zero(FLOAT);
        while (bAt != bEnd) {
            FloatVector b0 = FloatVector.fromMemorySegment(FLOAT, b, bAt, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(FLOAT, b, bAt + BYTES, ORDER);
            FloatVector b2 = FloatVector.fromMemorySegment(FLOAT, b, bAt + 2 * BYTES, ORDER);
            FloatVector a0 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, aAt));
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            c02 = a0.fma(b2, c02);
            FloatVector a1 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, aAt + 4));
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            c12 = a1.fma(b2, c12);
            FloatVector a2 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, aAt + 8));
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            c22 = a2.fma(b2, c22);
            FloatVector a3 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, aAt + 12));
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
            c32 = a3.fma(b2, c32);
            aAt += 4 * ROWS;
            bAt += bStepBytes;
        }
        c00.intoMemorySegment(tile, tileAt, ORDER);
        c01.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c02.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
        tileAt += tileRowBytes;
        c10.intoMemorySegment(tile, tileAt, ORDER);
        c11.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c12.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
        tileAt += tileRowBytes;
        c20.intoMemorySegment(tile, tileAt, ORDER);
        c21.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c22.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
        tileAt += tileRowBytes;
        c30.intoMemorySegment(tile, tileAt, ORDER);
        c31.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c32.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
    }

    /** 4 rows, 3 vectors. */
    static void multiply4x3(
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
        FloatVector c10 = FloatVector.zero(FLOAT);
        FloatVector c11 = FloatVector.zero(FLOAT);
        FloatVector c12 = FloatVector.zero(FLOAT);
        FloatVector c20 = FloatVector.zero(FLOAT);
        FloatVector c21 = FloatVector.zero(FLOAT);
        FloatVector c22 = FloatVector.zero(FLOAT);
        FloatVector c30 = FloatVector.zero(FLOAT);
        FloatVector c31 = FloatVector.zero(FLOAT);
        FloatVector c32 = FloatVector.zero(FLOAT);
        while (bAt != bEnd) {
            FloatVector b0 = FloatVector.fromMemorySegment(FLOAT, b, bAt, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(FLOAT, b, bAt + BYTES, ORDER);
            FloatVector b2 = FloatVector.fromMemorySegment(FLOAT, b, bAt + 2 * BYTES, ORDER);
            long at = aAt;
            FloatVector a0 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            c02 = a0.fma(b2, c02);
            at += aRowBytes;
            FloatVector a1 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            c12 = a1.fma(b2, c12);
            at += aRowBytes;
            FloatVector a2 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            c22 = a2.fma(b2, c22);
            at += lastRow;
            FloatVector a3 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
            c32 = a3.fma(b2, c32);
            aAt += aStepBytes;
            bAt += bStepBytes;
        }
        c00.intoMemorySegment(tile, tileAt, ORDER);
        c01.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c02.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
        tileAt += tileRowBytes;
        c10.intoMemorySegment(tile, tileAt, ORDER);
        c11.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c12.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
        tileAt += tileRowBytes;
        c20.intoMemorySegment(tile, tileAt, ORDER);
        c21.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c22.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
        tileAt += tileRowBytes;
        c30.intoMemorySegment(tile, tileAt, ORDER);
        c31.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c32.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
    }

    /** 2 rows, 3 vectors. */
    static void multiply2x3(
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
        FloatVector c10 = FloatVector.zero(FLOAT);
        FloatVector c11 = FloatVector.zero(FLOAT);
        FloatVector c12 = FloatVector.zero(FLOAT);
        while (bAt != bEnd) {
            FloatVector b0 = FloatVector.fromMemorySegment(FLOAT, b, bAt, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(FLOAT, b, bAt + BYTES, ORDER);
            FloatVector b2 = FloatVector.fromMemorySegment(FLOAT, b, bAt + 2 * BYTES, ORDER);
            long at = aAt;
            FloatVector a0 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            c02 = a0.fma(b2, c02);
            at += lastRow;
            FloatVector a1 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            c12 = a1.fma(b2, c12);
            aAt += aStepBytes;
            bAt += bStepBytes;
        }
        c00.intoMemorySegment(tile, tileAt, ORDER);
        c01.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c02.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
        tileAt += tileRowBytes;
        c10.intoMemorySegment(tile, tileAt, ORDER);
        c11.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c12.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
    }

    /** 4 rows, 1 vector. */
    static void multiply4x1(
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
        FloatVector c10 = FloatVector.zero(FLOAT);
        FloatVector c20 = FloatVector.zero(FLOAT);
        FloatVector c30 = FloatVector.zero(FLOAT);
        while (bAt != bEnd) {
            FloatVector b0 = FloatVector.fromMemorySegment(FLOAT, b, bAt, ORDER);
            long at = aAt;
            FloatVector a0 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c00 = a0.fma(b0, c00);
            at += aRowBytes;
            FloatVector a1 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c10 = a1.fma(b0, c10);
            at += aRowBytes;
            FloatVector a2 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c20 = a2.fma(b0, c20);
            at += lastRow;
            FloatVector a3 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c30 = a3.fma(b0, c30);
            aAt += aStepBytes;
            bAt += bStepBytes;
        }
        c00.intoMemorySegment(tile, tileAt, ORDER);
        tileAt += tileRowBytes;
        c10.intoMemorySegment(tile, tileAt, ORDER);
        tileAt += tileRowBytes;
        c20.intoMemorySegment(tile, tileAt, ORDER);
        tileAt += tileRowBytes;
        c30.intoMemorySegment(tile, tileAt, ORDER);
    }

    /** 2 rows, 1 vector. */
    static void multiply2x1(
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
        FloatVector c10 = FloatVector.zero(FLOAT);
        while (bAt != bEnd) {
            FloatVector b0 = FloatVector.fromMemorySegment(FLOAT, b, bAt, ORDER);
            long at = aAt;
            FloatVector a0 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c00 = a0.fma(b0, c00);
            at += lastRow;
            FloatVector a1 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c10 = a1.fma(b0, c10);
            aAt += aStepBytes;
            bAt += bStepBytes;
        }
        c00.intoMemorySegment(tile, tileAt, ORDER);
        tileAt += tileRowBytes;
        c10.intoMemorySegment(tile, tileAt, ORDER);
    }
}
