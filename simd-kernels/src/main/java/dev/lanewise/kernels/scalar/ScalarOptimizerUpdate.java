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

    @Override
    public void rmsPropMomentum(
            MemorySegment g,
            long gOffset,
            long n,
            float learningRate,
            float weightDecay,
            float alpha,
            float epsilon,
            float momentum,
            boolean centered,
            MemorySegment v,
            long vOffset,
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
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
            float variance = second;
            if (centered) {
                float mean =
                        flush(
                                Math.fma(
                                        alpha,
                                        a.getAtIndex(JAVA_FLOAT, aOffset + i),
                                        (1f - alpha) * gradient));
                a.setAtIndex(JAVA_FLOAT, aOffset + i, mean);
                variance = Math.fma(-mean, mean, second);
                variance = variance < 0 ? 0 : variance;
            }
            float step = gradient / ((float) Math.sqrt(variance) + epsilon);
            float buffer = Math.fma(momentum, b.getAtIndex(JAVA_FLOAT, bOffset + i), step);
            v.setAtIndex(JAVA_FLOAT, vOffset + i, second);
            b.setAtIndex(JAVA_FLOAT, bOffset + i, buffer);
            w.setAtIndex(JAVA_FLOAT, wOffset + i, Math.fma(-learningRate, buffer, weight));
        }
    }

    @Override
    public void adadelta(
            MemorySegment g,
            long gOffset,
            long n,
            float learningRate,
            float weightDecay,
            float rho,
            float epsilon,
            MemorySegment v,
            long vOffset,
            MemorySegment u,
            long uOffset,
            MemorySegment w,
            long wOffset) {
        for (long i = 0; i < n; i++) {
            float weight = w.getAtIndex(JAVA_FLOAT, wOffset + i);
            float gradient = Math.fma(weightDecay, weight, g.getAtIndex(JAVA_FLOAT, gOffset + i));
            float second =
                    flush(
                            Math.fma(
                                    rho,
                                    v.getAtIndex(JAVA_FLOAT, vOffset + i),
                                    (1f - rho) * (gradient * gradient)));
            float steps = u.getAtIndex(JAVA_FLOAT, uOffset + i);
            float ratio = (float) Math.sqrt(steps + epsilon) / (float) Math.sqrt(second + epsilon);
            float step = ratio * gradient;
            v.setAtIndex(JAVA_FLOAT, vOffset + i, second);
            u.setAtIndex(
                    JAVA_FLOAT,
                    uOffset + i,
                    flush(Math.fma(rho, steps, (1f - rho) * (step * step))));
            w.setAtIndex(JAVA_FLOAT, wOffset + i, Math.fma(-learningRate, step, weight));
        }
    }

    @Override
    public void lion(
            MemorySegment g,
            long gOffset,
            long n,
            float learningRate,
            float weightDecay,
            float beta1,
            float beta2,
            MemorySegment m,
            long mOffset,
            MemorySegment w,
            long wOffset) {
        float shrink = 1f - learningRate * weightDecay;
        for (long i = 0; i < n; i++) {
            float gradient = g.getAtIndex(JAVA_FLOAT, gOffset + i);
            float mean = m.getAtIndex(JAVA_FLOAT, mOffset + i);
            float mixed = Math.fma(beta1, mean, (1f - beta1) * gradient);
            float sign = mixed > 0 ? 1f : mixed < 0 ? -1f : mixed;
            m.setAtIndex(
                    JAVA_FLOAT, mOffset + i, flush(Math.fma(beta2, mean, (1f - beta2) * gradient)));
            w.setAtIndex(
                    JAVA_FLOAT,
                    wOffset + i,
                    Math.fma(-learningRate, sign, w.getAtIndex(JAVA_FLOAT, wOffset + i) * shrink));
        }
    }

    @Override
    public void amsGrad(
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
            MemorySegment x,
            long xOffset,
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
            float largest = x.getAtIndex(JAVA_FLOAT, xOffset + i);
            largest = second <= largest ? largest : second;
            float divisor = Math.fma((float) Math.sqrt(largest), rootScale, epsilon);
            m.setAtIndex(JAVA_FLOAT, mOffset + i, first);
            v.setAtIndex(JAVA_FLOAT, vOffset + i, second);
            x.setAtIndex(JAVA_FLOAT, xOffset + i, largest);
            w.setAtIndex(
                    JAVA_FLOAT, wOffset + i, Math.fma(-rate, first / divisor, weight * shrink));
        }
    }

    @Override
    public void adamMixed(
            MemorySegment g,
            long gOffset,
            long n,
            float weightDecay,
            float shrink,
            float beta1,
            float beta2,
            float gradientRate,
            float meanRate,
            float rootScale,
            float epsilon,
            MemorySegment m,
            long mOffset,
            MemorySegment v,
            long vOffset,
            MemorySegment w,
            long wOffset) {
        for (long i = 0; i < n; i++) {
            float weight = w.getAtIndex(JAVA_FLOAT, wOffset + i);
            float gradient = Math.fma(weightDecay, weight, g.getAtIndex(JAVA_FLOAT, gOffset + i));
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
            float step = Math.fma(meanRate, first, gradientRate * gradient);
            float divisor = Math.fma((float) Math.sqrt(second), rootScale, epsilon);
            m.setAtIndex(JAVA_FLOAT, mOffset + i, first);
            v.setAtIndex(JAVA_FLOAT, vOffset + i, second);
            w.setAtIndex(JAVA_FLOAT, wOffset + i, Math.fma(weight, shrink, -(step / divisor)));
        }
    }

    /** Zero for subnormals. */
    private static float flush(float state) {
        return Math.abs(state) < Float.MIN_NORMAL ? 0f : state;
    }
}
