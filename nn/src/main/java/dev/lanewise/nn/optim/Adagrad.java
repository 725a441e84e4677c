package dev.lanewise.nn.optim;

import dev.lanewise.kernels.OptimizerUpdate;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Adagrad (Duchi et al. 2011) with PyTorch's formula: v ← v + g²; w ← w − lr / (1 + (t − 1)·η) · g
 * / (√v + ε).
 *
 * <p>ε = 1e-10, no decay η of the learning rate, no weight decay unless set.
 */
public final class Adagrad extends UpdateRule {

    private final float rateDecay;
    private final float epsilon;
    private final float weightDecay;

    private Adagrad(float learningRate, float rateDecay, float epsilon, float weightDecay) {
        super(learningRate);
        this.rateDecay = checkNotNegative("Adagrad: learning rate decay", rateDecay);
        this.epsilon = checkNotNegative("Adagrad: epsilon", epsilon);
        this.weightDecay = checkNotNegative("Adagrad: weight decay", weightDecay);
    }

    /** Adagrad with its usual settings. */
    public static Adagrad of(float learningRate) {
        return new Adagrad(learningRate, 0, 1e-10f, 0);
    }

    /** With decay η of the learning rate. */
    public Adagrad learningRateDecay(float value) {
        return new Adagrad(learningRate(), value, epsilon, weightDecay);
    }

    /** With another ε. */
    public Adagrad epsilon(float value) {
        return new Adagrad(learningRate(), rateDecay, value, weightDecay);
    }

    /** With weight decay, added to the gradient. */
    public Adagrad weightDecay(float value) {
        return new Adagrad(learningRate(), rateDecay, epsilon, value);
    }

    @Override
    public String toString() {
        return "%s(learning rate %s, learning rate decay %s, epsilon %s, weight decay %s)"
                .formatted(
                        getClass().getSimpleName(),
                        learningRate(),
                        rateDecay,
                        epsilon,
                        weightDecay);
    }

    @Override
    List<String> stateNames() {
        return List.of("sum");
    }

    @Override
    void update(
            OptimizerUpdate kernels,
            MemorySegment gradient,
            long gradientOffset,
            long n,
            float rate,
            long step,
            MemorySegment[] state,
            long[] stateOffsets,
            MemorySegment weight,
            long weightOffset) {
        float decayed = (float) (rate / (1 + (step - 1) * (double) rateDecay));
        kernels.adagrad(
                gradient,
                gradientOffset,
                n,
                decayed,
                weightDecay,
                epsilon,
                state[0],
                stateOffsets[0],
                weight,
                weightOffset);
    }
}
