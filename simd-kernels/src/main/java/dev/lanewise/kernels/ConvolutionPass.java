package dev.lanewise.kernels;

/** What packed weights of a convolution are for. */
public enum ConvolutionPass {
    /** {@link Convolution#forwardPacked}. */
    FORWARD,
    /** {@link Convolution#inputGradientPacked}. */
    INPUT_GRADIENT
}
