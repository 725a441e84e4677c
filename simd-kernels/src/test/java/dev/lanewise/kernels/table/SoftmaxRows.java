package dev.lanewise.kernels.table;

import java.util.List;

/** Rows of {@link dev.lanewise.kernels.Softmax}. */
final class SoftmaxRows {
    private SoftmaxRows() {}

    static List<KernelRow> rows() {
        return List.of(
                KernelRow.of(
                                "softmax",
                                "softmaxRows",
                                (kernels, n, memory) -> {
                                    KernelArray x = memory.input(3L * n);
                                    KernelArray out = memory.output(3L * n);
                                    return () ->
                                            kernels.softmax()
                                                    .softmaxRows(
                                                            x.segment(),
                                                            x.offset(),
                                                            3,
                                                            n,
                                                            out.segment(),
                                                            out.offset());
                                })
                        .tolerance(Tolerance.ulps(64)));
    }
}
