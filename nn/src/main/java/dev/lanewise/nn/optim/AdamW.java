package dev.lanewise.nn.optim;

/**
 * AdamW (Loshchilov and Hutter 2017, arXiv:1711.05101): {@link Adam} with decoupled weight decay: w
 * ← (1 − lr · λ) · w before the step.
 *
 * <p>β₁ = 0.9, β₂ = 0.999, ε = 1e-8, λ = 0.01 unless set.
 */
public final class AdamW extends AdamRule {

    private AdamW(float learningRate, float beta1, float beta2, float epsilon, float weightDecay) {
        super(learningRate, beta1, beta2, epsilon, weightDecay, true);
    }

    /** AdamW with its usual settings. */
    public static AdamW of(float learningRate) {
        return new AdamW(learningRate, 0.9f, 0.999f, 1e-8f, 0.01f);
    }

    /** With other β₁ and β₂. */
    public AdamW betas(float first, float second) {
        return new AdamW(learningRate(), first, second, epsilon, weightDecay);
    }

    /** With another ε. */
    public AdamW epsilon(float value) {
        return new AdamW(learningRate(), beta1, beta2, value, weightDecay);
    }

    /** With weight decay λ, applied to the weights themselves. */
    public AdamW weightDecay(float value) {
        return new AdamW(learningRate(), beta1, beta2, epsilon, value);
    }
}
