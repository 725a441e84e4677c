package dev.lanewise.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.lanewise.kernels.ReferenceFunctions.Reference;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Walks all 2³² floats through the functions of the active backend and prints each one's worst
 * error.
 *
 * <p>Arguments: names of functions (all by default), and {@code stride=N} to take every N-th bit
 * pattern only. Ends with status 1 if a bound is exceeded.
 */
public final class UlpCheck {
    private static final int BATCH = 1 << 14;

    private UlpCheck() {}

    /**
     * The worst error found.
     *
     * @param ulps in units in the last place
     * @param x where
     * @param actual what the kernel gave there
     * @param expected what it should be
     */
    record Worst(double ulps, float x, float actual, double expected) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT, "%.4f ULP at %s: %s for %s", ulps, x, actual, expected);
        }
    }

    /** Checks the named functions. */
    public static void main(String[] arguments) {
        long stride = 1;
        for (String argument : arguments) {
            stride =
                    argument.startsWith("stride=") ? Long.parseLong(argument.substring(7)) : stride;
        }
        List<String> names =
                Arrays.stream(arguments).filter(name -> !name.startsWith("stride=")).toList();
        boolean failed = false;
        for (Reference function : ReferenceFunctions.all()) {
            if (names.isEmpty() || names.contains(function.name())) {
                Worst worst = worst(function, Kernels.active(), stride);
                boolean exceeds = worst.ulps() > function.bound();
                failed |= exceeds;
                System.out.printf(
                        "%-10s %s, bound %s%s%n",
                        function, worst, function.bound(), exceeds ? " EXCEEDED" : "");
            }
        }
        if (failed) {
            System.exit(1);
        }
    }

    /** The worst error over every stride-th float. */
    static Worst worst(Reference function, Kernels kernels, long stride) {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment x = arena.allocate(4L * BATCH, 64);
            MemorySegment out = arena.allocate(4L * BATCH, 64);
            Worst worst = new Worst(-1, 0, 0, 0);
            for (long start = 0; start < 1L << 32; start += stride * BATCH) {
                for (int i = 0; i < BATCH; i++) {
                    x.setAtIndex(JAVA_FLOAT, i, Float.intBitsToFloat((int) (start + stride * i)));
                }
                function.kernel().run(kernels, x, BATCH, out);
                worst = worst(function, x, out, worst);
            }
            return worst;
        }
    }

    private static Worst worst(
            Reference function, MemorySegment x, MemorySegment out, Worst worst) {
        Worst result = worst;
        for (int i = 0; i < BATCH; i++) {
            float value = x.getAtIndex(JAVA_FLOAT, i);
            float actual = out.getAtIndex(JAVA_FLOAT, i);
            double expected = function.reference().applyAsDouble(value);
            double ulps = Ulps.error(actual, expected);
            if (ulps > result.ulps()) {
                result = new Worst(ulps, value, actual, expected);
            }
        }
        return result;
    }
}
