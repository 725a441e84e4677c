package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.bound;
import static dev.lanewise.kernels.vector.Lanes.load;
import static dev.lanewise.kernels.vector.Lanes.store;

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
            store(VectorActivationMath.relu(load(x, xOffset + i)), out, outOffset + i);
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
            store(
                    VectorActivationMath.reluGradient(load(x, xOffset + i), load(dy, dyOffset + i)),
                    dx,
                    dxOffset + i);
        }
        SCALAR.reluGradient(x, xOffset + i, dy, dyOffset + i, n - i, dx, dxOffset + i);
    }

    @Override
    public void leakyRelu(
            MemorySegment x, long xOffset, long n, float slope, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(VectorActivationMath.leakyRelu(load(x, xOffset + i), slope), out, outOffset + i);
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
            store(
                    VectorActivationMath.leakyReluGradient(
                            load(x, xOffset + i), load(dy, dyOffset + i), slope),
                    dx,
                    dxOffset + i);
        }
        SCALAR.leakyReluGradient(x, xOffset + i, dy, dyOffset + i, n - i, slope, dx, dxOffset + i);
    }

    @Override
    public void elu(
            MemorySegment x, long xOffset, long n, float alpha, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(VectorActivationMath.elu(load(x, xOffset + i), alpha), out, outOffset + i);
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
            store(
                    VectorActivationMath.eluGradient(
                            load(x, xOffset + i), load(dy, dyOffset + i), alpha),
                    dx,
                    dxOffset + i);
        }
        SCALAR.eluGradient(x, xOffset + i, dy, dyOffset + i, n - i, alpha, dx, dxOffset + i);
    }

    @Override
    public void selu(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(VectorActivationMath.selu(load(x, xOffset + i)), out, outOffset + i);
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
            store(
                    VectorActivationMath.seluGradient(load(x, xOffset + i), load(dy, dyOffset + i)),
                    dx,
                    dxOffset + i);
        }
        SCALAR.seluGradient(x, xOffset + i, dy, dyOffset + i, n - i, dx, dxOffset + i);
    }

    @Override
    public void gelu(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(VectorMath.gelu(load(x, xOffset + i)), out, outOffset + i);
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
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(
                    VectorActivationMath.geluGradient(load(x, xOffset + i), load(dy, dyOffset + i)),
                    dx,
                    dxOffset + i);
        }
        SCALAR.geluGradient(x, xOffset + i, dy, dyOffset + i, n - i, dx, dxOffset + i);
    }

    @Override
    public void geluTanh(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(VectorActivationMath.geluTanh(load(x, xOffset + i)), out, outOffset + i);
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
            store(
                    VectorActivationMath.geluTanhGradient(
                            load(x, xOffset + i), load(dy, dyOffset + i)),
                    dx,
                    dxOffset + i);
        }
        SCALAR.geluTanhGradient(x, xOffset + i, dy, dyOffset + i, n - i, dx, dxOffset + i);
    }

    @Override
    public void silu(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(VectorMath.silu(load(x, xOffset + i)), out, outOffset + i);
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
            store(
                    VectorActivationMath.siluGradient(load(x, xOffset + i), load(dy, dyOffset + i)),
                    dx,
                    dxOffset + i);
        }
        SCALAR.siluGradient(x, xOffset + i, dy, dyOffset + i, n - i, dx, dxOffset + i);
    }

    @Override
    public void softplus(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(VectorMath.softplus(load(x, xOffset + i)), out, outOffset + i);
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
            store(
                    VectorActivationMath.softplusGradient(
                            load(x, xOffset + i), load(dy, dyOffset + i)),
                    dx,
                    dxOffset + i);
        }
        SCALAR.softplusGradient(x, xOffset + i, dy, dyOffset + i, n - i, dx, dxOffset + i);
    }

    @Override
    public void hardTanh(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(VectorActivationMath.hardTanh(load(x, xOffset + i)), out, outOffset + i);
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
            store(
                    VectorActivationMath.hardTanhGradient(
                            load(x, xOffset + i), load(dy, dyOffset + i)),
                    dx,
                    dxOffset + i);
        }
        SCALAR.hardTanhGradient(x, xOffset + i, dy, dyOffset + i, n - i, dx, dxOffset + i);
    }

    @Override
    public void hardSigmoid(
            MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(VectorActivationMath.hardSigmoid(load(x, xOffset + i)), out, outOffset + i);
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
            store(
                    VectorActivationMath.hardSigmoidGradient(
                            load(x, xOffset + i), load(dy, dyOffset + i)),
                    dx,
                    dxOffset + i);
        }
        SCALAR.hardSigmoidGradient(x, xOffset + i, dy, dyOffset + i, n - i, dx, dxOffset + i);
    }

    @Override
    public void hardSwish(
            MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(VectorActivationMath.hardSwish(load(x, xOffset + i)), out, outOffset + i);
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
            store(
                    VectorActivationMath.hardSwishGradient(
                            load(x, xOffset + i), load(dy, dyOffset + i)),
                    dx,
                    dxOffset + i);
        }
        SCALAR.hardSwishGradient(x, xOffset + i, dy, dyOffset + i, n - i, dx, dxOffset + i);
    }

    @Override
    public void heaviside(
            MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(VectorActivationMath.heaviside(load(x, xOffset + i)), out, outOffset + i);
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
            store(
                    VectorActivationMath.sigmoidGradient(
                            load(y, yOffset + i), load(dy, dyOffset + i)),
                    dx,
                    dxOffset + i);
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
            store(
                    VectorActivationMath.tanhGradient(load(y, yOffset + i), load(dy, dyOffset + i)),
                    dx,
                    dxOffset + i);
        }
        SCALAR.tanhGradient(y, yOffset + i, dy, dyOffset + i, n - i, dx, dxOffset + i);
    }
}
