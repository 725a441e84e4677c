package dev.lanewise.kernels.vector;

import java.lang.foreign.MemorySegment;

/**
 * The micro-kernel of every matrix product: one tile of products over one depth block, computed in
 * registers. Which tile is a constant of the machine: 6 x 4 vectors where there are 32 registers
 * (AVX-512, whatever the width in use; NEON), 4 x 3 where there are 16.
 */
final class GemmTile {
    static final boolean MANY_REGISTERS =
            VectorWidth.largestBits() == 512 || System.getProperty("os.arch", "").equals("aarch64");

    /** The most rows of a tile. */
    static final int ROWS = MANY_REGISTERS ? GemmTile6x4.ROWS : GemmTile4x3.ROWS;

    /** The columns of a whole tile. */
    static final int COLUMNS = MANY_REGISTERS ? GemmTile6x4.COLUMNS : GemmTile4x3.COLUMNS;

    /** Tiles with at most so many columns are computed by a narrow kernel, at less cost. */
    static final int NARROW_COLUMNS = MANY_REGISTERS ? GemmTile6x4.COLUMNS / 2 : Lanes.COUNT;

    /**
     * For at least so many columns contiguous rows of A are packed too: their kernel needs so few
     * integers that C2 never spills one. With 16 registers the others spill so much that it pays at
     * once.
     */
    static final int PACKING_LEAST_COLUMNS = MANY_REGISTERS ? 6 * COLUMNS : 0;

    /** And for at least so many rows: fewer are not read often enough to pay for it. */
    static final int PACKING_LEAST_ROWS = MANY_REGISTERS ? 24 : 8;

    /** The row pitch of a tile in scratch memory. */
    static final long SCRATCH_ROW_BYTES = 4L * COLUMNS;

    private GemmTile() {}

    /** Whether a tile of so many rows and columns is computed without rows or columns to spare. */
    static boolean isWhole(int rows, int columns) {
        return columns == COLUMNS
                && (MANY_REGISTERS ? GemmTile6x4.isWhole(rows) : GemmTile4x3.isWhole(rows));
    }

    /**
     * tile[i, j] = Σ over p &lt; depth of A[i, p] · B[p, j], a chain of fused multiply-adds in
     * ascending p from 0. Element (i, p) of A is at byte {@code aAt + i · aRowBytes + p ·
     * aStepBytes}, (p, j) of B at {@code bAt + p · bStepBytes + 4j}. With {@code columns} up to
     * {@link #NARROW_COLUMNS} that many columns of B are read and of the tile are written, else all
     * {@link #COLUMNS}.
     *
     * @param rows rows of A that exist, 1 to {@link #ROWS}; unless {@link #isWhole}, all rows of
     *     the tile are written, and further ones are undefined
     * @param bStepBytes not 0
     * @param tileAt byte offset of the tile: [{@link #ROWS}, {@link #COLUMNS}]
     * @param tileRowBytes the bytes from one row of the tile to the next
     */
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
        assert bStepBytes != 0;
        if (MANY_REGISTERS) {
            GemmTile6x4.multiply(
                    a,
                    aAt,
                    aRowBytes,
                    aStepBytes,
                    rows,
                    b,
                    bAt,
                    bStepBytes,
                    columns,
                    depth,
                    tile,
                    tileAt,
                    tileRowBytes);
        } else {
            GemmTile4x3.multiply(
                    a,
                    aAt,
                    aRowBytes,
                    aStepBytes,
                    rows,
                    b,
                    bAt,
                    bStepBytes,
                    columns,
                    depth,
                    tile,
                    tileAt,
                    tileRowBytes);
        }
    }
}
