package dev.lanewise.bench;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The speed of the core at this moment: a loop of fused multiply-adds that touches registers only.
 *
 * <p>On a shared machine a neighbour can halve the clock for seconds. Running this loop right
 * before and right after a measurement tells a neighbour (both fall) from the JIT (only the
 * measurement falls).
 */
public final class Calibration {
    /** The kernels' width: a second width in a JVM would change how C2 compiles the kernels. */
    private static final VectorSpecies<Float> SPECIES =
            VectorSpecies.of(
                    float.class,
                    VectorShape.forBitSize(
                            Integer.getInteger(
                                    "lanewise.vectorBits",
                                    FloatVector.SPECIES_PREFERRED.vectorBitSize())));

    private static final int ACCUMULATORS = 10;
    private static final int STEPS = 20_000;

    /** Keeps the result alive, so that the loop can't be removed. */
    private static volatile float sink;

    private Calibration() {}

    /** Runs the loop often enough to be compiled by C2. */
    public static void warmUp() {
        for (int i = 0; i < 100; i++) { // C2 asks for 600 calls
            gigaflops();
        }
    }

    /** The bits of the loop's vectors: those of the kernels. */
    static int bits() {
        return SPECIES.vectorBitSize();
    }

    /** GFLOP/s of one core now: the best of a few runs of about 0.1 ms. */
    public static double gigaflops() {
        double best = 0;
        for (int i = 0; i < 8; i++) {
            long start = System.nanoTime();
            sink = chains(STEPS);
            long elapsed = System.nanoTime() - start;
            best = Math.max(best, 2.0 * ACCUMULATORS * SPECIES.length() * STEPS / elapsed);
        }
        return best;
    }

    private static float chains(int steps) {
        FloatVector factor = FloatVector.broadcast(SPECIES, 0.999f);
        FloatVector term = FloatVector.broadcast(SPECIES, 0.001f);
        FloatVector a0 = term, a1 = term, a2 = term, a3 = term, a4 = term;
        FloatVector a5 = term, a6 = term, a7 = term, a8 = term, a9 = term;
        // a_i = factor * a_i + term; what a loop carries is an argument, so that C2 knows the
        // class.
        for (int i = 0; i < steps; i++) {
            a0 = factor.fma(a0, term);
            a1 = factor.fma(a1, term);
            a2 = factor.fma(a2, term);
            a3 = factor.fma(a3, term);
            a4 = factor.fma(a4, term);
            a5 = factor.fma(a5, term);
            a6 = factor.fma(a6, term);
            a7 = factor.fma(a7, term);
            a8 = factor.fma(a8, term);
            a9 = factor.fma(a9, term);
        }
        FloatVector sum =
                a0.add(a1).add(a2).add(a3).add(a4).add(a5).add(a6).add(a7).add(a8).add(a9);
        return sum.lane(0);
    }
}
