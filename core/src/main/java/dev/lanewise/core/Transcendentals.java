package dev.lanewise.core;

import static dev.lanewise.core.Operands.KERNELS;

import dev.lanewise.core.ElementwiseLoops.Binary;
import dev.lanewise.core.ElementwiseLoops.UnaryKernel;
import dev.lanewise.kernels.Transcendental;

/**
 * Elementwise exponentials, logarithms and their kind on float32 tensors of any layout; accuracy
 * and special values are those of {@link Transcendental}.
 */
public final class Transcendentals {
    private static final Transcendental KERNEL = KERNELS.transcendental();

    // Made once: a method reference to an object is a new one in each call.
    static final UnaryKernel EXP = KERNEL::exp;
    static final UnaryKernel EXPM1 = KERNEL::expm1;
    static final UnaryKernel LOG = KERNEL::log;
    static final UnaryKernel LOG1P = KERNEL::log1p;
    static final UnaryKernel TANH = KERNEL::tanh;
    static final UnaryKernel SIGMOID = KERNEL::sigmoid;
    static final UnaryKernel ERF = KERNEL::erf;
    static final UnaryKernel ERFC = KERNEL::erfc;
    static final UnaryKernel SIN = KERNEL::sin;
    static final UnaryKernel COS = KERNEL::cos;
    static final UnaryKernel SQRT = KERNEL::sqrt;
    static final UnaryKernel RSQRT = KERNEL::rsqrt;

    static final Binary POW = new Binary("pow", KERNEL::pow, KERNEL::powScalar, null, null);

    private Transcendentals() {}

    /** eˣ, elementwise. */
    public static Tensor exp(Tensor x) {
        return ElementwiseLoops.unary("exp", EXP, x, null);
    }

    /** out = eˣ, elementwise; out may be x. */
    public static Tensor exp(Tensor x, Tensor out) {
        return ElementwiseLoops.unary("exp", EXP, x, out);
    }

    /** eˣ − 1, accurate near 0, elementwise. */
    public static Tensor expm1(Tensor x) {
        return ElementwiseLoops.unary("expm1", EXPM1, x, null);
    }

    /** out = eˣ − 1, accurate near 0, elementwise; out may be x. */
    public static Tensor expm1(Tensor x, Tensor out) {
        return ElementwiseLoops.unary("expm1", EXPM1, x, out);
    }

    /** ln x; NaN for x &lt; 0, elementwise. */
    public static Tensor log(Tensor x) {
        return ElementwiseLoops.unary("log", LOG, x, null);
    }

    /** out = ln x; NaN for x &lt; 0, elementwise; out may be x. */
    public static Tensor log(Tensor x, Tensor out) {
        return ElementwiseLoops.unary("log", LOG, x, out);
    }

    /** ln(1 + x), accurate near 0, elementwise. */
    public static Tensor log1p(Tensor x) {
        return ElementwiseLoops.unary("log1p", LOG1P, x, null);
    }

    /** out = ln(1 + x), accurate near 0, elementwise; out may be x. */
    public static Tensor log1p(Tensor x, Tensor out) {
        return ElementwiseLoops.unary("log1p", LOG1P, x, out);
    }

    /** tanh x, elementwise. */
    public static Tensor tanh(Tensor x) {
        return ElementwiseLoops.unary("tanh", TANH, x, null);
    }

    /** out = tanh x, elementwise; out may be x. */
    public static Tensor tanh(Tensor x, Tensor out) {
        return ElementwiseLoops.unary("tanh", TANH, x, out);
    }

    /** 1 / (1 + e⁻ˣ), elementwise. */
    public static Tensor sigmoid(Tensor x) {
        return ElementwiseLoops.unary("sigmoid", SIGMOID, x, null);
    }

    /** out = 1 / (1 + e⁻ˣ), elementwise; out may be x. */
    public static Tensor sigmoid(Tensor x, Tensor out) {
        return ElementwiseLoops.unary("sigmoid", SIGMOID, x, out);
    }

    /** erf x = 2/√π ∫₀ˣ e^(−t²) dt, elementwise. */
    public static Tensor erf(Tensor x) {
        return ElementwiseLoops.unary("erf", ERF, x, null);
    }

    /** out = erf x = 2/√π ∫₀ˣ e^(−t²) dt, elementwise; out may be x. */
    public static Tensor erf(Tensor x, Tensor out) {
        return ElementwiseLoops.unary("erf", ERF, x, out);
    }

    /** 1 − erf x, accurate where erf x is near 1, elementwise. */
    public static Tensor erfc(Tensor x) {
        return ElementwiseLoops.unary("erfc", ERFC, x, null);
    }

    /** out = 1 − erf x, accurate where erf x is near 1, elementwise; out may be x. */
    public static Tensor erfc(Tensor x, Tensor out) {
        return ElementwiseLoops.unary("erfc", ERFC, x, out);
    }

    /** sin x, x in radians, elementwise. */
    public static Tensor sin(Tensor x) {
        return ElementwiseLoops.unary("sin", SIN, x, null);
    }

    /** out = sin x, x in radians, elementwise; out may be x. */
    public static Tensor sin(Tensor x, Tensor out) {
        return ElementwiseLoops.unary("sin", SIN, x, out);
    }

    /** cos x, x in radians, elementwise. */
    public static Tensor cos(Tensor x) {
        return ElementwiseLoops.unary("cos", COS, x, null);
    }

    /** out = cos x, x in radians, elementwise; out may be x. */
    public static Tensor cos(Tensor x, Tensor out) {
        return ElementwiseLoops.unary("cos", COS, x, out);
    }

    /** √x; NaN for x &lt; 0, elementwise. */
    public static Tensor sqrt(Tensor x) {
        return ElementwiseLoops.unary("sqrt", SQRT, x, null);
    }

    /** out = √x; NaN for x &lt; 0, elementwise; out may be x. */
    public static Tensor sqrt(Tensor x, Tensor out) {
        return ElementwiseLoops.unary("sqrt", SQRT, x, out);
    }

    /** 1 / √x, elementwise. */
    public static Tensor rsqrt(Tensor x) {
        return ElementwiseLoops.unary("rsqrt", RSQRT, x, null);
    }

    /** out = 1 / √x, elementwise; out may be x. */
    public static Tensor rsqrt(Tensor x, Tensor out) {
        return ElementwiseLoops.unary("rsqrt", RSQRT, x, out);
    }

    /** aᵇ, broadcast. */
    public static Tensor pow(Tensor a, Tensor b) {
        return ElementwiseLoops.binary(POW, a, b, null);
    }

    /** out = aᵇ, broadcast; out may be a or b. */
    public static Tensor pow(Tensor a, Tensor b, Tensor out) {
        return ElementwiseLoops.binary(POW, a, b, out);
    }

    /** aˢ. */
    public static Tensor pow(Tensor a, float s) {
        return ElementwiseLoops.scalar("pow", POW.rightScalar(), a, s, null);
    }

    /** out = aˢ; out may be a. */
    public static Tensor pow(Tensor a, float s, Tensor out) {
        return ElementwiseLoops.scalar("pow", POW.rightScalar(), a, s, out);
    }
}
