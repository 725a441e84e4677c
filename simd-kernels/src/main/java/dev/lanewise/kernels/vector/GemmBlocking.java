package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.scalar.ScalarGemm;

/**
 * How a large product is cut so that each level of cache holds what is used next.
 *
 * @param depth the length of a block along k: {@link GemmTile#ROWS} rows of A of this length stay
 *     in the first-level cache
 * @param rows the rows of A that are packed at once, where A has to be packed
 * @param columns the columns of B that are packed at once: depth x columns floats take half of the
 *     second-level cache
 */
record GemmBlocking(int depth, int rows, int columns) {

    /** The blocking of this machine. */
    static final GemmBlocking ACTIVE =
            new GemmBlocking(
                    ScalarGemm.DEPTH_BLOCK,
                    roundUp(768, GemmTile.ROWS),
                    roundUp(256, GemmTile.COLUMNS));

    /** The least multiple of unit that is at least n. */
    static int roundUp(long n, int unit) {
        return Math.toIntExact((n + unit - 1) / unit * unit);
    }
}
