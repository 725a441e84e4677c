package dev.lanewise.core;

import static dev.lanewise.core.Operands.KERNELS;

import dev.lanewise.core.ElementwiseLoops.Binary;
import dev.lanewise.core.ElementwiseLoops.BinaryKernel;
import dev.lanewise.core.ElementwiseLoops.ScalarKernel;
import dev.lanewise.core.ElementwiseLoops.UnaryKernel;
import dev.lanewise.kernels.Activation;

/**
 * Activation functions and their gradients on float32 tensors of any layout. A gradient multiplies
 * {@code dy} with the derivative at the input {@code x}, or, for sigmoid and tanh, by way of the
 * output {@code y}. Formulas, constants and papers are those of {@link Activation}; sigmoid and
 * tanh themselves are in {@link Transcendentals}.
 */
public final class Activations {
    private static final Activation KERNEL = KERNELS.activation();

    // Made once: a method reference to an object is a new one in each call.
    static final UnaryKernel RELU = KERNEL::relu;
    static final UnaryKernel SELU = KERNEL::selu;
    static final UnaryKernel GELU = KERNEL::gelu;
    static final UnaryKernel GELU_TANH = KERNEL::geluTanh;
    static final UnaryKernel SILU = KERNEL::silu;
    static final UnaryKernel SOFTPLUS = KERNEL::softplus;
    static final UnaryKernel HARD_TANH = KERNEL::hardTanh;
    static final UnaryKernel HARD_SIGMOID = KERNEL::hardSigmoid;
    static final UnaryKernel HARD_SWISH = KERNEL::hardSwish;
    static final UnaryKernel HEAVISIDE = KERNEL::heaviside;
    static final ScalarKernel LEAKY_RELU = KERNEL::leakyRelu;
    static final ScalarKernel ELU = KERNEL::elu;
    private static final Binary RELU_GRADIENT = gradient("reluGradient", KERNEL::reluGradient);
    private static final Binary SELU_GRADIENT = gradient("seluGradient", KERNEL::seluGradient);
    private static final Binary GELU_GRADIENT = gradient("geluGradient", KERNEL::geluGradient);
    private static final Binary GELU_TANH_GRADIENT =
            gradient("geluTanhGradient", KERNEL::geluTanhGradient);
    private static final Binary SILU_GRADIENT = gradient("siluGradient", KERNEL::siluGradient);
    private static final Binary SOFTPLUS_GRADIENT =
            gradient("softplusGradient", KERNEL::softplusGradient);
    private static final Binary HARD_TANH_GRADIENT =
            gradient("hardTanhGradient", KERNEL::hardTanhGradient);
    private static final Binary HARD_SIGMOID_GRADIENT =
            gradient("hardSigmoidGradient", KERNEL::hardSigmoidGradient);
    private static final Binary HARD_SWISH_GRADIENT =
            gradient("hardSwishGradient", KERNEL::hardSwishGradient);
    private static final Binary SIGMOID_GRADIENT =
            gradient("sigmoidGradient", KERNEL::sigmoidGradient);
    private static final Binary TANH_GRADIENT = gradient("tanhGradient", KERNEL::tanhGradient);

    private Activations() {}

    private static Binary gradient(String name, BinaryKernel kernel) {
        return new Binary(name, kernel, null, null, null);
    }

    private static Tensor gradient(Binary gradient, Tensor x, Tensor dy, Tensor dx) {
        if (!x.shape().equals(dy.shape())) {
            throw new ShapeException(
                    "%s: shapes differ: %s and dy %s"
                            .formatted(gradient.name(), x.shape(), dy.shape()));
        }
        return ElementwiseLoops.binary(gradient, x, dy, dx);
    }

    /** max(x, 0), elementwise. */
    public static Tensor relu(Tensor x) {
        return ElementwiseLoops.unary("relu", RELU, x, null);
    }

    /** out = max(x, 0), elementwise; out may be x. */
    public static Tensor relu(Tensor x, Tensor out) {
        return ElementwiseLoops.unary("relu", RELU, x, out);
    }

    /** dy · f'(x) for f = relu. */
    public static Tensor reluGradient(Tensor x, Tensor dy) {
        return reluGradient(x, dy, null);
    }

    /** dx = dy · f'(x) for f = relu; dx may be x or dy. */
    public static Tensor reluGradient(Tensor x, Tensor dy, Tensor dx) {
        return gradient(RELU_GRADIENT, x, dy, dx);
    }

    /** x if x &gt; 0, else slope · x, elementwise. */
    public static Tensor leakyRelu(Tensor x, float slope) {
        return leakyRelu(x, slope, null);
    }

    /** out = x if x &gt; 0, else slope · x, elementwise; out may be x. */
    public static Tensor leakyRelu(Tensor x, float slope, Tensor out) {
        return ElementwiseLoops.scalar("leakyRelu", LEAKY_RELU, x, slope, out);
    }

    /** dy · f'(x) for f = leakyRelu. */
    public static Tensor leakyReluGradient(Tensor x, Tensor dy, float slope) {
        return leakyReluGradient(x, dy, slope, null);
    }

