package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Elementwise activation functions and their gradients.
 *
 * <p>A forward kernel computes {@code out = f(x)}. A gradient kernel computes {@code dx = dy · f'},
 * from the input {@code x} or, where that is cheaper, from the output {@code y = f(x)}. Arrays have
 * {@code n} elements; the output may be one of the inputs; {@code n = 0} does nothing. All backends
 * and widths give the same bits. Sigmoid and tanh forward are in {@link Transcendental}.
 *
 * <p>NaN gives NaN. Infinities give the limit, so gelu, silu and hardSwish of −∞ are ±0. At a kink
 * the derivative is that of the flatter side (relu'(0) = 0), as in PyTorch, but for hardSwish: 0 at
 * −3, 1 at 3. Where f is constant or linear, dy is selected or scaled, so a gradient there is 0
 * even for infinite dy. Errors of the curved functions are stated in ULP over all floats; gradients
 * are within 10⁻⁶ · |dy| of the derivative.
 *
 * <p>[1] Clevert et al. 2015, arXiv:1511.07289. [2] Klambauer et al. 2017, arXiv:1706.02515. [3]
 * Hendrycks and Gimpel 2016, arXiv:1606.08415.
 */
public interface Activation {

    /** out = max(x, 0). */
    void relu(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** dx = dy · f'(x) for f = relu, from the input x. */
    void reluGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset);

    /** out = x if x &gt; 0, else slope · x. */
    void leakyRelu(
            MemorySegment x, long xOffset, long n, float slope, MemorySegment out, long outOffset);

    /** dx = dy · f'(x) for f = leakyRelu, from the input x. */
    void leakyReluGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            float slope,
            MemorySegment dx,
            long dxOffset);

    /** out = x if x &gt; 0, else alpha · (eˣ − 1) [1]. Error at most 2 ULP. */
    void elu(MemorySegment x, long xOffset, long n, float alpha, MemorySegment out, long outOffset);

    /** dx = dy · f'(x) for f = elu, from the input x. */
    void eluGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            float alpha,
            MemorySegment dx,
            long dxOffset);

    /**
     * out = λ · (x if x &gt; 0, else α · (eˣ − 1)), λ = 1.0507009873554805, α = 1.6732632423543772
     * [2]. Error at most 2 ULP.
     */
    void selu(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** dx = dy · f'(x) for f = selu, from the input x. */
    void seluGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset);

    /**
     * out = x · Φ(x) = x/2 · (1 + erf(x/√2)) [3]. Error at most 0.52 ULP, also in the left tail.
     */
    void gelu(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** dx = dy · f'(x) for f = gelu, from the input x. */
    void geluGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset);

    /**
     * out = x/2 · (1 + tanh(√(2/π) · (x + 0.044715·x³))), the tanh form of [3]. Error at most 1.98
     * ULP, also in the left tail.
     */
    void geluTanh(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** dx = dy · f'(x) for f = geluTanh, from the input x. */
    void geluTanhGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset);

    /** out = x · sigmoid(x), also called swish. Error at most 1.8 ULP. */
    void silu(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** dx = dy · f'(x) for f = silu, from the input x. */
    void siluGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset);

    /** out = ln(1 + eˣ), stable for large |x|. Error at most 1.7 ULP. */
    void softplus(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** dx = dy · f'(x) for f = softplus, from the input x. */
    void softplusGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset);

    /** out = min(max(x, −1), 1). */
    void hardTanh(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** dx = dy · f'(x) for f = hardTanh, from the input x. */
    void hardTanhGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset);

    /** out = min(max(x/6 + 1/2, 0), 1). */
    void hardSigmoid(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** dx = dy · f'(x) for f = hardSigmoid, from the input x. */
    void hardSigmoidGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset);

    /** out = x · hardSigmoid(x). */
    void hardSwish(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** dx = dy · f'(x) for f = hardSwish, from the input x. */
    void hardSwishGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset);

    /** out = 1 if x ≥ 0, else 0. */
    void heaviside(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);

    /** dx = dy · f'(x) for f = sigmoid, from the output y. */
    void sigmoidGradient(
            MemorySegment y,
            long yOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset);

    /** dx = dy · f'(x) for f = tanh, from the output y. */
    void tanhGradient(
            MemorySegment y,
            long yOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset);
}
