package dev.lanewise.nn.losses;

/** The losses, for static import. */
public final class Losses {

    private Losses() {}

    /** {@link CrossEntropy} of logits. */
    public static CrossEntropy crossEntropy() {
        return new CrossEntropy();
    }

    /** The mean of (prediction − target)². */
    public static MeanSquaredError meanSquaredError() {
        return new MeanSquaredError();
    }

    /** {@link BinaryCrossEntropyWithLogits}. */
    public static BinaryCrossEntropyWithLogits binaryCrossEntropyWithLogits() {
        return new BinaryCrossEntropyWithLogits();
    }
}
