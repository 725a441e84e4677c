package dev.lanewise.kernels.scalar;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.lanewise.kernels.Arithmetic;

import java.lang.foreign.MemorySegment;

/** Elementwise arithmetic as plain loops. */
final class ScalarArithmetic implements Arithmetic {
    @Override
    public void add(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    a.getAtIndex(JAVA_FLOAT, aOffset + i) + b.getAtIndex(JAVA_FLOAT, bOffset + i));
        }
    }

    @Override
    public void subtract(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    a.getAtIndex(JAVA_FLOAT, aOffset + i) - b.getAtIndex(JAVA_FLOAT, bOffset + i));
        }
    }

    @Override
    public void multiply(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    a.getAtIndex(JAVA_FLOAT, aOffset + i) * b.getAtIndex(JAVA_FLOAT, bOffset + i));
        }
    }

    @Override
    public void divide(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    a.getAtIndex(JAVA_FLOAT, aOffset + i) / b.getAtIndex(JAVA_FLOAT, bOffset + i));
        }
    }

    @Override
    public void maximum(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    Math.max(
                            a.getAtIndex(JAVA_FLOAT, aOffset + i),
                            b.getAtIndex(JAVA_FLOAT, bOffset + i)));
        }
    }

    @Override
    public void minimum(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    Math.min(
                            a.getAtIndex(JAVA_FLOAT, aOffset + i),
                            b.getAtIndex(JAVA_FLOAT, bOffset + i)));
        }
    }

    @Override
    public void addScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(JAVA_FLOAT, outOffset + i, a.getAtIndex(JAVA_FLOAT, aOffset + i) + s);
        }
    }

    @Override
    public void subtractFromScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(JAVA_FLOAT, outOffset + i, s - a.getAtIndex(JAVA_FLOAT, aOffset + i));
        }
    }

    @Override
    public void multiplyScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(JAVA_FLOAT, outOffset + i, a.getAtIndex(JAVA_FLOAT, aOffset + i) * s);
        }
    }

    @Override
    public void divideScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(JAVA_FLOAT, outOffset + i, a.getAtIndex(JAVA_FLOAT, aOffset + i) / s);
        }
    }

    @Override
    public void divideIntoScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(JAVA_FLOAT, outOffset + i, s / a.getAtIndex(JAVA_FLOAT, aOffset + i));
        }
    }

    @Override
    public void maximumScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT, outOffset + i, Math.max(a.getAtIndex(JAVA_FLOAT, aOffset + i), s));
        }
    }

    @Override
    public void minimumScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT, outOffset + i, Math.min(a.getAtIndex(JAVA_FLOAT, aOffset + i), s));
        }
    }

    @Override
    public void clamp(
            MemorySegment a,
            long aOffset,
            long n,
            float low,
            float high,
            MemorySegment out,
            long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    Math.min(Math.max(a.getAtIndex(JAVA_FLOAT, aOffset + i), low), high));
        }
    }

    @Override
    public void negate(MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(JAVA_FLOAT, outOffset + i, -a.getAtIndex(JAVA_FLOAT, aOffset + i));
        }
    }

    @Override
    public void abs(MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT, outOffset + i, Math.abs(a.getAtIndex(JAVA_FLOAT, aOffset + i)));
        }
    }

    @Override
    public void sign(MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT, outOffset + i, Math.signum(a.getAtIndex(JAVA_FLOAT, aOffset + i)));
        }
    }

    @Override
    public void square(MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            float value = a.getAtIndex(JAVA_FLOAT, aOffset + i);
            out.setAtIndex(JAVA_FLOAT, outOffset + i, value * value);
        }
    }

    @Override
    public void reciprocal(
            MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(JAVA_FLOAT, outOffset + i, 1f / a.getAtIndex(JAVA_FLOAT, aOffset + i));
        }
    }

    @Override
    public void multiplyAdd(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            MemorySegment c,
            long cOffset,
            long n,
            MemorySegment out,
            long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    Math.fma(
                            a.getAtIndex(JAVA_FLOAT, aOffset + i),
                            b.getAtIndex(JAVA_FLOAT, bOffset + i),
                            c.getAtIndex(JAVA_FLOAT, cOffset + i)));
        }
    }

    @Override
    public void axpy(
            MemorySegment x, long xOffset, long n, float alpha, MemorySegment y, long yOffset) {
        for (long i = 0; i < n; i++) {
            y.setAtIndex(
                    JAVA_FLOAT,
                    yOffset + i,
                    Math.fma(
                            alpha,
                            x.getAtIndex(JAVA_FLOAT, xOffset + i),
                            y.getAtIndex(JAVA_FLOAT, yOffset + i)));
        }
    }

    @Override
    public void axpby(
            MemorySegment x,
            long xOffset,
            long n,
            float alpha,
            float beta,
            MemorySegment y,
            long yOffset) {
        if (beta == 0f) {
            multiplyScalar(x, xOffset, n, alpha, y, yOffset);
            return;
        }
        for (long i = 0; i < n; i++) {
            y.setAtIndex(
                    JAVA_FLOAT,
                    yOffset + i,
                    Math.fma(
                            alpha,
                            x.getAtIndex(JAVA_FLOAT, xOffset + i),
                            beta * y.getAtIndex(JAVA_FLOAT, yOffset + i)));
        }
    }
}
