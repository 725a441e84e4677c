package dev.lanewise.nn.optim;

/**
 * AdamW (Loshchilov and Hutter 2017, arXiv:1711.05101): {@link Adam} with decoupled weight decay: w
 * ← (1 − lr · λ) · w before the step.
 *
 * <p>β₁ = 0.9, β₂ = 0.999, ε = 1e-8, λ = 0.01 unless set.
 */
public final class AdamW extends AdamRule {

    private AdamW(
            float learningRate,
            float beta1,
            float beta2,
            float epsilon,
            float weightDecay,
            boolean amsGrad) {
        super(learningRate, beta1, beta2, epsilon, weightDecay, amsGrad, true);
    }

    /** AdamW with its usual settings. */
    public static AdamW of(float learningRate) {
        return new AdamW(learningRate, 0.9f, 0.999f, 1e-8f, 0.01f, false);
    }

    /** With other β₁ and β₂. */
    public AdamW betas(float first, float second) {
        return new AdamW(learningRate(), first, second, epsilon, weightDecay, amsGrad);
    }

    /** With another ε. */
    public AdamW epsilon(float value) {
        return new AdamW(learningRate(), beta1, beta2, value, weightDecay, amsGrad);
    }

    /** With weight decay λ, applied to the weights themselves. */
    public AdamW weightDecay(float value) {
        return new AdamW(learningRate(), beta1, beta2, epsilon, value, amsGrad);
    }

    /** With the largest v so far in the divisor (AMSGrad, Reddi et al. 2018, arXiv:1904.09237). */
    public AdamW amsGrad() {
        return new AdamW(learningRate(), beta1, beta2, epsilon, weightDecay, true);
    }
}
