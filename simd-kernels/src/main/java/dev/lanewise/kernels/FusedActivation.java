package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;

/** The activation that a kernel may apply while it stores its result. */
public enum FusedActivation {
    /** f(x) = x. */
    NONE,
    /** f(x) = max(x, 0). */
    RELU,
    /** f(x) = x · Φ(x), the erf form. */
    GELU,
    /** f(x) = x · sigmoid(x). */
    SILU,
    /** f(x) = tanh x. */
    TANH,
    /** f(x) = 1 / (1 + e⁻ˣ). */
    SIGMOID;

    /** x = f(x) in place over n elements, computed by the given kernels. */
    public void apply(Kernels kernels, MemorySegment x, long xOffset, long n) {
        switch (this) {
            case NONE -> {}
            case RELU -> kernels.activation().relu(x, xOffset, n, x, xOffset);
            case GELU -> kernels.activation().gelu(x, xOffset, n, x, xOffset);
            case SILU -> kernels.activation().silu(x, xOffset, n, x, xOffset);
            case TANH -> kernels.transcendental().tanh(x, xOffset, n, x, xOffset);
            case SIGMOID -> kernels.transcendental().sigmoid(x, xOffset, n, x, xOffset);
        }
    }
}
