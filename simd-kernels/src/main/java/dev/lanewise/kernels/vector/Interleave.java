package dev.lanewise.kernels.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/** Lanes of two vectors taken apart into even and odd ones, and put together again. */
final class Interleave {
    private static final int LANES = Lanes.COUNT;

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
}
