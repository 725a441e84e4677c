package dev.lanewise.nn.optim;

import dev.lanewise.kernels.OptimizerUpdate;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * RAdam, Adam with a rectified variance (Liu et al. 2019, arXiv:1908.03265), with PyTorch's
 * formula: m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; m̂ = m/(1 − β₁ᵗ). With ρ∞ = 2/(1 − β₂) − 1
 * and ρₜ = ρ∞ − 2t·β₂ᵗ/(1 − β₂ᵗ), w ← w − lr · m̂ · r · √(1 − β₂ᵗ)/(√v + ε) where ρₜ &gt; 5, r² =
 * (ρₜ − 4)(ρₜ − 2)ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)ρₜ); before that w ← w − lr · m̂.
 *
 * <p>β₁ = 0.9, β₂ = 0.999, ε = 1e-8, no weight decay unless set.
 */
public final class RAdam extends UpdateRule {

    private final float beta1;
    private final float beta2;
    private final float epsilon;
    private final float weightDecay;

    private RAdam(float learningRate, float beta1, float beta2, float epsilon, float weightDecay) {
        super(learningRate);
        this.beta1 = checkBelowOne("RAdam: beta1", beta1);
        this.beta2 = checkBelowOne("RAdam: beta2", beta2);
        this.epsilon = checkNotNegative("RAdam: epsilon", epsilon);
        this.weightDecay = checkNotNegative("RAdam: weight decay", weightDecay);
    }

    /** RAdam with its usual settings. */
    public static RAdam of(float learningRate) {
        return new RAdam(learningRate, 0.9f, 0.999f, 1e-8f, 0);
    }

    /** With other β₁ and β₂. */
    public RAdam betas(float first, float second) {
        return new RAdam(learningRate(), first, second, epsilon, weightDecay);
    }

    /** With another ε. */
    public RAdam epsilon(float value) {
        return new RAdam(learningRate(), beta1, beta2, value, weightDecay);
    }

    /** With weight decay, added to the gradient. */
    public RAdam weightDecay(float value) {
        return new RAdam(learningRate(), beta1, beta2, epsilon, value);
    }

    @Override
    public String toString() {
        return "%s(learning rate %s, beta1 %s, beta2 %s, epsilon %s, weight decay %s)"
                .formatted(
                        getClass().getSimpleName(),
                        learningRate(),
                        beta1,
                        beta2,
                        epsilon,
                        weightDecay);
    }

    @Override
    List<String> stateNames() {
        return List.of("exp_avg", "exp_avg_sq");
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
        double power = Math.pow(beta2, step);
        double limit = 2 / (1 - (double) beta2) - 1;
        double rho = limit - 2 * step * power / (1 - power);
        double meanRate = rate / (1 - Math.pow(beta1, step));
        boolean adapts = rho > 5;
        if (adapts) {
            double square = (rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho);
            meanRate *= Math.sqrt(square) * Math.sqrt(1 - power);
        }
        // Without the adaptive part the divisor is 0 · √v + 1.
        kernels.adamMixed(
                gradient,
                gradientOffset,
                n,
                weightDecay,
                1,
                beta1,
                beta2,
                0,
                (float) meanRate,
                adapts ? 1 : 0,
                adapts ? epsilon : 1,
                state[0],
                stateOffsets[0],
                state[1],
                stateOffsets[1],
                weight,
                weightOffset);
    }
}
