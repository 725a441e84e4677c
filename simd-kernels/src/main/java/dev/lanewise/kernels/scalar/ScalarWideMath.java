package dev.lanewise.kernels.scalar;

import static java.lang.Double.doubleToRawLongBits;
import static java.lang.Double.longBitsToDouble;
import static java.lang.Math.fma;

/**
 * Functions of floats that cancel or amplify too much for float arithmetic, computed in double and
 * rounded once. The vector kernels evaluate the same operations in the same order.
 */
public final class ScalarWideMath {
    /** Adding it rounds a double to an integer n, whose low bits are then those of n. */
    public static final double ROUND = 0x1.8p52;

    /** Like {@link #ROUND} with n + 1023: shifted left by 52 they are the double 2ⁿ. */
    public static final double ROUND_BIASED = 0x1.8p52 + 1023;

    public static final double LOG2_E = 0x1.71547652b82fep+0;
    public static final double LN2 = 0x1.62e42fefa39efp-1;

    // eʳ = 1 + r + E2·r² + ..., |r| ≤ ln(2)/2; relative error 2⁻³³·⁵.
    public static final double E2 = 0x1.0000003a464dbp-1;
    public static final double E3 = 0x1.55555184e70eep-3;
    public static final double E4 = 0x1.555488ef8a32ap-5;
    public static final double E5 = 0x1.1116c0f97fc44p-7;
    public static final double E6 = 0x1.6d9308548aff7p-10;
    public static final double E7 = 0x1.98cb0fd554082p-13;

    // 2ʳ = 1 + X1·r + ..., |r| ≤ 1/2; relative error 2⁻³².
    public static final double X1 = 0x1.62e4300ba7a96p-1;
    public static final double X2 = 0x1.ebfbe0458c326p-3;
    public static final double X3 = 0x1.c6b0550f4a3fdp-5;
    public static final double X4 = 0x1.3b2a1bd0b4820p-7;
    public static final double X5 = 0x1.5dc05937391cfp-10;
    public static final double X6 = 0x1.443fb75d30f76p-13;
    public static final double X7 = 0x1.c04509e54d241p-17;

    // log₂((1 + s)/(1 − s)) = s·(G0 + G1·s² + ...), |s| ≤ 0.2; relative error 2⁻⁴².
    public static final double G0 = 0x1.71547652b7e94p+1;
    public static final double G1 = 0x1.ec709dcb5922ap-1;
    public static final double G2 = 0x1.2776bc4ff02abp-1;
    public static final double G3 = 0x1.a61e9daf4732fp-2;
    public static final double G4 = 0x1.46f2b835c150ap-2;
    public static final double G5 = 0x1.29cf01f4c6d28p-2;

    /** Bits of 2/3, less 1024 in the exponent field. */
    public static final long LOG_BIAS = doubleToRawLongBits(2.0 / 3.0) - 0x4000000000000000L;

    /** Bits of 2⁵². */
    public static final long TWO_52_BITS = 0x4330000000000000L;

    /** Where xʸ is surely infinite or zero: the limit of |y·log₂ x|. */
    public static final double POW_LIMIT = 300;

    // e^(a²)·erfc(a)·(a + 4) = W0 + W1·q + ..., q = (a − 4)/(a + 4), 0 ≤ a ≤ 10.3; error 2⁻³⁰.
    public static final double W_SHIFT = 4;
    public static final double W0 = 0x1.18932bf0758c8p+0;
    public static final double W1 = -0x1.f3fe3287b9a55p-1;
    public static final double W2 = 0x1.8be2034503cbap-1;
    public static final double W3 = -0x1.14eaab37d3a3fp-1;
    public static final double W4 = 0x1.52cac67e99141p-2;
    public static final double W5 = -0x1.64671cedd07f5p-3;
    public static final double W6 = 0x1.38d072b8ab255p-4;
    public static final double W7 = -0x1.aed29b6bdf0e9p-6;
    public static final double W8 = 0x1.97cf0c78e1ef7p-8;
    public static final double W9 = -0x1.91d3ce11c576fp-12;
    public static final double W10 = -0x1.8b7c16d2add85p-11;

    /** Beyond it, erfc rounds to 0 (and to 2 on the other side). */
    public static final double ERFC_MAX = 10.3;

    public static final double SQRT_HALF = 0x1.6a09e667f3bcdp-1;
    public static final double INVERSE_SQRT_PI = 0x1.20dd750429b6dp-1;

