package dev.lanewise.kernels;

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
    SIGMOID
}
