package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Elementwise comparison: 1 where the relation holds and 0 where not, as floats, with IEEE
 * semantics (NaN equals nothing, −0 equals +0). The output may be one of the inputs.
 */
public interface Comparison {

    /** out = (a = b). */
    void equal(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset);

    /** out = (a ≠ b). */
    void notEqual(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset);

    /** out = (a &lt; b). */
    void less(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset);

    /** out = (a ≤ b). */
    void lessOrEqual(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset);

    /** out = (a = s). */
    void equalScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset);

    /** out = (a &lt; s). */
    void lessScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset);

    /** out = (a ≤ s). */
    void lessOrEqualScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset);

    /** out = (a &gt; s). */
    void greaterScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset);

    /** out = (a ≥ s). */
    void greaterOrEqualScalar(
            MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset);

    /** out = (a is NaN). */
    void isNaN(MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset);

    /** out = condition ≠ 0 ? a : b (a NaN condition counts as true). */
    void select(
            MemorySegment condition,
            long conditionOffset,
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset);
}
