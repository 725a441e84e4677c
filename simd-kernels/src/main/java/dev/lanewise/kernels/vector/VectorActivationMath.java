package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.scalar.ScalarActivationMath.SIXTH;
import static dev.lanewise.kernels.scalar.ScalarActivationMath.THIRD;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * {@link dev.lanewise.kernels.scalar.ScalarActivationMath} on vectors: the same operations in the
 * same order, so the same bits. The rules of {@link VectorMath} on inlining hold here too.
 */
final class VectorActivationMath {
    private VectorActivationMath() {}

    static FloatVector relu(FloatVector x) {
        return x.blend(0f, x.compare(LE, 0f));
    }

    static FloatVector reluGradient(FloatVector x, FloatVector dy) {
        return dy.blend(0f, x.compare(LE, 0f));
    }

    static FloatVector leakyRelu(FloatVector x, float slope) {
        return x.mul(slope).blend(x, x.compare(GT, 0f));
    }

    static FloatVector leakyReluGradient(FloatVector x, FloatVector dy, float slope) {
        return dy.mul(slope).blend(dy, x.compare(GT, 0f));
    }

    /** x, not further from 0 than the limit; a NaN becomes the limit. */
    static FloatVector limit(FloatVector x, float limit) {
        IntVector magnitude = x.abs().reinterpretAsInts().min(Float.floatToRawIntBits(limit));
        return magnitude.or(x.reinterpretAsInts().and(0x80000000)).reinterpretAsFloats();
    }

    static FloatVector hardTanh(FloatVector x) {
        return x.blend(-1f, x.compare(LT, -1f)).blend(1f, x.compare(GT, 1f));
    }

    static FloatVector hardTanhGradient(FloatVector x, FloatVector dy) {
        return dy.blend(0f, x.compare(LE, -1f)).blend(0f, x.compare(GE, 1f));
    }

    static FloatVector hardSigmoid(FloatVector x) {
        FloatVector y = x.fma(broadcast(FLOAT, SIXTH), broadcast(FLOAT, 0.5f));
        return y.blend(0f, y.compare(LT, 0f)).blend(1f, y.compare(GT, 1f));
    }

    static FloatVector hardSigmoidGradient(FloatVector x, FloatVector dy) {
        return dy.mul(SIXTH).blend(0f, x.compare(LE, -3f)).blend(0f, x.compare(GE, 3f));
    }

    static FloatVector hardSwish(FloatVector x) {
        FloatVector y = x.fma(broadcast(FLOAT, SIXTH), broadcast(FLOAT, 0.5f));
        FloatVector gate = y.blend(0f, y.compare(LT, 0f)).blend(1f, y.compare(GT, 1f));
        return x.mul(gate).blend(0f, x.compare(LE, -3f));
    }

    static FloatVector hardSwishGradient(FloatVector x, FloatVector dy) {
        FloatVector middle = dy.mul(x.fma(broadcast(FLOAT, THIRD), broadcast(FLOAT, 0.5f)));
        return middle.blend(dy, x.compare(GE, 3f)).blend(0f, x.compare(LE, -3f));
    }

    static FloatVector heaviside(FloatVector x) {
        return broadcast(FLOAT, 0f).blend(1f, x.compare(GE, 0f));
    }

    static FloatVector sigmoidGradient(FloatVector y, FloatVector dy) {
        return dy.mul(y.mul(broadcast(FLOAT, 1f).sub(y)));
    }

    static FloatVector tanhGradient(FloatVector y, FloatVector dy) {
        return dy.mul(y.neg().fma(y, broadcast(FLOAT, 1f)));
    }
}
