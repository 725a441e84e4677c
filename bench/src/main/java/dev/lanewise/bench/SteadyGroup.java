package dev.lanewise.bench;

import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.table.KernelMemory;
import dev.lanewise.kernels.table.KernelRow;
import dev.lanewise.kernels.table.KernelTable;

import me.tongfei.progressbar.ProgressBar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Whether a kernel's speed depends on which kernels ran before it: all rows of the kernel table in
 * one JVM, in another order in each fork ({@code vector}, {@code scalar}), against each row in a
 * JVM of its own ({@code vector-alone}).
 */
final class SteadyGroup implements Group {
    private static final String ALONE = "vector-alone";

    /** A row that is slower than alone by more than this, in any order, is named in the remarks. */
    private static final double TOLERATED = 1.15;

    /** Fewer bytes a call are those of a call that is long over. */
    private static final double ALLOCATES = 0.5;

    private static final int ALONE_FORKS = 3;

    @Override
    public String name() {
        return "steady";
    }

    @Override
    public String description() {
        return "every kernel after every other, in shuffled orders, against each kernel alone in its JVM";
    }

    @Override
    public List<String> cases(BenchOptions options) {
        return rows().map(KernelRow::id).toList();
    }

    @Override
    public List<Measurement> measure(BenchOptions options, MachineLimits limits) throws Exception {
        List<KernelRow> rows = rows().filter(row -> options.includes(row.id())).toList();
        Figures figures = new Figures(limits, new LinkedHashMap<>());
        int alone = options.quick() ? 1 : ALONE_FORKS;
        long steps = (long) rows.size() * (options.forks() + 1 + alone);
        try (ProgressBar progress = Progress.bar(name(), steps, "kernels")) {
            for (int fork = 0; fork < options.forks(); fork++) {
                figures.probe("vector", "vector", fork, rows, progress);
            }
            figures.probe("scalar", "scalar", 0, rows, progress);
            for (int fork = 0; fork < alone; fork++) {
                for (KernelRow row : rows) {
                    figures.probe(ALONE, "vector", fork, List.of(row), progress);
                }
            }
        }
        List<Measurement> measurements = new ArrayList<>();
        for (KernelRow row : rows) {
            figures.byRow()
                    .get(row.id())
                    .forEach(
                            (implementation, forks) ->
                                    measurements.add(measurement(row, implementation, forks)));
        }
        return measurements;
    }

    private static Stream<KernelRow> rows() {
        return KernelTable.rows().stream().filter(row -> row.benchSizes().length > 0);
    }

    /**
     * What the probes say.
     *
     * @param limits the machine's best
     * @param byRow the forks of each implementation of each row
     */
    private record Figures(MachineLimits limits, Map<String, Map<String, List<Fork>>> byRow) {

        /** Runs some rows in a JVM, in an order drawn from the seed. */
        void probe(
                String implementation,
                String backend,
                int seed,
                List<KernelRow> some,
                ProgressBar progress)
                throws Exception {
            List<String> arguments = new ArrayList<>();
            arguments.add(Double.toString(limits.gigaflops()));
            arguments.add(Integer.toString(seed));
            some.forEach(row -> arguments.add(row.id()));
            ProbeJvm.run(
                    SteadyProbe.class,
                    List.of("-Dlanewise.kernels=" + backend),
                    arguments,
                    figure -> {
                        byRow.computeIfAbsent(figure.name(), row -> new LinkedHashMap<>())
                                .computeIfAbsent(implementation, key -> new ArrayList<>())
                                .add(figure.fork());
                        progress.step();
                    });
        }
    }

    private Measurement measurement(KernelRow row, String implementation, List<Fork> forks) {
        int size = row.benchSizes()[0];
        double bytes;
        double footprint;
        try (KernelMemory memory = new KernelMemory(KernelMemory.Placement.ALIGNED, 1)) {
            row.prepare(Kernels.scalar(), size, memory);
            bytes = memory.trafficBytes();
            footprint = memory.footprintBytes();
        }
        return new Measurement(
                name(),
                row.id() + "/" + size,
                implementation,
                forks,
                row.flops().applyAsDouble(size),
                bytes,
                footprint);
    }

    @Override
    public List<String> remarks(Report report) {
        List<String> remarks = new ArrayList<>();
        report.byCase().forEach((name, by) -> remarks.addAll(remarks(name, by)));
        if (remarks.isEmpty()) {
            remarks.add(
                    "no kernel that had the machine to itself depends on the order, none allocates");
        }
        return remarks;
    }

    private static List<String> remarks(String name, Map<String, Measurement> implementations) {
        List<String> remarks = new ArrayList<>();
        Measurement together = implementations.get("vector");
        double slower = slower(together, implementations.get(ALONE));
        if (slower > TOLERATED) {
            remarks.add(
                    String.format(
                            Locale.ROOT,
                            "%s: in its worst order %.2f times as long as alone",
                            name,
                            slower));
        }
        implementations.forEach(
                (implementation, measurement) -> {
                    if (measurement.allocatedBytes() >= ALLOCATES) {
                        remarks.add(
                                String.format(
                                        Locale.ROOT,
                                        "%s by %s: allocates %.1f bytes a call",
                                        name,
                                        implementation,
                                        measurement.allocatedBytes()));
                    }
                });
        return remarks;
    }

    /**
     * The slowest fork of those that nobody disturbed, over the median of those alone; 0 where one
     * of them has no such fork.
     */
    private static double slower(Measurement together, Measurement alone) {
        double[] own = undisturbed(alone);
        return own.length == 0
                ? 0
                : Arrays.stream(undisturbed(together)).max().orElse(0) / own[own.length / 2];
    }

    private static double[] undisturbed(Measurement measurement) {
        return measurement.forks().stream()
                .filter(fork -> fork.state() != Fork.State.DISTURBED)
                .mapToDouble(Fork::nanos)
                .sorted()
                .toArray();
    }
}
