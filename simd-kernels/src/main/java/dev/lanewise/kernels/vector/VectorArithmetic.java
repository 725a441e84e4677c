package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;
import static dev.lanewise.kernels.vector.Lanes.bound;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.lanewise.kernels.Arithmetic;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;

/** Elementwise arithmetic on vectors: whole vectors, then the rest under a mask. */
final class VectorArithmetic extends VectorScalarArithmetic implements Arithmetic {
    @Override
    public void add(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset) {
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        out = NATIVE.cast(out);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                    .add(fromMemorySegment(FLOAT, b, bOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail)
                    .add(fromMemorySegment(FLOAT, b, bOffset + i << 2, ORDER, tail))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
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
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        out = NATIVE.cast(out);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                    .sub(fromMemorySegment(FLOAT, b, bOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail)
                    .sub(fromMemorySegment(FLOAT, b, bOffset + i << 2, ORDER, tail))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
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
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        out = NATIVE.cast(out);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                    .mul(fromMemorySegment(FLOAT, b, bOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail)
                    .mul(fromMemorySegment(FLOAT, b, bOffset + i << 2, ORDER, tail))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
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
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        out = NATIVE.cast(out);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                    .div(fromMemorySegment(FLOAT, b, bOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail)
                    .div(fromMemorySegment(FLOAT, b, bOffset + i << 2, ORDER, tail))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
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
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        out = NATIVE.cast(out);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                    .max(fromMemorySegment(FLOAT, b, bOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail)
                    .max(fromMemorySegment(FLOAT, b, bOffset + i << 2, ORDER, tail))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
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
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        out = NATIVE.cast(out);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                    .min(fromMemorySegment(FLOAT, b, bOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail)
                    .min(fromMemorySegment(FLOAT, b, bOffset + i << 2, ORDER, tail))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
        }
    }

    @Override
    public void negate(MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset) {
        a = NATIVE.cast(a);
        out = NATIVE.cast(out);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                    .neg()
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail)
                    .neg()
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
        }
    }

    @Override
    public void abs(MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset) {
        a = NATIVE.cast(a);
        out = NATIVE.cast(out);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                    .abs()
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail)
                    .abs()
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
        }
    }

    @Override
    public void sign(MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset) {
        a = NATIVE.cast(a);
        out = NATIVE.cast(out);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            FloatVector value = fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER);
            value.blend(1f, value.compare(VectorOperators.GT, 0f))
                    .blend(-1f, value.compare(VectorOperators.LT, 0f))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            FloatVector value = fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail);
            value.blend(1f, value.compare(VectorOperators.GT, 0f))
                    .blend(-1f, value.compare(VectorOperators.LT, 0f))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
        }
    }

    @Override
    public void square(MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset) {
        a = NATIVE.cast(a);
        out = NATIVE.cast(out);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            FloatVector value = fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER);
            value.mul(value).intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            FloatVector value = fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail);
            value.mul(value).intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
        }
    }

    @Override
    public void reciprocal(
            MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset) {
        a = NATIVE.cast(a);
        out = NATIVE.cast(out);
        FloatVector one = FloatVector.broadcast(FLOAT, 1f);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            one.div(fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            one.div(fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
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
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        c = NATIVE.cast(c);
        out = NATIVE.cast(out);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                    .fma(
                            fromMemorySegment(FLOAT, b, bOffset + i << 2, ORDER),
                            fromMemorySegment(FLOAT, c, cOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail)
                    .fma(
                            fromMemorySegment(FLOAT, b, bOffset + i << 2, ORDER, tail),
                            fromMemorySegment(FLOAT, c, cOffset + i << 2, ORDER, tail))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
        }
    }

    @Override
    public void axpy(
            MemorySegment x, long xOffset, long n, float alpha, MemorySegment y, long yOffset) {
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        FloatVector alphas = FloatVector.broadcast(FLOAT, alpha);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER)
                    .fma(alphas, fromMemorySegment(FLOAT, y, yOffset + i << 2, ORDER))
                    .intoMemorySegment(y, yOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, tail)
                    .fma(alphas, fromMemorySegment(FLOAT, y, yOffset + i << 2, ORDER, tail))
                    .intoMemorySegment(y, yOffset + i << 2, ORDER, tail);
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
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        if (beta == 0f) {
            multiplyScalar(x, xOffset, n, alpha, y, yOffset);
            return;
        }
        FloatVector alphas = FloatVector.broadcast(FLOAT, alpha);
        FloatVector betas = FloatVector.broadcast(FLOAT, beta);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER)
                    .fma(alphas, fromMemorySegment(FLOAT, y, yOffset + i << 2, ORDER).mul(betas))
                    .intoMemorySegment(y, yOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER, tail)
                    .fma(
                            alphas,
                            fromMemorySegment(FLOAT, y, yOffset + i << 2, ORDER, tail).mul(betas))
                    .intoMemorySegment(y, yOffset + i << 2, ORDER, tail);
        }
    }
}
