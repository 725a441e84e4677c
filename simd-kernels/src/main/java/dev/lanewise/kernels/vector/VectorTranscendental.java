package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.ORDER;
import static dev.lanewise.kernels.vector.Lanes.bound;
import static dev.lanewise.kernels.vector.VectorWideMath.LOWER;
import static dev.lanewise.kernels.vector.VectorWideMath.WIDE_COUNT;
import static dev.lanewise.kernels.vector.VectorWideMath.loadHalf;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.lanewise.kernels.Transcendental;
import dev.lanewise.kernels.scalar.ScalarTranscendental;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;

/**
 * Elementwise transcendental functions: {@link VectorMath} on whole vectors, then the scalar twin,
 * which gives the same bits.
 *
 * <p>Where some arguments need the scalar twin (huge angles, negative bases), the vector is
 * computed all the same and only its store depends on the arguments: C2 inlines a call in a branch,
 * and so keeps its vectors off the heap, only if it saw that branch often.
 */
final class VectorTranscendental implements Transcendental {
    private static final Transcendental SCALAR = new ScalarTranscendental();

    @Override
    public void exp(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorMath.exp(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        SCALAR.exp(x, xOffset + i, n - i, out, outOffset + i);
    }

    @Override
    public void expm1(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorMath.expm1(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        SCALAR.expm1(x, xOffset + i, n - i, out, outOffset + i);
    }

    @Override
    public void log(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorMath.log(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        SCALAR.log(x, xOffset + i, n - i, out, outOffset + i);
    }

    @Override
    public void log1p(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorMath.log1p(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        SCALAR.log1p(x, xOffset + i, n - i, out, outOffset + i);
    }

    @Override
    public void tanh(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorMath.tanh(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        SCALAR.tanh(x, xOffset + i, n - i, out, outOffset + i);
    }

    @Override
    public void sigmoid(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorMath.sigmoid(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        SCALAR.sigmoid(x, xOffset + i, n - i, out, outOffset + i);
    }

    @Override
    public void erf(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorMath.erf(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        SCALAR.erf(x, xOffset + i, n - i, out, outOffset + i);
    }

    @Override
    public void erfc(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = n & -WIDE_COUNT;
        long i = 0;
        for (; i < bound; i += WIDE_COUNT) {
            VectorWideMath.erfc(loadHalf(x, xOffset + i))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, LOWER);
        }
        SCALAR.erfc(x, xOffset + i, n - i, out, outOffset + i);
    }

    @Override
    public void sin(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = n & -WIDE_COUNT;
        long i = 0;
        for (; i < bound; i += WIDE_COUNT) {
            FloatVector angle = loadHalf(x, xOffset + i);
            boolean isHuge = VectorWideMath.isHuge(angle);
            FloatVector y = VectorWideMath.sin(angle);
            if (isHuge) {
                SCALAR.sin(x, xOffset + i, WIDE_COUNT, out, outOffset + i);
            } else {
                y.intoMemorySegment(out, outOffset + i << 2, ORDER, LOWER);
            }
        }
        SCALAR.sin(x, xOffset + i, n - i, out, outOffset + i);
    }

    @Override
    public void cos(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = n & -WIDE_COUNT;
        long i = 0;
        for (; i < bound; i += WIDE_COUNT) {
            FloatVector angle = loadHalf(x, xOffset + i);
            boolean isHuge = VectorWideMath.isHuge(angle);
            FloatVector y = VectorWideMath.cos(angle);
            if (isHuge) {
                SCALAR.cos(x, xOffset + i, WIDE_COUNT, out, outOffset + i);
            } else {
                y.intoMemorySegment(out, outOffset + i << 2, ORDER, LOWER);
            }
        }
        SCALAR.cos(x, xOffset + i, n - i, out, outOffset + i);
    }

    @Override
    public void sqrt(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorMath.sqrt(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        SCALAR.sqrt(x, xOffset + i, n - i, out, outOffset + i);
    }

    @Override
    public void rsqrt(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorMath.rsqrt(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        SCALAR.rsqrt(x, xOffset + i, n - i, out, outOffset + i);
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
        long bound = n & -WIDE_COUNT;
        long i = 0;
        for (; i < bound; i += WIDE_COUNT) {
            FloatVector base = loadHalf(x, xOffset + i);
            boolean isNegative = VectorWideMath.isNegative(base);
            FloatVector power = VectorWideMath.pow(base, loadHalf(y, yOffset + i));
            if (isNegative) {
                SCALAR.pow(x, xOffset + i, y, yOffset + i, WIDE_COUNT, out, outOffset + i);
            } else {
                power.intoMemorySegment(out, outOffset + i << 2, ORDER, LOWER);
            }
        }
        SCALAR.pow(x, xOffset + i, y, yOffset + i, n - i, out, outOffset + i);
    }

    @Override
    public void powScalar(
            MemorySegment x, long xOffset, long n, float s, MemorySegment out, long outOffset) {
        FloatVector sVector = FloatVector.broadcast(Lanes.FLOAT, s);
        long bound = n & -WIDE_COUNT;
        long i = 0;
        for (; i < bound; i += WIDE_COUNT) {
            FloatVector base = loadHalf(x, xOffset + i);
            boolean isNegative = VectorWideMath.isNegative(base);
            FloatVector power = VectorWideMath.pow(base, sVector);
            if (isNegative) {
                SCALAR.powScalar(x, xOffset + i, WIDE_COUNT, s, out, outOffset + i);
            } else {
                power.intoMemorySegment(out, outOffset + i << 2, ORDER, LOWER);
            }
        }
        SCALAR.powScalar(x, xOffset + i, n - i, s, out, outOffset + i);
    }
}
