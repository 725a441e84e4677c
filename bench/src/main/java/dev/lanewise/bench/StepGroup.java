package dev.lanewise.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Inference and training of the digits CNN on both backends. */
final class StepGroup implements Group {
    @Override
    public String name() {
        return "step";
    }

    @Override
    public String description() {
        return "the digits CNN: inference at batch 1 and 64, and a training step at batch 64, on one thread and on all";
    }

    @Override
    public List<Measurement> measure(BenchOptions options) throws Exception {
        int cores = Runtime.getRuntime().availableProcessors();
        List<Rounds.Case> cases = new ArrayList<>();
        add(cases, options, "inference", 1, 1);
        add(cases, options, "inference", 64, 1);
        add(cases, options, "train", 64, 1);
        if (cores > 1) {
            add(cases, options, "train", 64, cores);
        }
        return Rounds.run(name(), cases, options, options.stepRunner(name()));
    }

    private static void add(
            List<Rounds.Case> cases, BenchOptions options, String work, int batch, int threads) {
        String name = "%s/batch%d/threads%d".formatted(work, batch, threads);
        if (!options.includes(name)) {
            return;
        }
        Map<String, String> parameters =
                Map.of(
                        "work",
                        work,
                        "batch",
                        Integer.toString(batch),
                        "threads",
                        Integer.toString(threads));
        // Multiply-adds of the layers, two operations each; backward costs twice the forward pass.
        double forward =
                2.0 * batch * (28 * 28 * 9 * 32 + 14 * 14 * 9 * 32 * 64 + 3136 * 128 + 128 * 10);
        double flops = work.equals("train") ? 3 * forward : forward;
        cases.add(
                new Rounds.Case(
                        name,
                        flops,
                        0,
                        Contenders.vectorAndScalar(StepBenchmark.class, parameters)));
    }
}
