package dev.lanewise.kernels.scalar;

import static java.lang.Float.floatToRawIntBits;
import static java.lang.Float.intBitsToFloat;
import static java.lang.Math.fma;

/**
 * Transcendental functions of one float, in float arithmetic: polynomials over fused multiply-adds.
 *
 * <p>The vector kernels evaluate the same operations in the same order, so both give the same bits.
 * Coefficients are minimax fits (Remez), rounded to float from the lowest power up, each time
 * refitting the rest.
 */
public final class ScalarMath {
    /** 1 / ln 2. */
    public static final float LOG2_E = 0x1.715476p+0f;

    /** ln 2 rounded to float; its product with an exponent, taken from x, is exact in an fma. */
    public static final float LN2 = 0x1.62e430p-1f;

    /** ln 2 − {@link #LN2}. */
    public static final float LN2_LOW = -0x1.05c610p-29f;

    /**
     * Adding it rounds a float to an integer n, whose low bits are then those of n + 127: shifted
     * left by 23 they are the float 2ⁿ.
     */
    public static final float ROUND_BIASED = 0x1.8p23f + 127;

    /** Like {@link #ROUND_BIASED} with n + 254, for a scale in two halves. */
    public static final float ROUND_BIASED_TWICE = 0x1.8p23f + 254;

    /** Above it, eˣ overflows. */
    public static final float EXP_MAX = 0x1.62e42ep+6f;

    /** Below it, eˣ rounds to zero. */
    public static final float EXP_MIN = -104f;

    // eʳ = 1 + r + r²·(E0 + E1·r + ...), |r| ≤ ln(2)/2; relative error 2⁻²⁸.
    public static final float E0 = 0x1.fffffcp-2f;
    public static final float E1 = 0x1.55548cp-3f;
    public static final float E2 = 0x1.555858p-5f;
    public static final float E3 = 0x1.123da6p-7f;
    public static final float E4 = 0x1.6ac11ap-10f;

    // The same with an error small against eʳ − 1: 2⁻²⁸.
    public static final float M0 = 0.5f;
    public static final float M1 = 0x1.55552cp-3f;
    public static final float M2 = 0x1.555502p-5f;
    public static final float M3 = 0x1.1155aap-7f;
    public static final float M4 = 0x1.6d2e4ep-10f;
    public static final float M5 = 0x1.3b8552p-13f;

    /** Below it, eˣ − 1 rounds to −1. */
    public static final float EXPM1_MIN = -17.5f;

    // ln(1 + f) = f + f²·(L0 + L1·f + ...), −1/4 ≤ f ≤ 1/2; relative error 2⁻²⁷·⁴.
    public static final float L0 = -0.5f;
    public static final float L1 = 0x1.5555acp-2f;
    public static final float L2 = -0x1.000082p-2f;
    public static final float L3 = 0x1.996736p-3f;
    public static final float L4 = -0x1.54d720p-3f;
    public static final float L5 = 0x1.2871aap-3f;
    public static final float L6 = -0x1.0e71aep-3f;
    public static final float L7 = 0x1.b17848p-4f;
    public static final float L8 = -0x1.78a600p-5f;

    /** Bits of 3/4: mantissas are taken from [3/4, 3/2). */
    public static final int THREE_QUARTERS_BITS = 0x3F400000;

    // tanh x = x + x³·(T0 + T1·x² + ...), |x| < 0.6; relative error 2⁻²⁸.
    public static final float T0 = -0x1.55553ep-2f;
    public static final float T1 = 0x1.1109b6p-3f;
    public static final float T2 = -0x1.b898ecp-5f;
    public static final float T3 = 0x1.54b3a8p-6f;
    public static final float T4 = -0x1.822d06p-8f;
    public static final float TANH_SMALL = 0.6f;

    /** From here on tanh rounds to 1. */
    public static final float TANH_MAX = 10f;

    // erf x = x + x·(F0 + F1·x² + ...), |x| ≤ 0.93; relative error 2⁻³⁰.
    public static final float F0 = 0x1.06eba8p-3f;
    public static final float F1 = -0x1.812740p-2f;
    public static final float F2 = 0x1.ce2d64p-4f;
    public static final float F3 = -0x1.b8011ap-6f;
    public static final float F4 = 0x1.544a1ap-8f;
    public static final float F5 = -0x1.a60a2ep-11f;
    public static final float F6 = 0x1.4f6760p-14f;
    public static final float ERF_SMALL = 0.93f;

    // ln(1 − erf t) = −t + t·(H0 + H1·t + ...), 0.92 ≤ t ≤ 3.95; error 2⁻³⁰ of erf.
    public static final float H0 = -0x1.0778dcp-3f;
    public static final float H1 = -0x1.45328ep-1f;
    public static final float H2 = -0x1.b32568p-4f;
    public static final float H3 = 0x1.855122p-6f;
    public static final float H4 = -0x1.dd6baap-9f;
    public static final float H5 = 0x1.52796cp-12f;
    public static final float H6 = -0x1.78d190p-17f;

    /** From here on erf rounds to 1. */
    public static final float ERF_MAX = 3.95f;

