package dev.lanewise.nn.ops;

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
        return new Fixed(vertical, horizontal);
    }

    /** The rows of zeros above and below together. */
    int vertical(int in, int kernel, int stride, int dilation);

    /** The columns of zeros left and right together. */
    int horizontal(int in, int kernel, int stride, int dilation);

    /** {@link #SAME}. */
    record Same() implements Padding {
        @Override
        public int vertical(int in, int kernel, int stride, int dilation) {
            int out = Math.ceilDiv(in, stride);
            return Math.max((out - 1) * stride + dilation * (kernel - 1) + 1 - in, 0);
        }

        @Override
        public int horizontal(int in, int kernel, int stride, int dilation) {
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
     * @param above rows above, and below
     * @param left columns left, and right
     */
    record Fixed(int above, int left) implements Padding {
        /** Checks that neither is negative. */
        public Fixed {
            if (above < 0 || left < 0) {
                throw new IllegalArgumentException(
                        "Padding: must not be negative, got " + above + " and " + left);
            }
        }

        @Override
        public int vertical(int in, int kernel, int stride, int dilation) {
            return 2 * above;
        }

        @Override
        public int horizontal(int in, int kernel, int stride, int dilation) {
            return 2 * left;
        }

        @Override
        public String toString() {
            return above == left ? Integer.toString(above) : above + "x" + left;
        }
    }
}
