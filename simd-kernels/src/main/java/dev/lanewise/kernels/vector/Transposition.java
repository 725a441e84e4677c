package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.COUNT;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;

/** Transposes of matrices, by blocks of vectors, or tiles of elements where one side is short. */
final class Transposition {
    /** Rows and columns of a tile: one cache line wide on both sides. */
    private static final int TILE = 16;

    private Transposition() {}

    /** out[c, r] = a[r, c]. */
    static void run(
            MemorySegment a,
            long aOffset,
            long aRowStride,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset,
            long outRowStride) {
        if (rows >= COUNT && columns >= COUNT) {
            blocks(a, aOffset, aRowStride, rows, columns, out, outOffset, outRowStride);
            return;
        }
        if (rows <= TILE && columns <= TILE) {
            tile(a, aOffset, aRowStride, (int) rows, (int) columns, out, outOffset, outRowStride);
            return;
        }
        for (long c = 0; c < columns; c += TILE) {
            int width = (int) Math.min(TILE, columns - c);
            for (long r = 0; r < rows; r += TILE) {
                int height = (int) Math.min(TILE, rows - r);
                tile(
                        a,
                        aOffset + r * aRowStride + c,
                        aRowStride,
                        height,
                        width,
                        out,
                        outOffset + c * outRowStride + r,
                        outRowStride);
            }
        }
    }

    /** By blocks of vectors; those at the ends overlap the ones before them. */
    private static void blocks(
            MemorySegment a,
            long aOffset,
            long aRowStride,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset,
            long outRowStride) {
        for (long c = 0; c < columns; c += COUNT) {
            long column = Math.min(c, columns - COUNT);
            for (long r = 0; r < rows; r += COUNT) {
                long row = Math.min(r, rows - COUNT);
                BlockTranspose.run(
                        a,
                        aOffset + row * aRowStride + column << 2,
                        aRowStride << 2,
                        out,
                        outOffset + column * outRowStride + row << 2,
                        outRowStride << 2);
            }
        }
    }

    private static void tile(
            MemorySegment a,
            long aOffset,
            long aRowStride,
            int rows,
            int columns,
            MemorySegment out,
            long outOffset,
            long outRowStride) {
        for (int c = 0; c < columns; c++) {
            long from = aOffset + c;
            long to = outOffset + c * outRowStride;
            for (int r = 0; r < rows; r++) {
                out.setAtIndex(JAVA_FLOAT, to + r, a.getAtIndex(JAVA_FLOAT, from + r * aRowStride));
            }
        }
    }
}
