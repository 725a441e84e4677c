package dev.lanewise.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Inference and training of the digits CNN on both backends. */
final class StepGroup implements Group {
    /**
     * One case.
     *
     * @param work {@code inference} or {@code train}
     * @param batch images
     * @param threads threads
     */
    private record Step(String work, int batch, int threads) {
        String id() {
            return "%s/batch%d/threads%d".formatted(work, batch, threads);
        }

        /** Two operations for each multiply-add; backward costs twice the forward pass. */
        double flops() {
            double forward =
                    2.0
                            * batch
                            * (28 * 28 * 9 * 32 + 14 * 14 * 9 * 32 * 64 + 3136 * 128 + 128 * 10);
            return work.equals("train") ? 3 * forward : forward;
        }

        Map<String, String> parameters() {
            return Map.of(
                    "work",
                    work,
                    "batch",
                    Integer.toString(batch),
                    "threads",
                    Integer.toString(threads));
        }
    }

    @Override
    public String name() {
        return "step";
    }

    @Override
    public String description() {
        return "the digits CNN: inference at batch 1 and 64, and a training step at batch 64, on one thread and on all";
    }

    @Override
    public List<String> cases(BenchOptions options) {
        return steps().stream().map(Step::id).toList();
    }

    private static List<Step> steps() {
        int cores = Runtime.getRuntime().availableProcessors();
        List<Step> steps =
                new ArrayList<>(
                        List.of(
                                new Step("inference", 1, 1),
                                new Step("inference", 64, 1),
                                new Step("train", 64, 1)));
        if (cores > 1) {
            steps.add(new Step("train", 64, cores));
        }
        return steps;
    }

    @Override
    public List<Measurement> measure(BenchOptions options, MachineLimits limits) throws Exception {
        List<Rounds.Case> cases =
                steps().stream()
                        .filter(step -> options.includes(step.id()))
                        .map(StepGroup::toCase)
                        .toList();
        return Rounds.run(name(), cases, options, options.stepRunner(name(), limits));
    }

    private static Rounds.Case toCase(Step step) {
        return new Rounds.Case(
                step.id(),
                step.flops(),
                0,
                0,
                step.threads(),
                Contenders.vectorAndScalar(StepBenchmark.class, step.parameters()));
    }
}
