package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;
import static dev.lanewise.kernels.vector.Lanes.bound;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;

/** The whole vectors of adaptive optimizer updates: each returns how many elements it did. */
final class AdaptiveUpdates {
    private AdaptiveUpdates() {}

    static long rmsPropMomentum(
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
        g = NATIVE.cast(g);
        v = NATIVE.cast(v);
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        w = NATIVE.cast(w);
        FloatVector negativeRate = broadcast(FLOAT, -learningRate);
        FloatVector decay = broadcast(FLOAT, weightDecay);
        FloatVector alphas = broadcast(FLOAT, alpha);
        FloatVector share = broadcast(FLOAT, 1f - alpha);
        FloatVector epsilons = broadcast(FLOAT, epsilon);
        FloatVector momenta = broadcast(FLOAT, momentum);
        long bound = bound(n);
        for (long i = 0; i < bound; i += COUNT) {
            FloatVector weight = fromMemorySegment(FLOAT, w, wOffset + i << 2, ORDER);
            FloatVector gradient =
                    weight.fma(decay, fromMemorySegment(FLOAT, g, gOffset + i << 2, ORDER));
            FloatVector second =
                    fromMemorySegment(FLOAT, v, vOffset + i << 2, ORDER)
                            .fma(alphas, gradient.mul(gradient).mul(share));
            second = second.blend(0f, second.abs().compare(VectorOperators.LT, Float.MIN_NORMAL));
            FloatVector variance = second;
            if (centered) {
                FloatVector mean =
                        fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                                .fma(alphas, gradient.mul(share));
                mean = mean.blend(0f, mean.abs().compare(VectorOperators.LT, Float.MIN_NORMAL));
                mean.intoMemorySegment(a, aOffset + i << 2, ORDER);
                variance = mean.neg().fma(mean, second);
                variance = variance.blend(0f, variance.compare(VectorOperators.LT, 0f));
            }
            FloatVector step = gradient.div(variance.sqrt().add(epsilons));
            FloatVector buffer =
                    fromMemorySegment(FLOAT, b, bOffset + i << 2, ORDER).fma(momenta, step);
            second.intoMemorySegment(v, vOffset + i << 2, ORDER);
            buffer.intoMemorySegment(b, bOffset + i << 2, ORDER);
            buffer.fma(negativeRate, weight).intoMemorySegment(w, wOffset + i << 2, ORDER);
        }
        return bound;
    }

    static long adadelta(
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
        g = NATIVE.cast(g);
        v = NATIVE.cast(v);
        u = NATIVE.cast(u);
        w = NATIVE.cast(w);
        FloatVector negativeRate = broadcast(FLOAT, -learningRate);
        FloatVector decay = broadcast(FLOAT, weightDecay);
        FloatVector rhos = broadcast(FLOAT, rho);
        FloatVector share = broadcast(FLOAT, 1f - rho);
        FloatVector epsilons = broadcast(FLOAT, epsilon);
        long bound = bound(n);
        for (long i = 0; i < bound; i += COUNT) {
            FloatVector weight = fromMemorySegment(FLOAT, w, wOffset + i << 2, ORDER);
            FloatVector gradient =
                    weight.fma(decay, fromMemorySegment(FLOAT, g, gOffset + i << 2, ORDER));
            FloatVector second =
                    fromMemorySegment(FLOAT, v, vOffset + i << 2, ORDER)
                            .fma(rhos, gradient.mul(gradient).mul(share));
            second = second.blend(0f, second.abs().compare(VectorOperators.LT, Float.MIN_NORMAL));
            FloatVector steps = fromMemorySegment(FLOAT, u, uOffset + i << 2, ORDER);
            FloatVector ratio = steps.add(epsilons).sqrt().div(second.add(epsilons).sqrt());
            FloatVector step = ratio.mul(gradient);
            FloatVector sum = steps.fma(rhos, step.mul(step).mul(share));
            sum = sum.blend(0f, sum.abs().compare(VectorOperators.LT, Float.MIN_NORMAL));
            second.intoMemorySegment(v, vOffset + i << 2, ORDER);
            sum.intoMemorySegment(u, uOffset + i << 2, ORDER);
            step.fma(negativeRate, weight).intoMemorySegment(w, wOffset + i << 2, ORDER);
        }
        return bound;
    }

    static long lion(
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
        g = NATIVE.cast(g);
        m = NATIVE.cast(m);
        w = NATIVE.cast(w);
        FloatVector negativeRate = broadcast(FLOAT, -learningRate);
        FloatVector shrink = broadcast(FLOAT, 1f - learningRate * weightDecay);
        FloatVector decay1 = broadcast(FLOAT, beta1);
        FloatVector share1 = broadcast(FLOAT, 1f - beta1);
        FloatVector decay2 = broadcast(FLOAT, beta2);
        FloatVector share2 = broadcast(FLOAT, 1f - beta2);
        long bound = bound(n);
        for (long i = 0; i < bound; i += COUNT) {
            FloatVector gradient = fromMemorySegment(FLOAT, g, gOffset + i << 2, ORDER);
            FloatVector mean = fromMemorySegment(FLOAT, m, mOffset + i << 2, ORDER);
            FloatVector mixed = mean.fma(decay1, gradient.mul(share1));
            FloatVector sign =
                    mixed.blend(1f, mixed.compare(VectorOperators.GT, 0f))
                            .blend(-1f, mixed.compare(VectorOperators.LT, 0f));
            FloatVector next = mean.fma(decay2, gradient.mul(share2));
            next = next.blend(0f, next.abs().compare(VectorOperators.LT, Float.MIN_NORMAL));
            next.intoMemorySegment(m, mOffset + i << 2, ORDER);
            sign.fma(negativeRate, fromMemorySegment(FLOAT, w, wOffset + i << 2, ORDER).mul(shrink))
                    .intoMemorySegment(w, wOffset + i << 2, ORDER);
        }
        return bound;
    }

