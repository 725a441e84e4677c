package dev.lanewise.kernels.table;

import dev.lanewise.kernels.BiasAxis;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.Gemm;
import dev.lanewise.kernels.Kernels;

import java.util.List;

/**
 * Rows of {@link dev.lanewise.kernels.Gemm}: products of square matrices of the size, and products
 * with vectors.
 */
final class GemmRows {
    private static final int[] SIZES = {0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 127, 257};

    private GemmRows() {}

    static List<KernelRow> rows() {
        return List.of(
                product("", 1, 0, FusedActivation.NONE).benchSizes(512, 64, 1024),
                product("fused", 0.5f, 2, FusedActivation.RELU).benchSizes(512),
                packed("gemmPackedB", false).benchSizes(512, 64),
                packed("packB", true).benchSizes(512),
                transposedTimesColumn().benchSizes(4096, 512),
                vector("gemv", false),
                vector("gemvTransposed", true));
    }

    private static KernelRow of(String method, KernelRow.Preparation preparation) {
        return KernelRow.of("gemm", method, preparation)
                .sizes(SIZES)
                .tolerance(Tolerance.sum(n -> n, 2));
    }

    private static KernelRow product(
            String variant, float alpha, float beta, FusedActivation activation) {
        return of(
                        "gemm",
                        (kernels, n, memory) -> {
                            Gemm gemm = kernels.gemm();
                            KernelArray a = memory.input((long) n * n);
                            KernelArray b = memory.input((long) n * n);
                            KernelArray bias = memory.input(n);
                            KernelArray c =
                                    beta == 0
                                            ? memory.output((long) n * n)
                                            : memory.updated((long) n * n, -1, 1);
                            KernelArray workspace = memory.scratch(gemm.workspaceSize(n, n, n));
                            BiasAxis axis = beta == 0 ? BiasAxis.NONE : BiasAxis.COLUMNS;
                            return () ->
                                    gemm.gemm(
                                            a.segment(),
                                            a.offset(),
                                            n,
                                            1,
                                            b.segment(),
                                            b.offset(),
                                            n,
                                            1,
                                            axis,
                                            bias.segment(),
                                            bias.offset(),
                                            n,
                                            n,
                                            n,
                                            alpha,
                                            beta,
                                            activation,
                                            workspace.segment(),
                                            workspace.offset(),
                                            c.segment(),
                                            c.offset(),
                                            n);
                        })
                .variant(variant)
                .flops(n -> 2.0 * n * n * n);
    }

    /** Aᵀ · x as a product, A: [n, n]. */
    private static KernelRow transposedTimesColumn() {
        return of(
                        "gemm",
                        (kernels, n, memory) -> {
                            Gemm gemm = kernels.gemm();
                            KernelArray a = memory.input((long) n * n);
                            KernelArray x = memory.input(n);
                            KernelArray y = memory.updated(n, -1, 1);
                            KernelArray workspace = memory.scratch(gemm.workspaceSize(n, 1, n));
                            return () ->
                                    gemm.gemm(
                                            a.segment(),
                                            a.offset(),
                                            1,
                                            n,
                                            x.segment(),
                                            x.offset(),
                                            1,
                                            1,
                                            BiasAxis.NONE,
                                            x.segment(),
                                            x.offset(),
                                            n,
                                            1,
                                            n,
                                            0.5f,
                                            0.5f,
                                            FusedActivation.NONE,
                                            workspace.segment(),
                                            workspace.offset(),
                                            y.segment(),
                                            y.offset(),
                                            1);
                        })
                .variant("transposed A times x")
                .flops(n -> 2.0 * n * n);
    }

    /** The product with a packed B; with {@code packing}, B is packed in each call. */
    private static KernelRow packed(String method, boolean packing) {
        return of(
                        method,
                        (kernels, n, memory) -> {
                            Gemm gemm = kernels.gemm();
                            KernelArray a = memory.input((long) n * n);
                            KernelArray b = memory.input((long) n * n);
                            KernelArray c = memory.output((long) n * n);
                            KernelArray panels = memory.scratch(gemm.packedSizeB(n, n));
                            KernelArray workspace = memory.scratch(gemm.workspaceSize(n, n, n));
                            pack(kernels, b, n, panels);
                            return () -> {
                                if (packing) {
                                    pack(kernels, b, n, panels);
                                }
                                gemm.gemmPackedB(
                                        a.segment(),
                                        a.offset(),
                                        n,
                                        1,
                                        panels.segment(),
                                        panels.offset(),
                                        n,
                                        0,
                                        BiasAxis.NONE,
                                        a.segment(),
                                        a.offset(),
                                        n,
                                        n,
                                        n,
                                        1,
                                        0,
                                        FusedActivation.NONE,
                                        workspace.segment(),
                                        workspace.offset(),
                                        c.segment(),
                                        c.offset(),
                                        n);
                            };
                        })
                .flops(n -> 2.0 * n * n * n);
    }

    private static void pack(Kernels kernels, KernelArray b, int n, KernelArray panels) {
        kernels.gemm()
                .packB(b.segment(), b.offset(), n, 1, n, n, panels.segment(), panels.offset());
    }

    private static KernelRow vector(String method, boolean transposed) {
        return of(
                        method,
                        (kernels, n, memory) -> {
                            Gemm gemm = kernels.gemm();
                            int m = n / 2;
                            KernelArray a = memory.input((long) m * n);
                            KernelArray x = memory.input(transposed ? m : n);
                            KernelArray y = memory.output(transposed ? n : m);
                            return transposed
                                    ? () ->
                                            gemm.gemvTransposed(
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
                                                    y.offset())
                                    : () ->
                                            gemm.gemv(
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
                .benchSizes(1024, 4096)
                .flops(n -> (double) n * n);
    }
}
