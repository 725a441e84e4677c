package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.BYTES;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.ORDER;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/**
 * Copies a depth block of A or B into panels that {@link GemmTile} reads in order.
 *
 * <p>A panel of B holds {@link GemmTile#COLUMNS} columns: row after row, each as long as the tile
 * is wide, the last panel filled up with zeros. A panel of A holds {@link GemmTile#ROWS} rows:
 * column after column, likewise. Panels follow one another without gaps.
 */
final class GemmPacking {
    private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private GemmPacking() {}

    /** The bytes of a panel of B. */
    static long panelBytesB(int depth) {
        return 4L * GemmTile.COLUMNS * depth;
    }

    /** The bytes of a panel of A. */
    static long panelBytesA(int depth) {
        return 4L * GemmTile.ROWS * depth;
    }

    /**
     * Packs B: [depth, columns] with element (p, j) at byte bAt + p · rowBytes + j · columnBytes.
     */
    static void packB(
            MemorySegment b,
            long bAt,
            long rowBytes,
            long columnBytes,
            int depth,
            int columns,
            MemorySegment packed,
            long packedAt) {
        for (int j = 0; j < columns; j += GemmTile.COLUMNS) {
            int width = Math.min(GemmTile.COLUMNS, columns - j);
            long at = bAt + j * columnBytes;
            if (columnBytes == 4 && width == GemmTile.COLUMNS) {
                copyPanel(b, at, rowBytes, depth, packed, packedAt);
            } else if (columnBytes == 4) {
                copyRows(b, at, rowBytes, depth, width, packed, packedAt, GemmTile.COLUMNS);
            } else {
                interleave(
                        b,
                        at,
                        columnBytes,
                        rowBytes,
                        width,
                        depth,
                        packed,
                        packedAt,
                        GemmTile.COLUMNS);
            }
            packedAt += panelBytesB(depth);
        }
    }

    /** Packs A: [rows, depth] with element (i, p) at byte aAt + i · rowBytes + p · columnBytes. */
    static void packA(
            MemorySegment a,
            long aAt,
            long rowBytes,
            long columnBytes,
            int rows,
            int depth,
            MemorySegment packed,
            long packedAt) {
        for (int i = 0; i < rows; i += GemmTile.ROWS) {
            int height = Math.min(GemmTile.ROWS, rows - i);
            long at = aAt + i * rowBytes;
            interleave(
                    a, at, rowBytes, columnBytes, height, depth, packed, packedAt, GemmTile.ROWS);
            packedAt += panelBytesA(depth);
        }
    }

    /** Copies rows as long as the tile is wide: 3 or 4 vectors. */
    private static void copyPanel(
            MemorySegment from, long fromAt, long rowBytes, int rows, MemorySegment to, long toAt) {
        for (int p = 0; p < rows; p++) {
            FloatVector.fromMemorySegment(FLOAT, from, fromAt, ORDER)
                    .intoMemorySegment(to, toAt, ORDER);
            FloatVector.fromMemorySegment(FLOAT, from, fromAt + BYTES, ORDER)
                    .intoMemorySegment(to, toAt + BYTES, ORDER);
            FloatVector.fromMemorySegment(FLOAT, from, fromAt + 2 * BYTES, ORDER)
                    .intoMemorySegment(to, toAt + 2 * BYTES, ORDER);
            if (GemmTile.COLUMNS == 4 * Lanes.COUNT) {
                FloatVector.fromMemorySegment(FLOAT, from, fromAt + 3 * BYTES, ORDER)
                        .intoMemorySegment(to, toAt + 3 * BYTES, ORDER);
            }
            fromAt += rowBytes;
            toAt += 4L * GemmTile.COLUMNS;
        }
    }

    /** Copies rows of {@code width} floats to rows of {@code pitch}, the rest zero. */
    private static void copyRows(
            MemorySegment from,
            long fromAt,
            long rowBytes,
            int rows,
            int width,
            MemorySegment to,
            long toAt,
            int pitch) {
        long whole = BYTES * (width / Lanes.COUNT);
        long end = 4L * width;
        long full = 4L * pitch;
        for (int p = 0; p < rows; p++) {
            long x = 0;
            for (; x < whole; x += BYTES) {
                FloatVector.fromMemorySegment(FLOAT, from, fromAt + x, ORDER)
                        .intoMemorySegment(to, toAt + x, ORDER);
            }
            for (; x < end; x += 4) {
                to.set(JAVA_FLOAT_UNALIGNED, toAt + x, from.get(JAVA_FLOAT_UNALIGNED, fromAt + x));
            }
            for (; x < full; x += 4) {
                to.set(JAVA_FLOAT_UNALIGNED, toAt + x, 0f);
            }
            fromAt += rowBytes;
            toAt += full;
        }
    }

    /**
     * to[p, j] = line j at step p, for {@code lines} of {@code steps} elements; columns of {@code
     * to} from {@code lines} to {@code pitch} are zero.
     */
    private static void interleave(
            MemorySegment from,
            long fromAt,
            long lineBytes,
            long stepBytes,
            int lines,
            int steps,
            MemorySegment to,
            long toAt,
            int pitch) {
        int j = 0;
        if (stepBytes == 4 && LITTLE_ENDIAN) {
            for (; j + 2 <= lines; j += 2) {
                interleavePair(
                        from, fromAt + j * lineBytes, lineBytes, steps, to, toAt + 4L * j, pitch);
            }
        }
        for (; j < pitch; j++) {
            long at = fromAt + j * lineBytes;
            long out = toAt + 4L * j;
            boolean present = j < lines;
            for (int p = 0; p < steps; p++) {
                to.set(
                        JAVA_FLOAT_UNALIGNED,
                        out,
                        present ? from.get(JAVA_FLOAT_UNALIGNED, at) : 0f);
                at += stepBytes;
                out += 4L * pitch;
            }
        }
    }

    /** Two contiguous lines at once, two steps at once, as halves of 64-bit words. */
    private static void interleavePair(
            MemorySegment from,
            long fromAt,
            long lineBytes,
            int steps,
            MemorySegment to,
            long toAt,
            int pitch) {
        int p = 0;
        for (; p + 2 <= steps; p += 2) {
            long x = from.get(JAVA_LONG_UNALIGNED, fromAt);
            long y = from.get(JAVA_LONG_UNALIGNED, fromAt + lineBytes);
            to.set(JAVA_LONG_UNALIGNED, toAt, (x & 0xFFFF_FFFFL) | (y << 32));
            to.set(JAVA_LONG_UNALIGNED, toAt + 4L * pitch, (x >>> 32) | (y & ~0xFFFF_FFFFL));
            fromAt += 8;
            toAt += 8L * pitch;
        }
        if (p < steps) {
            to.set(JAVA_FLOAT_UNALIGNED, toAt, from.get(JAVA_FLOAT_UNALIGNED, fromAt));
            to.set(
                    JAVA_FLOAT_UNALIGNED,
                    toAt + 4,
                    from.get(JAVA_FLOAT_UNALIGNED, fromAt + lineBytes));
        }
    }
}
