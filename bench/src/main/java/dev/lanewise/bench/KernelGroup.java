package dev.lanewise.bench;

import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.table.KernelMemory;
import dev.lanewise.kernels.table.KernelRow;
import dev.lanewise.kernels.table.KernelTable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
    public List<Measurement> measure(BenchOptions options) throws Exception {
        List<Rounds.Case> cases = new ArrayList<>();
        for (KernelRow row : KernelTable.rows()) {
            if (!families.isEmpty() && !families.contains(row.family())) {
                continue;
            }
            int[] sizes = row.benchSizes();
            for (int i = 0; i < (options.quick() ? Math.min(1, sizes.length) : sizes.length); i++) {
                String caseName = row.id() + "/" + sizes[i];
                if (options.includes(caseName)) {
                    cases.add(toCase(row, sizes[i], caseName));
                }
            }
        }
        return Rounds.run(name, cases, options, options.kernelRunner(name));
    }

    private static Rounds.Case toCase(KernelRow row, int size, String caseName) {
        Map<String, String> parameters = Map.of("row", row.id(), "size", Integer.toString(size));
        List<Rounds.Contender> contenders =
                Contenders.vectorAndScalar(KernelBenchmark.class, parameters);
        double bytes;
        try (KernelMemory memory = new KernelMemory(KernelMemory.Placement.ALIGNED, 1)) {
            row.prepare(Kernels.scalar(), size, memory);
            bytes = memory.trafficBytes();
        }
        return new Rounds.Case(caseName, row.flops().applyAsDouble(size), bytes, contenders);
    }
}
