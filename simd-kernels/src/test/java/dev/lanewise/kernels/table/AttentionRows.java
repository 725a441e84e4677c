package dev.lanewise.kernels.table;

import dev.lanewise.kernels.Attention;

import java.util.List;

/**
 * Rows of {@link Attention}: a size is the number of keys, and of queries where not said otherwise.
 */
final class AttentionRows {
    private static final int[] SIZES = {0, 1, 3, 4, 5, 15, 16, 17, 64, 65, 67, 127, 257, 300};

    private AttentionRows() {}

    static List<KernelRow> rows() {
        return List.of(
                head("", 64, Case.FULL),
                head("causal", 40, Case.CAUSAL),
                head("biased", 9, Case.BIASED),
                head("single", 64, Case.SINGLE).benchSizes(1024),
                gradient("", 64, Case.FULL),
                gradient("causal", 40, Case.CAUSAL));
    }

    private enum Case {
        FULL,
        CAUSAL,
        BIASED,
        SINGLE;

        int queries(int n) {
            return this == SINGLE ? 1 : n;
        }

        long visible(int n) {
            return this == CAUSAL ? 1 : n;
        }

        double pairs(int n) {
            return this == CAUSAL ? 0.5 * n * (n + 1) : (double) queries(n) * n;
        }
    }

    private static KernelRow head(String variant, int features, Case kind) {
        return KernelRow.of(
                        "attention",
                        "head",
                        (kernels, n, memory) -> {
                            Attention attention = kernels.attention();
                            int queries = kind.queries(n);
                            KernelArray q = memory.input((long) queries * features);
                            KernelArray k = memory.input((long) n * features);
                            KernelArray v = memory.input((long) n * features);
                            KernelArray bias = memory.input(kind == Case.BIASED ? (long) n * n : 0);
                            KernelArray workspace =
                                    memory.scratch(attention.workspaceSize(n, features));
                            KernelArray logSumExp = memory.output(queries);
                            KernelArray out = memory.output((long) queries * features);
                            return () ->
                                    attention.head(
                                            q.segment(),
                                            q.offset(),
                                            features,
                                            k.segment(),
                                            k.offset(),
                                            features,
                                            v.segment(),
                                            v.offset(),
                                            features,
                                            kind == Case.BIASED,
                                            bias.segment(),
                                            bias.offset(),
                                            n,
                                            queries,
                                            n,
                                            features,
                                            kind.visible(n),
                                            0.25f,
                                            workspace.segment(),
                                            workspace.offset(),
                                            logSumExp.segment(),
                                            logSumExp.offset(),
                                            out.segment(),
                                            out.offset(),
                                            features);
                        })
                .variant(variant)
                .sizes(SIZES)
                .benchSizes(512)
                .flops(n -> 4.0 * features * kind.pairs(n))
                .tolerance(
                        (n, expected) ->
                                (features + n / 16 + 16) * 0x1p-23 * (1 + Math.abs(expected)));
    }

    private static KernelRow gradient(String variant, int features, Case kind) {
        return KernelRow.of(
                        "attention",
                        "headGradient",
                        (kernels, n, memory) -> {
                            Attention attention = kernels.attention();
                            KernelArray q = memory.input((long) n * features);
                            KernelArray k = memory.input((long) n * features);
                            KernelArray v = memory.input((long) n * features);
                            KernelArray out = memory.input((long) n * features);
                            KernelArray dOut = memory.input((long) n * features);
                            KernelArray logSumExp = memory.input(n, 4, 6);
                            KernelArray workspace =
                                    memory.scratch(attention.workspaceSize(n, features));
                            KernelArray dQ = memory.output((long) n * features);
                            KernelArray dK = memory.updated((long) n * features, -1, 1);
                            KernelArray dV = memory.updated((long) n * features, -1, 1);
                            return () ->
                                    attention.headGradient(
                                            q.segment(),
                                            q.offset(),
                                            features,
                                            k.segment(),
                                            k.offset(),
                                            features,
                                            v.segment(),
                                            v.offset(),
                                            features,
                                            false,
                                            q.segment(),
                                            0,
                                            0,
                                            out.segment(),
                                            out.offset(),
                                            features,
                                            dOut.segment(),
                                            dOut.offset(),
                                            features,
                                            logSumExp.segment(),
                                            logSumExp.offset(),
                                            n,
                                            n,
                                            features,
                                            kind.visible(n),
                                            0.25f,
                                            workspace.segment(),
                                            workspace.offset(),
                                            dQ.segment(),
                                            dQ.offset(),
                                            features,
                                            dK.segment(),
                                            dK.offset(),
                                            features,
                                            dV.segment(),
                                            dV.offset(),
                                            features);
                        })
                .variant(variant)
                .sizes(SIZES)
                .benchSizes(512)
                .flops(n -> 10.0 * features * kind.pairs(n))
                .tolerance(
                        (n, expected) ->
                                (features + n / 4 + 32) * 0x1p-22 * (2 + Math.abs(expected)));
    }
}
