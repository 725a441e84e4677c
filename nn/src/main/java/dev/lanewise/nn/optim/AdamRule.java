package dev.lanewise.nn.optim;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.kernels.OptimizerUpdate;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** What Adam and AdamW share; they differ in how weights decay. */
abstract sealed class AdamRule extends UpdateRule permits Adam, AdamW {

    final float beta1;
    final float beta2;
    final float epsilon;
    final float weightDecay;
    final boolean amsGrad;
    private final boolean decoupled;

    AdamRule(
            float learningRate,
            float beta1,
            float beta2,
            float epsilon,
            float weightDecay,
            boolean amsGrad,
            boolean decoupled) {
        super(learningRate);
        if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) {
            throw new ArgumentException(
                    "Adam: betas must be from 0 to below 1, got " + beta1 + " and " + beta2);
        }
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.epsilon = checkNotNegative("Adam: epsilon", epsilon);
        this.weightDecay = checkNotNegative("Adam: weight decay", weightDecay);
        this.amsGrad = amsGrad;
        this.decoupled = decoupled;
    }

    @Override
    public String toString() {
        return "%s(learning rate %s, betas %s and %s, epsilon %s, weight decay %s%s)"
                .formatted(
                        getClass().getSimpleName(),
                        learningRate(),
                        beta1,
                        beta2,
                        epsilon,
                        weightDecay,
                        amsGrad ? ", AMSGrad" : "");
    }

    @Override
    List<String> stateNames() {
        return amsGrad
                ? List.of("exp_avg", "exp_avg_sq", "max_exp_avg_sq")
                : List.of("exp_avg", "exp_avg_sq");
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
        float correction1 = (float) (1 - Math.pow(beta1, step));
        float correction2 = (float) (1 - Math.pow(beta2, step));
        if (amsGrad) {
            kernels.amsGrad(
                    gradient,
                    gradientOffset,
                    n,
                    rate,
                    weightDecay,
                    decoupled,
                    beta1,
                    beta2,
                    epsilon,
                    correction1,
                    correction2,
                    state[0],
                    stateOffsets[0],
                    state[1],
                    stateOffsets[1],
                    state[2],
                    stateOffsets[2],
                    weight,
                    weightOffset);
            return;
        }
        kernels.adam(
                gradient,
                gradientOffset,
                n,
                rate,
                weightDecay,
                decoupled,
                beta1,
                beta2,
                epsilon,
                correction1,
                correction2,
                state[0],
                stateOffsets[0],
                state[1],
                stateOffsets[1],
                weight,
                weightOffset);
    }
}
