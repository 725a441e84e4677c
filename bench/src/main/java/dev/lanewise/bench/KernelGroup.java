package dev.lanewise.bench;

import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.table.KernelMemory;
import dev.lanewise.kernels.table.KernelRow;
import dev.lanewise.kernels.table.KernelTable;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Rows of the kernel table, vector against scalar. */
final class KernelGroup implements Group {
    private final String name;
    private final String description;
    private final Set<String> families;

    /** A group of these families; of all families where the set is empty. */
    KernelGroup(String name, String description, Set<String> families) {
        this.name = name;
        this.description = description;
        this.families = families;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public List<String> cases(BenchOptions options) {
        return rows().flatMap(row -> sizes(row, options).mapToObj(size -> caseName(row, size)))
                .toList();
    }

    private Stream<KernelRow> rows() {
        return KernelTable.rows().stream()
                .filter(row -> families.isEmpty() || families.contains(row.family()));
    }

    private static IntStream sizes(KernelRow row, BenchOptions options) {
        IntStream sizes = Arrays.stream(row.benchSizes());
        return options.quick() ? sizes.limit(1) : sizes;
    }

    private static String caseName(KernelRow row, int size) {
        return row.id() + "/" + size;
    }

    @Override
    public List<Measurement> measure(BenchOptions options, MachineLimits limits) throws Exception {
        List<Rounds.Case> cases =
                rows().flatMap(
                                row ->
                                        sizes(row, options)
                                                .filter(
                                                        size ->
                                                                options.includes(
                                                                        caseName(row, size)))
                                                .mapToObj(size -> toCase(row, size)))
                        .toList();
        return Rounds.run(name, cases, options, options.kernelRunner(name, limits));
    }

    private static Rounds.Case toCase(KernelRow row, int size) {
        Map<String, String> parameters = Map.of("row", row.id(), "size", Integer.toString(size));
        List<Rounds.Contender> contenders =
                Contenders.vectorAndScalar(KernelBenchmark.class, parameters);
        double bytes;
        double footprint;
        try (KernelMemory memory = new KernelMemory(KernelMemory.Placement.ALIGNED, 1)) {
            row.prepare(Kernels.scalar(), size, memory);
            bytes = memory.trafficBytes();
            footprint = memory.footprintBytes();
        }
        return new Rounds.Case(
                caseName(row, size), row.flops().applyAsDouble(size), bytes, footprint, contenders);
    }
}
