package dev.lanewise.bench;

import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Runs one benchmark in one forked JVM at a time, so that callers can take turns between
 * implementations.
 */
final class JmhRunner {
    /** Iterations whose calibrations differ by more than this met a neighbour and are left out. */
    private static final double STEADY = 0.05;

    /** Iterations that got less of a CPU than this had to share it and are left out. */
    private static final double OWN_CPU = 0.95;

    private final Effort effort;
    private final Path log;

    /**
     * How long a fork runs.
     *
     * @param warmUpMillis warm-up
     * @param iterations measured iterations
     * @param iterationMillis length of one
     */
    record Effort(int warmUpMillis, int iterations, int iterationMillis) {
        static final Effort QUICK = new Effort(600, 3, 100);
        static final Effort FULL = new Effort(1200, 5, 150);
        static final Effort QUICK_STEP = new Effort(6000, 3, 400);
        static final Effort FULL_STEP = new Effort(10000, 5, 500);
    }

    /**
     * What one fork measured.
     *
     * @param nanos the median of its steady iterations, per call
     * @param calibration the register-only loop's median GFLOP/s around them
     * @param allocatedBytes heap bytes per call
     * @param steady whether any iteration was free of neighbours
     */
    record Fork(double nanos, double calibration, double allocatedBytes, boolean steady) {}

    JmhRunner(Effort effort, Path log) {
        this.effort = effort;
        this.log = log;
    }

    /** Runs a benchmark class in a new JVM with these parameters and extra JVM arguments. */
    Fork fork(Class<?> benchmark, Map<String, String> parameters, List<String> jvmArguments)
            throws RunnerException {
        Fork best = null;
        for (int attempt = 0; attempt < 3; attempt++) {
            Fork fork = attempt(benchmark, parameters, jvmArguments);
            if (fork.steady()) {
                return fork;
            }
            best = best == null || fork.calibration() > best.calibration() ? fork : best;
        }
        return best;
    }

    /**
     * Copies the log of the last fork, which the next one would overwrite, and returns where it is.
     */
    Path keepLog(String name) {
        Path copy = log.resolveSibling("failed-" + name + ".log");
        try {
            return Files.copy(log, copy, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            return log;
        }
    }

    private Fork attempt(
            Class<?> benchmark, Map<String, String> parameters, List<String> jvmArguments)
            throws RunnerException {
        ChainedOptionsBuilder options =
                new OptionsBuilder()
                        .include("^" + benchmark.getName().replace(".", "\\.") + "\\.")
                        .forks(1)
                        .warmupIterations(Math.max(1, effort.warmUpMillis() / 200))
                        .warmupTime(TimeValue.milliseconds(200))
                        .measurementIterations(effort.iterations())
                        .measurementTime(TimeValue.milliseconds(effort.iterationMillis()))
                        .jvmArgsAppend(jvmArguments.toArray(String[]::new))
                        .addProfiler(GCProfiler.class)
                        .addProfiler(CalibrationProfiler.class)
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.NORMAL)
                        .output(log.toString());
        parameters.forEach(options::param);
        Collection<RunResult> results = new Runner(options.build()).run();
        BenchmarkResult result = results.iterator().next().getBenchmarkResults().iterator().next();
        return summarize(result);
    }

    private static Fork summarize(BenchmarkResult result) {
        List<Double> all = new ArrayList<>();
        List<Double> steady = new ArrayList<>();
        List<Double> calibrations = new ArrayList<>();
        double allocated = Double.POSITIVE_INFINITY;
        for (IterationResult iteration : result.getIterationResults()) {
            double nanos = iteration.getPrimaryResult().getScore();
            Map<String, ? extends Result<?>> secondary = secondary(iteration);
            double before = secondary.get(CalibrationProfiler.BEFORE).getScore();
            double after = secondary.get(CalibrationProfiler.AFTER).getScore();
            Result<?> bytes = secondary.get("gc.alloc.rate.norm");
            allocated = Math.min(allocated, bytes == null ? Double.NaN : bytes.getScore());
            all.add(nanos);
            calibrations.add(Math.min(before, after));
            double cpu = secondary.get(CalibrationProfiler.CPU_SHARE).getScore();
            if (cpu >= OWN_CPU && Math.abs(before - after) <= STEADY * Math.max(before, after)) {
                steady.add(nanos);
            }
        }
        List<Double> used = steady.isEmpty() ? all : steady;
        return new Fork(median(used), median(calibrations), allocated, !steady.isEmpty());
    }

    @SuppressWarnings({"rawtypes", "unchecked"}) // JMH returns the raw type
    private static Map<String, ? extends Result<?>> secondary(IterationResult iteration) {
        return (Map) iteration.getSecondaryResults();
    }

    private static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
