package dev.lanewise.kernels.scalar;

import static dev.lanewise.kernels.scalar.ScalarMath.LOG2_E;
import static dev.lanewise.kernels.scalar.ScalarMath.LOGISTIC_MIN;
import static dev.lanewise.kernels.scalar.ScalarMath.ROUND_BIASED;
import static dev.lanewise.kernels.scalar.ScalarMath.copySign;
import static dev.lanewise.kernels.scalar.ScalarMath.exp;
import static dev.lanewise.kernels.scalar.ScalarMath.expTail;
import static dev.lanewise.kernels.scalar.ScalarMath.expm1;
import static dev.lanewise.kernels.scalar.ScalarMath.limit;
import static dev.lanewise.kernels.scalar.ScalarMath.overPower;
import static dev.lanewise.kernels.scalar.ScalarMath.reduce;

import static java.lang.Math.fma;

/**
 * Activation functions and gradients of one float. A gradient gets the input x (or the output y)
 * and dy, and returns dy times the derivative; where a piece is constant it selects instead of
 * multiplying, so that an infinite dy does not become NaN.
 */
public final class ScalarActivationMath {
    /** λ and λ·α of selu. */
    public static final float SELU_SCALE = 1.0507009873554805f;

    public static final float SELU_SCALE_ALPHA = 1.7580993408473766f;

    /** 2·√(2/π) and 2·√(2/π)·0.044715: tanh form of gelu as x·sigmoid(x·(A + B·x²)). */
    public static final float GELU_TANH_A = 1.5957691216057308f;

    public static final float GELU_TANH_B = 0.07135481627260025f;

    /** The same A in two parts, the first a multiple of 2⁻²⁰, and what B lost by rounding. */
    public static final float GELU_TANH_A_HIGH = 0x1.98845p+0f;

    public static final float GELU_TANH_A_LOW = 0x1.9ea1b2p-23f;
    public static final float GELU_TANH_B_LOW = 0x1.49b16ap-29f;

    /**
     * Where the tanh form of gelu rounds to zero, and where its sigmoid has long rounded to one.
     */
    public static final float GELU_TANH_LEAST = -11f;

    public static final float GELU_TANH_FULL = 6f;

    /** Beyond it, the derivative of the tanh form of gelu is 0 or 1. */
    public static final float GELU_TANH_MAX = 20f;

    public static final float SIXTH = 1f / 6;
    public static final float THIRD = 1f / 3;

    private ScalarActivationMath() {}

    static float relu(float x) {
        return x <= 0 ? 0f : x;
    }

    static float reluGradient(float x, float dy) {
        return x <= 0 ? 0f : dy;
    }

    static float leakyRelu(float x, float slope) {
        return x > 0 ? x : slope * x;
    }

    static float leakyReluGradient(float x, float dy, float slope) {
        return x > 0 ? dy : slope * dy;
    }

    static float elu(float x, float alpha) {
        return x > 0 ? x : alpha * expm1(x);
    }

    static float eluGradient(float x, float dy, float alpha) {
        return x > 0 ? dy : dy * (alpha * exp(x));
    }

    static float selu(float x) {
        return x > 0 ? SELU_SCALE * x : SELU_SCALE_ALPHA * expm1(x);
    }

    static float seluGradient(float x, float dy) {
        return x > 0 ? SELU_SCALE * dy : dy * (SELU_SCALE_ALPHA * exp(x));
    }

    /**
     * x / (1 + e⁻ᵘ), u = x·(A + B·x²), as {@link ScalarMath#overLogistic} does it, but with u =
     * high + low: rounded to one float it would be off by 2⁻¹⁸ where the result gets subnormal.
     */
    static float geluTanh(float x) {
        float y = x < GELU_TANH_LEAST ? GELU_TANH_LEAST : x;
        float v = y > GELU_TANH_FULL ? GELU_TANH_FULL : y;
        float z = v * v;
        float cubic = fma(z, GELU_TANH_B, GELU_TANH_A_HIGH);
        float high = v * cubic;
        // A_HIGH − cubic is exact, so the fma with it is the error of cubic
        float lost = fma(fma(v, v, -z), GELU_TANH_B, fma(z, GELU_TANH_B_LOW, GELU_TANH_A_LOW));
        float cubicLow = fma(z, GELU_TANH_B, GELU_TANH_A_HIGH - cubic) + lost;
        float low = fma(v, cubicLow, fma(v, cubic, -high));
        float t = fma(high, -LOG2_E, ROUND_BIASED);
        float tail = expTail(reduce(-high, t - ROUND_BIASED) - low);
        return overPower(y, t, tail);
    }

    /** dy · (σ(u) + x·u'·σ(u)·(1 − σ(u))), u = x·(A + B·x²). */
    static float geluTanhGradient(float x, float dy) {
        float y = copySign(limit(Math.abs(x), GELU_TANH_MAX), x);
        float z = y * y;
        float u = y * fma(z, GELU_TANH_B, GELU_TANH_A);
        float slope = fma(z, 3 * GELU_TANH_B, GELU_TANH_A);
        float derivative = gateDerivative(u, y * slope);
        return dy * (x != x ? x : derivative);
    }

    /** dy · (σ(x) + x·σ(x)·(1 − σ(x))). */
    static float siluGradient(float x, float dy) {
        float y = copySign(limit(Math.abs(x), -LOGISTIC_MIN), x);
        float derivative = gateDerivative(y, y);
        return dy * (x != x ? x : derivative);
    }

    /** σ(u) + w·σ(u)·(1 − σ(u)) without cancellation: with e = e^−|u|, σ(1 − σ) = e/(1 + e)². */
    private static float gateDerivative(float u, float w) {
        float e = exp(-Math.abs(u));
        float s = 1f / (1f + e);
        float es = e * s;
        return fma(w * es, s, u < 0 ? es : s);
    }

    static float softplusGradient(float x, float dy) {
        return dy * ScalarMath.sigmoid(x);
    }

    static float hardTanh(float x) {
        return Math.min(Math.max(x, -1f), 1f);
    }

    static float hardTanhGradient(float x, float dy) {
        float y = x <= -1f ? 0f : dy;
        return x >= 1f ? 0f : y;
    }

    static float hardSigmoid(float x) {
        return Math.min(Math.max(fma(x, SIXTH, 0.5f), 0f), 1f);
    }

    static float hardSigmoidGradient(float x, float dy) {
        float y = x <= -3f ? 0f : dy * SIXTH;
        return x >= 3f ? 0f : y;
    }

    static float hardSwish(float x) {
        float y = x * hardSigmoid(x);
        return x <= -3f ? 0f : y;
    }

    static float hardSwishGradient(float x, float dy) {
        float y = x >= 3f ? dy : dy * fma(x, THIRD, 0.5f);
        return x <= -3f ? 0f : y;
    }

    static float heaviside(float x) {
        return x >= 0 ? 1f : 0f;
    }

    static float sigmoidGradient(float y, float dy) {
        return dy * (y * (1f - y));
    }

    static float tanhGradient(float y, float dy) {
        return dy * fma(-y, y, 1f);
    }
}
