package dev.lanewise.kernels;

/** How a convolution may be computed. */
public enum ConvolutionAlgorithm {
    /** The fastest way for the geometry, {@link Winograd} among them. */
    FAST,
    /**
     * Sums of products only: the error bound of {@link Gemm}, exact where all partial sums are, and
     * NaN and infinities reach only the outputs whose windows hold them.
     */
    DIRECT
}
