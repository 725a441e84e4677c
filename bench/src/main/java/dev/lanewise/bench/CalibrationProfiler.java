package dev.lanewise.bench;

import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

import java.util.Collection;
import java.util.List;

/**
 * Runs the {@link Calibration} loop right before and right after each iteration, and reports what
 * the {@link IterationMeter} read in it and what {@link Readiness} said before the first.
 */
public final class CalibrationProfiler implements InternalProfiler {
    static final String BEFORE = "calibration.before";
    static final String AFTER = "calibration.after";
    static final String BITS = "calibration.bits";
    static final String CPU_SHARE = "cpu.share";
    static final String ALLOCATED = "allocated";
    static final String TIMED = "timed";
    static final String WARM = "warm";

    private double before;

    /** Compiles the loop. */
    public CalibrationProfiler() {
        Calibration.warmUp();
    }

    @Override
    public String getDescription() {
        return "register-only fma loop around each iteration; its threads' CPU time and allocation";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        before = Calibration.gigaflops();
    }

    @Override
    public Collection<? extends Result<?>> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        double after = Calibration.gigaflops();
        IterationMeter.Reading reading = IterationMeter.last();
        double calls = result.getMetadata().getAllOps();
        return List.of(
                figure(BEFORE, before, "GFLOP/s"),
                figure(AFTER, after, "GFLOP/s"),
                figure(BITS, Calibration.bits(), "bits"),
                figure(CPU_SHARE, reading.cpuShare(), "CPUs"),
                figure(ALLOCATED, reading.bytes() / calls, "B/op"),
                figure(TIMED, reading.timedNanos() / calls, "ns/op"),
                figure(WARM, Readiness.reached() ? 1 : 0, "of 1"));
    }

    private static Result<?> figure(String name, double value, String unit) {
        return new ScalarResult(name, value, unit, AggregationPolicy.AVG);
    }
}
