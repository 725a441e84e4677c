package dev.lanewise.bench.work;

import dev.lanewise.kernels.BiasAxis;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.Gemm;
import dev.lanewise.kernels.Kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The product C: [m, n] = A: [m, k] · B: [k, n], row-major.
 *
 * @param m rows of A and C
 * @param n columns of B and C
 * @param k the inner size
 * @param packed whether B counts as weights, packed before the call (peers that can do the same,
 *     do)
 */
public record GemmWork(int m, int n, int k, boolean packed) implements Work {

    static GemmWork parse(String sizes) {
        boolean packed = sizes.endsWith("p");
        String[] parts = (packed ? sizes.substring(0, sizes.length() - 1) : sizes).split("x");
        return new GemmWork(
                Integer.parseInt(parts[0]),
                Integer.parseInt(parts[1]),
                Integer.parseInt(parts[2]),
                packed);
    }

    @Override
    public String id() {
        return "gemm/" + m + "x" + n + "x" + k + (packed ? "p" : "");
    }

    @Override
    public double flops() {
        return 2.0 * m * n * k;
    }

    @Override
    public double bytes() {
        return 4.0 * ((double) m * k + (double) k * n + (double) m * n);
    }

    @Override
    public Data allocate(Arena arena) {
        return Data.of(arena, (long) m * k, (long) k * n, (long) m * n);
    }

    @Override
    public Runnable prepare(Kernels kernels, Data data, Arena arena) {
        Gemm gemm = kernels.gemm();
        MemorySegment workspace = arena.allocate(4 * Math.max(16, gemm.workspaceSize(m, n, k)), 64);
        if (!packed) {
            return () ->
                    gemm.gemm(
                            data.a(),
                            0,
                            k,
                            1,
                            data.b(),
                            0,
                            n,
                            1,
                            BiasAxis.NONE,
                            data.a(),
                            0,
                            m,
                            n,
                            k,
                            1,
                            0,
                            FusedActivation.NONE,
                            workspace,
                            0,
                            data.out(),
                            0,
                            n);
        }
        MemorySegment weights = arena.allocate(4 * gemm.packedSizeB(k, n), 64);
        gemm.packB(data.b(), 0, n, 1, k, n, weights, 0);
        return () ->
                gemm.gemmPackedB(
                        data.a(),
                        0,
                        k,
                        1,
                        weights,
                        0,
                        n,
                        0,
                        BiasAxis.NONE,
                        data.a(),
                        0,
                        m,
                        n,
                        k,
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