    static long amsGrad(
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
        g = NATIVE.cast(g);
        m = NATIVE.cast(m);
        v = NATIVE.cast(v);
        x = NATIVE.cast(x);
        w = NATIVE.cast(w);
        FloatVector decay = broadcast(FLOAT, decoupled ? 0f : weightDecay);
        FloatVector shrink = broadcast(FLOAT, decoupled ? 1f - learningRate * weightDecay : 1f);
        FloatVector negativeRate = broadcast(FLOAT, -(learningRate / biasCorrection1));
        FloatVector rootScales = broadcast(FLOAT, (float) (1 / Math.sqrt(biasCorrection2)));
        FloatVector decay1 = broadcast(FLOAT, beta1);
        FloatVector share1 = broadcast(FLOAT, 1f - beta1);
        FloatVector decay2 = broadcast(FLOAT, beta2);
        FloatVector share2 = broadcast(FLOAT, 1f - beta2);
        FloatVector epsilons = broadcast(FLOAT, epsilon);
        long bound = bound(n);
        for (long i = 0; i < bound; i += COUNT) {
            FloatVector weight = fromMemorySegment(FLOAT, w, wOffset + i << 2, ORDER);
            FloatVector gradient =
                    weight.fma(decay, fromMemorySegment(FLOAT, g, gOffset + i << 2, ORDER));
            FloatVector first =
                    fromMemorySegment(FLOAT, m, mOffset + i << 2, ORDER)
                            .fma(decay1, gradient.mul(share1));
            first = first.blend(0f, first.abs().compare(VectorOperators.LT, Float.MIN_NORMAL));
            FloatVector second =
                    fromMemorySegment(FLOAT, v, vOffset + i << 2, ORDER)
                            .fma(decay2, gradient.mul(gradient).mul(share2));
            second = second.blend(0f, second.abs().compare(VectorOperators.LT, Float.MIN_NORMAL));
            FloatVector largest = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER);
            largest = second.blend(largest, second.compare(VectorOperators.LE, largest));
            FloatVector divisor = largest.sqrt().fma(rootScales, epsilons);
            first.intoMemorySegment(m, mOffset + i << 2, ORDER);
            second.intoMemorySegment(v, vOffset + i << 2, ORDER);
            largest.intoMemorySegment(x, xOffset + i << 2, ORDER);
            first.div(divisor)
                    .fma(negativeRate, weight.mul(shrink))
                    .intoMemorySegment(w, wOffset + i << 2, ORDER);
        }
        return bound;
    }

    static long adamMixed(
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
        g = NATIVE.cast(g);
        m = NATIVE.cast(m);
        v = NATIVE.cast(v);
        w = NATIVE.cast(w);
        FloatVector decay = broadcast(FLOAT, weightDecay);
        FloatVector shrinks = broadcast(FLOAT, shrink);
        FloatVector gradientRates = broadcast(FLOAT, gradientRate);
        FloatVector meanRates = broadcast(FLOAT, meanRate);
        FloatVector rootScales = broadcast(FLOAT, rootScale);
        FloatVector decay1 = broadcast(FLOAT, beta1);
        FloatVector share1 = broadcast(FLOAT, 1f - beta1);
        FloatVector decay2 = broadcast(FLOAT, beta2);
        FloatVector share2 = broadcast(FLOAT, 1f - beta2);
        FloatVector epsilons = broadcast(FLOAT, epsilon);
        long bound = bound(n);
        for (long i = 0; i < bound; i += COUNT) {
            FloatVector weight = fromMemorySegment(FLOAT, w, wOffset + i << 2, ORDER);
            FloatVector gradient =
                    weight.fma(decay, fromMemorySegment(FLOAT, g, gOffset + i << 2, ORDER));
            FloatVector first =
                    fromMemorySegment(FLOAT, m, mOffset + i << 2, ORDER)
                            .fma(decay1, gradient.mul(share1));
            first = first.blend(0f, first.abs().compare(VectorOperators.LT, Float.MIN_NORMAL));
            FloatVector second =
                    fromMemorySegment(FLOAT, v, vOffset + i << 2, ORDER)
                            .fma(decay2, gradient.mul(gradient).mul(share2));
            second = second.blend(0f, second.abs().compare(VectorOperators.LT, Float.MIN_NORMAL));
            FloatVector step = first.fma(meanRates, gradient.mul(gradientRates));
            FloatVector divisor = second.sqrt().fma(rootScales, epsilons);
            first.intoMemorySegment(m, mOffset + i << 2, ORDER);
            second.intoMemorySegment(v, vOffset + i << 2, ORDER);
            weight.fma(shrinks, step.div(divisor).neg())
                    .intoMemorySegment(w, wOffset + i << 2, ORDER);
        }
        return bound;
    }
}
