package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.bound;
import static dev.lanewise.kernels.vector.VectorWideMath.wideBound;

import dev.lanewise.kernels.Activation;
import dev.lanewise.kernels.scalar.ScalarActivation;

import java.lang.foreign.MemorySegment;

/**
 * Activation functions and gradients: {@link ActivationLoops} on whole vectors, then the scalar
 * twin, which gives the same bits.
 */
final class VectorActivation implements Activation {
    private static final Activation SCALAR = new ScalarActivation();

    @Override
    public void relu(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long whole = bound(n);
        if (whole > 0) {
            ActivationLoops.relu(x, xOffset, whole, out, outOffset);
        }
        SCALAR.relu(x, xOffset + whole, n - whole, out, outOffset + whole);
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
        long whole = bound(n);
        if (whole > 0) {
            ActivationLoops.reluGradient(x, xOffset, dy, dyOffset, whole, dx, dxOffset);
        }
        SCALAR.reluGradient(
                x, xOffset + whole, dy, dyOffset + whole, n - whole, dx, dxOffset + whole);
    }

    @Override
    public void leakyRelu(
            MemorySegment x, long xOffset, long n, float slope, MemorySegment out, long outOffset) {
        long whole = bound(n);
        if (whole > 0) {
            ActivationLoops.leakyRelu(x, xOffset, whole, slope, out, outOffset);
        }
        SCALAR.leakyRelu(x, xOffset + whole, n - whole, slope, out, outOffset + whole);
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
        long whole = bound(n);
        if (whole > 0) {
            ActivationLoops.leakyReluGradient(x, xOffset, dy, dyOffset, whole, slope, dx, dxOffset);
        }
        SCALAR.leakyReluGradient(
                x, xOffset + whole, dy, dyOffset + whole, n - whole, slope, dx, dxOffset + whole);
    }

    @Override
    public void elu(
            MemorySegment x, long xOffset, long n, float alpha, MemorySegment out, long outOffset) {
        long whole = bound(n);
        if (whole > 0) {
            ActivationLoops.elu(x, xOffset, whole, alpha, out, outOffset);
        }
        SCALAR.elu(x, xOffset + whole, n - whole, alpha, out, outOffset + whole);
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
        long whole = bound(n);
        if (whole > 0) {
            ActivationLoops.eluGradient(x, xOffset, dy, dyOffset, whole, alpha, dx, dxOffset);
        }
        SCALAR.eluGradient(
                x, xOffset + whole, dy, dyOffset + whole, n - whole, alpha, dx, dxOffset + whole);
    }

    @Override
    public void selu(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long whole = bound(n);
        if (whole > 0) {
            ActivationLoops.selu(x, xOffset, whole, out, outOffset);
        }
        SCALAR.selu(x, xOffset + whole, n - whole, out, outOffset + whole);
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
        long whole = bound(n);
        if (whole > 0) {
            ActivationLoops.seluGradient(x, xOffset, dy, dyOffset, whole, dx, dxOffset);
        }
        SCALAR.seluGradient(
                x, xOffset + whole, dy, dyOffset + whole, n - whole, dx, dxOffset + whole);
    }

    @Override
    public void gelu(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long whole = wideBound(n);
        if (whole > 0) {
            ActivationLoops.gelu(x, xOffset, whole, out, outOffset);
        }
        SCALAR.gelu(x, xOffset + whole, n - whole, out, outOffset + whole);
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
        long whole = wideBound(n);
        if (whole > 0) {
            ActivationLoops.geluGradient(x, xOffset, dy, dyOffset, whole, dx, dxOffset);
        }
        SCALAR.geluGradient(
                x, xOffset + whole, dy, dyOffset + whole, n - whole, dx, dxOffset + whole);
    }

    @Override
    public void geluTanh(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long whole = bound(n);
        if (whole > 0) {
            ActivationLoops.geluTanh(x, xOffset, whole, out, outOffset);
        }
        SCALAR.geluTanh(x, xOffset + whole, n - whole, out, outOffset + whole);
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
        long whole = bound(n);
        if (whole > 0) {
            ActivationLoops.geluTanhGradient(x, xOffset, dy, dyOffset, whole, dx, dxOffset);
        }
        SCALAR.geluTanhGradient(
                x, xOffset + whole, dy, dyOffset + whole, n - whole, dx, dxOffset + whole);
    }

