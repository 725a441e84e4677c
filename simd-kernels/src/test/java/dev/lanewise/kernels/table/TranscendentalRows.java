package dev.lanewise.kernels.table;

import java.util.List;

/** Rows of {@link dev.lanewise.kernels.Transcendental}. */
final class TranscendentalRows {
    private TranscendentalRows() {}

    static List<KernelRow> rows() {
        return List.of(
                KernelRow.of(
                        "transcendental",
                        "exp",
                        (kernels, n, memory) -> {
                            KernelArray x = memory.hostile(n);
                            KernelArray out = memory.output(n);
                            return () ->
                                    kernels.transcendental()
                                            .exp(
                                                    x.segment(),
                                                    x.offset(),
                                                    n,
                                                    out.segment(),
                                                    out.offset());
                        }));
    }
}
