package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.BiasAxis;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.Gemm;

import java.lang.foreign.MemorySegment;

/**
 * Matrix products in layers: this class chooses what is packed and cuts the product into blocks
 * ({@link GemmBlocking}); {@link GemmPacking} copies a block into panels, {@link GemmMacroKernel}
 * loops over its tiles, {@link GemmTile} computes one and {@link GemmStore} merges it into C.
 */
final class VectorGemm implements Gemm {
    private static final GemmBlocking BLOCKING = GemmBlocking.ACTIVE;

    /** The length of a block along k, within which packed rows follow each other. */
    static final int DEPTH = BLOCKING.depth();

    /** Elements of the scratch tile, a multiple of 64 bytes. */
    private static final int TILE_SIZE = GemmTile.ROWS * GemmTile.COLUMNS;

    /** With so few rows B is read too seldom to be worth packing. */
    private static final long FEW_ROWS = 192;

    /** B of so many elements is read from a near cache whatever its stride. */
    private static final long SMALL_B = 512 * 512;

    /** With so few columns A is read too seldom to be worth packing. */
    private static final long FEW_COLUMNS = 2L * GemmTile.COLUMNS;

    /** Panels of so many columns are handled by a method that counts in int. */
    private static final int AT_ONCE = (1 << 30) / GemmTile.COLUMNS * GemmTile.COLUMNS;

    /** Where B comes from. */
    private enum Source {
        /** As it is, with unit column stride; only an incomplete last panel is packed. */
        DIRECT,
        /** Packed block by block into the workspace. */
        PACKING,
        /** Packed by the caller. */
        PACKED
    }

    @Override
    public void gemm(
            MemorySegment a,
            long aOffset,
            long aRowStride,
            long aColumnStride,
            MemorySegment b,
            long bOffset,
            long bRowStride,
            long bColumnStride,
            BiasAxis biasAxis,
            MemorySegment bias,
            long biasOffset,
            long m,
            long n,
            long k,
            float alpha,
            float beta,
            FusedActivation activation,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment c,
            long cOffset,
            long cRowStride) {
        if (m == 0 || n == 0) {
            return;
        }
        if (m == 1 && aColumnStride == 1 && (bColumnStride == 1 || bRowStride == 1)) {
            if (bColumnStride == 1) {
                gemvTransposed(b, bOffset, bRowStride, a, aOffset, k, n, alpha, beta, c, cOffset);
            } else {
                gemv(b, bOffset, bColumnStride, a, aOffset, n, k, alpha, beta, c, cOffset);
            }
            finishRow(biasAxis, bias, biasOffset, activation, n, c, cOffset);
            return;
        }
        // A vector with gaps stays with the tiles: some callers hand over single columns of a B.
        boolean column = n == 1 && bRowStride == 1 && cRowStride == 1;
        if (column && (aColumnStride == 1 || aRowStride == 1)) {
            if (aColumnStride == 1) {
                gemv(a, aOffset, aRowStride, b, bOffset, m, k, alpha, beta, c, cOffset);
            } else {
                gemvTransposed(
                        a, aOffset, aColumnStride, b, bOffset, k, m, alpha, beta, c, cOffset);
            }
            finishRow(transposed(biasAxis), bias, biasOffset, activation, m, c, cOffset);
            return;
        }
        boolean rows = bColumnStride == 1 && bRowStride != 0; // a tile needs rows of their own
        boolean direct = rows && (m <= FEW_ROWS || k * n <= SMALL_B);
        blocks(
                a,
                4 * aOffset,
                4 * aRowStride,
                4 * aColumnStride,
                direct ? Source.DIRECT : Source.PACKING,
                b,
                4 * bOffset,
                4 * bRowStride,
                4 * bColumnStride,
                biasAxis,
                bias,
                4 * biasOffset,
                m,
                n,
                k,
                alpha,
                beta,
                activation,
                workspace,
                4 * workspaceOffset,
                c,
                4 * cOffset,
                4 * cRowStride);
    }

    private static BiasAxis transposed(BiasAxis axis) {
        return switch (axis) {
            case NONE -> BiasAxis.NONE;
            case COLUMNS -> BiasAxis.ROWS;
            case ROWS -> BiasAxis.COLUMNS;
        };
    }

