package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.BiasAxis;
import dev.lanewise.kernels.FusedActivation;

import java.lang.foreign.MemorySegment;

/**
 * The loops over tiles: multiplies A: [m, depth] by B: [depth, n] of one depth block and merges
 * each tile into C. Both operands may lie packed ({@link GemmPacking}) or as they are, for a row of
 * A's panel and a row of B's panel are only strides to {@link GemmTile}. A panel of A stays in the
 * first-level cache while the panels of B pass by, so B should fit into the second level.
 */
final class GemmMacroKernel {
    /** In products of less depth fetching a tile of C ahead costs more than waiting for it. */
    private static final int FETCH_DEPTH = 256;

    private GemmMacroKernel() {}

    /**
     * C = f(alpha · A · B + beta · C + bias) over one depth block.
     *
     * <p>A packed: {@code aRowBytes} 4, {@code aStepBytes} 4 · ROWS, {@code aPanelBytes} {@link
     * GemmPacking#panelBytesA}. A as it is: its strides, and ROWS · aRowBytes for a panel. B
     * packed: {@code bStepBytes} 4 · COLUMNS, {@code bPanelBytes} {@link GemmPacking#panelBytesB}.
     * B as it is, with unit column stride and n a multiple of COLUMNS: its row stride, and 4 ·
     * COLUMNS for a panel.
     *
     * @param beta 0 means that C is not read
     * @param biasAt byte offset of the bias of C's first row or column
     * @param tileAt byte offset of scratch for one tile, aligned to 64
     * @param cAt byte offset of C
     */
    static void multiply(
            MemorySegment a,
            long aAt,
            long aRowBytes,
            long aStepBytes,
            long aPanelBytes,
            MemorySegment b,
            long bAt,
            long bStepBytes,
            long bPanelBytes,
            int m,
            int n,
            int depth,
            float alpha,
            float beta,
            BiasAxis biasAxis,
            MemorySegment bias,
            long biasAt,
            FusedActivation activation,
            MemorySegment tile,
            long tileAt,
            MemorySegment c,
            long cAt,
            long cRowBytes) {
        boolean plain =
                alpha == 1f
                        && beta == 0f
                        && biasAxis == BiasAxis.NONE
                        && activation == FusedActivation.NONE;
        for (int j = 0; j < n; j += GemmTile.COLUMNS) {
            int columns = Math.min(GemmTile.COLUMNS, n - j);
            long aPanel = aAt;
            long cTile = cAt + 4L * j;
            for (int i = 0; i < m; i += GemmTile.ROWS) {
                int rows = Math.min(GemmTile.ROWS, m - i);
                boolean straight = plain && GemmTile.isWhole(rows, columns); // the sums are C's
                if (depth > FETCH_DEPTH) {
                    GemmStore.fetch(rows, columns, beta, tile, tileAt, c, cTile, cRowBytes);
                }
                GemmTile.multiply(
                        a,
                        aPanel,
                        aRowBytes,
                        aStepBytes,
                        rows,
                        b,
                        bAt,
                        bStepBytes,
                        columns,
                        depth,
                        straight ? c : tile,
                        straight ? cTile : tileAt,
                        straight ? cRowBytes : GemmTile.SCRATCH_ROW_BYTES);
                if (!straight) {
                    long biasShift = 4L * (biasAxis == BiasAxis.ROWS ? i : j);
                    GemmStore.store(
                            tile,
                            tileAt,
                            rows,
                            columns,
                            alpha,
                            beta,
                            biasAxis,
                            bias,
                            biasAt + biasShift,
                            activation,
                            c,
                            cTile,
                            cRowBytes);
                }
                aPanel += aPanelBytes;
                cTile += GemmTile.ROWS * cRowBytes;
            }
            bAt += bPanelBytes;
        }
    }
}