    /** dx = dy · f'(x) for f = leakyRelu; dx may be x or dy. */
    public static Tensor leakyReluGradient(Tensor x, Tensor dy, float slope, Tensor dx) {
        BinaryKernel kernel =
                (a, ao, b, bo, n, out, oo) ->
                        KERNEL.leakyReluGradient(a, ao, b, bo, n, slope, out, oo);
        return gradient(gradient("leakyReluGradient", kernel), x, dy, dx);
    }

    /** x if x &gt; 0, else alpha · (eˣ − 1), elementwise. */
    public static Tensor elu(Tensor x, float alpha) {
        return elu(x, alpha, null);
    }

    /** out = x if x &gt; 0, else alpha · (eˣ − 1), elementwise; out may be x. */
    public static Tensor elu(Tensor x, float alpha, Tensor out) {
        return ElementwiseLoops.scalar("elu", ELU, x, alpha, out);
    }

    /** dy · f'(x) for f = elu. */
    public static Tensor eluGradient(Tensor x, Tensor dy, float alpha) {
        return eluGradient(x, dy, alpha, null);
    }

    /** dx = dy · f'(x) for f = elu; dx may be x or dy. */
    public static Tensor eluGradient(Tensor x, Tensor dy, float alpha, Tensor dx) {
        BinaryKernel kernel =
                (a, ao, b, bo, n, out, oo) -> KERNEL.eluGradient(a, ao, b, bo, n, alpha, out, oo);
        return gradient(gradient("eluGradient", kernel), x, dy, dx);
    }

    /** λ · (x if x &gt; 0, else α · (eˣ − 1)), elementwise. */
    public static Tensor selu(Tensor x) {
        return ElementwiseLoops.unary("selu", SELU, x, null);
    }

    /** out = λ · (x if x &gt; 0, else α · (eˣ − 1)), elementwise; out may be x. */
    public static Tensor selu(Tensor x, Tensor out) {
        return ElementwiseLoops.unary("selu", SELU, x, out);
    }

    /** dy · f'(x) for f = selu. */
    public static Tensor seluGradient(Tensor x, Tensor dy) {
        return seluGradient(x, dy, null);
    }

    /** dx = dy · f'(x) for f = selu; dx may be x or dy. */
    public static Tensor seluGradient(Tensor x, Tensor dy, Tensor dx) {
        return gradient(SELU_GRADIENT, x, dy, dx);
    }

    /** x · Φ(x), the erf form, elementwise. */
    public static Tensor gelu(Tensor x) {
        return ElementwiseLoops.unary("gelu", GELU, x, null);
    }

    /** out = x · Φ(x), the erf form, elementwise; out may be x. */
    public static Tensor gelu(Tensor x, Tensor out) {
        return ElementwiseLoops.unary("gelu", GELU, x, out);
    }

    /** dy · f'(x) for f = gelu. */
    public static Tensor geluGradient(Tensor x, Tensor dy) {
        return geluGradient(x, dy, null);
    }

    /** dx = dy · f'(x) for f = gelu; dx may be x or dy. */
    public static Tensor geluGradient(Tensor x, Tensor dy, Tensor dx) {
        return gradient(GELU_GRADIENT, x, dy, dx);
    }

    /** x/2 · (1 + tanh(√(2/π) · (x + 0.044715·x³))), elementwise. */
    public static Tensor geluTanh(Tensor x) {
        return ElementwiseLoops.unary("geluTanh", GELU_TANH, x, null);
    }

    /** out = x/2 · (1 + tanh(√(2/π) · (x + 0.044715·x³))), elementwise; out may be x. */
    public static Tensor geluTanh(Tensor x, Tensor out) {
        return ElementwiseLoops.unary("geluTanh", GELU_TANH, x, out);
    }

    /** dy · f'(x) for f = geluTanh. */
    public static Tensor geluTanhGradient(Tensor x, Tensor dy) {
        return geluTanhGradient(x, dy, null);
    }

    /** dx = dy · f'(x) for f = geluTanh; dx may be x or dy. */
    public static Tensor geluTanhGradient(Tensor x, Tensor dy, Tensor dx) {
        return gradient(GELU_TANH_GRADIENT, x, dy, dx);
    }

    /** x · sigmoid(x), elementwise. */
    public static Tensor silu(Tensor x) {
        return ElementwiseLoops.unary("silu", SILU, x, null);
    }

    /** out = x · sigmoid(x), elementwise; out may be x. */
    public static Tensor silu(Tensor x, Tensor out) {
        return ElementwiseLoops.unary("silu", SILU, x, out);
    }

    /** dy · f'(x) for f = silu. */
    public static Tensor siluGradient(Tensor x, Tensor dy) {
        return siluGradient(x, dy, null);
    }

    /** dx = dy · f'(x) for f = silu; dx may be x or dy. */
    public static Tensor siluGradient(Tensor x, Tensor dy, Tensor dx) {
        return gradient(SILU_GRADIENT, x, dy, dx);
    }