    private static void finishRow(
            BiasAxis biasAxis,
            MemorySegment bias,
            long biasOffset,
            FusedActivation activation,
            long n,
            MemorySegment c,
            long cOffset) {
        if (biasAxis == BiasAxis.NONE && activation == FusedActivation.NONE) {
            return;
        }
        for (long j = 0; j < n; j += AT_ONCE) {
            GemmStore.finishRow(
                    biasAxis,
                    bias,
                    4 * (biasOffset + (biasAxis == BiasAxis.COLUMNS ? j : 0)),
                    activation,
                    (int) Math.min(AT_ONCE, n - j),
                    c,
                    4 * (cOffset + j));
        }
    }

    /**
     * The product in blocks; offsets and strides in bytes. With {@link Source#PACKED}, bAt is the
     * first wanted panel of the first depth block, bRowBytes the bytes of one row of the whole
     * packed matrix, and bColumnBytes the bytes from the first panel to the wanted one per unit of
     * depth.
     */
    private static void blocks(
            MemorySegment a,
            long aAt,
            long aRowBytes,
            long aColumnBytes,
            Source source,
            MemorySegment b,
            long bAt,
            long bRowBytes,
            long bColumnBytes,
            BiasAxis biasAxis,
            MemorySegment bias,
            long biasAt,
            long m,
            long n,
            long k,
            float alpha,
            float beta,
            FusedActivation activation,
            MemorySegment workspace,
            long workspaceAt,
            MemorySegment c,
            long cAt,
            long cRowBytes) {
        float scale = k == 0 ? 1f : alpha;
        long p = 0;
        do {
            int depth = (int) Math.min(BLOCKING.depth(), k - p);
            boolean last = p + depth == k;
            long bBlock =
                    bAt + p * bRowBytes + (source == Source.PACKED ? depth * bColumnBytes : 0);
            depthBlock(
                    a,
                    aAt + p * aColumnBytes,
                    aRowBytes,
                    aColumnBytes,
                    source,
                    b,
                    bBlock,
                    bRowBytes,
                    bColumnBytes,
                    last ? biasAxis : BiasAxis.NONE,
                    bias,
                    biasAt,
                    m,
                    n,
                    depth,
                    scale,
                    p == 0 ? beta : 1f,
                    last ? activation : FusedActivation.NONE,
                    workspace,
                    workspaceAt,
                    c,
                    cAt,
                    cRowBytes);
            p += depth;
        } while (p < k);
    }

    /** One depth block, in blocks of columns. */
    private static void depthBlock(
            MemorySegment a,
            long aAt,
            long aRowBytes,
            long aColumnBytes,
            Source source,
            MemorySegment b,
            long bAt,
            long bRowBytes,
            long bColumnBytes,
            BiasAxis biasAxis,
            MemorySegment bias,
            long biasAt,
            long m,
            long n,
            int depth,
            float alpha,
            float beta,
            FusedActivation activation,
            MemorySegment workspace,
            long workspaceAt,
            MemorySegment c,
            long cAt,
            long cRowBytes) {
        if (source == Source.PACKING && m <= BLOCKING.rows()) {
            panelByPanel(
                    a,
                    aAt,
                    aRowBytes,
                    aColumnBytes,
                    b,
                    bAt,
                    bRowBytes,
                    bColumnBytes,
                    biasAxis,
                    bias,
                    biasAt,
                    (int) m,
                    n,
                    depth,
                    alpha,
                    beta,
                    activation,
                    workspace,
                    workspaceAt,
                    c,
                    cAt,
                    cRowBytes);
            return;
        }
        long wholeEnd = n - n % GemmTile.COLUMNS;
        long panelBytes = GemmPacking.panelBytesB(depth);
        long packedAt = workspaceAt + 4L * TILE_SIZE;
        long j = 0;
        while (j < n) {
            boolean direct = source == Source.DIRECT && j < wholeEnd;
            int columns = (int) Math.min(BLOCKING.columns(), (direct ? wholeEnd : n) - j);
            boolean packing = source != Source.PACKED && !direct;
            long bBlock =
                    source == Source.PACKED
                            ? bAt + j / GemmTile.COLUMNS * panelBytes
                            : bAt + j * bColumnBytes;
            if (packing) {
                GemmPacking.packB(
                        b, bBlock, bRowBytes, bColumnBytes, depth, columns, workspace, packedAt);
            }
            rowBlocks(
                    a,
                    aAt,
                    aRowBytes,
                    aColumnBytes,
                    packing ? workspace : b,
                    packing ? packedAt : bBlock,
                    direct ? bRowBytes : 4L * GemmTile.COLUMNS,
                    direct ? 4L * GemmTile.COLUMNS : panelBytes,
                    biasAxis,
                    bias,
                    biasAt + (biasAxis == BiasAxis.COLUMNS ? 4 * j : 0),
                    m,
                    columns,
                    depth,
                    alpha,
                    beta,
                    activation,
                    workspace,
                    workspaceAt,
                    packedAt + (packing ? panelBytes * panels(columns) : 0),
                    c,
                    cAt + 4 * j,
                    cRowBytes);
            j += columns;
        }
    }

