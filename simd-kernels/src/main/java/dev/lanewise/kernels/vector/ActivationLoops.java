package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.scalar.ScalarActivationMath.GELU_TANH_A;
import static dev.lanewise.kernels.scalar.ScalarActivationMath.GELU_TANH_B;
import static dev.lanewise.kernels.scalar.ScalarActivationMath.GELU_TANH_LEAST;
import static dev.lanewise.kernels.scalar.ScalarActivationMath.GELU_TANH_MAX;
import static dev.lanewise.kernels.scalar.ScalarActivationMath.SELU_SCALE;
import static dev.lanewise.kernels.scalar.ScalarActivationMath.SELU_SCALE_ALPHA;
import static dev.lanewise.kernels.scalar.ScalarMath.LOGISTIC_MIN;
import static dev.lanewise.kernels.scalar.ScalarWideMath.INVERSE_SQRT_PI;
import static dev.lanewise.kernels.scalar.ScalarWideMath.SQRT_HALF;
import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;
import static dev.lanewise.kernels.vector.VectorWideMath.DOUBLE;
import static dev.lanewise.kernels.vector.VectorWideMath.LOWER;
import static dev.lanewise.kernels.vector.VectorWideMath.WIDE_COUNT;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;

/**
 * Activation functions and gradients of whole vectors: n is a multiple of the lanes, or of half of
 * them where the loop goes through doubles, and not 0, so that C2 sees each helper called at least
 * as often as the loop around it, and inlines it.
 */
final class ActivationLoops {
    private ActivationLoops() {}

