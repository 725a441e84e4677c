package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.Winograd.PRODUCTS;
import static dev.lanewise.kernels.Winograd.TILE;
import static dev.lanewise.kernels.Winograd.WINDOW;

import dev.lanewise.kernels.BiasAxis;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.Gemm;
import dev.lanewise.kernels.Winograd.Geometry;

import java.lang.foreign.MemorySegment;

/**
 * Runs {@link dev.lanewise.kernels.Winograd}'s algorithm over the images of a batch, block of tiles
 * by block of tiles, with lanes along channels: the source is transposed to channels side by side,
 * transformed, multiplied, transformed back and transposed again, all within scratch that stays in
 * the second-level cache. Offsets of private methods are in bytes.
 */
final class WinogradKernel {
    static final Gemm GEMM = new VectorGemm();

    private WinogradKernel() {}

    /**
     * out = f(the convolution with packed weights + bias) for bands firstBand to lastBand: rows of
     * tiles.
     */
    static void run(
            WinogradPlan p,
            MemorySegment source,
            long sourceOffset,
            MemorySegment packed,
            long packedOffset,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            FusedActivation activation,
            int firstBand,
            int lastBand,
            MemorySegment work,
            long workOffset,
            MemorySegment out,
            long outOffset) {
        Geometry g = p.geometry;
        if (hasBias) {
            Staging.copy(bias, biasOffset, g.filters(), work, workOffset + p.bias);
        } else {
            Staging.zero(work, workOffset + p.bias, g.filters());
        }
        Staging.zero(work, workOffset + p.zeros, (int) (p.staged - p.zeros));
        long end = (long) lastBand * p.tilesAcross;
        for (long tile = (long) firstBand * p.tilesAcross; tile < end; tile += p.block) {
            int tiles = (int) Math.min(p.block, end - tile);
            for (int slot = 0; slot < tiles; slot += length(p, tile + slot, tiles - slot)) {
                int count = length(p, tile + slot, tiles - slot);
                inputRun(p, tile + slot, count, slot, source, sourceOffset, work, workOffset);
            }
            multiply(p, tiles, packed, packedOffset, work, workOffset);
            for (int slot = 0; slot < tiles; slot += length(p, tile + slot, tiles - slot)) {
                int count = length(p, tile + slot, tiles - slot);
                outputRun(
                        p, tile + slot, count, slot, activation, work, workOffset, out, outOffset);
            }
        }
    }

    /** The tiles from this one on that lie in one row of tiles, at most so many. */
    private static int length(WinogradPlan p, long tile, int most) {
        return (int) Math.min(most, p.tilesAcross - tile % p.tilesAcross);
    }

    /** Transforms what {@code count} tiles side by side see into rows {@code slot} and on. */
    private static void inputRun(
            WinogradPlan p,
            long tile,
            int count,
            int slot,
            MemorySegment source,
            long sourceOffset,
            MemorySegment work,
            long workOffset) {
        Geometry g = p.geometry;
        long tileRow = tile / p.tilesAcross;
        long image = tileRow / p.tilesDown;
        int y0 = TILE * (int) (tileRow % p.tilesDown) - g.top();
        int x0 = TILE * (int) (tile % p.tilesAcross) - g.left();
        int firstRow = Math.clamp(y0, 0, g.height());
        int rows = Math.clamp(y0 + WINDOW, firstRow, g.height()) - firstRow;
        int firstColumn = Math.clamp(x0, 0, g.width());
        int wide = TILE * count + 2;
        int columns = Math.clamp(x0 + wide, firstColumn, g.width()) - firstColumn;
        long plane = (long) g.height() * g.width();
        long from =
                sourceOffset
                        + image * g.channels() * plane
                        + (long) firstRow * g.width()
                        + firstColumn;
        stage(g, source, 4 * from, 4 * plane, rows, columns, work, 4 * (workOffset + p.staged));
        down(p, firstRow - y0, rows, firstColumn - x0, columns, wide, work, workOffset);
        long half = 4 * (workOffset + p.half);
        long channelBytes = 4L * g.channels();
        for (int i = 0; i < WINDOW; i++) {
            long row = half + i * wide * channelBytes;
            WinogradLines.input(
                    work,
                    row,
                    row + channelBytes,
                    row + 2 * channelBytes,
                    row + 3 * channelBytes,
                    row + 4 * channelBytes,
                    row + 5 * channelBytes,
                    TILE * channelBytes,
                    4 * (workOffset + p.inputs + WINDOW * i * p.inputPitch) + slot * channelBytes,
                    4 * p.inputPitch,
                    channelBytes,
                    count,
                    (int) channelBytes);
        }
    }

    /** Rows and columns of all channels, a pixel's channels side by side. */
    private static void stage(
            Geometry g,
            MemorySegment source,
            long from,
            long planeBytes,
            int rows,
            int columns,
            MemorySegment work,
            long to) {
        int channels = g.channels();
        long channelBytes = 4L * channels;
        if (columns == g.width()) {
            BlockTranspose.matrix(
                    source, from, planeBytes, channels, rows * columns, work, to, channelBytes);
            return;
        }
        for (int y = 0; y < rows; y++) {
            BlockTranspose.matrix(
                    source, from, planeBytes, channels, columns, work, to, channelBytes);
            from += 4L * g.width();
            to += columns * channelBytes;
        }
    }

