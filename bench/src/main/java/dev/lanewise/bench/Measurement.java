package dev.lanewise.bench;

import java.util.Arrays;

/**
 * One case of one implementation, measured in several forked JVMs.
 *
 * @param group the bench group
 * @param name the case, for example {@code Gemm.gemm/512}
 * @param implementation {@code vector}, {@code scalar} or a peer's name
 * @param forkNanos nanoseconds per call: the median of each fork
 * @param calibrationGigaflops the register-only loop around each fork's measurement; NaN where it
 *     was not run
 * @param allocatedBytes heap bytes per call; NaN where unknown
 * @param flops floating-point operations per call, 0 where that is no useful figure
 * @param bytes bytes read and written per call, 0 where that is no useful figure
 */
public record Measurement(
        String group,
        String name,
        String implementation,
        double[] forkNanos,
        double[] calibrationGigaflops,
        double allocatedBytes,
        double flops,
        double bytes) {

    /** The median over the forks, in nanoseconds per call. */
    public double medianNanos() {
        double[] sorted = forkNanos.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** The fastest fork, in nanoseconds per call. */
    public double bestNanos() {
        return Arrays.stream(forkNanos).min().orElse(Double.NaN);
    }

    /** The slowest fork, in nanoseconds per call. */
    public double worstNanos() {
        return Arrays.stream(forkNanos).max().orElse(Double.NaN);
    }

    /** GFLOP/s of the median, 0 where the case has no figure. */
    public double gigaflops() {
        return flops / medianNanos();
    }

    /** GB/s of the median, 0 where the case has no figure. */
    public double gigabytesPerSecond() {
        return bytes / medianNanos();
    }

    /**
     * Whether arithmetic limits it and not memory: more than one operation per byte, where the
     * rooflines of the L1 to L3 caches bend on current cores.
     */
    public boolean isComputeBound() {
        return flops > bytes;
    }

    /** The median of the calibrations, in GFLOP/s; NaN where none was run. */
    public double medianCalibration() {
        double[] sorted = calibrationGigaflops.clone();
        Arrays.sort(sorted);
        return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
    }
}
