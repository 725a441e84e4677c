package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.BYTES;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.ORDER;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;

/**
 * Micro-kernels for 16 vector registers: 4 rows by 3 vectors, and 4 by 1 for narrow edges. Written
 * like {@link GemmTile6x4}, for the reasons told there.
 */
final class GemmTile4x3 {
    static final int ROWS = 4;
    static final int COLUMNS = 3 * Lanes.COUNT;

    private GemmTile4x3() {}

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
        }
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
        long row1 = aRowBytes * Math.min(1, rows - 1);
        long row2 = aRowBytes * Math.min(2, rows - 1);
        long row3 = aRowBytes * Math.min(3, rows - 1);
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
        for (int p = 0; p < depth; p++) {
            FloatVector b0 = FloatVector.fromMemorySegment(FLOAT, b, bAt, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(FLOAT, b, bAt + BYTES, ORDER);
            FloatVector b2 = FloatVector.fromMemorySegment(FLOAT, b, bAt + 2 * BYTES, ORDER);
            FloatVector a0 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, aAt));
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            c02 = a0.fma(b2, c02);
            FloatVector a1 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, aAt + row1));
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            c12 = a1.fma(b2, c12);
            FloatVector a2 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, aAt + row2));
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            c22 = a2.fma(b2, c22);
            FloatVector a3 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, aAt + row3));
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
            c32 = a3.fma(b2, c32);
            aAt += aStepBytes;
            bAt += bStepBytes;
        }
        c00.intoMemorySegment(tile, tileAt, ORDER);
        c01.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        c02.intoMemorySegment(tile, tileAt + 2 * BYTES, ORDER);
        c10.intoMemorySegment(tile, tileAt + tileRowBytes, ORDER);
        c11.intoMemorySegment(tile, tileAt + tileRowBytes + BYTES, ORDER);
        c12.intoMemorySegment(tile, tileAt + tileRowBytes + 2 * BYTES, ORDER);
        c20.intoMemorySegment(tile, tileAt + 2 * tileRowBytes, ORDER);
        c21.intoMemorySegment(tile, tileAt + 2 * tileRowBytes + BYTES, ORDER);
        c22.intoMemorySegment(tile, tileAt + 2 * tileRowBytes + 2 * BYTES, ORDER);
        c30.intoMemorySegment(tile, tileAt + 3 * tileRowBytes, ORDER);
        c31.intoMemorySegment(tile, tileAt + 3 * tileRowBytes + BYTES, ORDER);
        c32.intoMemorySegment(tile, tileAt + 3 * tileRowBytes + 2 * BYTES, ORDER);
    }

    /** 4 rows, 1 vectors. */
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
        long row1 = aRowBytes * Math.min(1, rows - 1);
        long row2 = aRowBytes * Math.min(2, rows - 1);
        long row3 = aRowBytes * Math.min(3, rows - 1);
        FloatVector c00 = FloatVector.zero(FLOAT);
        FloatVector c10 = FloatVector.zero(FLOAT);
        FloatVector c20 = FloatVector.zero(FLOAT);
        FloatVector c30 = FloatVector.zero(FLOAT);
        for (int p = 0; p < depth; p++) {
            FloatVector b0 = FloatVector.fromMemorySegment(FLOAT, b, bAt, ORDER);
            FloatVector a0 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, aAt));
            c00 = a0.fma(b0, c00);
            FloatVector a1 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, aAt + row1));
            c10 = a1.fma(b0, c10);
            FloatVector a2 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, aAt + row2));
            c20 = a2.fma(b0, c20);
            FloatVector a3 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, aAt + row3));
            c30 = a3.fma(b0, c30);
            aAt += aStepBytes;
            bAt += bStepBytes;
        }
        c00.intoMemorySegment(tile, tileAt, ORDER);
        c10.intoMemorySegment(tile, tileAt + tileRowBytes, ORDER);
        c20.intoMemorySegment(tile, tileAt + 2 * tileRowBytes, ORDER);
        c30.intoMemorySegment(tile, tileAt + 3 * tileRowBytes, ORDER);
    }
}
