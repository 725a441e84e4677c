package dev.lanewise.kernels.table;

import java.util.List;

/** Rows of {@link dev.lanewise.kernels.Gemm}. */
final class GemmRows {
    private GemmRows() {}

    static List<KernelRow> rows() {
        return List.of(
                KernelRow.of(
                                "gemm",
                                "gemv",
                                (kernels, n, memory) -> {
                                    int m = n / 2;
                                    KernelArray a = memory.input((long) m * n);
                                    KernelArray x = memory.input(n);
                                    KernelArray y = memory.output(m);
                                    return () ->
                                            kernels.gemm()
                                                    .gemv(
                                                            a.segment(),
                                                            a.offset(),
                                                            n,
                                                            x.segment(),
                                                            x.offset(),
                                                            m,
                                                            n,
                                                            1,
                                                            0,
                                                            y.segment(),
                                                            y.offset());
                                })
                        .sizes(0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 127, 257)
                        .flops(n -> (double) n * n)
                        .tolerance(Tolerance.sum(n -> n, 1)));
    }
}
