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

import java.lang.foreign.MemorySegment;

/**
 * The arithmetic kernels that take numbers beside arrays, on vectors: whole vectors, then the rest
 * under a mask.
 */
abstract class VectorScalarArithmetic implements Arithmetic {
    @Override
    public void addScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        FloatVector scalar = FloatVector.broadcast(FLOAT, s);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(load(a, aOffset + i).add(scalar), out, outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(load(a, aOffset + i, tail).add(scalar), out, outOffset + i, tail);
        }
    }

    @Override
    public void subtractFromScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        FloatVector scalar = FloatVector.broadcast(FLOAT, s);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(scalar.sub(load(a, aOffset + i)), out, outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(scalar.sub(load(a, aOffset + i, tail)), out, outOffset + i, tail);
        }
    }

    @Override
    public void multiplyScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        FloatVector scalar = FloatVector.broadcast(FLOAT, s);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(load(a, aOffset + i).mul(scalar), out, outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(load(a, aOffset + i, tail).mul(scalar), out, outOffset + i, tail);
        }
    }

    @Override
    public void divideScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        FloatVector scalar = FloatVector.broadcast(FLOAT, s);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(load(a, aOffset + i).div(scalar), out, outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(load(a, aOffset + i, tail).div(scalar), out, outOffset + i, tail);
        }
    }

    @Override
    public void divideIntoScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        FloatVector scalar = FloatVector.broadcast(FLOAT, s);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(scalar.div(load(a, aOffset + i)), out, outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(scalar.div(load(a, aOffset + i, tail)), out, outOffset + i, tail);
        }
    }

    @Override
    public void maximumScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        FloatVector scalar = FloatVector.broadcast(FLOAT, s);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(load(a, aOffset + i).max(scalar), out, outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(load(a, aOffset + i, tail).max(scalar), out, outOffset + i, tail);
        }
    }

    @Override
    public void minimumScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        FloatVector scalar = FloatVector.broadcast(FLOAT, s);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(load(a, aOffset + i).min(scalar), out, outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(load(a, aOffset + i, tail).min(scalar), out, outOffset + i, tail);
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
        FloatVector lows = FloatVector.broadcast(FLOAT, low);
        FloatVector highs = FloatVector.broadcast(FLOAT, high);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            store(load(a, aOffset + i).max(lows).min(highs), out, outOffset + i);
        }
        if (i < n) {
            VectorMask<Float> tail = tail(i, n);
            store(load(a, aOffset + i, tail).max(lows).min(highs), out, outOffset + i, tail);
        }
    }
}