    public static final double TWO_OVER_PI = 0x1.45f306dc9c883p-1;
    public static final double HALF_PI = 0x1.921fb54442d18p+0;

    /** π/2 − {@link #HALF_PI}. */
    public static final double HALF_PI_LOW = 0x1.1a62633145c07p-54;

    // sin r = r + r³·(S0 + S1·r² + ...), |r| ≤ π/4; relative error 2⁻³⁷·⁵.
    public static final double S0 = -0x1.5555554c70009p-3;
    public static final double S1 = 0x1.111108690e8dep-7;
    public static final double S2 = -0x1.a00f7e16a41e5p-13;
    public static final double S3 = 0x1.6cd1b1001bf29p-19;

    // cos r = 1 − r²/2 + C2·r⁴ + ..., |r| ≤ π/4; relative error 2⁻³³.
    public static final double C2 = 0x1.55554a0f9cb80p-5;
    public static final double C3 = -0x1.6c0c328fb9ad3p-10;
    public static final double C4 = 0x1.99eb4a06ecd0ap-16;

    /** From here on, sine and cosine reduce their argument with {@link #TWO_OVER_PI_WORDS}. */
    public static final float HUGE_ANGLE = 0x1p30f;

    /** 2/π · 2⁻², most significant word first. */
    private static final int[] TWO_OVER_PI_WORDS = {
        0x28be60db, 0x9391054a, 0x7f09d5f4, 0x7d4d3770, 0x36d8a566, 0x4f10e410, 0x7f9458ea
    };

    private ScalarWideMath() {}

    /** erfc x = 1 − erf x. */
    public static float erfc(float x) {
        double a = Math.abs((double) x);
        a = a > ERFC_MAX ? ERFC_MAX : a;
        double y = erfcPositive(a, expNegative(-(a * a)));
        return (float) (x < 0 ? 2 - y : y);
    }

    /** erfc a for 0 ≤ a ≤ ERFC_MAX, with e = e^−a². */
    private static double erfcPositive(double a, double e) {
        double r = 1 / (a + W_SHIFT);
        double q = (a - W_SHIFT) * r;
        double g = fma(W10, q, W9);
        g = fma(g, q, W8);
        g = fma(g, q, W7);
        g = fma(g, q, W6);
        g = fma(g, q, W5);
        g = fma(g, q, W4);
        g = fma(g, q, W3);
        g = fma(g, q, W2);
        g = fma(g, q, W1);
        g = fma(g, q, W0);
        return g * r * e;
    }

    /** x·Φ(x) = x·erfc(−x/√2)/2 = max(x, 0) − |x|·erfc(|x|/√2)/2. */
    public static float gelu(float x) {
        double a = Math.abs((double) x) * SQRT_HALF;
        a = a > ERFC_MAX ? ERFC_MAX : a;
        double y = erfcPositive(a, expNegative(-(a * a))) * (a * SQRT_HALF);
        return (float) ((x < 0 ? -0.0 : (double) x) - y);
    }

    /** dy · (Φ(x) + x·φ(x)). */
    public static float geluGradient(float x, float dy) {
        double a = Math.abs((double) x) * SQRT_HALF;
        a = a > ERFC_MAX ? ERFC_MAX : a;
        // the derivative at −|x|; with the one at |x| it adds to 1
        double e = expNegative(-(a * a));
        double y = fma(a * -INVERSE_SQRT_PI, e, 0.5 * erfcPositive(a, e));
        return dy * (float) (x < 0 ? y : 1 - y);
    }

    /** eˣ for −700 ≤ x ≤ 0. */
    private static double expNegative(double x) {
        double t = fma(x, LOG2_E, ROUND_BIASED);
        double r = fma(t - ROUND_BIASED, -LN2, x);
        double p = fma(E7, r, E6);
        p = fma(p, r, E5);
        p = fma(p, r, E4);
        p = fma(p, r, E3);
        p = fma(p, r, E2);
        p = fma(p, r, 1);
        p = fma(p, r, 1);
        return p * longBitsToDouble(doubleToRawLongBits(t) << 52);
    }

    /** sin x, x in radians. */
    public static float sin(float x) {
        return sineOfQuadrant(x, 0);
    }

    /** cos x, x in radians. */
    public static float cos(float x) {
        return sineOfQuadrant(x, 1);
    }

