package dev.lanewise.core;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Plain loops over int32 arrays: indices and labels, never hot. */
final class Int32Loops {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

    /** The bits of 1.0f: comparisons give floats. */
    private static final int ONE = Float.floatToRawIntBits(1);

    private Int32Loops() {}

    static void add(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset) {
        for (long i = 0; i < n; i++) {
            int x = a.getAtIndex(INT, aOffset + i);
            int y = b.getAtIndex(INT, bOffset + i);
            out.setAtIndex(INT, outOffset + i, x + y);
        }
    }

    static void subtract(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset) {
        for (long i = 0; i < n; i++) {
            int x = a.getAtIndex(INT, aOffset + i);
            int y = b.getAtIndex(INT, bOffset + i);
            out.setAtIndex(INT, outOffset + i, x - y);
        }
    }

    static void multiply(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset) {
        for (long i = 0; i < n; i++) {
            int x = a.getAtIndex(INT, aOffset + i);
            int y = b.getAtIndex(INT, bOffset + i);
            out.setAtIndex(INT, outOffset + i, x * y);
        }
    }

    static void maximum(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset) {
        for (long i = 0; i < n; i++) {
            int x = a.getAtIndex(INT, aOffset + i);
            int y = b.getAtIndex(INT, bOffset + i);
            out.setAtIndex(INT, outOffset + i, Math.max(x, y));
        }
    }

    static void minimum(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset) {
        for (long i = 0; i < n; i++) {
            int x = a.getAtIndex(INT, aOffset + i);
            int y = b.getAtIndex(INT, bOffset + i);
            out.setAtIndex(INT, outOffset + i, Math.min(x, y));
        }
    }

    static void equal(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset) {
        for (long i = 0; i < n; i++) {
            int x = a.getAtIndex(INT, aOffset + i);
            int y = b.getAtIndex(INT, bOffset + i);
            out.setAtIndex(INT, outOffset + i, x == y ? ONE : 0);
        }
    }

    static void notEqual(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset) {
        for (long i = 0; i < n; i++) {
            int x = a.getAtIndex(INT, aOffset + i);
            int y = b.getAtIndex(INT, bOffset + i);
            out.setAtIndex(INT, outOffset + i, x != y ? ONE : 0);
        }
    }

    static void less(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset) {
        for (long i = 0; i < n; i++) {
            int x = a.getAtIndex(INT, aOffset + i);
            int y = b.getAtIndex(INT, bOffset + i);
            out.setAtIndex(INT, outOffset + i, x < y ? ONE : 0);
        }
    }

    static void lessOrEqual(
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            long n,
            MemorySegment out,
            long outOffset) {
        for (long i = 0; i < n; i++) {
            int x = a.getAtIndex(INT, aOffset + i);
            int y = b.getAtIndex(INT, bOffset + i);
            out.setAtIndex(INT, outOffset + i, x <= y ? ONE : 0);
        }
    }
}