    /**
     * One depth block of a single block of rows: each panel of B is multiplied as soon as it is
     * packed, so that it never leaves the second-level cache.
     */
    private static void panelByPanel(
            MemorySegment a,
            long aAt,
            long aRowBytes,
            long aColumnBytes,
            MemorySegment b,
            long bAt,
            long bRowBytes,
            long bColumnBytes,
            BiasAxis biasAxis,
            MemorySegment bias,
            long biasAt,
            int m,
            long n,
            int depth,
            float alpha,
            float beta,
            FusedActivation activation,
            MemorySegment workspace,
            long workspaceAt,
            MemorySegment c,
            long cAt,
            long cRowBytes) {
        boolean packing = packsA(m, n, aColumnBytes);
        long packedA = workspaceAt + 4L * TILE_SIZE;
        long packedB = packedA + (packing ? 4 * packedSizeA(m, depth) : 0);
        if (packing) {
            GemmPacking.packA(a, aAt, aRowBytes, aColumnBytes, m, depth, workspace, packedA);
        }
        for (long j = 0; j < n; j += GemmTile.COLUMNS) {
            int columns = (int) Math.min(GemmTile.COLUMNS, n - j);
            GemmPacking.packB(
                    b,
                    bAt + j * bColumnBytes,
                    bRowBytes,
                    bColumnBytes,
                    depth,
                    columns,
                    workspace,
                    packedB);
            GemmMacroKernel.multiply(
                    packing ? workspace : a,
                    packing ? packedA : aAt,
                    packing ? 4 : aRowBytes,
                    packing ? 4L * GemmTile.ROWS : aColumnBytes,
                    packing ? GemmPacking.panelBytesA(depth) : GemmTile.ROWS * aRowBytes,
                    workspace,
                    packedB,
                    4L * GemmTile.COLUMNS,
                    GemmPacking.panelBytesB(depth),
                    m,
                    columns,
                    depth,
                    alpha,
                    beta,
                    biasAxis,
                    bias,
                    biasAt + (biasAxis == BiasAxis.COLUMNS ? 4 * j : 0),
                    activation,
                    workspace,
                    workspaceAt,
                    c,
                    cAt + 4 * j,
                    cRowBytes);
        }
    }

    /** Whether rows of A are packed for so many columns of B. */
    private static boolean packsA(long m, long columns, long aColumnBytes) {
        return columns > FEW_COLUMNS
                && (aColumnBytes != 4
                        || columns >= GemmTile.PACKING_LEAST_COLUMNS
                                && m >= GemmTile.PACKING_LEAST_ROWS);
    }

    private static int panels(int columns) {
        return (columns + GemmTile.COLUMNS - 1) / GemmTile.COLUMNS;
    }

    /** One block of columns and depth, in blocks of rows. */
    private static void rowBlocks(
            MemorySegment a,
            long aAt,
            long aRowBytes,
            long aColumnBytes,
            MemorySegment b,
            long bAt,
            long bStepBytes,
            long bPanelBytes,
            BiasAxis biasAxis,
            MemorySegment bias,
            long biasAt,
            long m,
            int columns,
            int depth,
            float alpha,
            float beta,
            FusedActivation activation,
            MemorySegment workspace,
            long tileAt,
            long packedAt,
            MemorySegment c,
            long cAt,
            long cRowBytes) {
        boolean packing = packsA(m, columns, aColumnBytes);
        for (long i = 0; i < m; i += BLOCKING.rows()) {
            int rows = (int) Math.min(BLOCKING.rows(), m - i);
            long aBlock = aAt + i * aRowBytes;
            if (packing) {
                GemmPacking.packA(
                        a, aBlock, aRowBytes, aColumnBytes, rows, depth, workspace, packedAt);
            }
            GemmMacroKernel.multiply(
                    packing ? workspace : a,
                    packing ? packedAt : aBlock,
                    packing ? 4 : aRowBytes,
                    packing ? 4L * GemmTile.ROWS : aColumnBytes,
                    packing ? GemmPacking.panelBytesA(depth) : GemmTile.ROWS * aRowBytes,
                    b,
                    bAt,
                    bStepBytes,
                    bPanelBytes,
                    rows,
                    columns,
                    depth,
                    alpha,
                    beta,
                    biasAxis,
                    bias,
                    biasAt + (biasAxis == BiasAxis.ROWS ? 4 * i : 0),
                    activation,
                    workspace,
                    tileAt,
                    c,
                    cAt + i * cRowBytes,
                    cRowBytes);
        }
    }