    /** sin(x + quarters·π/2). */
    private static float sineOfQuadrant(float x, int quarters) {
        if (Math.abs(x) < HUGE_ANGLE) {
            double t = fma(x, TWO_OVER_PI, ROUND);
            double n = t - ROUND;
            double r = fma(n, -HALF_PI_LOW, fma(n, -HALF_PI, x));
            return sine(r, (int) doubleToRawLongBits(t) + quarters);
        }
        if (!(Math.abs(x) < Float.POSITIVE_INFINITY)) {
            return Float.NaN;
        }
        // Payne and Hanek: x·2/π modulo 4 in 2.62 fixed point, from the words of 2/π that matter
        int bits = Float.floatToRawIntBits(x);
        long mantissa = ((bits & 0x007FFFFFL) << 8) | 0x80000000L;
        int exponent = ((bits >>> 23) & 0xFF) - 126;
        int word = exponent >> 5;
        int shift = exponent & 31;
        long high = wordsOfTwoOverPi(word - 1, shift);
        long middle = wordsOfTwoOverPi(word, shift);
        long low = wordsOfTwoOverPi(word + 1, shift);
        long product = (mantissa * low) >>> 32;
        product += mantissa * middle;
        product += (mantissa * high) << 32;
        long nearest = (product + (1L << 61)) >>> 62;
        double r = (double) (product - (nearest << 62)) * (HALF_PI * 0x1p-62);
        return x < 0 ? sine(-r, (int) -nearest + quarters) : sine(r, (int) nearest + quarters);
    }

    /** 32 bits of 2/π · 2⁻² from the given word on, after so many bits. */
    private static long wordsOfTwoOverPi(int word, int shift) {
        long two =
                (word < 0 ? 0 : (long) TWO_OVER_PI_WORDS[word] << 32)
                        | (TWO_OVER_PI_WORDS[word + 1] & 0xFFFFFFFFL);
        return (two << shift) >>> 32;
    }

    /** sin(r + quadrant·π/2) for |r| ≤ π/4. */
    private static float sine(double r, int quadrant) {
        double z = r * r;
        double s = fma(S3, z, S2);
        s = fma(s, z, S1);
        s = fma(s, z, S0);
        s = fma(s, z, 1) * r;
        double c = fma(C4, z, C3);
        c = fma(c, z, C2);
        c = fma(c, z, -0.5);
        c = fma(c, z, 1);
        double y = (quadrant & 1) == 0 ? s : c;
        return (float) ((quadrant & 2) == 0 ? y : -y);
    }

    /** xʸ with the special cases of {@link Math#pow(double, double)}. */
    public static float pow(float x, float y) {
        double base = Math.abs((double) x);
        double p = limit(log2(base) * y);
        double t = p + ROUND_BIASED;
        double r = p - (t - ROUND_BIASED);
        double e = fma(X7, r, X6);
        e = fma(e, r, X5);
        e = fma(e, r, X4);
        e = fma(e, r, X3);
        e = fma(e, r, X2);
        e = fma(e, r, X1);
        e = fma(e, r, 1);
        double result = e * longBitsToDouble(doubleToRawLongBits(t) << 52);
        if (Float.floatToRawIntBits(x) < 0) {
            // floats from 2²⁵ on are even integers, and so count infinities
            double n = Math.abs((double) y);
            n = n >= 0x1p25 ? 0 : n;
            boolean odd = isInteger(n) & !isInteger(0.5 * n);
            result = odd ? -result : result;
            result =
                    isInteger(n) | base == 0 | base == Double.POSITIVE_INFINITY
                            ? result
                            : Double.NaN;
        }
        return y == 0 ? 1f : (float) result;
    }

    private static double limit(double p) {
        double q = p > POW_LIMIT ? POW_LIMIT : p;
        return q < -POW_LIMIT ? -POW_LIMIT : q;
    }

    private static boolean isInteger(double n) {
        return (n + ROUND) - ROUND == n;
    }

    /** log₂ x for a float x ≥ 0. */
    private static double log2(double x) {
        long bits = doubleToRawLongBits(x);
        long k = (bits - LOG_BIAS) >>> 52; // exponent + 1024
        double m = longBitsToDouble(bits - (k << 52) + 0x4000000000000000L);
        double n = longBitsToDouble(k | TWO_52_BITS) - (0x1p52 + 1024);
        double s = (m - 1) / (m + 1);
        double z = s * s;
        double g = fma(G5, z, G4);
        g = fma(g, z, G3);
        g = fma(g, z, G2);
        g = fma(g, z, G1);
        g = fma(g, z, G0);
        double y = fma(g, s, n);
        y = x < Double.POSITIVE_INFINITY ? y : x;
        return x == 0 ? Double.NEGATIVE_INFINITY : y;
    }
}
