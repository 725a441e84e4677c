package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.bound;
import static dev.lanewise.kernels.vector.Lanes.load;
import static dev.lanewise.kernels.vector.Lanes.store;

import dev.lanewise.kernels.OptimizerUpdate;
import dev.lanewise.kernels.scalar.ScalarOptimizerUpdate;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;

/**
 * Optimizer updates, a vector at a time; the scalar twin, whose bits are the same, takes the rest.
 */
final class VectorOptimizerUpdate implements OptimizerUpdate {
    @Override
    public void sgd(
            MemorySegment g,
            long gOffset,
            long n,
            float learningRate,
            float weightDecay,
            MemorySegment w,
            long wOffset) {
        FloatVector decay = FloatVector.broadcast(FLOAT, weightDecay);
        FloatVector down = FloatVector.broadcast(FLOAT, -learningRate);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            FloatVector weight = load(w, wOffset + i);
            FloatVector gradient = weight.fma(decay, load(g, gOffset + i));
            store(gradient.fma(down, weight), w, wOffset + i);
        }
        ScalarOptimizerUpdate.INSTANCE.sgd(
                g, gOffset + i, n - i, learningRate, weightDecay, w, wOffset + i);
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
        FloatVector decay = FloatVector.broadcast(FLOAT, weightDecay);
        FloatVector down = FloatVector.broadcast(FLOAT, -learningRate);
        FloatVector keep = FloatVector.broadcast(FLOAT, momentum);
        FloatVector fresh = FloatVector.broadcast(FLOAT, 1 - dampening);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            FloatVector weight = load(w, wOffset + i);
            FloatVector gradient = weight.fma(decay, load(g, gOffset + i));
            FloatVector velocity = load(v, vOffset + i).fma(keep, gradient.mul(fresh));
            FloatVector step = nesterov ? velocity.fma(keep, gradient) : velocity;
            store(velocity, v, vOffset + i);
            store(step.fma(down, weight), w, wOffset + i);
        }
        ScalarOptimizerUpdate.INSTANCE.momentum(
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
        FloatVector keep =
                FloatVector.broadcast(FLOAT, decoupled ? 1 - learningRate * weightDecay : 1);
        FloatVector decay = FloatVector.broadcast(FLOAT, decoupled ? 0 : weightDecay);
        FloatVector down = FloatVector.broadcast(FLOAT, -(learningRate / biasCorrection1));
        FloatVector scale = FloatVector.broadcast(FLOAT, (float) (1 / Math.sqrt(biasCorrection2)));
        FloatVector keep1 = FloatVector.broadcast(FLOAT, beta1);
        FloatVector fresh1 = FloatVector.broadcast(FLOAT, 1 - beta1);
        FloatVector keep2 = FloatVector.broadcast(FLOAT, beta2);
        FloatVector fresh2 = FloatVector.broadcast(FLOAT, 1 - beta2);
        FloatVector floor = FloatVector.broadcast(FLOAT, epsilon);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            FloatVector weight = load(w, wOffset + i).mul(keep);
            FloatVector gradient = weight.fma(decay, load(g, gOffset + i));
            FloatVector mean = load(m, mOffset + i).fma(keep1, gradient.mul(fresh1));
            FloatVector square =
                    load(v, vOffset + i).fma(keep2, gradient.mul(fresh2).mul(gradient));
            FloatVector deviation = square.sqrt().fma(scale, floor);
            store(mean, m, mOffset + i);
            store(square, v, vOffset + i);
            store(mean.div(deviation).fma(down, weight), w, wOffset + i);
        }
        ScalarOptimizerUpdate.INSTANCE.adam(
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
        FloatVector decay = FloatVector.broadcast(FLOAT, weightDecay);
        FloatVector down = FloatVector.broadcast(FLOAT, -learningRate);
        FloatVector keep = FloatVector.broadcast(FLOAT, alpha);
        FloatVector fresh = FloatVector.broadcast(FLOAT, 1 - alpha);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            FloatVector weight = load(w, wOffset + i);
            FloatVector gradient = weight.fma(decay, load(g, gOffset + i));
            FloatVector square = load(v, vOffset + i).fma(keep, gradient.mul(fresh).mul(gradient));
            FloatVector step = gradient.div(square.sqrt().add(epsilon));
            store(square, v, vOffset + i);
            store(step.fma(down, weight), w, wOffset + i);
        }
        ScalarOptimizerUpdate.INSTANCE.rmsProp(
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
        FloatVector decay = FloatVector.broadcast(FLOAT, weightDecay);
        FloatVector down = FloatVector.broadcast(FLOAT, -learningRate);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            FloatVector weight = load(w, wOffset + i);
            FloatVector gradient = weight.fma(decay, load(g, gOffset + i));
            FloatVector square = gradient.fma(gradient, load(v, vOffset + i));
            FloatVector step = gradient.div(square.sqrt().add(epsilon));
            store(square, v, vOffset + i);
            store(step.fma(down, weight), w, wOffset + i);
        }
        ScalarOptimizerUpdate.INSTANCE.adagrad(
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
}
