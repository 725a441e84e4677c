package dev.lanewise.kernels.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.lanewise.kernels.BiasAxis;
import dev.lanewise.kernels.FusedActivation;

import java.lang.foreign.MemorySegment;

/**
 * What forward and backward attention share: the scores of one block of queries against one block
 * of keys, and the products with them, by the micro-kernels of matrix products.
 *
 * <p>Scores lie <em>transposed</em>: [keys, {@link #QUERIES}], a query per lane. So keys and values
 * enter the products as they lie, only queries are packed; maxima and sums over keys are plain
 * vector operations; and where a tile of {@link GemmTile} is as wide as a block has queries, it is
 * a piece of the scores, in place.
 */
final class AttentionBlock {
    /** The queries of a block: one tile's width, or several where tiles are narrow. */
    static final int QUERIES = GemmBlocking.roundUp(64, GemmTile.COLUMNS);

    /** The keys of a block: the scores, keys and values of one fit into the second-level cache. */
    static final int KEYS = 256;

    /** Bytes from the scores of one key to those of the next. */
    static final long PITCH = 4L * QUERIES;

    /** Bytes of a scratch tile. */
    static final long TILE_BYTES = 4L * GemmTile.ROWS * GemmTile.COLUMNS;

    /** Bytes of a block of scores; the last tile may write rows past the keys. */
    static final long SCORES_BYTES = PITCH * GemmBlocking.roundUp(KEYS, GemmTile.ROWS);

    /** Bytes of the rest of a row-major operand, packed: columns that fill no tile. */
    static final long REST_BYTES = 4L * GemmTile.COLUMNS * Math.max(KEYS, QUERIES);

    private AttentionBlock() {}

    /** Bytes of packed queries. */
    static long panelBytes(long features) {
        return PITCH * features;
    }

    /** Packs rows as the columns of panels [features, COLUMNS], each element times a factor. */
    static void packPanel(
            MemorySegment rows,
            long rowsAt,
            long rowBytes,
            int count,
            int features,
            float factor,
            MemorySegment panel,
            long panelAt) {
        GemmPacking.packB(rows, rowsAt, 4, rowBytes, features, count, panel, panelAt);
        if (factor != 1f) {
            AttentionMath.scale(panel, panelAt, (long) features * QUERIES, factor);
        }
    }

    /** out: [keys, QUERIES] = rows: [keys, features] × packed queries: [features, QUERIES]. */
    static void scores(
            MemorySegment rows,
            long rowsAt,
            long rowBytes,
            int keys,
            MemorySegment scratch,
            long panelAt,
            int queries,
            int features,
            long tileAt,
            long outAt) {
        if (QUERIES > GemmTile.COLUMNS) {
            multiply(
                    rows,
                    rowsAt,
                    rowBytes,
                    4,
                    GemmTile.ROWS * rowBytes,
                    scratch,
                    panelAt,
                    4L * GemmTile.COLUMNS,
                    4L * GemmTile.COLUMNS * features,
                    keys,
                    GemmBlocking.roundUp(queries, Lanes.COUNT),
                    features,
                    1f,
                    0f,
                    scratch,
                    tileAt,
                    scratch,
                    outAt,
                    PITCH);
            return;
        }
        for (int j = 0; j < keys; j += GemmTile.ROWS) {
            GemmTile.multiply(
                    rows,
                    rowsAt,
                    rowBytes,
                    4,
                    Math.min(GemmTile.ROWS, keys - j),
                    scratch,
                    panelAt,
                    PITCH,
                    queries,
                    features,
                    scratch,
                    outAt,
                    GemmTile.SCRATCH_ROW_BYTES);
            rowsAt += GemmTile.ROWS * rowBytes;
            outAt += TILE_BYTES;
        }
    }

    /** Adds the bias of (query i, key j) to the score (j, i). */
    static void addBias(
            MemorySegment bias,
            long biasAt,
            long biasRowBytes,
            int queries,
            int keys,
            MemorySegment scores,
            long scoresAt) {
        for (int j = 0; j < keys; j++) {
            long from = biasAt + 4L * j;
            for (int i = 0; i < queries; i++) {
                long at = scoresAt + 4L * i;
                float score = scores.get(JAVA_FLOAT_UNALIGNED, at);
                float shift = bias.get(JAVA_FLOAT_UNALIGNED, from);
                scores.set(JAVA_FLOAT_UNALIGNED, at, score + shift);
                from += biasRowBytes;
            }
            scoresAt += PITCH;
        }
    }

    /** Hides key j from the queries that see fewer than j + 1 keys; query i sees seen + i. */
    static void hideUnseen(MemorySegment scores, long scoresAt, int keys, int queries, long seen) {
        for (long j = Math.max(0, seen); j < keys; j++) {
            long hidden = Math.min(queries, j - seen + 1);
            long at = scoresAt + j * PITCH;
            for (long i = 0; i < hidden; i++) {
                scores.set(JAVA_FLOAT_UNALIGNED, at + 4 * i, Float.NEGATIVE_INFINITY);
            }
        }
    }

    /**
     * C: [m, n] = alpha · A · B + beta · C with B: [depth, n] as it lies, columns that fill no tile
     * packed first.
     *
     * @param restAt byte offset in scratch of {@link #REST_BYTES}
     */
    static void product(
            MemorySegment a,
            long aAt,
            long aRowBytes,
            long aStepBytes,
            MemorySegment b,
            long bAt,
            long bRowBytes,
            int m,
            int n,
            int depth,
            float alpha,
            float beta,
            MemorySegment scratch,
            long tileAt,
            long restAt,
            MemorySegment c,
            long cAt,
            long cRowBytes) {
        int rest = n % GemmTile.COLUMNS;
        int whole = rest == GemmTile.NARROW_COLUMNS ? n : n - rest;
        long panel = GemmTile.ROWS * aRowBytes;
        multiply(
                a,
                aAt,
                aRowBytes,
                aStepBytes,
                panel,
                b,
                bAt,
                bRowBytes,
                4L * GemmTile.COLUMNS,
                m,
                whole,
                depth,
                alpha,
                beta,
                scratch,
                tileAt,
                c,
                cAt,
                cRowBytes);
        if (whole < n) {
            GemmPacking.packB(b, bAt + 4L * whole, bRowBytes, 4, depth, n - whole, scratch, restAt);
            multiply(
                    a,
                    aAt,
                    aRowBytes,
                    aStepBytes,
                    panel,
                    scratch,
                    restAt,
                    4L * GemmTile.COLUMNS,
                    4L * GemmTile.COLUMNS,
                    m,
                    n - whole,
                    depth,
                    alpha,
                    beta,
                    scratch,
                    tileAt,
                    c,
                    cAt + 4L * whole,
                    cRowBytes);
        }
    }

    private static void multiply(
            MemorySegment a,
            long aAt,
            long aRowBytes,
            long aStepBytes,
            long aPanelBytes,
            MemorySegment b,
            long bAt,
            long bRowBytes,
            long bPanelBytes,
            int m,
            int n,
            int depth,
            float alpha,
            float beta,
            MemorySegment scratch,
            long tileAt,
            MemorySegment c,
            long cAt,
            long cRowBytes) {
        GemmMacroKernel.multiply(
                a,
                aAt,
                aRowBytes,
                aStepBytes,
                aPanelBytes,
                b,
                bAt,
                bRowBytes,
                bPanelBytes,
                m,
                n,
                depth,
                alpha,
                beta,
                BiasAxis.NONE,
                c,
                0,
                FusedActivation.NONE,
                scratch,
                tileAt,
                c,
                cAt,
                cRowBytes);
    }
}
