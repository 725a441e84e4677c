package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.scalar.ScalarGemm;

/**
 * How a large product is cut so that each level of cache holds what is used next. Only the depth
 * has an influence on the bits of a product.
 *
 * @param depth the length of a block along k: long, because C is read and written once per block
 * @param rows the rows of A in a block: rows x depth floats and one panel of B fill most of the
 *     second-level cache
 * @param columns the columns of B that are packed at once; they stay in the third level
 */
record GemmBlocking(int depth, int rows, int columns) {

    /** AVX-512, ARM: a second level of 1 MB or more. */
    private static final GemmBlocking LARGE_CACHES = tiled(144, 2048);

    /** AVX2: a second level of 256 KB to 512 KB, and a third of a few MB for each core. */
    private static final GemmBlocking SMALL_CACHES = tiled(48, 1024);

    /** The blocking of this machine, whose kind its registers tell. */
    static final GemmBlocking ACTIVE = GemmTile.MANY_REGISTERS ? LARGE_CACHES : SMALL_CACHES;

    /** Blocks of whole tiles, at least so large. */
    private static GemmBlocking tiled(int rows, int columns) {
        return new GemmBlocking(
                ScalarGemm.DEPTH_BLOCK,
                roundUp(rows, GemmTile.ROWS),
                roundUp(columns, GemmTile.COLUMNS));
    }

    /** The least multiple of unit that is at least n. */
    static int roundUp(long n, int unit) {
        return Math.toIntExact((n + unit - 1) / unit * unit);
    }
}
