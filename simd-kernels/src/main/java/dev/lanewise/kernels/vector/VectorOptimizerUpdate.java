package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;
import static dev.lanewise.kernels.vector.Lanes.bound;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.lanewise.kernels.OptimizerUpdate;
import dev.lanewise.kernels.scalar.ScalarOptimizerUpdate;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;

/**
 * Optimizer updates on whole vectors; the scalar kernels do the rest, with the same bits. Subnormal
 * state becomes 0.
 */
final class VectorOptimizerUpdate implements OptimizerUpdate {
    private static final OptimizerUpdate SCALAR = new ScalarOptimizerUpdate();

    @Override
    public void sgd(
            MemorySegment g,
            long gOffset,
            long n,
            float learningRate,
            float weightDecay,
            MemorySegment w,
            long wOffset) {
        g = NATIVE.cast(g);
        w = NATIVE.cast(w);
        FloatVector negativeRate = FloatVector.broadcast(FLOAT, -learningRate);
        FloatVector decay = FloatVector.broadcast(FLOAT, weightDecay);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            FloatVector weight = fromMemorySegment(FLOAT, w, wOffset + i << 2, ORDER);
            FloatVector gradient =
                    weight.fma(decay, fromMemorySegment(FLOAT, g, gOffset + i << 2, ORDER));
            gradient.fma(negativeRate, weight).intoMemorySegment(w, wOffset + i << 2, ORDER);
        }
        SCALAR.sgd(g, gOffset + i, n - i, learningRate, weightDecay, w, wOffset + i);
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
        g = NATIVE.cast(g);
        v = NATIVE.cast(v);
        w = NATIVE.cast(w);
        FloatVector negativeRate = FloatVector.broadcast(FLOAT, -learningRate);
        FloatVector decay = FloatVector.broadcast(FLOAT, weightDecay);
        FloatVector momenta = FloatVector.broadcast(FLOAT, momentum);
        FloatVector share = FloatVector.broadcast(FLOAT, 1f - dampening);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            FloatVector weight = fromMemorySegment(FLOAT, w, wOffset + i << 2, ORDER);
            FloatVector gradient =
                    weight.fma(decay, fromMemorySegment(FLOAT, g, gOffset + i << 2, ORDER));
            FloatVector velocity =
                    fromMemorySegment(FLOAT, v, vOffset + i << 2, ORDER)
                            .fma(momenta, gradient.mul(share));
            velocity =
                    velocity.blend(
                            0f, velocity.abs().compare(VectorOperators.LT, Float.MIN_NORMAL));
            FloatVector step = nesterov ? velocity.fma(momenta, gradient) : velocity;
            velocity.intoMemorySegment(v, vOffset + i << 2, ORDER);
            step.fma(negativeRate, weight).intoMemorySegment(w, wOffset + i << 2, ORDER);
        }
        SCALAR.momentum(
                g,
                gOffset + i,
                n - i,
                learningRate,
                weightDecay,
                momentum,
                dampening,
                nesterov,
                v,
                vOffset + i,
                w,
                wOffset + i);
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
        g = NATIVE.cast(g);
        m = NATIVE.cast(m);
        v = NATIVE.cast(v);
        w = NATIVE.cast(w);
        FloatVector coupledDecay = FloatVector.broadcast(FLOAT, decoupled ? 0f : weightDecay);
        FloatVector shrink =
                FloatVector.broadcast(FLOAT, decoupled ? 1f - learningRate * weightDecay : 1f);
        FloatVector negativeRate = FloatVector.broadcast(FLOAT, -(learningRate / biasCorrection1));
        FloatVector rootScale =
                FloatVector.broadcast(FLOAT, (float) (1 / Math.sqrt(biasCorrection2)));
        FloatVector decay1 = FloatVector.broadcast(FLOAT, beta1);
        FloatVector decay2 = FloatVector.broadcast(FLOAT, beta2);
        FloatVector share1 = FloatVector.broadcast(FLOAT, 1f - beta1);
        FloatVector share2 = FloatVector.broadcast(FLOAT, 1f - beta2);
        FloatVector epsilons = FloatVector.broadcast(FLOAT, epsilon);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            FloatVector weight = fromMemorySegment(FLOAT, w, wOffset + i << 2, ORDER);
            FloatVector gradient =
                    weight.fma(coupledDecay, fromMemorySegment(FLOAT, g, gOffset + i << 2, ORDER));
            FloatVector first =
                    fromMemorySegment(FLOAT, m, mOffset + i << 2, ORDER)
                            .fma(decay1, gradient.mul(share1));
            first = first.blend(0f, first.abs().compare(VectorOperators.LT, Float.MIN_NORMAL));
            FloatVector square = gradient.mul(gradient);
            FloatVector second =
                    fromMemorySegment(FLOAT, v, vOffset + i << 2, ORDER)
                            .fma(decay2, square.mul(share2));
            second = second.blend(0f, second.abs().compare(VectorOperators.LT, Float.MIN_NORMAL));
            FloatVector divisor = second.sqrt().fma(rootScale, epsilons);
            first.intoMemorySegment(m, mOffset + i << 2, ORDER);
            second.intoMemorySegment(v, vOffset + i << 2, ORDER);
            first.div(divisor)
                    .fma(negativeRate, weight.mul(shrink))
                    .intoMemorySegment(w, wOffset + i << 2, ORDER);
        }
        SCALAR.adam(
                g,
                gOffset + i,
                n - i,
                learningRate,
                weightDecay,
                decoupled,
                beta1,
                beta2,
                epsilon,
                biasCorrection1,
                biasCorrection2,
                m,
                mOffset + i,
                v,
                vOffset + i,
                w,
                wOffset + i);
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
        g = NATIVE.cast(g);
        v = NATIVE.cast(v);
        w = NATIVE.cast(w);
        FloatVector negativeRate = FloatVector.broadcast(FLOAT, -learningRate);
        FloatVector decay = FloatVector.broadcast(FLOAT, weightDecay);
        FloatVector alphas = FloatVector.broadcast(FLOAT, alpha);
        FloatVector share = FloatVector.broadcast(FLOAT, 1f - alpha);
        FloatVector epsilons = FloatVector.broadcast(FLOAT, epsilon);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            FloatVector weight = fromMemorySegment(FLOAT, w, wOffset + i << 2, ORDER);
            FloatVector gradient =
                    weight.fma(decay, fromMemorySegment(FLOAT, g, gOffset + i << 2, ORDER));
            FloatVector square = gradient.mul(gradient);
            FloatVector second =
                    fromMemorySegment(FLOAT, v, vOffset + i << 2, ORDER)
                            .fma(alphas, square.mul(share));
            second = second.blend(0f, second.abs().compare(VectorOperators.LT, Float.MIN_NORMAL));
            FloatVector divisor = second.sqrt().add(epsilons);
            second.intoMemorySegment(v, vOffset + i << 2, ORDER);
            gradient.div(divisor)
                    .fma(negativeRate, weight)
                    .intoMemorySegment(w, wOffset + i << 2, ORDER);
        }
        SCALAR.rmsProp(
                g,
                gOffset + i,
                n - i,
                learningRate,
                weightDecay,
                alpha,
                epsilon,
                v,
                vOffset + i,
                w,
                wOffset + i);
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
        g = NATIVE.cast(g);
        v = NATIVE.cast(v);
        w = NATIVE.cast(w);
        FloatVector negativeRate = FloatVector.broadcast(FLOAT, -learningRate);
        FloatVector decay = FloatVector.broadcast(FLOAT, weightDecay);
        FloatVector epsilons = FloatVector.broadcast(FLOAT, epsilon);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            FloatVector weight = fromMemorySegment(FLOAT, w, wOffset + i << 2, ORDER);
            FloatVector gradient =
                    weight.fma(decay, fromMemorySegment(FLOAT, g, gOffset + i << 2, ORDER));
            FloatVector second =
                    gradient.fma(gradient, fromMemorySegment(FLOAT, v, vOffset + i << 2, ORDER));
            FloatVector divisor = second.sqrt().add(epsilons);
            second.intoMemorySegment(v, vOffset + i << 2, ORDER);
            gradient.div(divisor)
                    .fma(negativeRate, weight)
                    .intoMemorySegment(w, wOffset + i << 2, ORDER);
        }
        SCALAR.adagrad(
                g,
                gOffset + i,
                n - i,
                learningRate,
                weightDecay,
                epsilon,
                v,
                vOffset + i,
                w,
                wOffset + i);
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
        long i =
                AdaptiveUpdates.rmsPropMomentum(
                        g,
                        gOffset,
                        n,
                        learningRate,
                        weightDecay,
                        alpha,
                        epsilon,
                        momentum,
                        centered,
                        v,
                        vOffset,
                        a,
                        aOffset,
                        b,
                        bOffset,
                        w,
                        wOffset);
        SCALAR.rmsPropMomentum(
                g,
                gOffset + i,
                n - i,
                learningRate,
                weightDecay,
                alpha,
                epsilon,
                momentum,
                centered,
                v,
                vOffset + i,
                a,
                aOffset + i,
                b,
                bOffset + i,
                w,
                wOffset + i);
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
        long i =
                AdaptiveUpdates.adadelta(
                        g,
                        gOffset,
                        n,
                        learningRate,
                        weightDecay,
                        rho,
                        epsilon,
                        v,
                        vOffset,
                        u,
                        uOffset,
                        w,
                        wOffset);
        SCALAR.adadelta(
                g,
                gOffset + i,
                n - i,
                learningRate,
                weightDecay,
                rho,
                epsilon,
                v,
                vOffset + i,
                u,
                uOffset + i,
                w,
                wOffset + i);
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
        long i =
                AdaptiveUpdates.lion(
                        g,
                        gOffset,
                        n,
                        learningRate,
                        weightDecay,
                        beta1,
                        beta2,
                        m,
                        mOffset,
                        w,
                        wOffset);
        SCALAR.lion(
                g,
                gOffset + i,
                n - i,
                learningRate,
                weightDecay,
                beta1,
                beta2,
                m,
                mOffset + i,
                w,
                wOffset + i);
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
        long i =
                AdaptiveUpdates.amsGrad(
                        g,
                        gOffset,
                        n,
                        learningRate,
                        weightDecay,
                        decoupled,
                        beta1,
                        beta2,
                        epsilon,
                        biasCorrection1,
                        biasCorrection2,
                        m,
                        mOffset,
                        v,
                        vOffset,
                        x,
                        xOffset,
                        w,
                        wOffset);
        SCALAR.amsGrad(
                g,
                gOffset + i,
                n - i,
                learningRate,
                weightDecay,
                decoupled,
                beta1,
                beta2,
                epsilon,
                biasCorrection1,
                biasCorrection2,
                m,
                mOffset + i,
                v,
                vOffset + i,
                x,
                xOffset + i,
                w,
                wOffset + i);
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
        long i =
                AdaptiveUpdates.adamMixed(
                        g,
                        gOffset,
                        n,
                        weightDecay,
                        shrink,
                        beta1,
                        beta2,
                        gradientRate,
                        meanRate,
                        rootScale,
                        epsilon,
                        m,
                        mOffset,
                        v,
                        vOffset,
                        w,
                        wOffset);
        SCALAR.adamMixed(
                g,
                gOffset + i,
                n - i,
                weightDecay,
                shrink,
                beta1,
                beta2,
                gradientRate,
                meanRate,
                rootScale,
                epsilon,
                m,
                mOffset + i,
                v,
                vOffset + i,
                w,
                wOffset + i);
    }
}
