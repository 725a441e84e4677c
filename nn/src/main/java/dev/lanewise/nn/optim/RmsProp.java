package dev.lanewise.nn.optim;

import dev.lanewise.kernels.OptimizerUpdate;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * RMSProp (Tieleman and Hinton 2012) with PyTorch's formula: v ← αv + (1 − α)g²; where centered, a
 * ← αa + (1 − α)g and σ² = v − a², else σ² = v; w ← w − lr · g / (σ + ε), or with momentum μ, b ←
 * μ·b + g / (σ + ε) and w ← w − lr·b.
 *
 * <p>α = 0.99, ε = 1e-8, not centered, no momentum, no weight decay unless set.
 */
public final class RmsProp extends UpdateRule {

    private final float alpha;
    private final float epsilon;
    private final float momentum;
    private final boolean centered;
    private final float weightDecay;

    private RmsProp(
            float learningRate,
            float alpha,
            float epsilon,
            float momentum,
            boolean centered,
            float weightDecay) {
        super(learningRate);
        this.alpha = checkBelowOne("RmsProp: alpha", alpha);
        this.epsilon = checkNotNegative("RmsProp: epsilon", epsilon);
        this.momentum = checkNotNegative("RmsProp: momentum", momentum);
        this.centered = centered;
        this.weightDecay = checkNotNegative("RmsProp: weight decay", weightDecay);
    }

    /** RMSProp with its usual settings. */
    public static RmsProp of(float learningRate) {
        return new RmsProp(learningRate, 0.99f, 1e-8f, 0, false, 0);
    }

    /** With another α. */
    public RmsProp alpha(float value) {
        return new RmsProp(learningRate(), value, epsilon, momentum, centered, weightDecay);
    }

    /** With another ε. */
    public RmsProp epsilon(float value) {
        return new RmsProp(learningRate(), alpha, value, momentum, centered, weightDecay);
    }

    /** With momentum μ. */
    public RmsProp momentum(float value) {
        return new RmsProp(learningRate(), alpha, epsilon, value, centered, weightDecay);
    }

    /** With the variance of gradients instead of their mean square. */
    public RmsProp centered() {
        return new RmsProp(learningRate(), alpha, epsilon, momentum, true, weightDecay);
    }

    /** With weight decay, added to the gradient. */
    public RmsProp weightDecay(float value) {
        return new RmsProp(learningRate(), alpha, epsilon, momentum, centered, value);
    }

    @Override
    public String toString() {
        return "%s(learning rate %s, alpha %s, epsilon %s, momentum %s, centered %s, weight decay %s)"
                .formatted(
                        getClass().getSimpleName(),
                        learningRate(),
                        alpha,
                        epsilon,
                        momentum,
                        centered,
                        weightDecay);
    }

    @Override
    List<String> stateNames() {
        return centered
                ? List.of("square_avg", "momentum_buffer", "grad_avg")
                : momentum > 0 ? List.of("square_avg", "momentum_buffer") : List.of("square_avg");
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
        if (!centered && momentum == 0) {
            kernels.rmsProp(
                    gradient,
                    gradientOffset,
                    n,
                    rate,
                    weightDecay,
                    alpha,
                    epsilon,
                    state[0],
                    stateOffsets[0],
                    weight,
                    weightOffset);
            return;
        }
        int mean = centered ? 2 : 0;
        kernels.rmsPropMomentum(
                gradient,
                gradientOffset,
                n,
                rate,
                weightDecay,
                alpha,
                epsilon,
                momentum,
                centered,
                state[0],
                stateOffsets[0],
                state[mean],
                stateOffsets[mean],
                state[1],
                stateOffsets[1],
                weight,
                weightOffset);
    }
}
