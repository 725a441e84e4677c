package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Elementwise arithmetic, correctly rounded per element (each formula is one IEEE operation, or one
 * fused multiply-add).
 *
 * <p>{@code a}, {@code b}, {@code out} have {@code n} elements. The output may be one of the
 * inputs. {@code maximum} and {@code minimum} follow {@link Math#max(float, float)}: NaN wins, and
 * -0 is less than +0.
 */
public interface Arithmetic {

    /** out = a + b. */
    void add(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset);

    /** out = a − b. */
    void subtract(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset);

    /** out = a · b. */
    void multiply(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset);

    /** out = a / b. */
    void divide(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset);

    /** out = max(a, b). */
    void maximum(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset);

    /** out = min(a, b). */
    void minimum(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset);

    /** out = a + s. */
    void addScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset);

    /** out = s − a. */
    void subtractFromScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset);

    /** out = a · s. */
    void multiplyScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset);

    /** out = a / s. */
    void divideScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset);

    /** out = s / a. */
    void divideIntoScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset);

    /** out = max(a, s). */
    void maximumScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset);

    /** out = min(a, s). */
    void minimumScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset);

    /** out = min(max(a, low), high); NaN stays NaN. */
    void clamp(
            MemorySegment a,
            long aOffset,
            long n,
            float low,
            float high,
            MemorySegment out,
            long outOffset);

    /** out = −a. */
    void negate(MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset);

    /** out = |a|. */
    void abs(MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset);

    /** out = sign(a): −1, 1, or a itself where it is ±0 or NaN, as {@link Math#signum(float)}. */
    void sign(MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset);

    /** out = a². */
    void square(MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset);

    /** out = 1 / a. */
    void reciprocal(MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset);

    /** out = a · b + c, fused: rounded once. */
    void multiplyAdd(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            MemorySegment c,
            long cOffset,
            long n,
            MemorySegment out,
            long outOffset);

    /** y = alpha · x + y, fused: rounded once. */
    void axpy(MemorySegment x, long xOffset, long n, float alpha, MemorySegment y, long yOffset);

    /** y = fma(alpha, x, beta · y). With beta = 0, y = alpha · x and y is not read. */
    void axpby(
            MemorySegment x,
            long xOffset,
            long n,
            float alpha,
            float beta,
            MemorySegment y,
            long yOffset);
}