    @Override
    public void silu(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long whole = bound(n);
        if (whole > 0) {
            ActivationLoops.silu(x, xOffset, whole, out, outOffset);
        }
        SCALAR.silu(x, xOffset + whole, n - whole, out, outOffset + whole);
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
        long whole = bound(n);
        if (whole > 0) {
            ActivationLoops.siluGradient(x, xOffset, dy, dyOffset, whole, dx, dxOffset);
        }
        SCALAR.siluGradient(
                x, xOffset + whole, dy, dyOffset + whole, n - whole, dx, dxOffset + whole);
    }

    @Override
    public void softplus(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long whole = bound(n);
        if (whole > 0) {
            ActivationLoops.softplus(x, xOffset, whole, out, outOffset);
        }
        SCALAR.softplus(x, xOffset + whole, n - whole, out, outOffset + whole);
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
        long whole = bound(n);
        if (whole > 0) {
            ActivationLoops.softplusGradient(x, xOffset, dy, dyOffset, whole, dx, dxOffset);
        }
        SCALAR.softplusGradient(
                x, xOffset + whole, dy, dyOffset + whole, n - whole, dx, dxOffset + whole);
    }

    @Override
    public void hardTanh(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long whole = bound(n);
        if (whole > 0) {
            ActivationLoops.hardTanh(x, xOffset, whole, out, outOffset);
        }
        SCALAR.hardTanh(x, xOffset + whole, n - whole, out, outOffset + whole);
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
        long whole = bound(n);
        if (whole > 0) {
            ActivationLoops.hardTanhGradient(x, xOffset, dy, dyOffset, whole, dx, dxOffset);
        }
        SCALAR.hardTanhGradient(
                x, xOffset + whole, dy, dyOffset + whole, n - whole, dx, dxOffset + whole);
    }

    @Override
    public void hardSigmoid(
            MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long whole = bound(n);
        if (whole > 0) {
            ActivationLoops.hardSigmoid(x, xOffset, whole, out, outOffset);
        }
        SCALAR.hardSigmoid(x, xOffset + whole, n - whole, out, outOffset + whole);
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
        long whole = bound(n);
        if (whole > 0) {
            ActivationLoops.hardSigmoidGradient(x, xOffset, dy, dyOffset, whole, dx, dxOffset);
        }
        SCALAR.hardSigmoidGradient(
                x, xOffset + whole, dy, dyOffset + whole, n - whole, dx, dxOffset + whole);
    }

    @Override
    public void hardSwish(
            MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long whole = bound(n);
        if (whole > 0) {
            ActivationLoops.hardSwish(x, xOffset, whole, out, outOffset);
        }
        SCALAR.hardSwish(x, xOffset + whole, n - whole, out, outOffset + whole);
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
        long whole = bound(n);
        if (whole > 0) {
            ActivationLoops.hardSwishGradient(x, xOffset, dy, dyOffset, whole, dx, dxOffset);
        }
        SCALAR.hardSwishGradient(
                x, xOffset + whole, dy, dyOffset + whole, n - whole, dx, dxOffset + whole);
    }

    @Override
    public void heaviside(
            MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long whole = bound(n);
        if (whole > 0) {
            ActivationLoops.heaviside(x, xOffset, whole, out, outOffset);
        }
        SCALAR.heaviside(x, xOffset + whole, n - whole, out, outOffset + whole);
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
        long whole = bound(n);
        if (whole > 0) {
            ActivationLoops.sigmoidGradient(y, yOffset, dy, dyOffset, whole, dx, dxOffset);
        }
        SCALAR.sigmoidGradient(
                y, yOffset + whole, dy, dyOffset + whole, n - whole, dx, dxOffset + whole);
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
        long whole = bound(n);
        if (whole > 0) {
            ActivationLoops.tanhGradient(y, yOffset, dy, dyOffset, whole, dx, dxOffset);
        }
        SCALAR.tanhGradient(
                y, yOffset + whole, dy, dyOffset + whole, n - whole, dx, dxOffset + whole);
    }
}
