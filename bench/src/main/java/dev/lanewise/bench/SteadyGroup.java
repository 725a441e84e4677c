package dev.lanewise.bench;

import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.table.KernelMemory;
import dev.lanewise.kernels.table.KernelRow;
import dev.lanewise.kernels.table.KernelTable;

import me.tongfei.progressbar.ProgressBar;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Whether a kernel's speed depends on which kernels ran before it: all rows of the kernel table in
 * one JVM, in another order in each fork ({@code vector}, {@code scalar}), against each row in a
 * JVM of its own ({@code vector-alone}).
 */
final class SteadyGroup implements Group {
    private static final String ALONE = "vector-alone";

    /** A row that is slower than alone by more than this, in any order, is named in the remarks. */
    private static final double TOLERATED = 1.15;

    @Override
    public String name() {
        return "steady";
    }

    @Override
    public String description() {
        return "every kernel after every other, in shuffled orders, against each kernel alone in its JVM";
    }

    @Override
    public List<Measurement> measure(BenchOptions options) throws Exception {
        List<KernelRow> rows =
                KernelTable.rows().stream()
                        .filter(row -> row.benchSizes().length > 0)
                        .filter(row -> options.includes(row.id()))
                        .toList();
        Map<String, Map<String, List<ProbeJvm.Figure>>> figures = new LinkedHashMap<>();
        rows.forEach(row -> figures.put(row.id(), new LinkedHashMap<>()));
        int alone = options.quick() ? 0 : rows.size();
        long steps = (long) rows.size() * (options.forks() + 1) + alone;
        try (ProgressBar progress = Progress.bar(name(), steps, "kernels")) {
            for (int fork = 0; fork < options.forks(); fork++) {
                probe("vector", "-Dlanewise.kernels=vector", fork, rows, figures, progress);
            }
            probe("scalar", "-Dlanewise.kernels=scalar", 0, rows, figures, progress);
            for (int i = 0; i < alone; i++) {
                List<KernelRow> one = List.of(rows.get(i));
                probe(ALONE, "-Dlanewise.kernels=vector", 0, one, figures, progress);
            }
        }
        List<Measurement> measurements = new ArrayList<>();
        for (KernelRow row : rows) {
            figures.get(row.id())
                    .forEach(
                            (implementation, seen) ->
                                    measurements.add(measurement(row, implementation, seen)));
        }
        return measurements;
    }

    private static void probe(
            String implementation,
            String jvmArgument,
            int seed,
            List<KernelRow> rows,
            Map<String, Map<String, List<ProbeJvm.Figure>>> figures,
            ProgressBar progress)
            throws Exception {
        List<String> arguments = new ArrayList<>();
        arguments.add(Integer.toString(seed));
        rows.forEach(row -> arguments.add(row.id()));
        ProbeJvm.run(
                SteadyProbe.class,
                List.of(jvmArgument),
                arguments,
                figure -> {
                    figures.get(figure.name())
                            .computeIfAbsent(implementation, key -> new ArrayList<>())
                            .add(figure);
                    progress.step();
                });
    }

    private Measurement measurement(
            KernelRow row, String implementation, List<ProbeJvm.Figure> seen) {
        int size = row.benchSizes()[0];
        double bytes;
        try (KernelMemory memory = new KernelMemory(KernelMemory.Placement.ALIGNED, 1)) {
            row.prepare(Kernels.scalar(), size, memory);
            bytes = memory.trafficBytes();
        }
        return new Measurement(
                name(),
                row.id() + "/" + size,
                implementation,
                seen.stream().mapToDouble(ProbeJvm.Figure::nanos).toArray(),
                seen.stream().mapToDouble(ProbeJvm.Figure::calibration).toArray(),
                seen.stream().mapToDouble(ProbeJvm.Figure::bytes).max().orElse(Double.NaN),
                row.flops().applyAsDouble(size),
                bytes);
    }

    @Override
    public List<String> remarks(Report report) {
        List<String> remarks = new ArrayList<>();
        report.byCase()
                .forEach(
                        (name, implementations) -> {
                            Measurement together = implementations.get("vector");
                            Measurement alone = implementations.get(ALONE);
                            double slower =
                                    alone == null
                                            ? together.worstNanos() / together.bestNanos()
                                            : together.worstNanos() / alone.medianNanos();
                            if (slower > TOLERATED) {
                                remarks.add(
                                        String.format(
                                                Locale.ROOT,
                                                "%s: in its worst order %.2f times as long as %s",
                                                name,
                                                slower,
                                                alone == null ? "in its best" : "alone"));
                            }
                            if (together.allocatedBytes() >= 1) {
                                remarks.add(
                                        String.format(
                                                Locale.ROOT,
                                                "%s: allocates %.0f bytes a call",
                                                name,
                                                together.allocatedBytes()));
                            }
                        });
        if (remarks.isEmpty()) {
            remarks.add("no kernel depends on the order, none allocates");
        }
        return remarks;
    }
}
