package dev.lanewise.bench;

import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs the {@link Calibration} loop right before and right after each iteration, which shows
 * neighbours on the host, and compares the measured thread's CPU time with the clock, which shows
 * other processes on this machine.
 */
public final class CalibrationProfiler implements InternalProfiler {
    static final String BEFORE = "calibration.before";
    static final String AFTER = "calibration.after";
    static final String CPU_SHARE = "cpu.share";

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private double before;
    private long startNanos;
    private final Map<Long, Long> startCpuNanos = new HashMap<>();

    /** Compiles the loop. */
    public CalibrationProfiler() {
        Calibration.warmUp();
    }

    @Override
    public String getDescription() {
        return "register-only fma loop around each iteration, CPU time of the iteration";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        before = Calibration.gigaflops();
        startCpuNanos.clear();
        for (long thread : THREADS.getAllThreadIds()) {
            startCpuNanos.put(thread, THREADS.getThreadCpuTime(thread));
        }
        startNanos = System.nanoTime();
    }

    @Override
    public Collection<? extends Result<?>> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        double share = (double) busiestThreadNanos() / (System.nanoTime() - startNanos);
        return List.of(
                new ScalarResult(CPU_SHARE, share, "CPUs", AggregationPolicy.AVG),
                new ScalarResult(BEFORE, before, "GFLOP/s", AggregationPolicy.AVG),
                new ScalarResult(AFTER, Calibration.gigaflops(), "GFLOP/s", AggregationPolicy.AVG));
    }

    /** The CPU time of the thread that had most of it in the iteration: the measured one. */
    private long busiestThreadNanos() {
        long most = 0;
        for (long thread : THREADS.getAllThreadIds()) {
            long before = startCpuNanos.getOrDefault(thread, 0L);
            most = Math.max(most, THREADS.getThreadCpuTime(thread) - before);
        }
        return most;
    }
}
