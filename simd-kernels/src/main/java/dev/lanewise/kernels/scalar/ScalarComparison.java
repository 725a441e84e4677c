package dev.lanewise.kernels.scalar;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.lanewise.kernels.Comparison;

import java.lang.foreign.MemorySegment;

/** Elementwise comparison as plain loops. */
final class ScalarComparison implements Comparison {
    @Override
    public void equal(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    a.getAtIndex(JAVA_FLOAT, aOffset + i) == b.getAtIndex(JAVA_FLOAT, bOffset + i)
                            ? 1f
                            : 0f);
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
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    a.getAtIndex(JAVA_FLOAT, aOffset + i) != b.getAtIndex(JAVA_FLOAT, bOffset + i)
                            ? 1f
                            : 0f);
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
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    a.getAtIndex(JAVA_FLOAT, aOffset + i) < b.getAtIndex(JAVA_FLOAT, bOffset + i)
                            ? 1f
                            : 0f);
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
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    a.getAtIndex(JAVA_FLOAT, aOffset + i) <= b.getAtIndex(JAVA_FLOAT, bOffset + i)
                            ? 1f
                            : 0f);
        }
    }

    @Override
    public void equalScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    a.getAtIndex(JAVA_FLOAT, aOffset + i) == s ? 1f : 0f);
        }
    }

    @Override
    public void lessScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT, outOffset + i, a.getAtIndex(JAVA_FLOAT, aOffset + i) < s ? 1f : 0f);
        }
    }

    @Override
    public void lessOrEqualScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    a.getAtIndex(JAVA_FLOAT, aOffset + i) <= s ? 1f : 0f);
        }
    }

    @Override
    public void greaterScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT, outOffset + i, a.getAtIndex(JAVA_FLOAT, aOffset + i) > s ? 1f : 0f);
        }
    }

    @Override
    public void greaterOrEqualScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    a.getAtIndex(JAVA_FLOAT, aOffset + i) >= s ? 1f : 0f);
        }
    }

    @Override
    public void isNaN(MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    Float.isNaN(a.getAtIndex(JAVA_FLOAT, aOffset + i)) ? 1f : 0f);
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
        for (long i = 0; i < n; i++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + i,
                    condition.getAtIndex(JAVA_FLOAT, conditionOffset + i) != 0f
                            ? a.getAtIndex(JAVA_FLOAT, aOffset + i)
                            : b.getAtIndex(JAVA_FLOAT, bOffset + i));
        }
    }
}
