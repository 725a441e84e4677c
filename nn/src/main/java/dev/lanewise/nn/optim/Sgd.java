package dev.lanewise.nn.optim;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.kernels.OptimizerUpdate;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Stochastic gradient descent with PyTorch's formula: g ← g + λ·w; without momentum w ← w − lr·g;
 * with momentum μ, v ← μ·v + g (v = g the first time) and w ← w − lr·v, or with Nesterov w ← w −
 * lr·(g + μ·v).
 *
 * <p>No momentum, no weight decay λ unless set.
 */
public final class Sgd extends UpdateRule {

    private final float momentum;
    private final float dampening;
    private final boolean nesterov;
    private final float weightDecay;

    private Sgd(
            float learningRate,
            float momentum,
            float dampening,
            boolean nesterov,
            float weightDecay) {
        super(learningRate);
        this.momentum = checkNotNegative("Sgd: momentum", momentum);
        this.dampening = dampening;
        this.nesterov = nesterov;
        if (!(dampening >= 0 && dampening <= 1)) {
            throw new ArgumentException("Sgd: dampening must be from 0 to 1, got " + dampening);
        }
        if (nesterov && (momentum == 0 || dampening != 0)) {
            throw new ArgumentException(
                    "Sgd: Nesterov needs a momentum and no dampening, got momentum %s, dampening %s; set momentum(0.9f) first"
                            .formatted(momentum, dampening));
        }
        this.weightDecay = checkNotNegative("Sgd: weight decay", weightDecay);
    }

    /** Plain gradient descent. */
    public static Sgd of(float learningRate) {
        return new Sgd(learningRate, 0, 0, false, 0);
    }

    /** With momentum μ. */
    public Sgd momentum(float value) {
        return new Sgd(learningRate(), value, dampening, nesterov, weightDecay);
    }

    /** With gradients damped by 1 − τ as they enter the momentum, all but the first. */
    public Sgd dampening(float value) {
        return new Sgd(learningRate(), momentum, value, nesterov, weightDecay);
    }

    /**
     * With Nesterov's form of momentum.
     *
     * @throws ArgumentException if there is no momentum, or dampening
     */
    public Sgd nesterov() {
        return new Sgd(learningRate(), momentum, dampening, true, weightDecay);
    }

    /** With weight decay λ, added to the gradient. */
    public Sgd weightDecay(float value) {
        return new Sgd(learningRate(), momentum, dampening, nesterov, value);
    }

    @Override
    public String toString() {
        return "Sgd(learning rate %s, momentum %s%s, dampening %s, weight decay %s)"
                .formatted(
                        learningRate(),
                        momentum,
                        nesterov ? " (Nesterov)" : "",
                        dampening,
                        weightDecay);
    }

    @Override
    List<String> stateNames() {
        return momentum == 0 ? List.of() : List.of("momentum_buffer");
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
        if (momentum == 0) {
            kernels.sgd(gradient, gradientOffset, n, rate, weightDecay, weight, weightOffset);
        } else {
            kernels.momentum(
                    gradient,
                    gradientOffset,
                    n,
                    rate,
                    weightDecay,
                    momentum,
                    // PyTorch's buffer starts as the whole first gradient.
                    step == 1 ? 0 : dampening,
                    nesterov,
                    state[0],
                    stateOffsets[0],
                    weight,
                    weightOffset);
        }
    }
}
