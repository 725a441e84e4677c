package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.BYTES;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.lanewise.kernels.BiasAxis;
import dev.lanewise.kernels.FusedActivation;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;

/**
 * Merges a finished tile s into C: C = f(alpha · s + beta · C + bias), all of it while the tile is
 * in the first-level cache. Rests of a row are scalar: cheaper here than masks on every width.
 */
final class GemmStore {
    private static final long TILE_ROW_BYTES = 4L * GemmTile.COLUMNS;

    private GemmStore() {}

    /**
     * @param tileAt byte offset of the tile, overwritten where there is a bias or an activation
     * @param beta 0 means that C is not read
     * @param biasAt byte offset of the bias of the tile's first column or row
     * @param cAt byte offset of the tile's first element in C
     */
    static void store(
            MemorySegment tile,
            long tileAt,
            int rows,
            int columns,
            float alpha,
            float beta,
            BiasAxis biasAxis,
            MemorySegment bias,
            long biasAt,
            FusedActivation activation,
            MemorySegment c,
            long cAt,
            long cRowBytes) {
        if (biasAxis == BiasAxis.NONE && activation == FusedActivation.NONE) {
            merge(tile, tileAt, rows, columns, alpha, beta, c, cAt, cRowBytes, c, cAt, cRowBytes);
            return;
        }
        merge(
                tile,
                tileAt,
                rows,
                columns,
                alpha,
                beta,
                c,
                cAt,
                cRowBytes,
                tile,
                tileAt,
                TILE_ROW_BYTES);
        addBias(biasAxis, bias, biasAt, rows, columns, tile, tileAt);
        if (columns == GemmTile.COLUMNS) {
            activation.apply(
                    VectorKernels.bundle(), tile, tileAt >> 2, (long) rows * GemmTile.COLUMNS);
        } else {
            for (int i = 0; i < rows; i++) {
                long rowAt = tileAt + i * TILE_ROW_BYTES;
                activation.apply(VectorKernels.bundle(), tile, rowAt >> 2, columns);
            }
        }
        overwrite(tile, tileAt, rows, columns, 1f, c, cAt, cRowBytes);
    }

    /**
     * Brings the lines of C that the next tile goes to into the cache, all at once instead of one
     * after the other. A store does not wait for its line, so where C is overwritten anyway the
     * lines arrive while the tile is computed.
     */
    static void fetch(
            int rows,
            int columns,
            float beta,
            MemorySegment tile,
            long tileAt,
            MemorySegment c,
            long cAt,
            long cRowBytes) {
        long end = 4L * columns;
        if (beta == 0f) {
            for (int i = 0; i < rows; i++) {
                for (long x = 0; x < end; x += 64) {
                    c.set(JAVA_FLOAT_UNALIGNED, cAt + x, 0f);
                }
                cAt += cRowBytes;
            }
            return;
        }
        int any = 0;
        for (int i = 0; i < rows; i++) {
            for (long x = 0; x < end; x += 64) {
                any |= c.get(JAVA_INT_UNALIGNED, cAt + x);
            }
            cAt += cRowBytes;
        }
        tile.set(JAVA_INT_UNALIGNED, tileAt, any);
    }

    /** x = f(x + bias) for a whole result of one row, x at byte offset xAt. */
    static void finishRow(
            BiasAxis biasAxis,
            MemorySegment bias,
            long biasAt,
            FusedActivation activation,
            int columns,
            MemorySegment x,
            long xAt) {
        addBias(biasAxis, bias, biasAt, 1, columns, x, xAt);
        activation.apply(VectorKernels.bundle(), x, xAt >> 2, columns);
    }

    private static void addBias(
            BiasAxis biasAxis,
            MemorySegment bias,
            long biasAt,
            int rows,
            int columns,
            MemorySegment tile,
            long tileAt) {
        switch (biasAxis) {
            case NONE -> {}
            case COLUMNS -> addToRows(bias, biasAt, rows, columns, tile, tileAt);
            case ROWS -> addToColumns(bias, biasAt, rows, columns, tile, tileAt);
        }
    }

    private static void merge(
            MemorySegment tile,
            long tileAt,
            int rows,
            int columns,
            float alpha,
            float beta,
            MemorySegment c,
            long cAt,
            long cRowBytes,
            MemorySegment out,
            long outAt,
            long outRowBytes) {
        if (beta == 0f) {
            overwrite(tile, tileAt, rows, columns, alpha, out, outAt, outRowBytes);
        } else {
            accumulate(
                    tile,
                    tileAt,
                    rows,
                    columns,
                    alpha,
                    beta,
                    c,
                    cAt,
                    cRowBytes,
                    out,
                    outAt,
                    outRowBytes);
        }
    }

