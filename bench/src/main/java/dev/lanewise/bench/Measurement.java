package dev.lanewise.bench;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * One case of one implementation, measured in several forked JVMs.
 *
 * @param group the bench group
 * @param name the case, for example {@code Gemm.gemm/512}
 * @param implementation {@code vector}, {@code scalar} or a peer's name
 * @param forks what each JVM measured, at least one
 * @param flops floating-point operations per call, 0 where that is no useful figure
 * @param bytes bytes read and written per call, 0 where that is no useful figure
 * @param footprint bytes of all its data, each counted once; 0 where {@code bytes} is
 * @param threads how many threads a call may use
 */
public record Measurement(
        String group,
        String name,
        String implementation,
        List<Fork> forks,
        double flops,
        double bytes,
        double footprint,
        int threads) {

    /** On one thread. */
    public Measurement(
            String group,
            String name,
            String implementation,
            List<Fork> forks,
            double flops,
            double bytes,
            double footprint) {
        this(group, name, implementation, forks, flops, bytes, footprint, 1);
    }

    /** Keeps a copy of the forks. */
    public Measurement {
        forks = List.copyOf(forks);
    }

    /** The median over the forks, in nanoseconds per call. */
    public double medianNanos() {
        double[] sorted = sorted(Fork::nanos);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** The fastest fork, in nanoseconds per call. */
    public double bestNanos() {
        return sorted(Fork::nanos)[0];
    }

    /** The slowest fork, in nanoseconds per call. */
    public double worstNanos() {
        return sorted(Fork::nanos)[forks.size() - 1];
    }

    /** Heap bytes per call, in the fork in which they were most. */
    public double allocatedBytes() {
        return sorted(Fork::allocatedBytes)[forks.size() - 1];
    }

    /** How many forks were warm and undisturbed. */
    public long steadyForks() {
        return forks.stream().filter(fork -> fork.state() == Fork.State.STEADY).count();
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
        return sorted(Fork::calibration)[forks.size() / 2];
    }

    private double[] sorted(ToDoubleFunction<Fork> figure) {
        double[] values = forks.stream().mapToDouble(figure).toArray();
        Arrays.sort(values);
        return values;
    }
}
