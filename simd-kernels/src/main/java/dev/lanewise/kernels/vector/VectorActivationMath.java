package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.scalar.ScalarActivationMath.GELU_TANH_A;
import static dev.lanewise.kernels.scalar.ScalarActivationMath.GELU_TANH_B;
import static dev.lanewise.kernels.scalar.ScalarActivationMath.GELU_TANH_MAX;
import static dev.lanewise.kernels.scalar.ScalarActivationMath.SELU_SCALE;
import static dev.lanewise.kernels.scalar.ScalarActivationMath.SELU_SCALE_ALPHA;
import static dev.lanewise.kernels.scalar.ScalarActivationMath.SIXTH;
import static dev.lanewise.kernels.scalar.ScalarActivationMath.THIRD;
import static dev.lanewise.kernels.scalar.ScalarMath.LOGISTIC_MIN;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.VectorMath.atLeast;
import static dev.lanewise.kernels.vector.VectorMath.atMost;
import static dev.lanewise.kernels.vector.VectorMath.copySign;
import static dev.lanewise.kernels.vector.VectorMath.exp;
import static dev.lanewise.kernels.vector.VectorMath.expm1;
import static dev.lanewise.kernels.vector.VectorMath.limit;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import jdk.incubator.vector.FloatVector;

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

    static FloatVector elu(FloatVector x, float alpha) {
        return x.blend(expm1(x).mul(alpha), x.compare(GT, 0f).not());
    }

    static FloatVector eluGradient(FloatVector x, FloatVector dy, float alpha) {
        return dy.mul(exp(x).mul(alpha)).blend(dy, x.compare(GT, 0f));
    }

    static FloatVector selu(FloatVector x) {
        return expm1(x).mul(SELU_SCALE_ALPHA).blend(x.mul(SELU_SCALE), x.compare(GT, 0f));
    }

    static FloatVector seluGradient(FloatVector x, FloatVector dy) {
        return dy.mul(exp(x).mul(SELU_SCALE_ALPHA)).blend(dy.mul(SELU_SCALE), x.compare(GT, 0f));
    }

    static FloatVector geluTanh(FloatVector x) {
        FloatVector y = atLeast(x, LOGISTIC_MIN);
        FloatVector u =
                y.mul(y.mul(y).fma(broadcast(FLOAT, GELU_TANH_B), broadcast(FLOAT, GELU_TANH_A)));
        return VectorMath.overLogistic(y, atLeast(u, LOGISTIC_MIN));
    }

    static FloatVector geluTanhGradient(FloatVector x, FloatVector dy) {
        FloatVector y = copySign(limit(x.abs(), GELU_TANH_MAX), x);
        FloatVector z = y.mul(y);
        FloatVector u = y.mul(z.fma(broadcast(FLOAT, GELU_TANH_B), broadcast(FLOAT, GELU_TANH_A)));
        FloatVector slope = z.fma(broadcast(FLOAT, 3 * GELU_TANH_B), broadcast(FLOAT, GELU_TANH_A));
        FloatVector derivative = gateDerivative(u, y.mul(slope));
        return dy.mul(derivative.blend(x, x.compare(NE, x)));
    }

    static FloatVector siluGradient(FloatVector x, FloatVector dy) {
        FloatVector y = copySign(limit(x.abs(), -LOGISTIC_MIN), x);
        FloatVector derivative = gateDerivative(y, y);
        return dy.mul(derivative.blend(x, x.compare(NE, x)));
    }

    private static FloatVector gateDerivative(FloatVector u, FloatVector w) {
        FloatVector e = exp(u.abs().neg());
        FloatVector s = broadcast(FLOAT, 1f).div(e.add(1f));
        FloatVector es = e.mul(s);
        return w.mul(es).fma(s, s.blend(es, u.compare(LT, 0f)));
    }

    static FloatVector softplusGradient(FloatVector x, FloatVector dy) {
        return dy.mul(VectorMath.sigmoid(x));
    }

    static FloatVector hardTanh(FloatVector x) {
        return atMost(atLeast(x, -1f), 1f);
    }

    static FloatVector hardTanhGradient(FloatVector x, FloatVector dy) {
        return dy.blend(0f, x.compare(LE, -1f)).blend(0f, x.compare(GE, 1f));
    }

    static FloatVector hardSigmoid(FloatVector x) {
        return atMost(atLeast(x.fma(broadcast(FLOAT, SIXTH), broadcast(FLOAT, 0.5f)), 0f), 1f);
    }

    static FloatVector hardSigmoidGradient(FloatVector x, FloatVector dy) {
        return dy.mul(SIXTH).blend(0f, x.compare(LE, -3f)).blend(0f, x.compare(GE, 3f));
    }

    static FloatVector hardSwish(FloatVector x) {
        return x.mul(hardSigmoid(x)).blend(0f, x.compare(LE, -3f));
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
