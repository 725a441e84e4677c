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

/** Runs the {@link Calibration} loop right before and right after each iteration. */
public final class CalibrationProfiler implements InternalProfiler {
    static final String BEFORE = "calibration.before";
    static final String AFTER = "calibration.after";

    private double before;

    /** Compiles the loop. */
    public CalibrationProfiler() {
        Calibration.warmUp();
    }

    @Override
    public String getDescription() {
        return "register-only fma loop around each iteration";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        before = Calibration.gigaflops();
    }

    @Override
    public Collection<? extends Result<?>> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        return List.of(
                new ScalarResult(BEFORE, before, "GFLOP/s", AggregationPolicy.AVG),
                new ScalarResult(AFTER, Calibration.gigaflops(), "GFLOP/s", AggregationPolicy.AVG));
    }
}
