package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Lanes of two vectors taken apart into even and odd ones, and put together again. */
final class Interleave {
    private static final VectorSpecies<Float> FLOAT = Lanes.FLOAT;
    private static final int LANES = Lanes.COUNT;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT_UNALIGNED;

    private static final VectorShuffle<Float> EVEN =
            VectorShuffle.fromOp(FLOAT, i -> 2 * i % LANES);
    private static final VectorShuffle<Float> ODD_LANES =
            VectorShuffle.fromOp(FLOAT, i -> (2 * i + 1) % LANES);
    static final VectorShuffle<Float> LOW = VectorShuffle.fromOp(FLOAT, i -> i / 2);
    static final VectorShuffle<Float> HIGH = VectorShuffle.fromOp(FLOAT, i -> (i + LANES) / 2);

    /** The upper half of the lanes, and every odd lane. */
    private static final VectorMask<Float> UPPER = VectorMask.fromLong(FLOAT, -1L << LANES / 2);

    static final VectorMask<Float> ODD = VectorMask.fromLong(FLOAT, 0xaaaa_aaaa_aaaa_aaaaL);

    private Interleave() {}

    /** a0, a2, ..., b0, b2, ... */
    static FloatVector even(FloatVector a, FloatVector b) {
        return a.rearrange(EVEN).blend(b.rearrange(EVEN), UPPER);
    }

    /** a1, a3, ..., b1, b3, ... */
    static FloatVector odd(FloatVector a, FloatVector b) {
        return a.rearrange(ODD_LANES).blend(b.rearrange(ODD_LANES), UPPER);
    }

    /** a0, b0, a1, b1, ...: the first half. */
    static FloatVector low(FloatVector a, FloatVector b) {
        return a.rearrange(LOW).blend(b.rearrange(LOW), ODD);
    }

    /** The second half of {@link #low}. */
    static FloatVector high(FloatVector a, FloatVector b) {
        return a.rearrange(HIGH).blend(b.rearrange(HIGH), ODD);
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
        in = NATIVE.cast(in);
        out = NATIVE.cast(out);
        boolean inside = Math.max(Math.max(a, b), Math.max(c, d)) + n + LANES <= end;
        int whole = inside ? n : n / LANES * LANES;
        if (whole > 0) {
            vectors4(in, a, b, c, d, whole, out, at);
        }
        for (int i = whole; i < n; i++) {
            long to = (at + 4L * i) << 2;
            out.set(SCALAR, to, in.get(SCALAR, (a + i) << 2));
            out.set(SCALAR, to + 4, in.get(SCALAR, (b + i) << 2));
            out.set(SCALAR, to + 8, in.get(SCALAR, (c + i) << 2));
            out.set(SCALAR, to + 12, in.get(SCALAR, (d + i) << 2));
        }
    }

    /**
     * {@link #rows4} in vectors, in JDK operations only: C2 inlines no more helpers in one loop.
     */
    private static void vectors4(
            MemorySegment in, long a, long b, long c, long d, int n, MemorySegment out, long at) {
        in = NATIVE.cast(in);
        out = NATIVE.cast(out);
        for (int i = 0; i < n; i += LANES) {
            FloatVector va = FloatVector.fromMemorySegment(FLOAT, in, a + i << 2, ORDER);
            FloatVector vb = FloatVector.fromMemorySegment(FLOAT, in, b + i << 2, ORDER);
            FloatVector vc = FloatVector.fromMemorySegment(FLOAT, in, c + i << 2, ORDER);
            FloatVector vd = FloatVector.fromMemorySegment(FLOAT, in, d + i << 2, ORDER);
            FloatVector lowAc = va.rearrange(LOW).blend(vc.rearrange(LOW), ODD);
            FloatVector lowBd = vb.rearrange(LOW).blend(vd.rearrange(LOW), ODD);
            FloatVector highAc = va.rearrange(HIGH).blend(vc.rearrange(HIGH), ODD);
            FloatVector highBd = vb.rearrange(HIGH).blend(vd.rearrange(HIGH), ODD);
            long to = (at + 4L * i) << 2;
            lowAc.rearrange(LOW).blend(lowBd.rearrange(LOW), ODD).intoMemorySegment(out, to, ORDER);
            lowAc.rearrange(HIGH)
                    .blend(lowBd.rearrange(HIGH), ODD)
                    .intoMemorySegment(out, to + Lanes.BYTES, ORDER);
            highAc.rearrange(LOW)
                    .blend(highBd.rearrange(LOW), ODD)
                    .intoMemorySegment(out, to + 2 * Lanes.BYTES, ORDER);
            highAc.rearrange(HIGH)
                    .blend(highBd.rearrange(HIGH), ODD)
                    .intoMemorySegment(out, to + 3 * Lanes.BYTES, ORDER);
        }
    }
}
