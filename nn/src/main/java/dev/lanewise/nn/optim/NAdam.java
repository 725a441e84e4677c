package dev.lanewise.nn.optim;

import dev.lanewise.kernels.OptimizerUpdate;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * NAdam (Dozat 2016), Adam with Nesterov's momentum, with PyTorch's formula: m ← β₁m + (1 − β₁)g; v
 * ← β₂v + (1 − β₂)g²; μₜ = β₁·(1 − 0.96^(t·ψ)/2); w ← w − lr · ((1 − μₜ)/(1 − Πμ) · g + μₜ₊₁/(1 −
 * Πμ·μₜ₊₁) · m) / (√(v/(1 − β₂ᵗ)) + ε), Πμ = μ₁·…·μₜ.
 *
 * <p>β₁ = 0.9, β₂ = 0.999, ε = 1e-8, ψ = 0.004, no weight decay unless set.
 */
public final class NAdam extends UpdateRule {

    private final float beta1;
    private final float beta2;
    private final float epsilon;
    private final float momentumDecay;
    private final float weightDecay;

    private NAdam(
            float learningRate,
            float beta1,
            float beta2,
            float epsilon,
            float momentumDecay,
            float weightDecay) {
        super(learningRate);
        this.beta1 = checkBelowOne("NAdam: beta1", beta1);
        this.beta2 = checkBelowOne("NAdam: beta2", beta2);
        this.epsilon = checkNotNegative("NAdam: epsilon", epsilon);
        this.momentumDecay = checkNotNegative("NAdam: momentum decay", momentumDecay);
        this.weightDecay = checkNotNegative("NAdam: weight decay", weightDecay);
    }

    /** NAdam with its usual settings. */
    public static NAdam of(float learningRate) {
        return new NAdam(learningRate, 0.9f, 0.999f, 1e-8f, 0.004f, 0);
    }

    /** With other β₁ and β₂. */
    public NAdam betas(float first, float second) {
        return new NAdam(learningRate(), first, second, epsilon, momentumDecay, weightDecay);
    }

    /** With another ε. */
    public NAdam epsilon(float value) {
        return new NAdam(learningRate(), beta1, beta2, value, momentumDecay, weightDecay);
    }

    /** With another ψ. */
    public NAdam momentumDecay(float value) {
        return new NAdam(learningRate(), beta1, beta2, epsilon, value, weightDecay);
    }

    /** With weight decay, added to the gradient. */
    public NAdam weightDecay(float value) {
        return new NAdam(learningRate(), beta1, beta2, epsilon, momentumDecay, value);
    }

    @Override
    public String toString() {
        return "%s(learning rate %s, beta1 %s, beta2 %s, epsilon %s, momentum decay %s, weight decay %s)"
                .formatted(
                        getClass().getSimpleName(),
                        learningRate(),
                        beta1,
                        beta2,
                        epsilon,
                        momentumDecay,
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
        double product = 1;
        // A product this small is 0 beside 1: later factors change nothing.
        for (long t = 1; t <= step && product > 1e-20; t++) {
            product *= momentum(t);
        }
        double next = momentum(step + 1);
        kernels.adamMixed(
                gradient,
                gradientOffset,
                n,
                weightDecay,
                1,
                beta1,
                beta2,
                (float) (rate * (1 - momentum(step)) / (1 - product)),
                (float) (rate * next / (1 - product * next)),
                (float) (1 / Math.sqrt(1 - Math.pow(beta2, step))),
                epsilon,
                state[0],
                stateOffsets[0],
                state[1],
                stateOffsets[1],
                weight,
                weightOffset);
    }

    /** μₜ. */
    private double momentum(long t) {
        return beta1 * (1 - 0.5 * Math.pow(0.96, t * (double) momentumDecay));
    }
}
