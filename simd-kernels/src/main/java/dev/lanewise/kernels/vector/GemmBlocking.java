package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.scalar.ScalarGemm;

/**
 * How a large product is cut so that each level of cache holds what is used next.
 *
 * @param depth the length of a block along k: long, because C is read and written once per block
 * @param rows the rows of A in a block: rows x depth floats and one panel of B fill most of a
 *     second-level cache of 1 MB
 * @param columns the columns of B that are packed at once; they stay in the third level
 */
record GemmBlocking(int depth, int rows, int columns) {

    /** The blocking of this machine. */
    static final GemmBlocking ACTIVE =
            new GemmBlocking(
                    ScalarGemm.DEPTH_BLOCK,
                    roundUp(144, GemmTile.ROWS),
                    roundUp(2048, GemmTile.COLUMNS));

    /** The least multiple of unit that is at least n. */
    static int roundUp(long n, int unit) {
        return Math.toIntExact((n + unit - 1) / unit * unit);
    }
}
