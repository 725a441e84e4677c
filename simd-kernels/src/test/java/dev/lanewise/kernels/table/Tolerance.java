package dev.lanewise.kernels.table;

import java.util.function.IntToDoubleFunction;

/** How far an output of one backend may be from that of another. */
@FunctionalInterface
public interface Tolerance {

    /** The same bits; any NaN equals any NaN. */
    Tolerance EXACT = (size, expected) -> 0;

    /** The largest allowed |actual − expected| in a call of this size. */
    double allowed(int size, float expected);

    /** At most this many units in the last place of the expected value. */
    static Tolerance ulps(double ulps) {
        return (size, expected) -> ulps * Math.ulp(expected);
    }

    /** A bound by size: an absolute one, for outputs that are sums with cancellation. */
    static Tolerance bound(IntToDoubleFunction bound) {
        return (size, expected) -> bound.applyAsDouble(size);
    }

    /**
     * Twice the contract's error of a sum, (terms/64 + 8) · ε · terms · magnitude: the allowed
     * distance of two sums of so many terms, none larger than {@code magnitude}.
     */
    static Tolerance sum(IntToDoubleFunction terms, double magnitude) {
        return (size, expected) -> {
            double count = terms.applyAsDouble(size);
            return 2 * (count / 64 + 8) * 0x1p-24 * count * magnitude;
        };
    }
}