    // sin(2πf) = f·(S0 + S1·f² + ...), cos(2πf) = 1 + C1·f² + ..., |f| ≤ 1/8.
    public static final float S0 = 0x1.921fb6p+2f;
    public static final float S1 = -0x1.4abc24p+5f;
    public static final float S2 = 0x1.4680a4p+6f;
    public static final float S3 = -0x1.33198ep+6f;
    public static final float C1 = -0x1.3bd3ccp+4f;
    public static final float C2 = 0x1.03c1b0p+6f;
    public static final float C3 = -0x1.55b2b6p+6f;
    public static final float C4 = 0x1.d4f7eep+5f;

    /** Where 1/(1 + e⁻ˣ), even times |x|, rounds to zero. */
    public static final float LOGISTIC_MIN = -111f;

    /** Where 1/(1 + e⁻ˣ) has long rounded to one. */
    public static final float LOGISTIC_MAX = 80f;

    /** Bits of ROUND_BIASED + 64. */
    public static final int ROUND_BIASED_64_BITS = floatToRawIntBits(ROUND_BIASED + 64);

    private static final int SIGN = 0x80000000;

    private ScalarMath() {}

    /** eˣ. */
    public static float exp(float x) {
        float t = fma(x, LOG2_E, ROUND_BIASED_TWICE);
        float y = scale(expPolynomial(reduce(x, t - ROUND_BIASED_TWICE)), t);
        y = x > EXP_MAX ? Float.POSITIVE_INFINITY : y;
        return x < EXP_MIN ? 0f : y;
    }

    /** x − n·ln 2. */
    static float reduce(float x, float n) {
        return fma(n, -LN2_LOW, fma(n, -LN2, x));
    }

    /** eʳ for |r| ≤ ln(2)/2. */
    static float expPolynomial(float r) {
        float q = fma(expQuotient(r), r, 1f);
        return fma(q, r, 1f);
    }

    /** eʳ − 1 for |r| ≤ ln(2)/2, with an error that is small against eʳ. */
    static float expTail(float r) {
        return fma(expQuotient(r), r * r, r);
    }

    /** (eʳ − 1 − r)/r². */
    private static float expQuotient(float r) {
        float q = fma(E4, r, E3);
        q = fma(q, r, E2);
        q = fma(q, r, E1);
        return fma(q, r, E0);
    }

    /** p·2ⁿ for t = n + ROUND_BIASED_TWICE, −152 ≤ n ≤ 128: in two halves, so rounded once. */
    static float scale(float p, float t) {
        int both = floatToRawIntBits(t);
        int half = both >> 1;
        return p * intBitsToFloat(half << 23) * intBitsToFloat((both - half) << 23);
    }

    /** 2ⁿ for t = n + ROUND_BIASED, −126 ≤ n ≤ 127. */
    static float powerOfTwo(float t) {
        return intBitsToFloat(floatToRawIntBits(t) << 23);
    }

    /** eˣ − 1. */
    public static float expm1(float x) {
        float t = fma(x, LOG2_E, ROUND_BIASED - 1);
        float n = t - (ROUND_BIASED - 1);
        float r = reduce(x, n);
        float q = fma(M5, r, M4);
        q = fma(q, r, M3);
        q = fma(q, r, M2);
        q = fma(q, r, M1);
        q = fma(q, r, M0);
        float v = fma(q, r * r, n == 1f ? r + 0.5f : r);
        // 2ⁿ·v + 2ⁿ − 1, halved so that n = 128 does not overflow, 2ⁿ − 1 in two parts
        float s = powerOfTwo(t);
        float high = s - 0.5f;
        float low = (s - high) - 0.5f;
        float y = fma(v, s, low) + high;
        y = n == 1f ? v : y;
        y = n == 0f ? v : y + y;
        y = x > EXP_MAX ? Float.POSITIVE_INFINITY : y;
        y = x < EXPM1_MIN ? -1f : y;
        return x == 0 ? x : y;
    }

    /** ln x. */
    public static float log(float x) {
        boolean tiny = x < Float.MIN_NORMAL;
        float scaled = tiny ? x * 0x1p23f : x;
        int bits = floatToRawIntBits(scaled);
        int e = (bits - THREE_QUARTERS_BITS) >> 23;
        float f = intBitsToFloat(bits - (e << 23)) - 1f;
        float n = (float) e + (tiny ? -23f : 0f);
        float y = fma(n, LN2, log1pPolynomial(f));
        y = x < Float.POSITIVE_INFINITY ? y : x;
        y = x < 0 ? Float.NaN : y;
        return x == 0 ? Float.NEGATIVE_INFINITY : y;
    }

    /** ln(1 + f) for −1/4 ≤ f ≤ 1/2. */
    static float log1pPolynomial(float f) {
        float h = fma(L8, f, L7);
        h = fma(h, f, L6);
        h = fma(h, f, L5);
        h = fma(h, f, L4);
        h = fma(h, f, L3);
        h = fma(h, f, L2);
        h = fma(h, f, L1);
        h = fma(h, f, L0);
        return fma(h, f * f, f);
    }

