package dev.lanewise.bench;

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
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Runs one benchmark in one forked JVM at a time, so that callers can take turns between
 * implementations.
 */
final class JmhRunner {
    private final Effort effort;
    private final Path log;
    private final Disturbance disturbance;

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

    JmhRunner(Effort effort, Path log, Disturbance disturbance) {
        this.effort = effort;
        this.log = log;
        this.disturbance = disturbance;
    }

    /**
     * Runs a benchmark class in a new JVM with these parameters, extra JVM arguments and variables
     * of its environment; again where a neighbour disturbed it, at most three times.
     */
    Fork fork(
            Class<?> benchmark,
            Map<String, String> parameters,
            List<String> jvmArguments,
            Map<String, String> environment)
            throws RunnerException {
        Fork best = null;
        for (int attempt = 0; attempt < 3; attempt++) {
            Fork fork = attempt(benchmark, parameters, jvmArguments, environment);
            if (fork.state() != Fork.State.DISTURBED) {
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
            Class<?> benchmark,
            Map<String, String> parameters,
            List<String> jvmArguments,
            Map<String, String> environment)
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
                        .addProfiler(CalibrationProfiler.class)
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.NORMAL)
                        .output(log.toString());
        parameters.forEach(options::param);
        if (!environment.isEmpty()) {
            options.addProfiler(ForkEnvironment.class, ForkEnvironment.option(environment));
        }
        Collection<RunResult> results = new Runner(options.build()).run();
        BenchmarkResult result = results.iterator().next().getBenchmarkResults().iterator().next();
        return summarize(result);
    }

    /**
     * An iteration of a fork.
     *
     * @param nanos the time of a call
     * @param calibration the lower of the calibrations around it
     * @param allocatedBytes heap bytes of a call
     * @param spared whether nobody disturbed it
     * @param warm whether the warm-up before it reached its end
     */
    private record Iteration(
            double nanos,
            double calibration,
            double allocatedBytes,
            boolean spared,
            boolean warm) {}

    /** The undisturbed iterations count; all where there is none. */
    private Fork summarize(BenchmarkResult result) {
        List<Iteration> all = result.getIterationResults().stream().map(this::read).toList();
        List<Iteration> spared = all.stream().filter(Iteration::spared).toList();
        List<Iteration> used = spared.isEmpty() ? all : spared;
        Fork.State state = Fork.State.STEADY;
        if (spared.isEmpty()) {
            state = Fork.State.DISTURBED;
        } else if (!used.getFirst().warm()) {
            state = Fork.State.NOT_WARM;
        }
        return new Fork(
                median(used, Iteration::nanos),
                median(used, Iteration::calibration),
                used.stream().mapToDouble(Iteration::allocatedBytes).max().orElseThrow(),
                state);
    }

    private Iteration read(IterationResult iteration) {
        Map<String, ? extends Result<?>> figures = secondary(iteration);
        double before = figures.get(CalibrationProfiler.BEFORE).getScore();
        double after = figures.get(CalibrationProfiler.AFTER).getScore();
        double timed = figures.get(CalibrationProfiler.TIMED).getScore();
        return new Iteration(
                timed > 0 ? timed : iteration.getPrimaryResult().getScore(),
                Math.min(before, after),
                figures.get(CalibrationProfiler.ALLOCATED).getScore(),
                disturbance.spares(
                        (int) figures.get(CalibrationProfiler.BITS).getScore(),
                        before,
                        after,
                        figures.get(CalibrationProfiler.CPU_SHARE).getScore()),
                figures.get(CalibrationProfiler.WARM).getScore() > 0);
    }

    @SuppressWarnings({"rawtypes", "unchecked"}) // JMH returns the raw type
    private static Map<String, ? extends Result<?>> secondary(IterationResult iteration) {
        return (Map) iteration.getSecondaryResults();
    }

    private static double median(List<Iteration> iterations, ToDoubleFunction<Iteration> figure) {
        double[] sorted = iterations.stream().mapToDouble(figure).sorted().toArray();
        return sorted[sorted.length / 2];
    }
}
