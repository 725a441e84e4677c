package dev.lanewise.bench;

import java.util.HashMap;
import java.util.Map;

/**
 * Tells what others did to a measurement from what the JIT did: a neighbour on the host shows in
 * the {@linkplain Calibration register-only loop} run before and after it, another process on this
 * machine in the share of a CPU that the measured thread got.
 */
final class Disturbance {
    /** Two calibrations that differ by more saw a neighbour come or go. */
    private static final double CHANGE = 0.05;

    /** A calibration below this share of the best one had a neighbour all the time. */
    private static final double LOW = 0.9;

    /** A thread that got less of a CPU than this had to share it. */
    private static final double OWN_CPU = 0.95;

    /** The best calibration so far, by the bits of its vectors. */
    private final Map<Integer, Double> best = new HashMap<>();

    /** Knows the best calibration that this machine has shown at this JVM's width. */
    Disturbance(double gigaflops) {
        best.put(Calibration.bits(), gigaflops);
    }

    /**
     * Whether a measurement had the machine to itself.
     *
     * @param bits the calibration's vectors: {@link Calibration#bits} in the measured JVM
     * @param before GFLOP/s right before it
     * @param after GFLOP/s right after it
     * @param cpuShare the measured thread's CPU time over the clock's
     */
    boolean spares(int bits, double before, double after, double cpuShare) {
        double higher = Math.max(before, after);
        double known = best.merge(bits, higher, Math::max);
        return cpuShare >= OWN_CPU
                && Math.abs(before - after) <= CHANGE * higher
                && Math.min(before, after) >= LOW * known;
    }
}
