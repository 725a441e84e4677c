package dev.lanewise.kernels.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/** Lanes of two vectors taken apart into even and odd ones, and put together again. */
final class Interleave {
    private static final int LANES = Lanes.COUNT;
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();

    private static final VectorShuffle<Float> EVEN =
            VectorShuffle.fromOp(Lanes.FLOAT, i -> fromBoth(2 * i));
    private static final VectorShuffle<Float> LOW =
            VectorShuffle.fromOp(Lanes.FLOAT, i -> fromBoth(i / 2 + i % 2 * LANES));
    private static final VectorShuffle<Float> HIGH =
            VectorShuffle.fromOp(Lanes.FLOAT, i -> fromBoth((i + LANES) / 2 + i % 2 * LANES));

    private Interleave() {}

    /** A lane of a two-vector rearrangement: those of the second vector count from −LANES. */
    private static int fromBoth(int lane) {
        return lane < LANES ? lane : lane - 2 * LANES;
    }

    /** a0, a2, ..., b0, b2, ... */
    static FloatVector even(FloatVector a, FloatVector b) {
        return a.rearrange(EVEN, b);
    }

    /** a0, b0, a1, b1, ...: the first half. */
    static FloatVector low(FloatVector a, FloatVector b) {
        return a.rearrange(LOW, b);
    }

    /** The second half of {@link #low}. */
    static FloatVector high(FloatVector a, FloatVector b) {
        return a.rearrange(HIGH, b);
    }

    /**
     * Interleaves n elements of four rows: out = a0, b0, c0, d0, a1, ... Writes whole vectors, up
     * to four vectors in all for each vector of n; reads whole vectors while they end before {@code
     * end}, else only n elements. Offsets in elements.
     */
    static void rows4(
            MemorySegment in,
            long a,
            long b,
            long c,
            long d,
            int n,
            long end,
            MemorySegment out,
            long at) {
        boolean inside = Math.max(Math.max(a, b), Math.max(c, d)) + n + LANES <= end;
        for (int i = 0; i < n; i += LANES) {
            FloatVector va = upTo(in, a + i, inside ? LANES : n - i);
            FloatVector vb = upTo(in, b + i, inside ? LANES : n - i);
            FloatVector vc = upTo(in, c + i, inside ? LANES : n - i);
            FloatVector vd = upTo(in, d + i, inside ? LANES : n - i);
            FloatVector lowAc = low(va, vc);
            FloatVector lowBd = low(vb, vd);
            long to = (at + 4L * i) << 2;
            low(lowAc, lowBd).intoMemorySegment(out, to, NATIVE);
            high(lowAc, lowBd).intoMemorySegment(out, to + Lanes.BYTES, NATIVE);
            FloatVector highAc = high(va, vc);
            FloatVector highBd = high(vb, vd);
            low(highAc, highBd).intoMemorySegment(out, to + 2 * Lanes.BYTES, NATIVE);
            high(highAc, highBd).intoMemorySegment(out, to + 3 * Lanes.BYTES, NATIVE);
        }
    }

    private static FloatVector upTo(MemorySegment in, long at, int n) {
        return n >= LANES
                ? FloatVector.fromMemorySegment(Lanes.FLOAT, in, at << 2, NATIVE)
                : FloatVector.fromMemorySegment(
                        Lanes.FLOAT, in, at << 2, NATIVE, Lanes.FLOAT.indexInRange(0, n));
    }
}
