package dev.lanewise.nn.optim;

/**
 * Adam (Kingma and Ba 2014, arXiv:1412.6980): m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; w ← w − lr
 * · m̂ / (√v̂ + ε), m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ).
 *
 * <p>β₁ = 0.9, β₂ = 0.999, ε = 1e-8, no weight decay unless set.
 */
public final class Adam extends AdamRule {

    private Adam(
            float learningRate,
            float beta1,
            float beta2,
            float epsilon,
            float weightDecay,
            boolean amsGrad) {
        super(learningRate, beta1, beta2, epsilon, weightDecay, amsGrad, false);
    }

    /** Adam with its usual settings. */
    public static Adam of(float learningRate) {
        return new Adam(learningRate, 0.9f, 0.999f, 1e-8f, 0, false);
    }

    /** With other β₁ and β₂. */
    public Adam betas(float first, float second) {
        return new Adam(learningRate(), first, second, epsilon, weightDecay, amsGrad);
    }

    /** With another ε. */
    public Adam epsilon(float value) {
        return new Adam(learningRate(), beta1, beta2, value, weightDecay, amsGrad);
    }

    /** With weight decay, added to the gradient. */
    public Adam weightDecay(float value) {
        return new Adam(learningRate(), beta1, beta2, epsilon, value, amsGrad);
    }

    /** With the largest v so far in the divisor (AMSGrad, Reddi et al. 2018, arXiv:1904.09237). */
    public Adam amsGrad() {
        return new Adam(learningRate(), beta1, beta2, epsilon, weightDecay, true);
    }
}
