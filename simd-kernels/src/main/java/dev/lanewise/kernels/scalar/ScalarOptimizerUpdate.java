package dev.lanewise.kernels.scalar;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.lanewise.kernels.OptimizerUpdate;

import java.lang.foreign.MemorySegment;

/** Optimizer updates as plain loops. */
public final class ScalarOptimizerUpdate implements OptimizerUpdate {

    @Override
    public void sgd(
            MemorySegment g,
            long gOffset,
            long n,
            float learningRate,
            float weightDecay,
            MemorySegment w,
            long wOffset) {
        for (long i = 0; i < n; i++) {
            float weight = w.getAtIndex(JAVA_FLOAT, wOffset + i);
            float gradient = Math.fma(weightDecay, weight, g.getAtIndex(JAVA_FLOAT, gOffset + i));
            w.setAtIndex(JAVA_FLOAT, wOffset + i, Math.fma(-learningRate, gradient, weight));
        }
    }

    @Override
    public void momentum(
            MemorySegment g,
            long gOffset,
            long n,
            float learningRate,
            float weightDecay,
            float momentum,
            float dampening,
            boolean nesterov,
            MemorySegment v,
            long vOffset,
            MemorySegment w,
            long wOffset) {
        float share = 1f - dampening;
        for (long i = 0; i < n; i++) {
            float weight = w.getAtIndex(JAVA_FLOAT, wOffset + i);
            float gradient = Math.fma(weightDecay, weight, g.getAtIndex(JAVA_FLOAT, gOffset + i));
            float velocity =
                    flush(
                            Math.fma(
                                    momentum,
                                    v.getAtIndex(JAVA_FLOAT, vOffset + i),
                                    share * gradient));
            float step = nesterov ? Math.fma(momentum, velocity, gradient) : velocity;
            v.setAtIndex(JAVA_FLOAT, vOffset + i, velocity);
            w.setAtIndex(JAVA_FLOAT, wOffset + i, Math.fma(-learningRate, step, weight));
        }
    }

    @Override
    public void adam(
            MemorySegment g,
            long gOffset,
            long n,
            float learningRate,
            float weightDecay,
            boolean decoupled,
            float beta1,
            float beta2,
            float epsilon,
            float biasCorrection1,
            float biasCorrection2,
            MemorySegment m,
            long mOffset,
            MemorySegment v,
            long vOffset,
            MemorySegment w,
            long wOffset) {
        float coupledDecay = decoupled ? 0f : weightDecay;
        float shrink = decoupled ? 1f - learningRate * weightDecay : 1f;
        float rate = learningRate / biasCorrection1;
        float rootScale = (float) (1 / Math.sqrt(biasCorrection2));
        for (long i = 0; i < n; i++) {
            float weight = w.getAtIndex(JAVA_FLOAT, wOffset + i);
            float gradient = Math.fma(coupledDecay, weight, g.getAtIndex(JAVA_FLOAT, gOffset + i));
            float first =
                    flush(
                            Math.fma(
                                    beta1,
                                    m.getAtIndex(JAVA_FLOAT, mOffset + i),
                                    (1f - beta1) * gradient));
            float second =
                    flush(
                            Math.fma(
                                    beta2,
                                    v.getAtIndex(JAVA_FLOAT, vOffset + i),
                                    (1f - beta2) * (gradient * gradient)));
            float divisor = Math.fma((float) Math.sqrt(second), rootScale, epsilon);
            m.setAtIndex(JAVA_FLOAT, mOffset + i, first);
            v.setAtIndex(JAVA_FLOAT, vOffset + i, second);
            w.setAtIndex(
                    JAVA_FLOAT, wOffset + i, Math.fma(-rate, first / divisor, weight * shrink));
        }
    }

    @Override
    public void rmsProp(
            MemorySegment g,
            long gOffset,
            long n,
            float learningRate,
            float weightDecay,
            float alpha,
            float epsilon,
            MemorySegment v,
            long vOffset,
            MemorySegment w,
            long wOffset) {
        for (long i = 0; i < n; i++) {
            float weight = w.getAtIndex(JAVA_FLOAT, wOffset + i);
            float gradient = Math.fma(weightDecay, weight, g.getAtIndex(JAVA_FLOAT, gOffset + i));
            float second =
                    flush(
                            Math.fma(
                                    alpha,
                                    v.getAtIndex(JAVA_FLOAT, vOffset + i),
                                    (1f - alpha) * (gradient * gradient)));
            float divisor = (float) Math.sqrt(second) + epsilon;
            v.setAtIndex(JAVA_FLOAT, vOffset + i, second);
            w.setAtIndex(
                    JAVA_FLOAT, wOffset + i, Math.fma(-learningRate, gradient / divisor, weight));
        }
    }

    @Override
    public void adagrad(
            MemorySegment g,
            long gOffset,
            long n,
            float learningRate,
            float weightDecay,
            float epsilon,
            MemorySegment v,
            long vOffset,
            MemorySegment w,
            long wOffset) {
        for (long i = 0; i < n; i++) {
            float weight = w.getAtIndex(JAVA_FLOAT, wOffset + i);
            float gradient = Math.fma(weightDecay, weight, g.getAtIndex(JAVA_FLOAT, gOffset + i));
            float second = Math.fma(gradient, gradient, v.getAtIndex(JAVA_FLOAT, vOffset + i));
            float divisor = (float) Math.sqrt(second) + epsilon;
            v.setAtIndex(JAVA_FLOAT, vOffset + i, second);
            w.setAtIndex(
                    JAVA_FLOAT, wOffset + i, Math.fma(-learningRate, gradient / divisor, weight));
        }
    }

    /** Zero for subnormals. */
    private static float flush(float state) {
        return Math.abs(state) < Float.MIN_NORMAL ? 0f : state;
    }
}
