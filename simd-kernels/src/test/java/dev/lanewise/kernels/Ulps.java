package dev.lanewise.kernels;

/** The distance of a float from a double result, in units in the last place. */
final class Ulps {
    private Ulps() {}

    /**
     * |actual − expected| in ULP of the float nearest to expected. Infinity counts as 2¹²⁸; a wrong
     * NaN, sign of zero or infinity counts as infinitely far.
     */
    static double error(float actual, double expected) {
        if (Double.isNaN(expected) || Float.isNaN(actual)) {
            return Double.isNaN(expected) && Float.isNaN(actual) ? 0 : Double.POSITIVE_INFINITY;
        }
        if (expected == 0) {
            boolean same =
                    Float.floatToRawIntBits(actual) == Float.floatToRawIntBits((float) expected);
            return same ? 0 : Double.POSITIVE_INFINITY;
        }
        if (Double.isInfinite(expected)) {
            return actual == expected ? 0 : Double.POSITIVE_INFINITY;
        }
        float rounded = (float) expected;
        double limit = Math.copySign(0x1p128, actual);
        double value = Float.isInfinite(actual) ? limit : actual;
        double wanted = Math.max(-0x1p128, Math.min(expected, 0x1p128));
        double ulp = Float.isInfinite(rounded) ? Math.ulp(Float.MAX_VALUE) : Math.ulp(rounded);
        return Math.abs(value - wanted) / ulp;
    }
}
