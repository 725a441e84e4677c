package dev.lanewise.nn.optim;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.kernels.OptimizerUpdate;
import dev.lanewise.nn.Module;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** How parameters change with their gradients: an immutable formula with its settings. */
public abstract sealed class UpdateRule
        permits Sgd, AdamRule, RmsProp, Adagrad, Adadelta, Lion, NAdam, RAdam {

    private final float learningRate;

    UpdateRule(float learningRate) {
        if (!(learningRate >= 0) || Float.isInfinite(learningRate)) {
            throw new ArgumentException(
                    getClass().getSimpleName()
                            + ": the learning rate must be at least 0, got "
                            + learningRate);
        }
        this.learningRate = learningRate;
    }

    /** The learning rate to begin with. */
    public final float learningRate() {
        return learningRate;
    }

    /** An optimizer of this model by this rule. */
    public final Optimizer over(Module model) {
        return new Optimizer(model, this, name -> this);
    }

    /** The names of the values that are kept per parameter, as PyTorch calls them. */
    abstract List<String> stateNames();

    /**
     * Updates n parameters.
     *
     * @param state the memory of each kept value
     * @param stateOffsets where each begins
     * @param step how many updates these parameters have seen, this one included
     */
    abstract void update(
            OptimizerUpdate kernels,
            MemorySegment gradient,
            long gradientOffset,
            long n,
            float rate,
            long step,
            MemorySegment[] state,
            long[] stateOffsets,
            MemorySegment weight,
            long weightOffset);

    static float checkNotNegative(String name, float value) {
        if (!(value >= 0)) {
            throw new ArgumentException(name + " must be at least 0, got " + value);
        }
        return value;
    }

    static float checkBelowOne(String name, float value) {
        if (!(value >= 0 && value < 1)) {
            throw new ArgumentException(name + " must be from 0 to below 1, got " + value);
        }
        return value;
    }
}
