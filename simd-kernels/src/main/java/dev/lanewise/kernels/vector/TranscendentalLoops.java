package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.scalar.ScalarWideMath.HUGE_ANGLE;
import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;
import static dev.lanewise.kernels.vector.VectorWideMath.DOUBLE;
import static dev.lanewise.kernels.vector.VectorWideMath.LOWER;
import static dev.lanewise.kernels.vector.VectorWideMath.WIDE_COUNT;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;

/**
 * Elementwise transcendental functions of whole vectors: n is a multiple of the lanes, or of half
 * of them where the loop goes through doubles, and not 0, so that C2 sees each helper called at
 * least as often as the loop around it, and inlines it.
 */
final class TranscendentalLoops {
    private TranscendentalLoops() {}

    static void exp(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        for (long i = 0; i < n; i += COUNT) {
            VectorMath.exp(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
    }

    static void expm1(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        for (long i = 0; i < n; i += COUNT) {
            VectorMath.expm1(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
    }

    static void log(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        for (long i = 0; i < n; i += COUNT) {
            VectorMath.log(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
    }

    static void log1p(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        for (long i = 0; i < n; i += COUNT) {
            VectorMath.log1p(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
    }

    static void tanh(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        for (long i = 0; i < n; i += COUNT) {
            FloatVector v = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER);
            VectorMath.tanh(v, VectorMath.tanhLarge(v))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
    }

    static void sigmoid(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        for (long i = 0; i < n; i += COUNT) {
            VectorMath.overLogistic(
                            FloatVector.broadcast(FLOAT, 1f),
                            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
    }

    static void erf(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        for (long i = 0; i < n; i += COUNT) {
            FloatVector v = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER);
            VectorMath.erf(v, VectorMath.erfLarge(v))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
    }

    static void erfc(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        for (long i = 0; i < n; i += WIDE_COUNT) {
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
    }

    static void sqrt(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        for (long i = 0; i < n; i += COUNT) {
            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER)
                    .sqrt()
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
    }

    static void rsqrt(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        for (long i = 0; i < n; i += COUNT) {
            FloatVector root = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER).sqrt();
            FloatVector.broadcast(FLOAT, 1f)
                    .div(root)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
    }

    /** Whether sine and cosine of some element need the scalar reduction. */
    static boolean hasHuge(MemorySegment x, long xOffset, long n) {
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
    static void sine(
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
    static boolean hasNegative(MemorySegment x, long xOffset, long n) {
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
    static void powers(
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
    static void powersOf(
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
