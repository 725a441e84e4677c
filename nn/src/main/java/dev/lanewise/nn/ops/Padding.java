package dev.lanewise.nn.ops;

import dev.lanewise.core.ArgumentException;

/**
 * Zeros around an image: so that the output has the size of the input divided by the stride ({@link
 * #SAME}), none ({@link #VALID}), or a number on each side ({@link #of}).
 */
public sealed interface Padding {

    /**
     * As many zeros as make the output ⌈in / stride⌉ long; where their number is odd, the extra one
     * comes last.
     */
    Padding SAME = new Same();

    /** No padding. */
    Padding VALID = of(0);

    /** The same number of zeros on all four sides. */
    static Padding of(int each) {
        return of(each, each);
    }

    /** So many rows of zeros above and below, and columns left and right. */
    static Padding of(int vertical, int horizontal) {
        return of(new Sides(vertical, vertical), new Sides(horizontal, horizontal));
    }

    /** Rows of zeros above and below, and columns left and right, each as many as wanted. */
    static Padding of(Sides vertical, Sides horizontal) {
        return new Fixed(vertical, horizontal);
    }

    /**
     * Zeros at the two ends of an axis.
     *
     * @param before above, or left
     * @param after below, or right
     */
    record Sides(int before, int after) {
        /** Checks that neither is negative. */
        public Sides {
            if (before < 0 || after < 0) {
                throw new ArgumentException(
                        "Padding: must not be negative, got " + before + " and " + after);
            }
        }
    }

    /** The rows of zeros above and below. */
    Sides vertical(int in, int kernel, int stride, int dilation);

    /** The columns of zeros left and right. */
    Sides horizontal(int in, int kernel, int stride, int dilation);

    /** {@link #SAME}. */
    record Same() implements Padding {
        @Override
        public Sides vertical(int in, int kernel, int stride, int dilation) {
            int out = Math.ceilDiv(in, stride);
            int zeros = Math.max((out - 1) * stride + dilation * (kernel - 1) + 1 - in, 0);
            return new Sides(zeros / 2, zeros - zeros / 2);
        }

        @Override
        public Sides horizontal(int in, int kernel, int stride, int dilation) {
            return vertical(in, kernel, stride, dilation);
        }

        @Override
        public String toString() {
            return "SAME";
        }
    }

    /**
     * {@link #of}.
     *
     * @param rows above and below
     * @param columns left and right
     */
    record Fixed(Sides rows, Sides columns) implements Padding {
        @Override
        public Sides vertical(int in, int kernel, int stride, int dilation) {
            return rows;
        }

        @Override
        public Sides horizontal(int in, int kernel, int stride, int dilation) {
            return columns;
        }

        @Override
        public String toString() {
            boolean equalSides = rows.before == rows.after && columns.before == columns.after;
            if (!equalSides) {
                return "%d+%dx%d+%d"
                        .formatted(rows.before, rows.after, columns.before, columns.after);
            }
            return rows.equals(columns)
                    ? Integer.toString(rows.before)
                    : rows.before + "x" + columns.before;
        }
    }
}
