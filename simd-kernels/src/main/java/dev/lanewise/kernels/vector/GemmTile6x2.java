package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.BYTES;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;

/** The micro-kernels for the right edge where there are 32 vector registers: 2 vectors wide. */
final class GemmTile6x2 {
    private GemmTile6x2() {}

    /** {@link GemmTile#multiply} of up to 2 vectors of columns. */
    static void multiply(
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
        if (rows > 4) {
            multiply6x2(
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
            multiply4x2(
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
            multiply2x2(
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

    /** 6 rows, 2 vectors. */
    static void multiply6x2(
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
        FloatVector c10 = FloatVector.zero(FLOAT);
        FloatVector c11 = FloatVector.zero(FLOAT);
        FloatVector c20 = FloatVector.zero(FLOAT);
        FloatVector c21 = FloatVector.zero(FLOAT);
        FloatVector c30 = FloatVector.zero(FLOAT);
        FloatVector c31 = FloatVector.zero(FLOAT);
        FloatVector c40 = FloatVector.zero(FLOAT);
        FloatVector c41 = FloatVector.zero(FLOAT);
        FloatVector c50 = FloatVector.zero(FLOAT);
        FloatVector c51 = FloatVector.zero(FLOAT);
        while (bAt != bEnd) {
            FloatVector b0 = FloatVector.fromMemorySegment(FLOAT, b, bAt, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(FLOAT, b, bAt + BYTES, ORDER);
            long at = aAt;
            FloatVector a0 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            at += aRowBytes;
            FloatVector a1 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            at += aRowBytes;
            FloatVector a2 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            at += aRowBytes;
            FloatVector a3 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
            at += aRowBytes;
            FloatVector a4 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c40 = a4.fma(b0, c40);
            c41 = a4.fma(b1, c41);
            at += lastRow;
            FloatVector a5 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c50 = a5.fma(b0, c50);
            c51 = a5.fma(b1, c51);
            aAt += aStepBytes;
            bAt += bStepBytes;
        }
        c00.intoMemorySegment(tile, tileAt, ORDER);
        c01.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        tileAt += tileRowBytes;
        c10.intoMemorySegment(tile, tileAt, ORDER);
        c11.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        tileAt += tileRowBytes;
        c20.intoMemorySegment(tile, tileAt, ORDER);
        c21.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        tileAt += tileRowBytes;
        c30.intoMemorySegment(tile, tileAt, ORDER);
        c31.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        tileAt += tileRowBytes;
        c40.intoMemorySegment(tile, tileAt, ORDER);
        c41.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        tileAt += tileRowBytes;
        c50.intoMemorySegment(tile, tileAt, ORDER);
        c51.intoMemorySegment(tile, tileAt + BYTES, ORDER);
    }

    /** 4 rows, 2 vectors. */
    static void multiply4x2(
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
        FloatVector c10 = FloatVector.zero(FLOAT);
        FloatVector c11 = FloatVector.zero(FLOAT);
        FloatVector c20 = FloatVector.zero(FLOAT);
        FloatVector c21 = FloatVector.zero(FLOAT);
        FloatVector c30 = FloatVector.zero(FLOAT);
        FloatVector c31 = FloatVector.zero(FLOAT);
        while (bAt != bEnd) {
            FloatVector b0 = FloatVector.fromMemorySegment(FLOAT, b, bAt, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(FLOAT, b, bAt + BYTES, ORDER);
            long at = aAt;
            FloatVector a0 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            at += aRowBytes;
            FloatVector a1 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            at += aRowBytes;
            FloatVector a2 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            at += lastRow;
            FloatVector a3 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
            aAt += aStepBytes;
            bAt += bStepBytes;
        }
        c00.intoMemorySegment(tile, tileAt, ORDER);
        c01.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        tileAt += tileRowBytes;
        c10.intoMemorySegment(tile, tileAt, ORDER);
        c11.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        tileAt += tileRowBytes;
        c20.intoMemorySegment(tile, tileAt, ORDER);
        c21.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        tileAt += tileRowBytes;
        c30.intoMemorySegment(tile, tileAt, ORDER);
        c31.intoMemorySegment(tile, tileAt + BYTES, ORDER);
    }

    /** 2 rows, 2 vectors. */
    static void multiply2x2(
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
        FloatVector c10 = FloatVector.zero(FLOAT);
        FloatVector c11 = FloatVector.zero(FLOAT);
        while (bAt != bEnd) {
            FloatVector b0 = FloatVector.fromMemorySegment(FLOAT, b, bAt, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(FLOAT, b, bAt + BYTES, ORDER);
            long at = aAt;
            FloatVector a0 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            at += lastRow;
            FloatVector a1 = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, at));
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            aAt += aStepBytes;
            bAt += bStepBytes;
        }
        c00.intoMemorySegment(tile, tileAt, ORDER);
        c01.intoMemorySegment(tile, tileAt + BYTES, ORDER);
        tileAt += tileRowBytes;
        c10.intoMemorySegment(tile, tileAt, ORDER);
        c11.intoMemorySegment(tile, tileAt + BYTES, ORDER);
    }
}
