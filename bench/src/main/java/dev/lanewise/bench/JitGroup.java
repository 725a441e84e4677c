package dev.lanewise.bench;

import me.tongfei.progressbar.ProgressBar;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the JIT makes of a kernel from fork to fork: the speed at which it ends in each new JVM, and
 * how long it took to get there.
 */
final class JitGroup implements Group {
    private static final int FULL_FORKS = 10;
    private static final List<String> ROWS =
            List.of(
                    "gemm.gemm",
                    "gemm.gemmPackedB",
                    "gemm.gemv",
                    "convolution.forward",
                    "convolution.weightGradient",
                    "transcendental.exp",
                    "transcendental.tanh",
                    "transcendental.pow",
                    "activation.gelu",
                    "softmax.softmaxRows",
                    "normalization.layerNormRows",
                    "pooling.maxPool",
                    "optimizer.adam",
                    "random.normal");

    @Override
    public String name() {
        return "jit";
    }

    @Override
    public String description() {
        return "young JVMs: time from start to steady speed, and that speed, fork by fork";
    }

    @Override
    public List<Measurement> measure(BenchOptions options) throws Exception {
        int forks = options.quick() ? options.forks() : Math.max(options.forks(), FULL_FORKS);
        List<String> rows = ROWS.stream().filter(options::includes).toList();
        boolean step = options.includes("step");
        List<Measurement> measurements = new ArrayList<>();
        try (ProgressBar progress =
                Progress.bar(name(), (long) forks * (2L * rows.size() + (step ? 3 : 0)), "forks")) {
            for (String row : rows) {
                for (String backend : List.of("vector", "scalar")) {
                    List<String> arguments = List.of("kernel", row);
                    run(row, backend, backend, arguments, forks, measurements, progress);
                }
            }
            if (step) {
                run(
                        "step",
                        "vector",
                        "vector",
                        List.of("step", "plain"),
                        forks,
                        measurements,
                        progress);
                run(
                        "step",
                        "vector-warmed",
                        "vector",
                        List.of("step", "warmed"),
                        forks,
                        measurements,
                        progress);
                run(
                        "step",
                        "scalar",
                        "scalar",
                        List.of("step", "plain"),
                        forks,
                        measurements,
                        progress);
            }
        }
        return measurements;
    }

    private void run(
            String name,
            String implementation,
            String backend,
            List<String> arguments,
            int forks,
            List<Measurement> measurements,
            ProgressBar progress)
            throws Exception {
        Map<String, List<ProbeJvm.Figure>> figures = new LinkedHashMap<>();
        for (int fork = 0; fork < forks; fork++) {
            ProbeJvm.run(
                    StartProbe.class,
                    List.of("-Dlanewise.kernels=" + backend),
                    arguments,
                    figure ->
                            figures.computeIfAbsent(figure.name(), key -> new ArrayList<>())
                                    .add(figure));
            progress.step();
        }
        figures.forEach(
                (what, seen) ->
                        measurements.add(
                                new Measurement(
                                        name(),
                                        name + ":" + what,
                                        implementation,
                                        seen.stream().mapToDouble(ProbeJvm.Figure::nanos).toArray(),
                                        seen.stream()
                                                .mapToDouble(ProbeJvm.Figure::calibration)
                                                .toArray(),
                                        seen.stream()
                                                .mapToDouble(ProbeJvm.Figure::bytes)
                                                .max()
                                                .orElse(Double.NaN),
                                        0,
                                        0)));
    }

    @Override
    public List<String> remarks(Report report) {
        List<String> remarks = new ArrayList<>();
        report.byCase()
                .forEach(
                        (name, implementations) -> {
                            Measurement vector = implementations.get("vector");
                            if (vector == null) {
                                return;
                            }
                            if (name.endsWith(":start-not-steady")) {
                                remarks.add(name + ": " + vector.forkNanos().length + " forks");
                            } else if (name.endsWith(":steady")
                                    && vector.worstNanos() > 1.2 * vector.medianNanos()) {
                                remarks.add(
                                        String.format(
                                                Locale.ROOT,
                                                "%s: the worst fork takes %.2f times the median",
                                                name,
                                                vector.worstNanos() / vector.medianNanos()));
                            }
                        });
        return remarks;
    }
}
