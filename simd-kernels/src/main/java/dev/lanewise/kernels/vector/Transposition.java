package dev.lanewise.kernels.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;

/** Transposes of matrices, by tiles that stay in the first-level cache. */
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
