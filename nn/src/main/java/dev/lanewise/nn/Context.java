package dev.lanewise.nn;

import dev.lanewise.core.RandomStream;

import java.util.Objects;

/**
 * How a forward pass runs: for training or for inference, and where its random numbers come from.
 */
public final class Context {

    private static final Context INFERENCE = new Context(false, null);

    private final boolean training;
    private final RandomStream random;

    private Context(boolean training, RandomStream random) {
        this.training = training;
        this.random = random;
    }

    /** Inference: no dropout, running statistics instead of the batch's own. */
    public static Context inference() {
        return INFERENCE;
    }

    /** Training with random numbers from this stream, which advances with every use. */
    public static Context training(RandomStream random) {
        return new Context(true, Objects.requireNonNull(random, "Context.training: random"));
    }

    /** Whether layers behave as in training. */
    public boolean isTraining() {
        return training;
    }

    /**
     * The random numbers of this pass.
     *
     * @throws IllegalStateException in inference, which draws none
     */
    public RandomStream random() {
        if (random == null) {
            throw new IllegalStateException(
                    "random: inference draws no random numbers; use Context.training(stream)");
        }
        return random;
    }
}
