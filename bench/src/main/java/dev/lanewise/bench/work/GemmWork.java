package dev.lanewise.bench.work;

import dev.lanewise.kernels.BiasAxis;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.Gemm;
import dev.lanewise.kernels.Kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The product C: [m, n] = op(A): [m, k] · op(B): [k, n], or several of them that lie one after
 * another. Each operand is row-major, or the transpose of a row-major matrix.
 *
 * @param batch products in a call
 * @param m rows of A and C
 * @param n columns of B and C
 * @param k the inner size
 * @param packed whether B counts as weights, packed before the call (peers that can do the same,
 *     do); not with a batch
 * @param transposedA whether A lies in memory as [k, m]
 * @param transposedB whether B lies in memory as [n, k]
 */
public record GemmWork(
        int batch, int m, int n, int k, boolean packed, boolean transposedA, boolean transposedB)
        implements Work {

    /**
     * {@code MxNxK} or {@code BATCHxMxNxK}, {@code p} where B is packed beforehand, and {@code
     * -tn}, {@code -nt} or {@code -tt} where A, B or both are transposed.
     */
    static GemmWork parse(String text) {
        String[] halves = text.split("-");
        String sizes = halves[0];
        String transposed = halves.length > 1 ? halves[1] : "nn";
        boolean named = halves.length == 1 || halves.length == 2 && !transposed.equals("nn");
        if (!named || !transposed.matches("[nt]{2}")) {
            throw new IllegalArgumentException("gemm/" + text + ": no such form of a product");
        }
        boolean packed = sizes.endsWith("p");
        int[] parts =
                Arrays.stream((packed ? sizes.substring(0, sizes.length() - 1) : sizes).split("x"))
                        .mapToInt(Integer::parseInt)
                        .toArray();
        int at = parts.length - 3;
        int batch = at == 0 ? 1 : parts[0];
        return new GemmWork(
                batch,
                parts[at],
                parts[at + 1],
                parts[at + 2],
                packed,
                transposed.charAt(0) == 't',
                transposed.charAt(1) == 't');
    }

    @Override
    public String id() {
        return "gemm/"
                + (batch > 1 ? batch + "x" : "")
                + m
                + "x"
                + n
                + "x"
                + k
                + (packed ? "p" : "")
                + (transposedA || transposedB ? "-" + form(transposedA) + form(transposedB) : "");
    }

    private static char form(boolean transposed) {
        return transposed ? 't' : 'n';
    }

    @Override
    public double flops() {
        return 2.0 * batch * m * n * k;
    }

    @Override
    public double bytes() {
        return 4.0 * batch * ((double) m * k + (double) k * n + (double) m * n);
    }

    @Override
    public Data allocate(Arena arena) {
        return Data.of(arena, (long) batch * m * k, (long) batch * k * n, (long) batch * m * n);
    }

    @Override
    public Runnable prepare(Kernels kernels, Data data, Arena arena) {
        Gemm gemm = kernels.gemm();
        MemorySegment workspace = arena.allocate(4 * Math.max(16, gemm.workspaceSize(m, n, k)), 64);
        if (!packed) {
            return () -> {
                for (long i = 0; i < batch; i++) {
                    product(gemm, data, i, workspace);
                }
            };
        }
        MemorySegment weights = arena.allocate(4 * gemm.packedSizeB(k, n), 64);
        gemm.packB(data.b(), 0, bRowStride(), bColumnStride(), k, n, weights, 0);
        return () ->
                gemm.gemmPackedB(
                        data.a(),
                        0,
                        aRowStride(),
                        aColumnStride(),
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

    private long aRowStride() {
        return transposedA ? 1 : k;
    }

    private long aColumnStride() {
        return transposedA ? m : 1;
    }

    private long bRowStride() {
        return transposedB ? 1 : n;
    }

    private long bColumnStride() {
        return transposedB ? k : 1;
    }

    private void product(Gemm gemm, Data data, long index, MemorySegment workspace) {
        gemm.gemm(
                data.a(),
                index * m * k,
                aRowStride(),
                aColumnStride(),
                data.b(),
                index * k * n,
                bRowStride(),
                bColumnStride(),
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
                index * m * n,
                n);
    }
}
