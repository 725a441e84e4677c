package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;
import static dev.lanewise.kernels.vector.Lanes.bound;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;

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
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        out = NATIVE.cast(out);
        FloatVector zero = FloatVector.zero(FLOAT);
        FloatVector one = FloatVector.broadcast(FLOAT, 1f);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            zero.blend(
                            one,
                            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                                    .compare(
                                            VectorOperators.EQ,
                                            fromMemorySegment(FLOAT, b, bOffset + i << 2, ORDER)))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            zero.blend(
                            one,
                            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail)
                                    .compare(
                                            VectorOperators.EQ,
                                            fromMemorySegment(
                                                    FLOAT, b, bOffset + i << 2, ORDER, tail)))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
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
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        out = NATIVE.cast(out);
        FloatVector zero = FloatVector.zero(FLOAT);
        FloatVector one = FloatVector.broadcast(FLOAT, 1f);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            zero.blend(
                            one,
                            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                                    .compare(
                                            VectorOperators.NE,
                                            fromMemorySegment(FLOAT, b, bOffset + i << 2, ORDER)))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            zero.blend(
                            one,
                            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail)
                                    .compare(
                                            VectorOperators.NE,
                                            fromMemorySegment(
                                                    FLOAT, b, bOffset + i << 2, ORDER, tail)))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
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
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        out = NATIVE.cast(out);
        FloatVector zero = FloatVector.zero(FLOAT);
        FloatVector one = FloatVector.broadcast(FLOAT, 1f);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            zero.blend(
                            one,
                            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                                    .compare(
                                            VectorOperators.LT,
                                            fromMemorySegment(FLOAT, b, bOffset + i << 2, ORDER)))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            zero.blend(
                            one,
                            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail)
                                    .compare(
                                            VectorOperators.LT,
                                            fromMemorySegment(
                                                    FLOAT, b, bOffset + i << 2, ORDER, tail)))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
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
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        out = NATIVE.cast(out);
        FloatVector zero = FloatVector.zero(FLOAT);
        FloatVector one = FloatVector.broadcast(FLOAT, 1f);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            zero.blend(
                            one,
                            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                                    .compare(
                                            VectorOperators.LE,
                                            fromMemorySegment(FLOAT, b, bOffset + i << 2, ORDER)))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            zero.blend(
                            one,
                            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail)
                                    .compare(
                                            VectorOperators.LE,
                                            fromMemorySegment(
                                                    FLOAT, b, bOffset + i << 2, ORDER, tail)))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
        }
    }

    @Override
    public void equalScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        a = NATIVE.cast(a);
        out = NATIVE.cast(out);
        FloatVector zero = FloatVector.zero(FLOAT);
        FloatVector one = FloatVector.broadcast(FLOAT, 1f);
        FloatVector scalar = FloatVector.broadcast(FLOAT, s);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            zero.blend(
                            one,
                            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                                    .compare(VectorOperators.EQ, scalar))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            zero.blend(
                            one,
                            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail)
                                    .compare(VectorOperators.EQ, scalar))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
        }
    }

    @Override
    public void lessScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        a = NATIVE.cast(a);
        out = NATIVE.cast(out);
        FloatVector zero = FloatVector.zero(FLOAT);
        FloatVector one = FloatVector.broadcast(FLOAT, 1f);
        FloatVector scalar = FloatVector.broadcast(FLOAT, s);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            zero.blend(
                            one,
                            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                                    .compare(VectorOperators.LT, scalar))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            zero.blend(
                            one,
                            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail)
                                    .compare(VectorOperators.LT, scalar))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
        }
    }

    @Override
    public void lessOrEqualScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        a = NATIVE.cast(a);
        out = NATIVE.cast(out);
        FloatVector zero = FloatVector.zero(FLOAT);
        FloatVector one = FloatVector.broadcast(FLOAT, 1f);
        FloatVector scalar = FloatVector.broadcast(FLOAT, s);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            zero.blend(
                            one,
                            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                                    .compare(VectorOperators.LE, scalar))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            zero.blend(
                            one,
                            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail)
                                    .compare(VectorOperators.LE, scalar))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
        }
    }

    @Override
    public void greaterScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        a = NATIVE.cast(a);
        out = NATIVE.cast(out);
        FloatVector zero = FloatVector.zero(FLOAT);
        FloatVector one = FloatVector.broadcast(FLOAT, 1f);
        FloatVector scalar = FloatVector.broadcast(FLOAT, s);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            zero.blend(
                            one,
                            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                                    .compare(VectorOperators.GT, scalar))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            zero.blend(
                            one,
                            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail)
                                    .compare(VectorOperators.GT, scalar))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
        }
    }

    @Override
    public void greaterOrEqualScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        a = NATIVE.cast(a);
        out = NATIVE.cast(out);
        FloatVector zero = FloatVector.zero(FLOAT);
        FloatVector one = FloatVector.broadcast(FLOAT, 1f);
        FloatVector scalar = FloatVector.broadcast(FLOAT, s);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            zero.blend(
                            one,
                            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                                    .compare(VectorOperators.GE, scalar))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            zero.blend(
                            one,
                            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail)
                                    .compare(VectorOperators.GE, scalar))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
        }
    }

    @Override
    public void isNaN(MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset) {
        a = NATIVE.cast(a);
        out = NATIVE.cast(out);
        FloatVector zero = FloatVector.zero(FLOAT);
        FloatVector one = FloatVector.broadcast(FLOAT, 1f);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            zero.blend(
                            one,
                            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                                    .test(VectorOperators.IS_NAN))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            zero.blend(
                            one,
                            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail)
                                    .test(VectorOperators.IS_NAN))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
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
        condition = NATIVE.cast(condition);
        a = NATIVE.cast(a);
        b = NATIVE.cast(b);
        out = NATIVE.cast(out);
        FloatVector zero = FloatVector.zero(FLOAT);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            fromMemorySegment(FLOAT, b, bOffset + i << 2, ORDER)
                    .blend(
                            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER),
                            fromMemorySegment(FLOAT, condition, conditionOffset + i << 2, ORDER)
                                    .compare(VectorOperators.NE, zero))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            fromMemorySegment(FLOAT, b, bOffset + i << 2, ORDER, tail)
                    .blend(
                            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail),
                            fromMemorySegment(
                                            FLOAT, condition, conditionOffset + i << 2, ORDER, tail)
                                    .compare(VectorOperators.NE, zero))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
        }
    }
}
