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

import java.lang.foreign.MemorySegment;

/**
 * The arithmetic kernels that take numbers beside arrays, on vectors: whole vectors, then the rest
 * under a mask.
 */
abstract class VectorScalarArithmetic implements Arithmetic {
    @Override
    public void addScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        a = NATIVE.cast(a);
        out = NATIVE.cast(out);
        FloatVector scalar = FloatVector.broadcast(FLOAT, s);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                    .add(scalar)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail)
                    .add(scalar)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
        }
    }

    @Override
    public void subtractFromScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        a = NATIVE.cast(a);
        out = NATIVE.cast(out);
        FloatVector scalar = FloatVector.broadcast(FLOAT, s);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            scalar.sub(fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            scalar.sub(fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
        }
    }

    @Override
    public void multiplyScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        a = NATIVE.cast(a);
        out = NATIVE.cast(out);
        FloatVector scalar = FloatVector.broadcast(FLOAT, s);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                    .mul(scalar)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail)
                    .mul(scalar)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
        }
    }

    @Override
    public void divideScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        a = NATIVE.cast(a);
        out = NATIVE.cast(out);
        FloatVector scalar = FloatVector.broadcast(FLOAT, s);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                    .div(scalar)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail)
                    .div(scalar)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
        }
    }

    @Override
    public void divideIntoScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        a = NATIVE.cast(a);
        out = NATIVE.cast(out);
        FloatVector scalar = FloatVector.broadcast(FLOAT, s);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            scalar.div(fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            scalar.div(fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
        }
    }

    @Override
    public void maximumScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        a = NATIVE.cast(a);
        out = NATIVE.cast(out);
        FloatVector scalar = FloatVector.broadcast(FLOAT, s);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                    .max(scalar)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail)
                    .max(scalar)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
        }
    }

    @Override
    public void minimumScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        a = NATIVE.cast(a);
        out = NATIVE.cast(out);
        FloatVector scalar = FloatVector.broadcast(FLOAT, s);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                    .min(scalar)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail)
                    .min(scalar)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
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
        a = NATIVE.cast(a);
        out = NATIVE.cast(out);
        FloatVector lows = FloatVector.broadcast(FLOAT, low);
        FloatVector highs = FloatVector.broadcast(FLOAT, high);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                    .max(lows)
                    .min(highs)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail)
                    .max(lows)
                    .min(highs)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
        }
    }
}
