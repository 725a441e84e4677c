package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.Backend;
import dev.lanewise.kernels.Kernels;

/** The vector implementation of every family. */
public final class VectorKernels {
    private static final Kernels BUNDLE =
            new Kernels(
                    Backend.VECTOR,
                    new VectorArithmetic(),
                    new VectorComparison(),
                    new VectorTranscendental(),
                    new VectorActivation(),
                    new VectorReduction(),
                    new VectorSoftmax(),
                    new VectorCrossEntropy(),
                    new VectorNormalization(),
                    new VectorRmsNormalization(),
                    new VectorGroupNormalization(),
                    new VectorGemm(),
                    new VectorQuantizedGemm(),
                    new VectorConvolution(),
                    new VectorPooling(),
                    new VectorAttention(),
                    new VectorRecurrent(),
                    new VectorOptimizerUpdate(),
                    new VectorDataMovement(),
                    new VectorRandomFill());

    static {
        Rehearsal.run(BUNDLE);
    }

    private VectorKernels() {}

    /** The vector kernels. */
    public static Kernels bundle() {
        return BUNDLE;
    }
}
