package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.scalar.ScalarWideMath.HUGE_ANGLE;
import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
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
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;

/**
 * Elementwise transcendental functions: {@link VectorMath} on whole vectors, then the scalar twin,
 * which gives the same bits.
 *
 * <p>Where some arguments need the scalar twin (huge angles, negative bases), it computes the whole
 * block that they are in. The vector loops are methods of their own: the twin, inlined beside them,
 * would take them past C2's limits.
 */
final class VectorTranscendental implements Transcendental {
    private static final Transcendental SCALAR = new ScalarTranscendental();

    /** Elements looked at together for arguments that need the scalar twin. */
    private static final long BLOCK = 64;

    @Override
    public void exp(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
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
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
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
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
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
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
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
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
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
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
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
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
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
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
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
        for (long i = 0; i < bound; i += BLOCK) {
            long count = Math.min(BLOCK, bound - i);
            if (hasHuge(x, xOffset + i, count)) {
                SCALAR.sin(x, xOffset + i, count, out, outOffset + i);
            } else {
                sine(x, xOffset + i, count, 0, out, outOffset + i);
            }
        }
        SCALAR.sin(x, xOffset + bound, n - bound, out, outOffset + bound);
    }

    @Override
    public void cos(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = n & -WIDE_COUNT;
        for (long i = 0; i < bound; i += BLOCK) {
            long count = Math.min(BLOCK, bound - i);
            if (hasHuge(x, xOffset + i, count)) {
                SCALAR.cos(x, xOffset + i, count, out, outOffset + i);
            } else {
                sine(x, xOffset + i, count, 1, out, outOffset + i);
            }
        }
        SCALAR.cos(x, xOffset + bound, n - bound, out, outOffset + bound);
    }

    @Override
    public void sqrt(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
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
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
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
        for (long i = 0; i < bound; i += BLOCK) {
            long count = Math.min(BLOCK, bound - i);
            if (hasNegative(x, xOffset + i, count)) {
                SCALAR.pow(x, xOffset + i, y, yOffset + i, count, out, outOffset + i);
            } else {
                powers(x, xOffset + i, y, yOffset + i, count, out, outOffset + i);
            }
        }
        SCALAR.pow(x, xOffset + bound, y, yOffset + bound, n - bound, out, outOffset + bound);
    }

    @Override
    public void powScalar(
            MemorySegment x, long xOffset, long n, float s, MemorySegment out, long outOffset) {
        long bound = n & -WIDE_COUNT;
        for (long i = 0; i < bound; i += BLOCK) {
            long count = Math.min(BLOCK, bound - i);
            if (hasNegative(x, xOffset + i, count)) {
                SCALAR.powScalar(x, xOffset + i, count, s, out, outOffset + i);
            } else {
                powersOf(x, xOffset + i, count, s, out, outOffset + i);
            }
        }
        SCALAR.powScalar(x, xOffset + bound, n - bound, s, out, outOffset + bound);
    }

    /** Whether sine and cosine of some element need the scalar reduction. */
    private static boolean hasHuge(MemorySegment x, long xOffset, long n) {
        x = NATIVE.cast(x);
        boolean huge = false;
        for (long i = 0; i < n; i += COUNT) {
            VectorMask<Float> mask = FLOAT.indexInRange(i, n);
            huge |=
                    fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, mask)
                            .abs()
                            .compare(VectorOperators.GE, HUGE_ANGLE)
                            .anyTrue();
        }
        return huge;
    }

    /** out = sin(x + quarters · π/2). */
    private static void sine(
            MemorySegment x,
            long xOffset,
            long n,
            int quarters,
            MemorySegment out,
            long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        for (long i = 0; i < n; i += WIDE_COUNT) {
            FloatVector angle = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, LOWER);
            VectorWideMath.sine(VectorWideMath.widen(angle), quarters)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, LOWER);
        }
    }

    /** Whether some power needs the scalar rules for negative bases. */
    private static boolean hasNegative(MemorySegment x, long xOffset, long n) {
        x = NATIVE.cast(x);
        boolean negative = false;
        for (long i = 0; i < n; i += COUNT) {
            VectorMask<Float> mask = FLOAT.indexInRange(i, n);
            negative |=
                    fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, mask)
                            .reinterpretAsInts()
                            .compare(VectorOperators.LT, 0)
                            .anyTrue();
        }
        return negative;
    }

    /** out = x^y for x without sign. */
    private static void powers(
            MemorySegment x,
            long xOffset,
            MemorySegment y,
            long yOffset,
            long n,
            MemorySegment out,
            long outOffset) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        out = NATIVE.cast(out);
        for (long i = 0; i < n; i += WIDE_COUNT) {
            FloatVector base = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, LOWER);
            DoubleVector log2 = VectorWideMath.log2(VectorWideMath.widen(base));
            FloatVector exponent = fromMemorySegment(FLOAT, y, yOffset + i << 2, ORDER, LOWER);
            VectorWideMath.pow(log2, VectorWideMath.widen(exponent))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, LOWER);
        }
    }

    /** out = x^s for x without sign. */
    private static void powersOf(
            MemorySegment x, long xOffset, long n, float s, MemorySegment out, long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        DoubleVector exponent = DoubleVector.broadcast(DOUBLE, s);
        for (long i = 0; i < n; i += WIDE_COUNT) {
            FloatVector base = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, LOWER);
            DoubleVector log2 = VectorWideMath.log2(VectorWideMath.widen(base));
            VectorWideMath.pow(log2, exponent)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, LOWER);
        }
    }
}
