package dev.lanewise.nn.training;

import dev.lanewise.core.ArgumentException;

/** The learning rate of each step, as a multiple of the optimizer's. */
@FunctionalInterface
public interface LearningRateSchedule {

    /** The factor of step {@code step} (from 0) in a run of {@code steps} steps. */
    double factor(long step, long steps);

    /** Always the optimizer's learning rate. */
    static LearningRateSchedule constant() {
        return (step, steps) -> 1;
    }

    /**
     * Rises linearly over the first {@code warmUp} steps, then falls to 0 along half a cosine
     * (Loshchilov and Hutter 2016, arXiv:1608.03983).
     *
     * @throws ArgumentException if {@code warmUp} is negative
     */
    static LearningRateSchedule cosine(long warmUp) {
        if (warmUp < 0) {
            throw new ArgumentException("LearningRateSchedule.cosine: negative warm-up " + warmUp);
        }
        return (step, steps) ->
                step < warmUp
                        ? (step + 1.0) / (warmUp + 1)
                        : 0.5
                                * (1
                                        + StrictMath.cos(
                                                Math.PI
                                                        * (step - warmUp)
                                                        / Math.max(1, steps - warmUp)));
    }
}
