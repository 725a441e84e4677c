package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Elementwise transcendental functions as own polynomials over fused multiply-adds, so that every
 * tier, width and CPU gives the same bits. {@code x} and {@code out} have {@code n} elements and
 * may be the same array.
 */
public interface Transcendental {

    /** out = eˣ. */
    void exp(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** out = eˣ − 1, accurate near 0. */
    void expm1(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** out = ln x; NaN for x &lt; 0, −∞ for ±0. */
    void log(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** out = ln(1 + x), accurate near 0. */
    void log1p(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** out = tanh x. */
    void tanh(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** out = 1 / (1 + e⁻ˣ). */
    void sigmoid(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** out = erf x = 2/√π ∫₀ˣ e^(−t²) dt. */
    void erf(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** out = erfc x = 1 − erf x, accurate where erf x is near 1. */
    void erfc(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** out = sin x, x in radians, over the whole range of floats. */
    void sin(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** out = cos x, x in radians, over the whole range of floats. */
    void cos(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** out = √x, correctly rounded; NaN for x &lt; 0. */
    void sqrt(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** out = 1 / √x. */
    void rsqrt(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** out = xʸ elementwise, with the special cases of {@link Math#pow(double, double)}. */
    void pow(
            MemorySegment x,
            long xOffset,
            MemorySegment y,
            long yOffset,
            long n,
            MemorySegment out,
            long outOffset);

    /** out = xˢ elementwise, with the special cases of {@link Math#pow(double, double)}. */
    void powScalar(
            MemorySegment x, long xOffset, long n, float s, MemorySegment out, long outOffset);
}
