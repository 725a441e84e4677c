package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.Winograd;
import dev.lanewise.kernels.Winograd.Geometry;

/**
 * Where {@link WinogradKernel} keeps what, in elements from the start of its workspace.
 *
 * <p>Tiles are numbered through the batch, image by image, row by row, and pass in blocks: their 36
 * matrices of inputs [tile, channel] are multiplied by the 36 packed matrices of weights [channel,
 * filter].
 */
final class WinogradPlan {
    /** Tiles of a block: enough that the weights, read once per block, don't limit the products. */
    private static final int BLOCK = 48;

    final Geometry geometry;
    final int tilesAcross;
    final int tilesDown;

    /** Tiles of a block: whole rows of tiles where they are short. */
    final int block;

    /** Elements from one matrix of inputs, and of products, to the next. */
    final long inputPitch;

    final long productPitch;

    /** Elements of one packed matrix of weights. */
    final long weightPitch;

    /** The bias, or zeros. */
    final long bias;

    /** A row of zeros, as long as the longest staged row of a source. */
    final long zeros;

    /** Source rows, and results, with channels side by side. */
    final long staged;

    /** Results of the first pass of a transform. */
    final long half;

    final long inputs;
    final long products;
    final long workspaceSize;

    WinogradPlan(Geometry geometry) {
        this.geometry = geometry;
        tilesAcross = geometry.tilesAcross();
        tilesDown = geometry.tilesDown();
        block =
                tilesAcross >= BLOCK
                        ? BLOCK
                        : tilesAcross * Math.min(tilesDown * 4, BLOCK / tilesAcross);
        int channels = geometry.channels();
        int filters = geometry.filters();
        int run = Math.min(block, tilesAcross);
        int columns = Winograd.TILE * run + 2;
        inputPitch = spread((long) block * channels);
        productPitch = spread((long) block * filters);
        weightPitch = WinogradWeights.matrixSize(geometry);
        bias = 0;
        zeros = filters;
        staged = zeros + (long) columns * Math.max(channels, filters);
        half =
                staged
                        + Math.max(
                                (long) Winograd.WINDOW * columns * channels,
                                (long) Winograd.TILE * columns * filters);
        inputs =
                half
                        + Math.max(
                                (long) Winograd.WINDOW * columns * channels,
                                (long) Winograd.TILE * Winograd.WINDOW * run * filters);
        products = inputs + Winograd.PRODUCTS * inputPitch;
        workspaceSize = products + Winograd.PRODUCTS * productPitch + productScratch();
    }

    /** What the matrix product needs for itself. */
    private long productScratch() {
        return WinogradKernel.GEMM.workspaceSize(block, geometry.filters(), geometry.channels());
    }

    /** The packed weights of all products. */
    long packedSize() {
        return Winograd.PRODUCTS * weightPitch;
    }

    /** At least n, and such that 36 matrices so far apart begin in different sets of a cache. */
    private static long spread(long n) {
        return (n + 1023) / 1024 * 1024 + 16;
    }
}
