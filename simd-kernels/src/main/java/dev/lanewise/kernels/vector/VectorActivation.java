package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.ORDER;
import static dev.lanewise.kernels.vector.Lanes.bound;
import static dev.lanewise.kernels.vector.VectorWideMath.LOWER;
import static dev.lanewise.kernels.vector.VectorWideMath.WIDE_COUNT;
import static dev.lanewise.kernels.vector.VectorWideMath.loadHalf;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.lanewise.kernels.Activation;
import dev.lanewise.kernels.scalar.ScalarActivation;

import java.lang.foreign.MemorySegment;

/**
 * Activation functions and gradients: {@link VectorActivationMath} on whole vectors, then the
 * scalar twin, which gives the same bits.
 */
final class VectorActivation implements Activation {
    private static final Activation SCALAR = new ScalarActivation();

    @Override
    public void relu(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorActivationMath.relu(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        SCALAR.relu(x, xOffset + i, n - i, out, outOffset + i);
    }

    @Override
    public void reluGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorActivationMath.reluGradient(
                            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER),
                            fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER))
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER);
        }
        SCALAR.reluGradient(x, xOffset + i, dy, dyOffset + i, n - i, dx, dxOffset + i);
    }

    @Override
    public void leakyRelu(
            MemorySegment x, long xOffset, long n, float slope, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorActivationMath.leakyRelu(
                            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER), slope)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        SCALAR.leakyRelu(x, xOffset + i, n - i, slope, out, outOffset + i);
    }

    @Override
    public void leakyReluGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            float slope,
            MemorySegment dx,
            long dxOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorActivationMath.leakyReluGradient(
                            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER),
                            fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER),
                            slope)
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER);
        }
        SCALAR.leakyReluGradient(x, xOffset + i, dy, dyOffset + i, n - i, slope, dx, dxOffset + i);
    }

    @Override
    public void elu(
            MemorySegment x, long xOffset, long n, float alpha, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorActivationMath.elu(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER), alpha)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        SCALAR.elu(x, xOffset + i, n - i, alpha, out, outOffset + i);
    }

    @Override
    public void eluGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            float alpha,
            MemorySegment dx,
            long dxOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorActivationMath.eluGradient(
                            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER),
                            fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER),
                            alpha)
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER);
        }
        SCALAR.eluGradient(x, xOffset + i, dy, dyOffset + i, n - i, alpha, dx, dxOffset + i);
    }

    @Override
    public void selu(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorActivationMath.selu(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        SCALAR.selu(x, xOffset + i, n - i, out, outOffset + i);
    }

    @Override
    public void seluGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorActivationMath.seluGradient(
                            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER),
                            fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER))
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER);
        }
        SCALAR.seluGradient(x, xOffset + i, dy, dyOffset + i, n - i, dx, dxOffset + i);
    }

    @Override
    public void gelu(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = n & -WIDE_COUNT;
        long i = 0;
        for (; i < bound; i += WIDE_COUNT) {
            VectorWideMath.gelu(loadHalf(x, xOffset + i))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, LOWER);
        }
        SCALAR.gelu(x, xOffset + i, n - i, out, outOffset + i);
    }

    @Override
    public void geluGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset) {
        long bound = n & -WIDE_COUNT;
        long i = 0;
        for (; i < bound; i += WIDE_COUNT) {
            VectorWideMath.geluGradient(loadHalf(x, xOffset + i), loadHalf(dy, dyOffset + i))
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER, LOWER);
        }
        SCALAR.geluGradient(x, xOffset + i, dy, dyOffset + i, n - i, dx, dxOffset + i);
    }

    @Override
    public void geluTanh(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorActivationMath.geluTanh(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        SCALAR.geluTanh(x, xOffset + i, n - i, out, outOffset + i);
    }

    @Override
    public void geluTanhGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorActivationMath.geluTanhGradient(
                            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER),
                            fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER))
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER);
        }
        SCALAR.geluTanhGradient(x, xOffset + i, dy, dyOffset + i, n - i, dx, dxOffset + i);
    }

    @Override
    public void silu(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorMath.silu(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        SCALAR.silu(x, xOffset + i, n - i, out, outOffset + i);
    }

    @Override
    public void siluGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorActivationMath.siluGradient(
                            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER),
                            fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER))
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER);
        }
        SCALAR.siluGradient(x, xOffset + i, dy, dyOffset + i, n - i, dx, dxOffset + i);
    }

    @Override
    public void softplus(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorMath.softplus(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        SCALAR.softplus(x, xOffset + i, n - i, out, outOffset + i);
    }

    @Override
    public void softplusGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorActivationMath.softplusGradient(
                            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER),
                            fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER))
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER);
        }
        SCALAR.softplusGradient(x, xOffset + i, dy, dyOffset + i, n - i, dx, dxOffset + i);
    }

    @Override
    public void hardTanh(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorActivationMath.hardTanh(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        SCALAR.hardTanh(x, xOffset + i, n - i, out, outOffset + i);
    }

    @Override
    public void hardTanhGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorActivationMath.hardTanhGradient(
                            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER),
                            fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER))
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER);
        }
        SCALAR.hardTanhGradient(x, xOffset + i, dy, dyOffset + i, n - i, dx, dxOffset + i);
    }

    @Override
    public void hardSigmoid(
            MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorActivationMath.hardSigmoid(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        SCALAR.hardSigmoid(x, xOffset + i, n - i, out, outOffset + i);
    }

    @Override
    public void hardSigmoidGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorActivationMath.hardSigmoidGradient(
                            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER),
                            fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER))
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER);
        }
        SCALAR.hardSigmoidGradient(x, xOffset + i, dy, dyOffset + i, n - i, dx, dxOffset + i);
    }

    @Override
    public void hardSwish(
            MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorActivationMath.hardSwish(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        SCALAR.hardSwish(x, xOffset + i, n - i, out, outOffset + i);
    }

    @Override
    public void hardSwishGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorActivationMath.hardSwishGradient(
                            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER),
                            fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER))
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER);
        }
        SCALAR.hardSwishGradient(x, xOffset + i, dy, dyOffset + i, n - i, dx, dxOffset + i);
    }

    @Override
    public void heaviside(
            MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorActivationMath.heaviside(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        SCALAR.heaviside(x, xOffset + i, n - i, out, outOffset + i);
    }

    @Override
    public void sigmoidGradient(
            MemorySegment y,
            long yOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorActivationMath.sigmoidGradient(
                            fromMemorySegment(FLOAT, y, yOffset + i << 2, ORDER),
                            fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER))
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER);
        }
        SCALAR.sigmoidGradient(y, yOffset + i, dy, dyOffset + i, n - i, dx, dxOffset + i);
    }

    @Override
    public void tanhGradient(
            MemorySegment y,
            long yOffset,
            MemorySegment dy,
            long dyOffset,
            long n,
            MemorySegment dx,
            long dxOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorActivationMath.tanhGradient(
                            fromMemorySegment(FLOAT, y, yOffset + i << 2, ORDER),
                            fromMemorySegment(FLOAT, dy, dyOffset + i << 2, ORDER))
                    .intoMemorySegment(dx, dxOffset + i << 2, ORDER);
        }
        SCALAR.tanhGradient(y, yOffset + i, dy, dyOffset + i, n - i, dx, dxOffset + i);
    }
}