    /** out = alpha · tile. */
    private static void overwrite(
            MemorySegment tile,
            long tileAt,
            int rows,
            int columns,
            float alpha,
            MemorySegment out,
            long outAt,
            long outRowBytes) {
        tile = NATIVE.cast(tile);
        out = NATIVE.cast(out);
        FloatVector alphas = FloatVector.broadcast(FLOAT, alpha);
        long whole = BYTES * (columns / Lanes.COUNT);
        long end = 4L * columns;
        for (int i = 0; i < rows; i++) {
            long x = 0;
            for (; x < whole; x += BYTES) {
                FloatVector.fromMemorySegment(FLOAT, tile, tileAt + x, ORDER)
                        .mul(alphas)
                        .intoMemorySegment(out, outAt + x, ORDER);
            }
            for (; x < end; x += 4) {
                out.set(
                        JAVA_FLOAT_UNALIGNED,
                        outAt + x,
                        alpha * tile.get(JAVA_FLOAT_UNALIGNED, tileAt + x));
            }
            tileAt += TILE_ROW_BYTES;
            outAt += outRowBytes;
        }
    }

    /** out = fma(alpha, tile, beta · C). */
    private static void accumulate(
            MemorySegment tile,
            long tileAt,
            int rows,
            int columns,
            float alpha,
            float beta,
            MemorySegment c,
            long cAt,
            long cRowBytes,
            MemorySegment out,
            long outAt,
            long outRowBytes) {
        tile = NATIVE.cast(tile);
        c = NATIVE.cast(c);
        out = NATIVE.cast(out);
        FloatVector alphas = FloatVector.broadcast(FLOAT, alpha);
        FloatVector betas = FloatVector.broadcast(FLOAT, beta);
        long whole = BYTES * (columns / Lanes.COUNT);
        long end = 4L * columns;
        for (int i = 0; i < rows; i++) {
            long x = 0;
            for (; x < whole; x += BYTES) {
                FloatVector old = FloatVector.fromMemorySegment(FLOAT, c, cAt + x, ORDER);
                FloatVector.fromMemorySegment(FLOAT, tile, tileAt + x, ORDER)
                        .fma(alphas, old.mul(betas))
                        .intoMemorySegment(out, outAt + x, ORDER);
            }
            for (; x < end; x += 4) {
                float s = tile.get(JAVA_FLOAT_UNALIGNED, tileAt + x);
                float old = beta * c.get(JAVA_FLOAT_UNALIGNED, cAt + x);
                out.set(JAVA_FLOAT_UNALIGNED, outAt + x, Math.fma(alpha, s, old));
            }
            tileAt += TILE_ROW_BYTES;
            cAt += cRowBytes;
            outAt += outRowBytes;
        }
    }

    /** tile[i, j] += bias[j]. */
    private static void addToRows(
            MemorySegment bias,
            long biasAt,
            int rows,
            int columns,
            MemorySegment tile,
            long tileAt) {
        bias = NATIVE.cast(bias);
        tile = NATIVE.cast(tile);
        long whole = BYTES * (columns / Lanes.COUNT);
        long end = 4L * columns;
        for (int i = 0; i < rows; i++) {
            long x = 0;
            for (; x < whole; x += BYTES) {
                FloatVector.fromMemorySegment(FLOAT, tile, tileAt + x, ORDER)
                        .add(FloatVector.fromMemorySegment(FLOAT, bias, biasAt + x, ORDER))
                        .intoMemorySegment(tile, tileAt + x, ORDER);
            }
            for (; x < end; x += 4) {
                float t = tile.get(JAVA_FLOAT_UNALIGNED, tileAt + x);
                float value = bias.get(JAVA_FLOAT_UNALIGNED, biasAt + x);
                tile.set(JAVA_FLOAT_UNALIGNED, tileAt + x, t + value);
            }
            tileAt += TILE_ROW_BYTES;
        }
    }

    /** tile[i, j] += bias[i]. */
    private static void addToColumns(
            MemorySegment bias,
            long biasAt,
            int rows,
            int columns,
            MemorySegment tile,
            long tileAt) {
        bias = NATIVE.cast(bias);
        tile = NATIVE.cast(tile);
        long whole = BYTES * (columns / Lanes.COUNT);
        long end = 4L * columns;
        for (int i = 0; i < rows; i++) {
            float value = bias.get(JAVA_FLOAT_UNALIGNED, biasAt + 4L * i);
            FloatVector values = FloatVector.broadcast(FLOAT, value);
            long x = 0;
            for (; x < whole; x += BYTES) {
                FloatVector.fromMemorySegment(FLOAT, tile, tileAt + x, ORDER)
                        .add(values)
                        .intoMemorySegment(tile, tileAt + x, ORDER);
            }
            for (; x < end; x += 4) {
                float t = tile.get(JAVA_FLOAT_UNALIGNED, tileAt + x);
                tile.set(JAVA_FLOAT_UNALIGNED, tileAt + x, t + value);
            }
            tileAt += TILE_ROW_BYTES;
        }
    }
}
