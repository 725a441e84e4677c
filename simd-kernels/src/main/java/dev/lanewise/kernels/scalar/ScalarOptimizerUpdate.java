package dev.lanewise.kernels.scalar;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.lanewise.kernels.OptimizerUpdate;

import java.lang.foreign.MemorySegment;

/** Optimizer updates, an element at a time. */
public final class ScalarOptimizerUpdate implements OptimizerUpdate {
    /** Its only instance. */
    public static final ScalarOptimizerUpdate INSTANCE = new ScalarOptimizerUpdate();

    private ScalarOptimizerUpdate() {}

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
        float fresh = 1 - dampening;
        for (long i = 0; i < n; i++) {
            float weight = w.getAtIndex(JAVA_FLOAT, wOffset + i);
            float gradient = Math.fma(weightDecay, weight, g.getAtIndex(JAVA_FLOAT, gOffset + i));
            float velocity =
                    Math.fma(momentum, v.getAtIndex(JAVA_FLOAT, vOffset + i), fresh * gradient);
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
        float keep = decoupled ? 1 - learningRate * weightDecay : 1;
        float decay = decoupled ? 0 : weightDecay;
        float rate = learningRate / biasCorrection1;
        float scale = (float) (1 / Math.sqrt(biasCorrection2));
        float fresh1 = 1 - beta1;
        float fresh2 = 1 - beta2;
        for (long i = 0; i < n; i++) {
            float weight = w.getAtIndex(JAVA_FLOAT, wOffset + i) * keep;
            float gradient = Math.fma(decay, weight, g.getAtIndex(JAVA_FLOAT, gOffset + i));
            float mean = Math.fma(beta1, m.getAtIndex(JAVA_FLOAT, mOffset + i), fresh1 * gradient);
            float square =
                    Math.fma(
                            beta2,
                            v.getAtIndex(JAVA_FLOAT, vOffset + i),
                            fresh2 * gradient * gradient);
            float deviation = Math.fma((float) Math.sqrt(square), scale, epsilon);
            m.setAtIndex(JAVA_FLOAT, mOffset + i, mean);
            v.setAtIndex(JAVA_FLOAT, vOffset + i, square);
            w.setAtIndex(JAVA_FLOAT, wOffset + i, Math.fma(-rate, mean / deviation, weight));
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
        float fresh = 1 - alpha;
        for (long i = 0; i < n; i++) {
            float weight = w.getAtIndex(JAVA_FLOAT, wOffset + i);
            float gradient = Math.fma(weightDecay, weight, g.getAtIndex(JAVA_FLOAT, gOffset + i));
            float square =
                    Math.fma(
                            alpha,
                            v.getAtIndex(JAVA_FLOAT, vOffset + i),
                            fresh * gradient * gradient);
            float step = gradient / ((float) Math.sqrt(square) + epsilon);
            v.setAtIndex(JAVA_FLOAT, vOffset + i, square);
            w.setAtIndex(JAVA_FLOAT, wOffset + i, Math.fma(-learningRate, step, weight));
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
            float square = Math.fma(gradient, gradient, v.getAtIndex(JAVA_FLOAT, vOffset + i));
            float step = gradient / ((float) Math.sqrt(square) + epsilon);
            v.setAtIndex(JAVA_FLOAT, vOffset + i, square);
            w.setAtIndex(JAVA_FLOAT, wOffset + i, Math.fma(-learningRate, step, weight));
        }
    }
}