    /** ln(1 + x). */
    public static float log1p(float x) {
        int e = (floatToRawIntBits(x + 1f) - THREE_QUARTERS_BITS) >> 23;
        // (1 + x)·2⁻ᵉ − 1 without the rounding of 1 + x
        float scaled = intBitsToFloat(floatToRawIntBits(x) - (e << 23));
        float four = intBitsToFloat(floatToRawIntBits(4f) - (e << 23));
        float f = scaled + fma(0.25f, four, -1f);
        float y = fma((float) e, LN2, log1pPolynomial(f));
        y = x < Float.POSITIVE_INFINITY ? y : x;
        y = x < -1f ? Float.NaN : y;
        y = x == -1f ? Float.NEGATIVE_INFINITY : y;
        return x == 0 ? x : y;
    }

    /** tanh x: an odd polynomial for small |x|, else 1 − 2/(e^(2|x|) + 1). */
    public static float tanh(float x) {
        float a = Math.abs(x);
        float z = x * x;
        float p = fma(T4, z, T3);
        p = fma(p, z, T2);
        p = fma(p, z, T1);
        p = fma(p, z, T0);
        float small = fma(p * z, a, a);
        float twice = limit(a, TANH_MAX) * 2f;
        float t = fma(twice, LOG2_E, ROUND_BIASED);
        float r = fma(t - ROUND_BIASED, -LN2, twice);
        float s = powerOfTwo(t);
        float large = 1f - 2f / (fma(expTail(r), s, 1f) + s);
        return copySign(a >= TANH_SMALL ? large : small, x);
    }

    /** min(a, limit) for a ≥ 0, limit where a is NaN. */
    static float limit(float a, float limit) {
        return intBitsToFloat(Math.min(floatToRawIntBits(a), floatToRawIntBits(limit)));
    }

    /** y ≥ 0 with the sign of x. */
    static float copySign(float y, float x) {
        return intBitsToFloat(floatToRawIntBits(y) | (floatToRawIntBits(x) & SIGN));
    }

    /** 1 / (1 + e⁻ˣ). */
    public static float sigmoid(float x) {
        return overLogistic(1f, x < LOGISTIC_MIN ? LOGISTIC_MIN : x);
    }

    /** x / (1 + e⁻ˣ). */
    public static float silu(float x) {
        float y = x < LOGISTIC_MIN ? LOGISTIC_MIN : x;
        return overLogistic(y, y);
    }

    /**
     * x / (1 + e⁻ᵘ) for u ≥ LOGISTIC_MIN and |x| below 2⁷ where u is negative. Divides by 2⁶⁴ at
     * most, then by the rest of 2ⁿ, so that a subnormal result is rounded once.
     */
    static float overLogistic(float x, float u) {
        float z = -(u > LOGISTIC_MAX ? LOGISTIC_MAX : u);
        float t = fma(z, LOG2_E, ROUND_BIASED);
        return overPower(x, t, expTail(reduce(z, t - ROUND_BIASED)));
    }

    /** x / (1 + 2ⁿ·(1 + tail)) for t = n + ROUND_BIASED, within the limits of overLogistic. */
    static float overPower(float x, float t, float tail) {
        int both = floatToRawIntBits(t);
        int first = Math.min(both, ROUND_BIASED_64_BITS);
        float s = intBitsToFloat(first << 23);
        float rest = intBitsToFloat((first - both + 127) << 23);
        float sum = s + 1f;
        float low = 1f - (sum - s); // what the sum lost
        return x / (fma(tail, s, low) + sum) * rest;
    }

    /** erf x. */
    public static float erf(float x) {
        float a = Math.abs(x);
        float z = x * x;
        float p = fma(F6, z, F5);
        p = fma(p, z, F4);
        p = fma(p, z, F3);
        p = fma(p, z, F2);
        p = fma(p, z, F1);
        p = fma(p, z, F0);
        float small = fma(p, a, a);
        float b = limit(a, ERF_MAX);
        float h = fma(H6, b, H5);
        h = fma(h, b, H4);
        h = fma(h, b, H3);
        h = fma(h, b, H2);
        h = fma(h, b, H1);
        h = fma(h, b, H0);
        h = fma(h, b, -b);
        float t = fma(h, LOG2_E, ROUND_BIASED);
        float r = reduce(h, t - ROUND_BIASED);
        float large = fma(-powerOfTwo(t), expPolynomial(r), 1f);
        return copySign(a > ERF_SMALL ? large : small, x);
    }

    /** √x. */
    public static float sqrt(float x) {
        return (float) Math.sqrt(x);
    }

    /** 1 / √x. */
    public static float rsqrt(float x) {
        return 1f / (float) Math.sqrt(x);
    }

    /** ln(1 + eˣ). */
    public static float softplus(float x) {
        float e = exp(-Math.abs(x));
        boolean big = e > 0.5f; // then ln(1 + e) = ln 2 + ln((1 + e)/2)
        float f = big ? fma(e, 0.5f, -0.5f) : e;
        float y = log1pPolynomial(f) + (big ? LN2 : 0f);
        return x > 0 ? x + y : y;
    }
}
