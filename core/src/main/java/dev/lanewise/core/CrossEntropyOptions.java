package dev.lanewise.core;

/**
 * How cross-entropy weighs classes. The plain form, {@link #standard()}, has no label smoothing, no
 * class weights, and ignores rows of class −100 as PyTorch does; each method returns a changed
 * copy.
 */
public final class CrossEntropyOptions {
    private static final CrossEntropyOptions STANDARD = new CrossEntropyOptions(0, -100, null);

    final float smoothing;
    final int ignored;
    final Tensor weights;

    private CrossEntropyOptions(float smoothing, int ignored, Tensor weights) {
        this.smoothing = smoothing;
        this.ignored = ignored;
        this.weights = weights;
    }

    /** No smoothing, no weights, class −100 ignored. */
    public static CrossEntropyOptions standard() {
        return STANDARD;
    }

    /** With label smoothing ε, from 0 to 1. */
    public CrossEntropyOptions labelSmoothing(float epsilon) {
        if (!(epsilon >= 0 && epsilon <= 1)) {
            throw new ArgumentException(
                    "crossEntropy: label smoothing must be from 0 to 1, got " + epsilon);
        }
        return new CrossEntropyOptions(epsilon, ignored, weights);
    }

    /** Rows of this class count nothing; it need not be one of 0..C−1. */
    public CrossEntropyOptions ignoredClass(int ignoredClass) {
        return new CrossEntropyOptions(smoothing, ignoredClass, weights);
    }

    /** One weight per class: [C]. */
    public CrossEntropyOptions weights(Tensor perClass) {
        return new CrossEntropyOptions(smoothing, ignored, perClass);
    }
}
