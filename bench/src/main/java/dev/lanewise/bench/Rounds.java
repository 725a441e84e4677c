package dev.lanewise.bench;

import me.tongfei.progressbar.ProgressBar;

import org.openjdk.jmh.runner.RunnerException;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures cases in rounds: in a round the implementations of a case get one fork each, right after
 * another. The kernels under test take part in every round, all others in a few of them.
 */
final class Rounds {

    /** The forks of whatever is only compared with: its median counts, not its worst fork. */
    private static final int COMPARISON_FORKS = 3;

    /** Why something is measured. */
    enum Role {
        /** The kernels under test, whose worst fork counts: as many forks as asked for. */
        TESTED,
        /** Our kernels in another form, whose median is compared with. */
        BASELINE,
        /** Another library, left out where it can't be loaded. */
        PEER
    }

    /**
     * One way to run a case in a fork.
     *
     * @param implementation the name in the table
     * @param benchmark the JMH class
     * @param parameters its parameters
     * @param jvmArguments extra arguments of the forked JVM
     * @param environment variables that the forked JVM has beside those of this one
     * @param role why it is measured
     */
    record Contender(
            String implementation,
            Class<?> benchmark,
            Map<String, String> parameters,
            List<String> jvmArguments,
            Map<String, String> environment,
            Role role) {

        /** With the environment of this JVM. */
        Contender(
                String implementation,
                Class<?> benchmark,
                Map<String, String> parameters,
                List<String> jvmArguments,
                Role role) {
            this(implementation, benchmark, parameters, jvmArguments, Map.of(), role);
        }

        /** Its forks, where the kernels under test get {@code rounds}. */
        int forks(int rounds) {
            return role == Role.TESTED ? rounds : Math.min(rounds, COMPARISON_FORKS);
        }

        /** Whether it takes part in this round; its forks are spread over all of them. */
        boolean runsIn(int round, int rounds) {
            int forks = forks(rounds);
            return (round + 1) * forks / rounds > round * forks / rounds;
        }
    }

    /**
     * One case with everything that runs it.
     *
     * @param name the case
     * @param flops floating-point operations per call
     * @param bytes bytes moved per call
     * @param footprint bytes of all its data, each counted once
     * @param threads how many threads a call may use
     * @param contenders in the order in which they take turns
     */
    record Case(
            String name,
            double flops,
            double bytes,
            double footprint,
            int threads,
            List<Contender> contenders) {

        /** On one thread. */
        Case(
                String name,
                double flops,
                double bytes,
                double footprint,
                List<Contender> contenders) {
            this(name, flops, bytes, footprint, 1, contenders);
        }
    }

    private Rounds() {}

    static List<Measurement> run(
            String group, List<Case> cases, BenchOptions options, JmhRunner runner)
            throws Exception {
        List<Measurement> measurements = new ArrayList<>();
        long steps =
                cases.stream()
                        .flatMap(c -> c.contenders().stream())
                        .mapToLong(contender -> contender.forks(options.forks()))
                        .sum();
        try (ProgressBar progress = Progress.bar(group, steps, "forks")) {
            for (Case c : cases) {
                progress.setExtraMessage(c.name());
                measurements.addAll(run(group, c, options.forks(), runner, progress));
            }
        }
        return measurements;
    }

    private static List<Measurement> run(
            String group, Case c, int rounds, JmhRunner runner, ProgressBar progress)
            throws Exception {
        Map<Contender, List<Fork>> forks = new LinkedHashMap<>();
        List<Contender> running = new ArrayList<>(c.contenders());
        for (int round = 0; round < rounds; round++) {
            for (Contender contender : List.copyOf(running)) {
                if (!contender.runsIn(round, rounds)) {
                    continue;
                }
                try {
                    forks.computeIfAbsent(contender, key -> new ArrayList<>())
                            .add(
                                    runner.fork(
                                            contender.benchmark(),
                                            contender.parameters(),
                                            contender.jvmArguments(),
                                            contender.environment()));
                } catch (RunnerException e) {
                    if (contender.role() != Role.PEER) {
                        throw e;
                    }
                    running.remove(contender);
                    forks.remove(contender);
                    System.err.printf(
                            "%nbench: %s can't run %s here and is left out; see %s%n",
                            contender.implementation(),
                            c.name(),
                            runner.keepLog(contender.implementation()));
                }
                progress.step();
            }
        }
        List<Measurement> measurements = new ArrayList<>();
        forks.forEach(
                (contender, results) ->
                        measurements.add(
                                new Measurement(
                                        group,
                                        c.name(),
                                        contender.implementation(),
                                        results,
                                        c.flops(),
                                        c.bytes(),
                                        c.footprint(),
                                        c.threads())));
        return measurements;
    }
}
