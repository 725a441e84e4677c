package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.bound;
import static dev.lanewise.kernels.vector.Lanes.load;
import static dev.lanewise.kernels.vector.Lanes.store;
import static dev.lanewise.kernels.vector.Lanes.tail;

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
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(load(a, aOffset + i).add(load(b, bOffset + i)), out, outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(
                    load(a, aOffset + i, tail).add(load(b, bOffset + i, tail)),
                    out,
                    outOffset + i,
                    tail);
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
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(load(a, aOffset + i).sub(load(b, bOffset + i)), out, outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(
                    load(a, aOffset + i, tail).sub(load(b, bOffset + i, tail)),
                    out,
                    outOffset + i,
                    tail);
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
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(load(a, aOffset + i).mul(load(b, bOffset + i)), out, outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(
                    load(a, aOffset + i, tail).mul(load(b, bOffset + i, tail)),
                    out,
                    outOffset + i,
                    tail);
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
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(load(a, aOffset + i).div(load(b, bOffset + i)), out, outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(
                    load(a, aOffset + i, tail).div(load(b, bOffset + i, tail)),
                    out,
                    outOffset + i,
                    tail);
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
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(load(a, aOffset + i).max(load(b, bOffset + i)), out, outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(
                    load(a, aOffset + i, tail).max(load(b, bOffset + i, tail)),
                    out,
                    outOffset + i,
                    tail);
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
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(load(a, aOffset + i).min(load(b, bOffset + i)), out, outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(
                    load(a, aOffset + i, tail).min(load(b, bOffset + i, tail)),
                    out,
                    outOffset + i,
                    tail);
        }
    }

    @Override
    public void negate(MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(load(a, aOffset + i).neg(), out, outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(load(a, aOffset + i, tail).neg(), out, outOffset + i, tail);
        }
    }

    @Override
    public void abs(MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(load(a, aOffset + i).abs(), out, outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(load(a, aOffset + i, tail).abs(), out, outOffset + i, tail);
        }
    }

    @Override
    public void sign(MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(signOf(load(a, aOffset + i)), out, outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(signOf(load(a, aOffset + i, tail)), out, outOffset + i, tail);
        }
    }

    private static FloatVector signOf(FloatVector a) {
        return a.blend(1f, a.compare(VectorOperators.GT, 0f))
                .blend(-1f, a.compare(VectorOperators.LT, 0f));
    }

    @Override
    public void square(MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset) {
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            FloatVector value = load(a, aOffset + i);
            store(value.mul(value), out, outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            FloatVector value = load(a, aOffset + i, tail);
            store(value.mul(value), out, outOffset + i, tail);
        }
    }

    @Override
    public void reciprocal(
            MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset) {
        FloatVector one = FloatVector.broadcast(FLOAT, 1f);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(one.div(load(a, aOffset + i)), out, outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(one.div(load(a, aOffset + i, tail)), out, outOffset + i, tail);
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
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(
                    load(a, aOffset + i).fma(load(b, bOffset + i), load(c, cOffset + i)),
                    out,
                    outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(
                    load(a, aOffset + i, tail)
                            .fma(load(b, bOffset + i, tail), load(c, cOffset + i, tail)),
                    out,
                    outOffset + i,
                    tail);
        }
    }

    @Override
    public void axpy(
            MemorySegment x, long xOffset, long n, float alpha, MemorySegment y, long yOffset) {
        FloatVector alphas = FloatVector.broadcast(FLOAT, alpha);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(load(x, xOffset + i).fma(alphas, load(y, yOffset + i)), y, yOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(
                    load(x, xOffset + i, tail).fma(alphas, load(y, yOffset + i, tail)),
                    y,
                    yOffset + i,
                    tail);
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
        FloatVector alphas = FloatVector.broadcast(FLOAT, alpha);
        FloatVector betas = FloatVector.broadcast(FLOAT, beta);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(
                    load(x, xOffset + i).fma(alphas, load(y, yOffset + i).mul(betas)),
                    y,
                    yOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(
                    load(x, xOffset + i, tail).fma(alphas, load(y, yOffset + i, tail).mul(betas)),
                    y,
                    yOffset + i,
                    tail);
        }
    }
}
