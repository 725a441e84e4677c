package dev.lanewise.nn.optim;

import dev.lanewise.kernels.OptimizerUpdate;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Lion (Chen et al. 2023, arXiv:2302.06675): w ← (1 − lr·λ)·w − lr · sign(β₁m + (1 − β₁)g); m ← β₂m
 * + (1 − β₂)g. Steps have the size lr whatever the gradient: learning rates are 3 to 10 times
 * smaller than AdamW's, the weight decay λ as much larger.
 *
 * <p>β₁ = 0.9, β₂ = 0.99, no weight decay unless set.
 */
public final class Lion extends UpdateRule {

    private final float beta1;
    private final float beta2;
    private final float weightDecay;

    private Lion(float learningRate, float beta1, float beta2, float weightDecay) {
        super(learningRate);
        this.beta1 = checkBelowOne("Lion: beta1", beta1);
        this.beta2 = checkBelowOne("Lion: beta2", beta2);
        this.weightDecay = checkNotNegative("Lion: weight decay", weightDecay);
    }

    /** Lion with its usual settings. */
    public static Lion of(float learningRate) {
        return new Lion(learningRate, 0.9f, 0.99f, 0);
    }

    /** With other β₁ and β₂. */
    public Lion betas(float first, float second) {
        return new Lion(learningRate(), first, second, weightDecay);
    }

    /** With weight decay λ, apart from the gradient. */
    public Lion weightDecay(float value) {
        return new Lion(learningRate(), beta1, beta2, value);
    }

    @Override
    public String toString() {
        return "%s(learning rate %s, beta1 %s, beta2 %s, weight decay %s)"
                .formatted(getClass().getSimpleName(), learningRate(), beta1, beta2, weightDecay);
    }

    @Override
    List<String> stateNames() {
        return List.of("exp_avg");
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
        kernels.lion(
                gradient,
                gradientOffset,
                n,
                rate,
                weightDecay,
                beta1,
                beta2,
                state[0],
                stateOffsets[0],
                weight,
                weightOffset);
    }
}