    /** The first pass over staged rows: [6, wide, channels], zero outside the source. */
    private static void down(
            WinogradPlan p,
            int above,
            int rows,
            int before,
            int columns,
            int wide,
            MemorySegment work,
            long workOffset) {
        int channels = p.geometry.channels();
        int behind = before + columns;
        for (int i = 0; i < WINDOW; i++) {
            long row = workOffset + p.half + (long) i * wide * channels;
            Staging.zero(work, row, before * channels);
            Staging.zero(work, row + (long) behind * channels, (wide - behind) * channels);
        }
        long zeros = 4 * (workOffset + p.zeros);
        long first = 4 * (workOffset + p.staged);
        long step = 4L * columns * channels;
        WinogradLines.input(
                work,
                row(0, above, rows, first, step, zeros),
                row(1, above, rows, first, step, zeros),
                row(2, above, rows, first, step, zeros),
                row(3, above, rows, first, step, zeros),
                row(4, above, rows, first, step, zeros),
                row(5, above, rows, first, step, zeros),
                0,
                4 * (workOffset + p.half + (long) before * channels),
                4L * wide * channels,
                0,
                1,
                Math.toIntExact(step));
    }

    /** Where row i of a window lies; zeros where the source has none. */
    private static long row(int i, int above, int rows, long first, long step, long zeros) {
        return i < above || i >= above + rows ? zeros : first + (i - above) * step;
    }

    /** The 36 products of a block. */
    private static void multiply(
            WinogradPlan p,
            int tiles,
            MemorySegment packed,
            long packedOffset,
            MemorySegment work,
            long workOffset) {
        int channels = p.geometry.channels();
        int filters = p.geometry.filters();
        for (int i = 0; i < PRODUCTS; i++) {
            GEMM.gemmPackedB(
                    work,
                    workOffset + p.inputs + i * p.inputPitch,
                    channels,
                    1,
                    packed,
                    packedOffset + i * p.weightPitch,
                    filters,
                    0,
                    BiasAxis.NONE,
                    work,
                    0,
                    tiles,
                    filters,
                    channels,
                    1,
                    0,
                    FusedActivation.NONE,
                    work,
                    workOffset + p.products + PRODUCTS * p.productPitch,
                    work,
                    workOffset + p.products + i * p.productPitch,
                    filters);
        }
    }

    /** Transforms the products of {@code count} tiles side by side back and stores them. */
    private static void outputRun(
            WinogradPlan p,
            long tile,
            int count,
            int slot,
            FusedActivation activation,
            MemorySegment work,
            long workOffset,
            MemorySegment out,
            long outOffset) {
        Geometry g = p.geometry;
        long tileRow = tile / p.tilesAcross;
        long image = tileRow / p.tilesDown;
        int y0 = TILE * (int) (tileRow % p.tilesDown);
        int x0 = TILE * (int) (tile % p.tilesAcross);
        int rows = Math.min(TILE, g.outHeight() - y0);
        int columns = Math.min(TILE * count, g.outWidth() - x0);
        int filters = g.filters();
        long filterBytes = 4L * filters;
        long half = 4 * (workOffset + p.half);
        long products = 4 * (workOffset + p.products + (long) slot * filters);
        long zeros = 4 * (workOffset + p.zeros);
        for (int j = 0; j < WINDOW; j++) {
            outputLines(
                    work,
                    products + 4 * j * p.productPitch,
                    4 * WINDOW * p.productPitch,
                    zeros,
                    filterBytes,
                    half + j * filterBytes,
                    count * WINDOW * filterBytes,
                    WINDOW * filterBytes,
                    count,
                    filters);
        }
        long staged = 4 * (workOffset + p.staged);
        for (int y = 0; y < rows; y++) {
            // what the last tile has too much lands in the next row, before that is written
            outputLines(
                    work,
                    half + y * count * WINDOW * filterBytes,
                    filterBytes,
                    4 * (workOffset + p.bias),
                    WINDOW * filterBytes,
                    staged + y * columns * filterBytes,
                    filterBytes,
                    TILE * filterBytes,
                    count,
                    filters);
        }
        long pixels = (long) rows * columns;
        activation.apply(VectorKernels.bundle(), work, workOffset + p.staged, pixels * filters);
        long plane = (long) g.outHeight() * g.outWidth();
        long to = outOffset + image * filters * plane + (long) y0 * g.outWidth() + x0;
        store(g, work, staged, rows, columns, out, 4 * to, 4 * plane);
    }

    private static void outputLines(
            MemorySegment work,
            long from,
            long fromPitch,
            long bias,
            long fromStep,
            long to,
            long pitch,
            long toStep,
            int lines,
            int filters) {
        WinogradLines.output(
                work,
                from,
                from + fromPitch,
                from + 2 * fromPitch,
                from + 3 * fromPitch,
                from + 4 * fromPitch,
                from + 5 * fromPitch,
                bias,
                fromStep,
                to,
                pitch,
                toStep,
                lines,
                filters * Float.BYTES);
    }

    /** Pixels with channels side by side, into planes. */
    private static void store(
            Geometry g,
            MemorySegment work,
            long from,
            int rows,
            int columns,
            MemorySegment out,
            long to,
            long planeBytes) {
        int filters = g.filters();
        long filterBytes = 4L * filters;
        if (columns == g.outWidth()) {
            BlockTranspose.matrix(
                    work, from, filterBytes, rows * columns, filters, out, to, planeBytes);
            return;
        }
        for (int y = 0; y < rows; y++) {
            BlockTranspose.matrix(work, from, filterBytes, columns, filters, out, to, planeBytes);
            from += columns * filterBytes;
            to += 4L * g.outWidth();
        }
    }
}
