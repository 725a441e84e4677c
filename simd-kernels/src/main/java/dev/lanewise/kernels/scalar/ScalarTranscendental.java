package dev.lanewise.kernels.scalar;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.lanewise.kernels.Transcendental;

import java.lang.foreign.MemorySegment;

/** Elementwise transcendental functions: {@link ScalarMath} element by element. */
public final class ScalarTranscendental implements Transcendental {
    @Override
    public void exp(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    ScalarMath.exp(x.getAtIndex(JAVA_FLOAT, xOffset + i)));
        }
    }

    @Override
    public void expm1(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    ScalarMath.expm1(x.getAtIndex(JAVA_FLOAT, xOffset + i)));
        }
    }

    @Override
    public void log(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    ScalarMath.log(x.getAtIndex(JAVA_FLOAT, xOffset + i)));
        }
    }

    @Override
    public void log1p(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    ScalarMath.log1p(x.getAtIndex(JAVA_FLOAT, xOffset + i)));
        }
    }

    @Override
    public void tanh(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    ScalarMath.tanh(x.getAtIndex(JAVA_FLOAT, xOffset + i)));
        }
    }

    @Override
    public void sigmoid(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    ScalarMath.sigmoid(x.getAtIndex(JAVA_FLOAT, xOffset + i)));
        }
    }

    @Override
    public void erf(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    ScalarMath.erf(x.getAtIndex(JAVA_FLOAT, xOffset + i)));
        }
    }

    @Override
    public void erfc(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    ScalarWideMath.erfc(x.getAtIndex(JAVA_FLOAT, xOffset + i)));
        }
    }

    @Override
    public void sin(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    ScalarWideMath.sin(x.getAtIndex(JAVA_FLOAT, xOffset + i)));
        }
    }

    @Override
    public void cos(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    ScalarWideMath.cos(x.getAtIndex(JAVA_FLOAT, xOffset + i)));
        }
    }

    @Override
    public void sqrt(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    ScalarMath.sqrt(x.getAtIndex(JAVA_FLOAT, xOffset + i)));
        }
    }

    @Override
    public void rsqrt(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    ScalarMath.rsqrt(x.getAtIndex(JAVA_FLOAT, xOffset + i)));
        }
    }

    @Override
    public void pow(
            MemorySegment x,
            long xOffset,
            MemorySegment y,
            long yOffset,
            long n,
            MemorySegment out,
            long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    ScalarWideMath.pow(
                            x.getAtIndex(JAVA_FLOAT, xOffset + i),
                            y.getAtIndex(JAVA_FLOAT, yOffset + i)));
        }
    }

    @Override
    public void powScalar(
            MemorySegment x, long xOffset, long n, float s, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    ScalarWideMath.pow(x.getAtIndex(JAVA_FLOAT, xOffset + i), s));
        }
    }
}
