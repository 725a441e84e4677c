package dev.lanewise.kernels;

import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;

/**
 * One implementation of every kernel family.
 *
 * <p>{@link #active()} is the bundle that this JVM runs on, chosen once; {@link #scalar()} is
 * always there.
 *
 * @param backend which implementation this is
 * @param arithmetic elementwise arithmetic
 * @param comparison elementwise comparison and selection
 * @param transcendental exp, log, tanh and their kind
 * @param activation activation functions and their gradients
 * @param reduction sums, extrema, moments
 * @param softmax softmax and log-softmax
 * @param crossEntropy cross-entropy of logits and class numbers
 * @param normalization batch and layer normalization
 * @param rmsNormalization normalization by the root mean square
 * @param groupNormalization normalization of groups of channels
 * @param gemm matrix products
 * @param quantizedGemm matrix products with quantized weights
 * @param convolution 2-D convolution and its gradients
 * @param pooling max and average pooling
 * @param attention scaled dot-product attention
 * @param recurrent LSTM and GRU over sequences
 * @param optimizer optimizer updates
 * @param data copies, transposes, gathers, conversions
 * @param random counter-based random numbers
 */
public record Kernels(
        Backend backend,
        Arithmetic arithmetic,
        Comparison comparison,
        Transcendental transcendental,
        Activation activation,
        Reduction reduction,
        Softmax softmax,
        CrossEntropy crossEntropy,
        Normalization normalization,
        RmsNormalization rmsNormalization,
        GroupNormalization groupNormalization,
        Gemm gemm,
        QuantizedGemm quantizedGemm,
        Convolution convolution,
        Pooling pooling,
        Attention attention,
        Recurrent recurrent,
        OptimizerUpdate optimizer,
        DataMovement data,
        RandomFill random) {

    /**
     * The kernels that this JVM runs on: see {@link Backend} for how they are chosen.
     *
     * @throws IllegalStateException if a forced choice can't be honoured
     */
    public static Kernels active() {
        BackendChoice.current(); // here, not in the initializer, which would hide the message
        return Active.KERNELS;
    }

    /** The scalar kernels: plain loops, the specification of every kernel. */
    public static Kernels scalar() {
        return ScalarKernels.bundle();
    }

    private static final class Active {
        static final Kernels KERNELS =
                switch (Backend.active()) {
                    case VECTOR -> VectorKernels.bundle();
                    case SCALAR -> ScalarKernels.bundle();
                };
    }
}