    @Override
    public long workspaceSize(long m, long n, long k) {
        return TILE_SIZE + packedSizeA(m, k) + blockSizeB(n, k);
    }

    /** The elements of a packed block of A, whole cache lines. */
    private static long packedSizeA(long m, long k) {
        long rows = GemmBlocking.roundUp(Math.min(m, BLOCKING.rows()), GemmTile.ROWS);
        return GemmBlocking.roundUp(rows * Math.min(k, BLOCKING.depth()), 16);
    }

    private static long blockSizeB(long n, long k) {
        long columns = GemmBlocking.roundUp(Math.min(n, BLOCKING.columns()), GemmTile.COLUMNS);
        return columns * Math.min(k, BLOCKING.depth());
    }

    @Override
    public int depthBlock() {
        return BLOCKING.depth();
    }

    @Override
    public int tileRows() {
        return GemmTile.ROWS;
    }

    @Override
    public int tileColumns() {
        return GemmTile.COLUMNS;
    }

    @Override
    public long packedSizeB(long k, long n) {
        return k * paddedColumns(n);
    }

    private static long paddedColumns(long n) {
        return (n + GemmTile.COLUMNS - 1) / GemmTile.COLUMNS * GemmTile.COLUMNS;
    }

    /** Depth block after depth block, each as its panels. */
    @Override
    public void packB(
            MemorySegment b,
            long bOffset,
            long bRowStride,
            long bColumnStride,
            long k,
            long n,
            MemorySegment packed,
            long packedOffset) {
        long padded = paddedColumns(n);
        for (long p = 0; p < k; p += BLOCKING.depth()) {
            int depth = (int) Math.min(BLOCKING.depth(), k - p);
            for (long j = 0; j < n; j += AT_ONCE) {
                GemmPacking.packB(
                        b,
                        4 * (bOffset + p * bRowStride + j * bColumnStride),
                        4 * bRowStride,
                        4 * bColumnStride,
                        depth,
                        (int) Math.min(AT_ONCE, n - j),
                        packed,
                        4 * (packedOffset + p * padded + j * depth));
            }
        }
    }

    @Override
    public void gemmPackedB(
            MemorySegment a,
            long aOffset,
            long aRowStride,
            long aColumnStride,
            MemorySegment packed,
            long packedOffset,
            long packedColumns,
            long firstColumn,
            BiasAxis biasAxis,
            MemorySegment bias,
            long biasOffset,
            long m,
            long n,
            long k,
            float alpha,
            float beta,
            FusedActivation activation,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment c,
            long cOffset,
            long cRowStride) {
        assert firstColumn % GemmTile.COLUMNS == 0 && firstColumn + n <= packedColumns;
        if (m == 0 || n == 0) {
            return;
        }
        blocks(
                a,
                4 * aOffset,
                4 * aRowStride,
                4 * aColumnStride,
                Source.PACKED,
                packed,
                4 * packedOffset,
                4 * paddedColumns(packedColumns),
                4 * firstColumn,
                biasAxis,
                bias,
                4 * biasOffset,
                m,
                n,
                k,
                alpha,
                beta,
                activation,
                workspace,
                4 * workspaceOffset,
                c,
                4 * cOffset,
                4 * cRowStride);
    }

    @Override
    public void gemv(
            MemorySegment a,
            long aOffset,
            long aRowStride,
            MemorySegment x,
            long xOffset,
            long m,
            long n,
            float alpha,
            float beta,
            MemorySegment y,
            long yOffset) {
        VectorGemv.gemv(
                a, 4 * aOffset, 4 * aRowStride, x, 4 * xOffset, m, n, alpha, beta, y, 4 * yOffset);
    }

    @Override
    public void gemvTransposed(
            MemorySegment a,
            long aOffset,
            long aRowStride,
            MemorySegment x,
            long xOffset,
            long m,
            long n,
            float alpha,
            float beta,
            MemorySegment y,
            long yOffset) {
        VectorGemv.gemvTransposed(
                a, 4 * aOffset, 4 * aRowStride, x, 4 * xOffset, m, n, alpha, beta, y, 4 * yOffset);
    }
}
