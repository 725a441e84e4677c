package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Elementwise transcendental functions as own polynomials over fused multiply-adds, so that every
 * backend, tier, width and CPU gives the same bits.
 *
 * <p>{@code x} and {@code out} have {@code n} elements and may be the same array; {@code n = 0}
 * does nothing. Every float is a valid input. Errors are the worst over all 2³² floats, in units in
 * the last place (ULP) of the result against a double-precision reference; results that should be
 * subnormal are, and overflow gives infinity. NaN gives NaN.
 */
public interface Transcendental {

    /** out = eˣ. Error at most 0.90 ULP; e^−∞ = 0. */
    void exp(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** out = eˣ − 1, accurate near 0. Error at most 1.1 ULP; −0 gives −0, −∞ gives −1. */
    void expm1(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** out = ln x. Error at most 0.96 ULP; NaN for x &lt; 0, −∞ for ±0. */
    void log(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /**
     * out = ln(1 + x), accurate near 0. Error at most 1.3 ULP; NaN for x &lt; −1, −∞ for −1, −0 for
     * −0.
     */
    void log1p(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** out = tanh x. Error at most 1.3 ULP; ±1 for ±∞, −0 for −0. */
    void tanh(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** out = 1 / (1 + e⁻ˣ). Error at most 1.7 ULP; 0 for −∞, 1 for ∞. */
    void sigmoid(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** out = erf x = 2/√π ∫₀ˣ e^(−t²) dt. Error at most 1.02 ULP; ±1 for ±∞, −0 for −0. */
    void erf(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** out = erfc x = 1 − erf x, accurate where erf x is near 1. Error at most 0.52 ULP. */
    void erfc(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /**
     * out = sin x, x in radians, over the whole range of floats. Error at most 0.51 ULP; NaN for
     * ±∞, −0 for −0. Angles from 2³⁰ on are reduced one by one.
     */
    void sin(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /**
     * out = cos x, x in radians, over the whole range of floats. Error at most 0.51 ULP; NaN for
     * ±∞. Angles from 2³⁰ on are reduced one by one.
     */
    void cos(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** out = √x, correctly rounded; NaN for x &lt; 0, −0 for −0. */
    void sqrt(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** out = 1 / √x. Error at most 1.5 ULP; ±∞ for ±0, NaN for x &lt; 0, 0 for ∞. */
    void rsqrt(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /**
     * out = xʸ elementwise, with the special cases of {@link Math#pow(double, double)}. Error at
     * most 0.51 ULP (sampled). The output may be x or y.
     */
    void pow(
            MemorySegment x,
            long xOffset,
            MemorySegment y,
            long yOffset,
            long n,
            MemorySegment out,
            long outOffset);

    /**
     * out = xˢ elementwise, with the special cases of {@link Math#pow(double, double)}. Error at
     * most 0.51 ULP.
     */
    void powScalar(
            MemorySegment x, long xOffset, long n, float s, MemorySegment out, long outOffset);
}
