package dev.lanewise.kernels.scalar;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.lanewise.kernels.Activation;

import java.lang.foreign.MemorySegment;

/** Activation functions and gradients: {@link ScalarActivationMath} element by element. */
public final class ScalarActivation implements Activation {
    @Override
    public void relu(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    ScalarActivationMath.relu(x.getAtIndex(JAVA_FLOAT, xOffset + i)));
        }
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
        for (long i = 0; i < n; i++) {
            dx.setAtIndex(
                    JAVA_FLOAT,
                    dxOffset + i,
                    ScalarActivationMath.reluGradient(
                            x.getAtIndex(JAVA_FLOAT, xOffset + i),
                            dy.getAtIndex(JAVA_FLOAT, dyOffset + i)));
        }
    }

    @Override
    public void leakyRelu(
            MemorySegment x, long xOffset, long n, float slope, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    ScalarActivationMath.leakyRelu(x.getAtIndex(JAVA_FLOAT, xOffset + i), slope));
        }
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
        for (long i = 0; i < n; i++) {
            dx.setAtIndex(
                    JAVA_FLOAT,
                    dxOffset + i,
                    ScalarActivationMath.leakyReluGradient(
                            x.getAtIndex(JAVA_FLOAT, xOffset + i),
                            dy.getAtIndex(JAVA_FLOAT, dyOffset + i),
                            slope));
        }
    }

    @Override
    public void elu(
            MemorySegment x, long xOffset, long n, float alpha, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    ScalarActivationMath.elu(x.getAtIndex(JAVA_FLOAT, xOffset + i), alpha));
        }
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
        for (long i = 0; i < n; i++) {
            dx.setAtIndex(
                    JAVA_FLOAT,
                    dxOffset + i,
                    ScalarActivationMath.eluGradient(
                            x.getAtIndex(JAVA_FLOAT, xOffset + i),
                            dy.getAtIndex(JAVA_FLOAT, dyOffset + i),
                            alpha));
        }
    }

    @Override
    public void selu(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    ScalarActivationMath.selu(x.getAtIndex(JAVA_FLOAT, xOffset + i)));
        }
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
        for (long i = 0; i < n; i++) {
            dx.setAtIndex(
                    JAVA_FLOAT,
                    dxOffset + i,
                    ScalarActivationMath.seluGradient(
                            x.getAtIndex(JAVA_FLOAT, xOffset + i),
                            dy.getAtIndex(JAVA_FLOAT, dyOffset + i)));
        }
    }

    @Override
    public void gelu(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    ScalarWideMath.gelu(x.getAtIndex(JAVA_FLOAT, xOffset + i)));
        }
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
        for (long i = 0; i < n; i++) {
            dx.setAtIndex(
                    JAVA_FLOAT,
                    dxOffset + i,
                    ScalarWideMath.geluGradient(
                            x.getAtIndex(JAVA_FLOAT, xOffset + i),
                            dy.getAtIndex(JAVA_FLOAT, dyOffset + i)));
        }
    }

    @Override
    public void geluTanh(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    ScalarActivationMath.geluTanh(x.getAtIndex(JAVA_FLOAT, xOffset + i)));
        }
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
        for (long i = 0; i < n; i++) {
            dx.setAtIndex(
                    JAVA_FLOAT,
                    dxOffset + i,
                    ScalarActivationMath.geluTanhGradient(
                            x.getAtIndex(JAVA_FLOAT, xOffset + i),
                            dy.getAtIndex(JAVA_FLOAT, dyOffset + i)));
        }
    }

    @Override
    public void silu(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    ScalarMath.silu(x.getAtIndex(JAVA_FLOAT, xOffset + i)));
        }
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
        for (long i = 0; i < n; i++) {
            dx.setAtIndex(
                    JAVA_FLOAT,
                    dxOffset + i,
                    ScalarActivationMath.siluGradient(
                            x.getAtIndex(JAVA_FLOAT, xOffset + i),
                            dy.getAtIndex(JAVA_FLOAT, dyOffset + i)));
        }
    }

    @Override
    public void softplus(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    ScalarMath.softplus(x.getAtIndex(JAVA_FLOAT, xOffset + i)));
        }
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
        for (long i = 0; i < n; i++) {
            dx.setAtIndex(
                    JAVA_FLOAT,
                    dxOffset + i,
                    ScalarActivationMath.softplusGradient(
                            x.getAtIndex(JAVA_FLOAT, xOffset + i),
                            dy.getAtIndex(JAVA_FLOAT, dyOffset + i)));
        }
    }

    @Override
    public void hardTanh(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    ScalarActivationMath.hardTanh(x.getAtIndex(JAVA_FLOAT, xOffset + i)));
        }
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
        for (long i = 0; i < n; i++) {
            dx.setAtIndex(
                    JAVA_FLOAT,
                    dxOffset + i,
                    ScalarActivationMath.hardTanhGradient(
                            x.getAtIndex(JAVA_FLOAT, xOffset + i),
                            dy.getAtIndex(JAVA_FLOAT, dyOffset + i)));
        }
    }

    @Override
    public void hardSigmoid(
            MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    ScalarActivationMath.hardSigmoid(x.getAtIndex(JAVA_FLOAT, xOffset + i)));
        }
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
        for (long i = 0; i < n; i++) {
            dx.setAtIndex(
                    JAVA_FLOAT,
                    dxOffset + i,
                    ScalarActivationMath.hardSigmoidGradient(
                            x.getAtIndex(JAVA_FLOAT, xOffset + i),
                            dy.getAtIndex(JAVA_FLOAT, dyOffset + i)));
        }
    }

    @Override
    public void hardSwish(
            MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    ScalarActivationMath.hardSwish(x.getAtIndex(JAVA_FLOAT, xOffset + i)));
        }
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
        for (long i = 0; i < n; i++) {
            dx.setAtIndex(
                    JAVA_FLOAT,
                    dxOffset + i,
                    ScalarActivationMath.hardSwishGradient(
                            x.getAtIndex(JAVA_FLOAT, xOffset + i),
                            dy.getAtIndex(JAVA_FLOAT, dyOffset + i)));
        }
    }

    @Override
    public void heaviside(
            MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    ScalarActivationMath.heaviside(x.getAtIndex(JAVA_FLOAT, xOffset + i)));
        }
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
        for (long i = 0; i < n; i++) {
            dx.setAtIndex(
                    JAVA_FLOAT,
                    dxOffset + i,
                    ScalarActivationMath.sigmoidGradient(
                            y.getAtIndex(JAVA_FLOAT, yOffset + i),
                            dy.getAtIndex(JAVA_FLOAT, dyOffset + i)));
        }
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
        for (long i = 0; i < n; i++) {
            dx.setAtIndex(
                    JAVA_FLOAT,
                    dxOffset + i,
                    ScalarActivationMath.tanhGradient(
                            y.getAtIndex(JAVA_FLOAT, yOffset + i),
                            dy.getAtIndex(JAVA_FLOAT, dyOffset + i)));
        }
    }
}