    /** ln(1 + eˣ), elementwise. */
    public static Tensor softplus(Tensor x) {
        return ElementwiseLoops.unary("softplus", SOFTPLUS, x, null);
    }

    /** out = ln(1 + eˣ), elementwise; out may be x. */
    public static Tensor softplus(Tensor x, Tensor out) {
        return ElementwiseLoops.unary("softplus", SOFTPLUS, x, out);
    }

    /** dy · f'(x) for f = softplus. */
    public static Tensor softplusGradient(Tensor x, Tensor dy) {
        return softplusGradient(x, dy, null);
    }

    /** dx = dy · f'(x) for f = softplus; dx may be x or dy. */
    public static Tensor softplusGradient(Tensor x, Tensor dy, Tensor dx) {
        return gradient(SOFTPLUS_GRADIENT, x, dy, dx);
    }

    /** min(max(x, −1), 1), elementwise. */
    public static Tensor hardTanh(Tensor x) {
        return ElementwiseLoops.unary("hardTanh", HARD_TANH, x, null);
    }

    /** out = min(max(x, −1), 1), elementwise; out may be x. */
    public static Tensor hardTanh(Tensor x, Tensor out) {
        return ElementwiseLoops.unary("hardTanh", HARD_TANH, x, out);
    }

    /** dy · f'(x) for f = hardTanh. */
    public static Tensor hardTanhGradient(Tensor x, Tensor dy) {
        return hardTanhGradient(x, dy, null);
    }

    /** dx = dy · f'(x) for f = hardTanh; dx may be x or dy. */
    public static Tensor hardTanhGradient(Tensor x, Tensor dy, Tensor dx) {
        return gradient(HARD_TANH_GRADIENT, x, dy, dx);
    }

    /** min(max(x/6 + 1/2, 0), 1), elementwise. */
    public static Tensor hardSigmoid(Tensor x) {
        return ElementwiseLoops.unary("hardSigmoid", HARD_SIGMOID, x, null);
    }

    /** out = min(max(x/6 + 1/2, 0), 1), elementwise; out may be x. */
    public static Tensor hardSigmoid(Tensor x, Tensor out) {
        return ElementwiseLoops.unary("hardSigmoid", HARD_SIGMOID, x, out);
    }

    /** dy · f'(x) for f = hardSigmoid. */
    public static Tensor hardSigmoidGradient(Tensor x, Tensor dy) {
        return hardSigmoidGradient(x, dy, null);
    }

    /** dx = dy · f'(x) for f = hardSigmoid; dx may be x or dy. */
    public static Tensor hardSigmoidGradient(Tensor x, Tensor dy, Tensor dx) {
        return gradient(HARD_SIGMOID_GRADIENT, x, dy, dx);
    }

    /** x · hardSigmoid(x), elementwise. */
    public static Tensor hardSwish(Tensor x) {
        return ElementwiseLoops.unary("hardSwish", HARD_SWISH, x, null);
    }

    /** out = x · hardSigmoid(x), elementwise; out may be x. */
    public static Tensor hardSwish(Tensor x, Tensor out) {
        return ElementwiseLoops.unary("hardSwish", HARD_SWISH, x, out);
    }

    /** dy · f'(x) for f = hardSwish. */
    public static Tensor hardSwishGradient(Tensor x, Tensor dy) {
        return hardSwishGradient(x, dy, null);
    }

    /** dx = dy · f'(x) for f = hardSwish; dx may be x or dy. */
    public static Tensor hardSwishGradient(Tensor x, Tensor dy, Tensor dx) {
        return gradient(HARD_SWISH_GRADIENT, x, dy, dx);
    }

    /** 1 if x ≥ 0, else 0, elementwise. */
    public static Tensor heaviside(Tensor x) {
        return ElementwiseLoops.unary("heaviside", HEAVISIDE, x, null);
    }

    /** out = 1 if x ≥ 0, else 0, elementwise; out may be x. */
    public static Tensor heaviside(Tensor x, Tensor out) {
        return ElementwiseLoops.unary("heaviside", HEAVISIDE, x, out);
    }

    /** dy · (y · (1 − y)), from the output y of sigmoid. */
    public static Tensor sigmoidGradient(Tensor y, Tensor dy) {
        return sigmoidGradient(y, dy, null);
    }

    /** dx = dy · (y · (1 − y)), from the output y of sigmoid; dx may be y or dy. */
    public static Tensor sigmoidGradient(Tensor y, Tensor dy, Tensor dx) {
        return gradient(SIGMOID_GRADIENT, y, dy, dx);
    }

    /** dy · (1 − y²), from the output y of tanh. */
    public static Tensor tanhGradient(Tensor y, Tensor dy) {
        return tanhGradient(y, dy, null);
    }

    /** dx = dy · (1 − y²), from the output y of tanh; dx may be y or dy. */
    public static Tensor tanhGradient(Tensor y, Tensor dy, Tensor dx) {
        return gradient(TANH_GRADIENT, y, dy, dx);
    }
}
