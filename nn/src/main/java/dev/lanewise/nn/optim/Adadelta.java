package dev.lanewise.nn.optim;

import dev.lanewise.kernels.OptimizerUpdate;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Adadelta (Zeiler 2012, arXiv:1212.5701): v ← ρv + (1 − ρ)g²; d = √(u + ε) / √(v + ε) · g; u ← ρu
 * + (1 − ρ)d²; w ← w − lr·d. The paper's learning rate is 1.
 *
 * <p>ρ = 0.9, ε = 1e-6, no weight decay unless set.
 */
public final class Adadelta extends UpdateRule {

    private final float rho;
    private final float epsilon;
    private final float weightDecay;

    private Adadelta(float learningRate, float rho, float epsilon, float weightDecay) {
        super(learningRate);
        this.rho = checkBelowOne("Adadelta: rho", rho);
        this.epsilon = checkNotNegative("Adadelta: epsilon", epsilon);
        this.weightDecay = checkNotNegative("Adadelta: weight decay", weightDecay);
    }

    /** Adadelta with its usual settings. */
    public static Adadelta of(float learningRate) {
        return new Adadelta(learningRate, 0.9f, 1e-6f, 0);
    }

    /** With another ρ. */
    public Adadelta rho(float value) {
        return new Adadelta(learningRate(), value, epsilon, weightDecay);
    }

    /** With another ε. */
    public Adadelta epsilon(float value) {
        return new Adadelta(learningRate(), rho, value, weightDecay);
    }

    /** With weight decay, added to the gradient. */
    public Adadelta weightDecay(float value) {
        return new Adadelta(learningRate(), rho, epsilon, value);
    }

    @Override
    public String toString() {
        return "%s(learning rate %s, rho %s, epsilon %s, weight decay %s)"
                .formatted(getClass().getSimpleName(), learningRate(), rho, epsilon, weightDecay);
    }

    @Override
    List<String> stateNames() {
        return List.of("square_avg", "acc_delta");
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
        kernels.adadelta(
                gradient,
                gradientOffset,
                n,
                rate,
                weightDecay,
                rho,
                epsilon,
                state[0],
                stateOffsets[0],
                state[1],
                stateOffsets[1],
                weight,
                weightOffset);
    }
}