    static void relu(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        for (long i = 0; i < n; i += COUNT) {
            VectorActivationMath.relu(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
    }

    static void reluGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset) {
        x = NATIVE.cast(x);
        dy = NATIVE.cast(dy);
        dx = NATIVE.cast(dx);
        for (long i = 0; i < n; i += COUNT) {
            VectorActivationMath.reluGradient(
                            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER),
                            fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER))
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER);
        }
    }

    static void leakyRelu(
            MemorySegment x, long xOffset, long n, float slope, MemorySegment out, long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        for (long i = 0; i < n; i += COUNT) {
            VectorActivationMath.leakyRelu(
                            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER), slope)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
    }

    static void leakyReluGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            float slope,
            MemorySegment dx,
            long dxOffset) {
        x = NATIVE.cast(x);
        dy = NATIVE.cast(dy);
        dx = NATIVE.cast(dx);
        for (long i = 0; i < n; i += COUNT) {
            VectorActivationMath.leakyReluGradient(
                            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER),
                            fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER),
                            slope)
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER);
        }
    }

    static void elu(
            MemorySegment x, long xOffset, long n, float alpha, MemorySegment out, long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        for (long i = 0; i < n; i += COUNT) {
            FloatVector v = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER);
            FloatVector below = VectorMath.expm1(v).mul(alpha);
            v.blend(below, v.compare(VectorOperators.GT, 0f).not())
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
    }

    static void eluGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            float alpha,
            MemorySegment dx,
            long dxOffset) {
        x = NATIVE.cast(x);
        dy = NATIVE.cast(dy);
        dx = NATIVE.cast(dx);
        for (long i = 0; i < n; i += COUNT) {
            FloatVector v = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER);
            FloatVector gradient = fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER);
            FloatVector slope = VectorMath.exp(v).mul(alpha);
            gradient.mul(slope)
                    .blend(gradient, v.compare(VectorOperators.GT, 0f))
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER);
        }
    }

    static void selu(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        for (long i = 0; i < n; i += COUNT) {
            FloatVector v = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER);
            VectorMath.expm1(v)
                    .mul(SELU_SCALE_ALPHA)
                    .blend(v.mul(SELU_SCALE), v.compare(VectorOperators.GT, 0f))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
    }

    static void seluGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset) {
        x = NATIVE.cast(x);
        dy = NATIVE.cast(dy);
        dx = NATIVE.cast(dx);
        for (long i = 0; i < n; i += COUNT) {
            FloatVector v = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER);
            FloatVector gradient = fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER);
            FloatVector slope = VectorMath.exp(v).mul(SELU_SCALE_ALPHA);
            gradient.mul(slope)
                    .blend(gradient.mul(SELU_SCALE), v.compare(VectorOperators.GT, 0f))
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER);
        }
    }

    static void gelu(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        for (long i = 0; i < n; i += WIDE_COUNT) {
            DoubleVector wide =
                    VectorWideMath.widen(
                            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, LOWER));
            DoubleVector a = VectorWideMath.limit(wide.abs().mul(SQRT_HALF));
            DoubleVector e = VectorWideMath.expNegative(a.mul(a).neg());
            DoubleVector y = VectorWideMath.erfcPositive(a, e).mul(a.mul(SQRT_HALF));
            DoubleVector positive = wide.blend(-0.0, wide.compare(VectorOperators.LT, 0));
            ((FloatVector) positive.sub(y).convertShape(VectorOperators.D2F, FLOAT, 0))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, LOWER);
        }
    }

    static void geluGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset) {
        x = NATIVE.cast(x);
        dy = NATIVE.cast(dy);
        dx = NATIVE.cast(dx);
        for (long i = 0; i < n; i += WIDE_COUNT) {
            DoubleVector wide =
                    VectorWideMath.widen(
                            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, LOWER));
            DoubleVector a = VectorWideMath.limit(wide.abs().mul(SQRT_HALF));
            DoubleVector e = VectorWideMath.expNegative(a.mul(a).neg());
            DoubleVector half = VectorWideMath.erfcPositive(a, e).mul(0.5);
            DoubleVector y = a.mul(-INVERSE_SQRT_PI).fma(e, half);
            y =
                    DoubleVector.broadcast(DOUBLE, 1)
                            .sub(y)
                            .blend(y, wide.compare(VectorOperators.LT, 0));
            fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER, LOWER)
                    .mul(y.convertShape(VectorOperators.D2F, FLOAT, 0))
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER, LOWER);
        }
    }

    static void geluTanh(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        for (long i = 0; i < n; i += COUNT) {
            FloatVector v = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER);
            FloatVector y =
                    v.blend(GELU_TANH_LEAST, v.compare(VectorOperators.LT, GELU_TANH_LEAST));
            FloatVector t = GeluTanhMath.exponent(y);
            GeluTanhMath.overPower(y, t, GeluTanhMath.reduced(y, t))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
    }

    static void geluTanhGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset) {
        x = NATIVE.cast(x);
        dy = NATIVE.cast(dy);
        dx = NATIVE.cast(dx);
        for (long i = 0; i < n; i += COUNT) {
            FloatVector v = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER);
            FloatVector y = VectorActivationMath.limit(v, GELU_TANH_MAX);
            FloatVector z = y.mul(y);
            FloatVector u =
                    y.mul(z.fma(broadcast(FLOAT, GELU_TANH_B), broadcast(FLOAT, GELU_TANH_A)));
            FloatVector slope =
                    z.fma(broadcast(FLOAT, 3 * GELU_TANH_B), broadcast(FLOAT, GELU_TANH_A));
            FloatVector e = VectorMath.exp(u.abs().neg());
            FloatVector s = broadcast(FLOAT, 1f).div(e.add(1f));
            FloatVector es = e.mul(s);
            FloatVector gate = s.blend(es, u.compare(VectorOperators.LT, 0f));
            FloatVector derivative = y.mul(slope).mul(es).fma(s, gate);
            fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER)
                    .mul(derivative.blend(v, v.compare(VectorOperators.NE, v)))
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER);
        }
    }

    static void silu(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        for (long i = 0; i < n; i += COUNT) {
            FloatVector v = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER);
            FloatVector y = v.blend(LOGISTIC_MIN, v.compare(VectorOperators.LT, LOGISTIC_MIN));
            VectorMath.overLogistic(y, y).intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
    }

    static void siluGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset) {
        x = NATIVE.cast(x);
        dy = NATIVE.cast(dy);
        dx = NATIVE.cast(dx);
        for (long i = 0; i < n; i += COUNT) {
            FloatVector v = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER);
            FloatVector y = VectorActivationMath.limit(v, -LOGISTIC_MIN);
            FloatVector e = VectorMath.exp(y.abs().neg());
            FloatVector s = broadcast(FLOAT, 1f).div(e.add(1f));
            FloatVector es = e.mul(s);
            FloatVector gate = s.blend(es, y.compare(VectorOperators.LT, 0f));
            FloatVector derivative = y.mul(es).fma(s, gate);
            fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER)
                    .mul(derivative.blend(v, v.compare(VectorOperators.NE, v)))
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER);
        }
    }

    static void softplus(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        for (long i = 0; i < n; i += COUNT) {
            FloatVector v = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER);
            VectorMath.softplus(v, VectorMath.exp(v.abs().neg()))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
    }

    static void softplusGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset) {
        x = NATIVE.cast(x);
        dy = NATIVE.cast(dy);
        dx = NATIVE.cast(dx);
        for (long i = 0; i < n; i += COUNT) {
            FloatVector v = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER);
            FloatVector sigmoid = VectorMath.overLogistic(broadcast(FLOAT, 1f), v);
            fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER)
                    .mul(sigmoid)
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER);
        }
    }

    static void hardTanh(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        for (long i = 0; i < n; i += COUNT) {
            VectorActivationMath.hardTanh(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
    }

    static void hardTanhGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset) {
        x = NATIVE.cast(x);
        dy = NATIVE.cast(dy);
        dx = NATIVE.cast(dx);
        for (long i = 0; i < n; i += COUNT) {
            VectorActivationMath.hardTanhGradient(
                            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER),
                            fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER))
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER);
        }
    }

    static void hardSigmoid(
            MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        for (long i = 0; i < n; i += COUNT) {
            VectorActivationMath.hardSigmoid(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
    }

    static void hardSigmoidGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset) {
        x = NATIVE.cast(x);
        dy = NATIVE.cast(dy);
        dx = NATIVE.cast(dx);
        for (long i = 0; i < n; i += COUNT) {
            VectorActivationMath.hardSigmoidGradient(
                            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER),
                            fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER))
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER);
        }
    }

    static void hardSwish(
            MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        for (long i = 0; i < n; i += COUNT) {
            VectorActivationMath.hardSwish(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
    }

    static void hardSwishGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset) {
        x = NATIVE.cast(x);
        dy = NATIVE.cast(dy);
        dx = NATIVE.cast(dx);
        for (long i = 0; i < n; i += COUNT) {
            VectorActivationMath.hardSwishGradient(
                            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER),
                            fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER))
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER);
        }
    }

    static void heaviside(
            MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        for (long i = 0; i < n; i += COUNT) {
            VectorActivationMath.heaviside(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
    }

    static void sigmoidGradient(
            MemorySegment y,
            long yOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset) {
        y = NATIVE.cast(y);
        dy = NATIVE.cast(dy);
        dx = NATIVE.cast(dx);
        for (long i = 0; i < n; i += COUNT) {
            VectorActivationMath.sigmoidGradient(
                            fromMemorySegment(FLOAT, y, yOffset + i << 2, ORDER),
                            fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER))
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER);
        }
    }

    static void tanhGradient(
            MemorySegment y,
            long yOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset) {
        y = NATIVE.cast(y);
        dy = NATIVE.cast(dy);
        dx = NATIVE.cast(dx);
        for (long i = 0; i < n; i += COUNT) {
            VectorActivationMath.tanhGradient(
                            fromMemorySegment(FLOAT, y, yOffset + i << 2, ORDER),
                            fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER))
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER);
        }
    }
}
