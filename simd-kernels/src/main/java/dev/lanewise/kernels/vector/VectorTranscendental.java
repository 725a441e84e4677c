package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.ORDER;
import static dev.lanewise.kernels.vector.Lanes.bound;
import static dev.lanewise.kernels.vector.VectorWideMath.DOUBLE;
import static dev.lanewise.kernels.vector.VectorWideMath.LOWER;
import static dev.lanewise.kernels.vector.VectorWideMath.WIDE_COUNT;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.lanewise.kernels.Transcendental;
import dev.lanewise.kernels.scalar.ScalarTranscendental;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

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
            FloatVector v = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER);
            VectorMath.tanh(v, VectorMath.tanhLarge(v))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        SCALAR.tanh(x, xOffset + i, n - i, out, outOffset + i);
    }

    @Override
    public void sigmoid(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            VectorMath.overLogistic(
                            FloatVector.broadcast(FLOAT, 1f),
                            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        SCALAR.sigmoid(x, xOffset + i, n - i, out, outOffset + i);
    }

    @Override
    public void erf(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            FloatVector v = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER);
            VectorMath.erf(v, VectorMath.erfLarge(v))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        SCALAR.erf(x, xOffset + i, n - i, out, outOffset + i);
    }

    @Override
    public void erfc(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = n & -WIDE_COUNT;
        long i = 0;
        for (; i < bound; i += WIDE_COUNT) {
            DoubleVector wide =
                    VectorWideMath.widen(
                            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, LOWER));
            DoubleVector a = VectorWideMath.limit(wide.abs());
            DoubleVector e = VectorWideMath.expNegative(a.mul(a).neg());
            DoubleVector y = VectorWideMath.erfcPositive(a, e);
            DoubleVector mirrored = DoubleVector.broadcast(DOUBLE, 2).sub(y);
            y = y.blend(mirrored, wide.compare(VectorOperators.LT, 0));
            ((FloatVector) y.convertShape(VectorOperators.D2F, FLOAT, 0))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, LOWER);
        }
        SCALAR.erfc(x, xOffset + i, n - i, out, outOffset + i);
    }

    @Override
    public void sin(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = n & -WIDE_COUNT;
        long i = 0;
        for (; i < bound; i += WIDE_COUNT) {
            FloatVector angle = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, LOWER);
            boolean isHuge = VectorWideMath.isHuge(angle);
            FloatVector y = VectorWideMath.sine(VectorWideMath.widen(angle), 0);
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
            FloatVector angle = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, LOWER);
            boolean isHuge = VectorWideMath.isHuge(angle);
            FloatVector y = VectorWideMath.sine(VectorWideMath.widen(angle), 1);
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
            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER)
                    .sqrt()
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        SCALAR.sqrt(x, xOffset + i, n - i, out, outOffset + i);
    }

    @Override
    public void rsqrt(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            FloatVector root = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER).sqrt();
            FloatVector.broadcast(FLOAT, 1f)
                    .div(root)
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
            FloatVector base = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, LOWER);
            boolean isNegative = VectorWideMath.isNegative(base);
            DoubleVector exponent =
                    VectorWideMath.widen(
                            fromMemorySegment(FLOAT, y, yOffset + i << 2, ORDER, LOWER));
            DoubleVector log2 = VectorWideMath.log2(VectorWideMath.widen(base));
            FloatVector power = VectorWideMath.pow(log2, exponent);
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
        DoubleVector exponent = DoubleVector.broadcast(DOUBLE, s);
        long bound = n & -WIDE_COUNT;
        long i = 0;
        for (; i < bound; i += WIDE_COUNT) {
            FloatVector base = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, LOWER);
            boolean isNegative = VectorWideMath.isNegative(base);
            DoubleVector log2 = VectorWideMath.log2(VectorWideMath.widen(base));
            FloatVector power = VectorWideMath.pow(log2, exponent);
            if (isNegative) {
                SCALAR.powScalar(x, xOffset + i, WIDE_COUNT, s, out, outOffset + i);
            } else {
                power.intoMemorySegment(out, outOffset + i << 2, ORDER, LOWER);
            }
        }
        SCALAR.powScalar(x, xOffset + i, n - i, s, out, outOffset + i);
    }
}
