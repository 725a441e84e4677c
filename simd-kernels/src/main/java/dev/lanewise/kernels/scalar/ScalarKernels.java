package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.Backend;
import dev.lanewise.kernels.Kernels;

/** The scalar implementation of every family. */
public final class ScalarKernels {
    private static final Kernels BUNDLE =
            new Kernels(
                    Backend.SCALAR,
                    new ScalarArithmetic(),
                    new ScalarComparison(),
                    new ScalarTranscendental(),
                    new ScalarActivation(),
                    new ScalarReduction(),
                    new ScalarSoftmax(),
                    new ScalarCrossEntropy(),
                    new ScalarNormalization(),
                    new ScalarRmsNormalization(),
                    new ScalarGroupNormalization(),
                    new ScalarGemm(),
                    new ScalarQuantizedGemm(),
                    new ScalarConvolution(),
                    new ScalarPooling(),
                    new ScalarAttention(),
                    new ScalarRecurrent(),
                    new ScalarOptimizerUpdate(),
                    new ScalarDataMovement(),
                    new ScalarRandomFill());

    private ScalarKernels() {}

    /** The scalar kernels. */
    public static Kernels bundle() {
        return BUNDLE;
    }
}
