package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.BYTES;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;

/**
 * Copies a depth block of A or B into panels that {@link GemmTile} reads in order.
 *
 * <p>A panel of B holds {@link GemmTile#COLUMNS} columns: row after row, each as long as the tile
 * is wide, the last panel filled up with zeros. A panel of A holds {@link GemmTile#ROWS} rows:
 * column after column, likewise. Panels follow one another without gaps.
 */
final class GemmPacking {
    /**
     * Steps that are interleaved before the next lines, a multiple of every vector's lanes: a page
     * of each, so that the few lines that are read at a time are streams to the prefetchers.
     */
    private static final int STRETCH = 1024;

    /** Columns of A that are cut into pieces before the next ones: they stay in the first level. */
    private static final int CUT_COLUMNS = 64;

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
        if (rowBytes == 4) {
            packColumnsA(a, aAt, columnBytes, rows, depth, packed, packedAt);
            return;
        }
        for (int i = 0; i < rows; i += GemmTile.ROWS) {
            int height = Math.min(GemmTile.ROWS, rows - i);
            long at = aAt + i * rowBytes;
            int done = 0;
            if (height == GemmRowPacking.ROWS && columnBytes == 4) {
                done = GemmRowPacking.pack(a, at, rowBytes, depth, packed, packedAt);
            }
            interleave(
                    a,
                    at + done * columnBytes,
                    rowBytes,
                    columnBytes,
                    height,
                    depth - done,
                    packed,
                    packedAt + panelBytesA(done),
                    GemmTile.ROWS);
            packedAt += panelBytesA(depth);
        }
    }

    /** {@link #packA} of contiguous columns: a stretch of them is cut into pieces of a few rows. */
    private static void packColumnsA(
            MemorySegment a,
            long aAt,
            long columnBytes,
            int rows,
            int depth,
            MemorySegment packed,
            long packedAt) {
        int whole = rows / GemmTile.ROWS * GemmTile.ROWS;
        for (int p0 = 0; p0 < depth; p0 += CUT_COLUMNS) {
            int steps = Math.min(CUT_COLUMNS, depth - p0);
            for (int i = 0; i < whole; i += GemmTile.ROWS) {
                copyPieces(
                        a,
                        aAt + p0 * columnBytes + 4L * i,
                        columnBytes,
                        steps,
                        packed,
                        packedAt + panelBytesA(depth) * (i / GemmTile.ROWS) + panelBytesA(p0));
            }
        }
        if (whole < rows) {
            interleave(
                    a,
                    aAt + 4L * whole,
                    4,
                    columnBytes,
                    rows - whole,
                    depth,
                    packed,
                    packedAt + panelBytesA(depth) * (whole / GemmTile.ROWS),
                    GemmTile.ROWS);
        }
    }

    /** Pieces of {@link GemmTile#ROWS} floats, an even number, as 64-bit words. */
    private static void copyPieces(
            MemorySegment from,
            long fromAt,
            long stepBytes,
            int steps,
            MemorySegment to,
            long toAt) {
        for (int p = 0; p < steps; p++) {
            for (int x = 0; x < 4 * GemmTile.ROWS; x += 8) {
                to.set(JAVA_LONG_UNALIGNED, toAt + x, from.get(JAVA_LONG_UNALIGNED, fromAt + x));
            }
            fromAt += stepBytes;
            toAt += 4L * GemmTile.ROWS;
        }
    }

    /** Copies rows as long as the tile is wide: 3 or 4 vectors. */
    private static void copyPanel(
            MemorySegment from, long fromAt, long rowBytes, int rows, MemorySegment to, long toAt) {
        from = NATIVE.cast(from);
        to = NATIVE.cast(to);
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
        from = NATIVE.cast(from);
        to = NATIVE.cast(to);
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
    static void interleave(
            MemorySegment from,
            long fromAt,
            long lineBytes,
            long stepBytes,
            int lines,
            int steps,
            MemorySegment to,
            long toAt,
            int pitch) {
        int wholeLines = 0;
        int wholeSteps = 0;
        if (stepBytes == 4) {
            wholeLines = lines / Lanes.COUNT * Lanes.COUNT;
            wholeSteps = steps / Lanes.COUNT * Lanes.COUNT;
            interleaveBlocks(from, fromAt, lineBytes, wholeLines, wholeSteps, to, toAt, pitch);
        }
        for (int j = 0; j < lines; j++) {
            int first = j < wholeLines ? wholeSteps : 0;
            long at = fromAt + j * lineBytes + first * stepBytes;
            long out = toAt + 4L * j + 4L * pitch * first;
            for (int p = first; p < steps; p++) {
                to.set(JAVA_FLOAT_UNALIGNED, out, from.get(JAVA_FLOAT_UNALIGNED, at));
                at += stepBytes;
                out += 4L * pitch;
            }
        }
        if (lines < pitch) {
            clearColumns(to, toAt + 4L * lines, pitch - lines, steps, pitch);
        }
    }

    /** Blocks that use up a page of some source lines before going on to others. */
    private static void interleaveBlocks(
            MemorySegment from,
            long fromAt,
            long lineBytes,
            int lines,
            int steps,
            MemorySegment to,
            long toAt,
            int pitch) {
        for (int p0 = 0; p0 < steps; p0 += STRETCH) {
            int end = Math.min(p0 + STRETCH, steps);
            for (int j = 0; j < lines; j += Lanes.COUNT) {
                for (int p = p0; p < end; p += Lanes.COUNT) {
                    BlockTranspose.run(
                            from,
                            fromAt + j * lineBytes + 4L * p,
                            lineBytes,
                            to,
                            toAt + 4L * ((long) p * pitch + j),
                            4L * pitch);
                }
            }
        }
    }

    private static void clearColumns(
            MemorySegment to, long toAt, int columns, int rows, int pitch) {
        for (int p = 0; p < rows; p++) {
            for (int j = 0; j < columns; j++) {
                to.set(JAVA_FLOAT_UNALIGNED, toAt + 4L * j, 0f);
            }
            toAt += 4L * pitch;
        }
    }
}
