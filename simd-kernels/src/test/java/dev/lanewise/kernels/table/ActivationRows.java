package dev.lanewise.kernels.table;

import java.util.List;

/** Rows of {@link dev.lanewise.kernels.Activation}. */
final class ActivationRows {
    private ActivationRows() {}

    static List<KernelRow> rows() {
        return List.of(
                KernelRow.of(
                                "activation",
                                "relu",
                                (kernels, n, memory) -> {
                                    KernelArray x = memory.hostile(n);
                                    KernelArray out = memory.output(n);
                                    return () ->
                                            kernels.activation()
                                                    .relu(
                                                            x.segment(),
                                                            x.offset(),
                                                            n,
                                                            out.segment(),
                                                            out.offset());
                                })
                        .flops(n -> n));
    }
}
