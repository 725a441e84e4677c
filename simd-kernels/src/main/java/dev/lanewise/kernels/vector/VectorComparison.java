package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.bound;
import static dev.lanewise.kernels.vector.Lanes.load;
import static dev.lanewise.kernels.vector.Lanes.store;
import static dev.lanewise.kernels.vector.Lanes.tail;

import dev.lanewise.kernels.Comparison;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;

/** Elementwise comparison on vectors: whole vectors, then the rest under a mask. */
final class VectorComparison implements Comparison {
    @Override
    public void equal(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset) {
        FloatVector zero = FloatVector.zero(FLOAT);
        FloatVector one = FloatVector.broadcast(FLOAT, 1f);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(
                    zero.blend(
                            one,
                            load(a, aOffset + i).compare(VectorOperators.EQ, load(b, bOffset + i))),
                    out,
                    outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(
                    zero.blend(
                            one,
                            load(a, aOffset + i, tail)
                                    .compare(VectorOperators.EQ, load(b, bOffset + i, tail))),
                    out,
                    outOffset + i,
                    tail);
        }
    }

    @Override
    public void notEqual(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset) {
        FloatVector zero = FloatVector.zero(FLOAT);
        FloatVector one = FloatVector.broadcast(FLOAT, 1f);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(
                    zero.blend(
                            one,
                            load(a, aOffset + i).compare(VectorOperators.NE, load(b, bOffset + i))),
                    out,
                    outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(
                    zero.blend(
                            one,
                            load(a, aOffset + i, tail)
                                    .compare(VectorOperators.NE, load(b, bOffset + i, tail))),
                    out,
                    outOffset + i,
                    tail);
        }
    }

    @Override
    public void less(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset) {
        FloatVector zero = FloatVector.zero(FLOAT);
        FloatVector one = FloatVector.broadcast(FLOAT, 1f);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(
                    zero.blend(
                            one,
                            load(a, aOffset + i).compare(VectorOperators.LT, load(b, bOffset + i))),
                    out,
                    outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(
                    zero.blend(
                            one,
                            load(a, aOffset + i, tail)
                                    .compare(VectorOperators.LT, load(b, bOffset + i, tail))),
                    out,
                    outOffset + i,
                    tail);
        }
    }

    @Override
    public void lessOrEqual(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset) {
        FloatVector zero = FloatVector.zero(FLOAT);
        FloatVector one = FloatVector.broadcast(FLOAT, 1f);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(
                    zero.blend(
                            one,
                            load(a, aOffset + i).compare(VectorOperators.LE, load(b, bOffset + i))),
                    out,
                    outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(
                    zero.blend(
                            one,
                            load(a, aOffset + i, tail)
                                    .compare(VectorOperators.LE, load(b, bOffset + i, tail))),
                    out,
                    outOffset + i,
                    tail);
        }
    }

    @Override
    public void equalScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        FloatVector zero = FloatVector.zero(FLOAT);
        FloatVector one = FloatVector.broadcast(FLOAT, 1f);
        FloatVector scalar = FloatVector.broadcast(FLOAT, s);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(
                    zero.blend(one, load(a, aOffset + i).compare(VectorOperators.EQ, scalar)),
                    out,
                    outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(
                    zero.blend(one, load(a, aOffset + i, tail).compare(VectorOperators.EQ, scalar)),
                    out,
                    outOffset + i,
                    tail);
        }
    }

    @Override
    public void lessScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        FloatVector zero = FloatVector.zero(FLOAT);
        FloatVector one = FloatVector.broadcast(FLOAT, 1f);
        FloatVector scalar = FloatVector.broadcast(FLOAT, s);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(
                    zero.blend(one, load(a, aOffset + i).compare(VectorOperators.LT, scalar)),
                    out,
                    outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(
                    zero.blend(one, load(a, aOffset + i, tail).compare(VectorOperators.LT, scalar)),
                    out,
                    outOffset + i,
                    tail);
        }
    }

    @Override
    public void lessOrEqualScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        FloatVector zero = FloatVector.zero(FLOAT);
        FloatVector one = FloatVector.broadcast(FLOAT, 1f);
        FloatVector scalar = FloatVector.broadcast(FLOAT, s);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(
                    zero.blend(one, load(a, aOffset + i).compare(VectorOperators.LE, scalar)),
                    out,
                    outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(
                    zero.blend(one, load(a, aOffset + i, tail).compare(VectorOperators.LE, scalar)),
                    out,
                    outOffset + i,
                    tail);
        }
    }

    @Override
    public void greaterScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        FloatVector zero = FloatVector.zero(FLOAT);
        FloatVector one = FloatVector.broadcast(FLOAT, 1f);
        FloatVector scalar = FloatVector.broadcast(FLOAT, s);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(
                    zero.blend(one, load(a, aOffset + i).compare(VectorOperators.GT, scalar)),
                    out,
                    outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(
                    zero.blend(one, load(a, aOffset + i, tail).compare(VectorOperators.GT, scalar)),
                    out,
                    outOffset + i,
                    tail);
        }
    }

    @Override
    public void greaterOrEqualScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        FloatVector zero = FloatVector.zero(FLOAT);
        FloatVector one = FloatVector.broadcast(FLOAT, 1f);
        FloatVector scalar = FloatVector.broadcast(FLOAT, s);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(
                    zero.blend(one, load(a, aOffset + i).compare(VectorOperators.GE, scalar)),
                    out,
                    outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(
                    zero.blend(one, load(a, aOffset + i, tail).compare(VectorOperators.GE, scalar)),
                    out,
                    outOffset + i,
                    tail);
        }
    }

    @Override
    public void isNaN(MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset) {
        FloatVector zero = FloatVector.zero(FLOAT);
        FloatVector one = FloatVector.broadcast(FLOAT, 1f);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(
                    zero.blend(one, load(a, aOffset + i).test(VectorOperators.IS_NAN)),
                    out,
                    outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(
                    zero.blend(one, load(a, aOffset + i, tail).test(VectorOperators.IS_NAN)),
                    out,
                    outOffset + i,
                    tail);
        }
    }

    @Override
    public void select(
            MemorySegment condition,
            long conditionOffset,
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset) {
        FloatVector zero = FloatVector.zero(FLOAT);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(
                    load(b, bOffset + i)
                            .blend(
                                    load(a, aOffset + i),
                                    load(condition, conditionOffset + i)
                                            .compare(VectorOperators.NE, zero)),
                    out,
                    outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(
                    load(b, bOffset + i, tail)
                            .blend(
                                    load(a, aOffset + i, tail),
                                    load(condition, conditionOffset + i, tail)
                                            .compare(VectorOperators.NE, zero)),
                    out,
                    outOffset + i,
                    tail);
        }
    }
}
