package dev.lanewise.kernels.table;

import dev.lanewise.kernels.BiasAxis;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.QuantizedGemm;
import dev.lanewise.kernels.QuantizedLayout;
import dev.lanewise.kernels.WeightType;

import java.util.ArrayList;
import java.util.List;

/**
 * Rows of {@link QuantizedGemm}: square weights of the size, in every format; products of one row,
 * of few rows, and of many.
 */
final class QuantizedGemmRows {
    private static final int[] SIZES = {0, 1, 3, 15, 16, 17, 31, 33, 63, 64, 65, 127, 130, 257};

    /** Weights of a type: [n, n], with this group size (0: one group a row). */
    private record Format(String name, WeightType type, int groupSize, boolean offsets) {
        QuantizedLayout layout(int n) {
            return new QuantizedLayout(
                    type, n, n, groupSize == 0 ? Math.max(n, 1) : groupSize, offsets);
        }
    }

    private static final List<Format> FORMATS =
            List.of(
                    new Format("bfloat16", WeightType.BFLOAT16, 0, false),
                    new Format("int8", WeightType.INT8, 0, false),
                    new Format("int8 by 64", WeightType.INT8, 64, false),
                    new Format("int4 by 32", WeightType.INT4, 32, false),
                    new Format("int4 by 33 with offsets", WeightType.INT4, 33, true));

    private QuantizedGemmRows() {}

    static List<KernelRow> rows() {
        List<KernelRow> rows = new ArrayList<>();
        for (Format format : FORMATS) {
            rows.add(quantize(format));
            rows.add(dequantize(format));
            rows.add(product(format, "1 row", 1, 0f).benchSizes(1024, 4096));
            rows.add(product(format, "3 rows", 3, 0f).benchSizes(4096));
            rows.add(product(format, "9 rows", 9, 0f).benchSizes(1024));
            rows.add(product(format, "3 rows updated", 3, 0.25f).benchSizes(1024));
            rows.add(product(format, "9 rows updated", 9, 0.25f).benchSizes(1024));
        }
        return rows;
    }

    private static KernelRow quantize(Format format) {
        return KernelRow.of(
                        "quantizedGemm",
                        "quantize",
                        (kernels, n, memory) -> {
                            QuantizedGemm gemm = kernels.quantizedGemm();
                            QuantizedLayout layout = format.layout(n);
                            KernelArray w = memory.hostile((long) n * n);
                            KernelArray work = memory.scratch(gemm.quantizeWorkspaceSize(layout));
                            KernelArray packed = memory.outputInts(layout.size());
                            return () -> pack(gemm, w, n, layout, work, packed);
                        })
                .variant(format.name)
                .sizes(SIZES)
                .benchSizes(1024);
    }

    private static void pack(
            QuantizedGemm gemm,
            KernelArray w,
            int n,
            QuantizedLayout layout,
            KernelArray work,
            KernelArray packed) {
        gemm.quantize(
                w.segment(),
                w.offset(),
                n,
                1,
                layout,
                work.segment(),
                work.offset(),
                packed.segment(),
                packed.offset());
    }

    /** Packed weights, as an input. */
    private static KernelArray packed(
            Kernels kernels, QuantizedLayout layout, int n, KernelMemory memory) {
        QuantizedGemm gemm = kernels.quantizedGemm();
        KernelArray w = memory.scratch((long) n * n);
        for (long i = 0; i < w.count(); i++) {
            w.set(i, (float) Math.sin(0.37 * i) / (1 + i % 5));
        }
        KernelArray work = memory.scratch(gemm.quantizeWorkspaceSize(layout));
        KernelArray packed = memory.ints(layout.size(), 0, 1);
        pack(gemm, w, n, layout, work, packed);
        return packed;
    }

    private static KernelRow dequantize(Format format) {
        return KernelRow.of(
                        "quantizedGemm",
                        "dequantize",
                        (kernels, n, memory) -> {
                            QuantizedGemm gemm = kernels.quantizedGemm();
                            QuantizedLayout layout = format.layout(n);
                            KernelArray packed = packed(kernels, layout, n, memory);
                            KernelArray out = memory.output((long) n * n);
                            return () ->
                                    gemm.dequantize(
                                            packed.segment(),
                                            packed.offset(),
                                            layout,
                                            out.segment(),
                                            out.offset(),
                                            n);
                        })
                .variant(format.name)
                .sizes(SIZES)
                .benchSizes(1024);
    }

    private static KernelRow product(Format format, String name, int m, float beta) {
        return KernelRow.of(
                        "quantizedGemm",
                        "gemm",
                        (kernels, n, memory) -> {
                            QuantizedGemm gemm = kernels.quantizedGemm();
                            QuantizedLayout layout = format.layout(n);
                            KernelArray packed = packed(kernels, layout, n, memory);
                            KernelArray a = memory.input((long) m * n);
                            KernelArray bias = memory.input(n);
                            KernelArray c =
                                    beta == 0f
                                            ? memory.output((long) m * n)
                                            : memory.updated((long) m * n, -1, 1);
                            KernelArray work = memory.scratch(gemm.workspaceSize(m, layout));
                            return () ->
                                    gemm.gemm(
                                            a.segment(),
                                            a.offset(),
                                            n,
                                            1,
                                            packed.segment(),
                                            packed.offset(),
                                            layout,
                                            0,
                                            BiasAxis.COLUMNS,
                                            bias.segment(),
                                            bias.offset(),
                                            m,
                                            n,
                                            beta == 0f ? 1f : 0.5f,
                                            beta,
                                            FusedActivation.RELU,
                                            work.segment(),
                                            work.offset(),
                                            c.segment(),
                                            c.offset(),
                                            n);
                        })
                .variant(format.name + ", " + name)
                .sizes(SIZES)
                .flops(n -> 2.0 * m * n * n);
    }
}
