package dev.lanewise.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.lanewise.kernels.ReferenceFunctions.Reference;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;

/** The error of a function over all 2³² floats or a sample of them. */
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
    public record Worst(double ulps, float x, float actual, double expected) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT, "%.4f ULP at %s: %s for %s", ulps, x, actual, expected);
        }
    }

    /** The worst error over every stride-th float. */
    static Worst worst(Reference function, Kernels kernels, long stride) {
        return worst(function, kernels, 0, 1L << 32, stride);
    }

    /**
     * The worst error over every stride-th bit pattern of the given range; the last batch may go a
     * little beyond it.
     */
    public static Worst worst(
            Reference function, Kernels kernels, long from, long to, long stride) {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment x = arena.allocate(4L * BATCH, 64);
            MemorySegment out = arena.allocate(4L * BATCH, 64);
            Worst worst = new Worst(0, Float.NaN, Float.NaN, Double.NaN);
            for (long start = from; start < to; start += stride * BATCH) {
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
