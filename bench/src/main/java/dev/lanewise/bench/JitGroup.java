package dev.lanewise.bench;

import me.tongfei.progressbar.ProgressBar;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What the JIT makes of a kernel from fork to fork: the speed at which it ends in each new JVM, and
 * how long it took to get there: without any warm-up ({@code vector}, {@code scalar}) and with it
 * ({@code vector-warmed}). See {@link StartProbe} for the figures.
 */
final class JitGroup implements Group {
    private static final int FULL_FORKS = 10;

    /** The training step's name, among those of the kernels' rows. */
    static final String STEP = "step";

    private static final String WARMED = "vector-warmed";
    private static final List<Form> FORMS =
            List.of(
                    new Form("vector", "vector", "plain"),
                    new Form(WARMED, "vector", "warmed"),
                    new Form("scalar", "scalar", "plain"));
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
        return "young JVMs, with and without warm-up: time from start to steady speed, and that speed, fork by fork";
    }

    @Override
    public List<String> cases(BenchOptions options) {
        return Stream.concat(ROWS.stream(), Stream.of(STEP)).toList();
    }

    /**
     * A way to start.
     *
     * @param implementation its name in the table
     * @param backend the kernels
     * @param how what {@link StartProbe} is told
     */
    private record Form(String implementation, String backend, String how) {}

    @Override
    public List<Measurement> measure(BenchOptions options, MachineLimits limits) throws Exception {
        int forks = options.quick() ? options.forks() : Math.max(options.forks(), FULL_FORKS);
        List<String> works = cases(options).stream().filter(options::includes).toList();
        List<Measurement> measurements = new ArrayList<>();
        long steps = (long) forks * FORMS.size() * works.size();
        try (ProgressBar progress = Progress.bar(name(), steps, "forks")) {
            for (String work : works) {
                progress.setExtraMessage(work);
                measurements.addAll(measure(work, forks, limits, progress));
            }
        }
        return measurements;
    }

    /** The forms take turns. */
    private List<Measurement> measure(
            String work, int forks, MachineLimits limits, ProgressBar progress) throws Exception {
        Map<Form, Map<String, List<Fork>>> seen = new LinkedHashMap<>();
        FORMS.forEach(form -> seen.put(form, new LinkedHashMap<>()));
        for (int fork = 0; fork < forks; fork++) {
            for (Form form : FORMS) {
                ProbeJvm.run(
                        StartProbe.class,
                        List.of("-Dlanewise.kernels=" + form.backend()),
                        List.of(Double.toString(limits.gigaflops()), form.how(), work),
                        figure ->
                                seen.get(form)
                                        .computeIfAbsent(figure.name(), key -> new ArrayList<>())
                                        .add(figure.fork()));
                progress.step();
            }
        }
        List<Measurement> measurements = new ArrayList<>();
        seen.forEach(
                (form, figures) ->
                        figures.forEach(
                                (what, found) ->
                                        measurements.add(
                                                new Measurement(
                                                        name(),
                                                        work + ":" + what,
                                                        form.implementation(),
                                                        found,
                                                        0,
                                                        0,
                                                        0))));
        return measurements;
    }

    @Override
    public List<String> remarks(Report report) {
        Map<String, Map<String, Measurement>> cases = report.byCase();
        List<String> remarks = new ArrayList<>();
        for (String work : Stream.concat(ROWS.stream(), Stream.of(STEP)).toList()) {
            if (cases.containsKey(work + ":start")) {
                Map<String, Measurement> starts = cases.get(work + ":start");
                Measurement warmUp = cases.get(work + ":warm-up").get(WARMED);
                Measurement worst = cases.get(work + ":worst").get(WARMED);
                Measurement steady = cases.get(work + ":steady").get(WARMED);
                remarks.add(
                        String.format(
                                Locale.ROOT,
                                "%s: steady %.1f s after the start without warm-up (worst fork"
                                        + " %.1f s); with it the first call counts after %.1f s,"
                                        + " %.1f s of them warm-up, and no 50 ms after that are"
                                        + " slower than %.2f times the final speed",
                                work,
                                starts.get("vector").medianNanos() / 1e9,
                                starts.get("vector").worstNanos() / 1e9,
                                starts.get(WARMED).medianNanos() / 1e9,
                                warmUp.medianNanos() / 1e9,
                                slowest(worst, steady)));
            }
        }
        return remarks;
    }

    /** The slowest moment after a warm-up, over the final speed of the same fork. */
    private static double slowest(Measurement worst, Measurement steady) {
        double slowest = 0;
        for (int i = 0; i < worst.forks().size(); i++) {
            double ratio = worst.forks().get(i).nanos() / steady.forks().get(i).nanos();
            slowest = Math.max(slowest, ratio);
        }
        return slowest;
    }
}
