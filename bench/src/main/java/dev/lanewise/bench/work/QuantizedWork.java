package dev.lanewise.bench.work;

import dev.lanewise.kernels.BiasAxis;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.QuantizedGemm;
import dev.lanewise.kernels.QuantizedLayout;
import dev.lanewise.kernels.WeightType;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;

/**
 * The product C: [m, n] = A: [m, k] · Wᵀ with W: [n, k] quantized before the call. Its id is {@code
 * quantized/MxNxK-TYPE-gGROUP}; group 0 is one scale per row of W.
 *
 * @param m rows of A and C
 * @param n rows of W
 * @param k the inner size
 * @param type how weights are stored
 * @param group weights that share a scale
 */
public record QuantizedWork(int m, int n, int k, WeightType type, int group) implements Work {

    static QuantizedWork parse(String sizes) {
        String[] parts = sizes.split("-");
        String[] product = parts[0].split("x");
        return new QuantizedWork(
                Integer.parseInt(product[0]),
                Integer.parseInt(product[1]),
                Integer.parseInt(product[2]),
                WeightType.valueOf(parts[1].toUpperCase(Locale.ROOT)),
                Integer.parseInt(parts[2].substring(1)));
    }

    @Override
    public String id() {
        String name = type.name().toLowerCase(Locale.ROOT);
        return "quantized/%dx%dx%d-%s-g%d".formatted(m, n, k, name, group);
    }

    private QuantizedLayout layout() {
        return new QuantizedLayout(type, n, k, group == 0 ? k : group, false);
    }

    @Override
    public double flops() {
        return 2.0 * m * n * k;
    }

    /** The packed weights, with their scales, and both matrices of floats. */
    @Override
    public double bytes() {
        return 4.0 * (layout().size() + (double) m * k + (double) m * n);
    }

    @Override
    public Data allocate(Arena arena) {
        return Data.of(arena, (long) m * k, (long) n * k, (long) m * n);
    }

    @Override
    public Runnable prepare(Kernels kernels, Data data, Arena arena) {
        QuantizedGemm gemm = kernels.quantizedGemm();
        QuantizedLayout layout = layout();
        long scratch = Math.max(gemm.workspaceSize(m, layout), gemm.quantizeWorkspaceSize(layout));
        MemorySegment workspace = arena.allocate(4 * Math.max(16, scratch), 64);
        MemorySegment packed = arena.allocate(4 * layout.size(), 64);
        gemm.quantize(data.b(), 0, k, 1, layout, workspace, 0, packed, 0);
        return () ->
                gemm.gemm(
                        data.a(),
                        0,
                        k,
                        1,
                        packed,
                        0,
                        layout,
                        0,
                        BiasAxis.NONE,
                        data.a(),
                        0,
                        m,
                        n,
                        1,
                        0,
                        FusedActivation.NONE,
                        workspace,
                        0,
                        data.out(),
                        0,
                        n);
    }
}
