package dev.lanewise.kernels.table;

import java.util.List;

/** Rows of {@link dev.lanewise.kernels.RandomFill}. */
final class RandomFillRows {
    private RandomFillRows() {}

    static List<KernelRow> rows() {
        return List.of(
                KernelRow.of(
                        "random",
                        "uniform",
                        (kernels, n, memory) -> {
                            KernelArray out = memory.output(n);
                            return () ->
                                    kernels.random()
                                            .uniform(42, 3, n, -1, 1, out.segment(), out.offset());
                        }));
    }
}
