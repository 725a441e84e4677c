package dev.lanewise.kernels.table;

import dev.lanewise.kernels.RandomFill;

import java.util.List;

/**
 * Rows of {@link RandomFill}, from a whole block on and from the middle of the last one before the
 * block number needs a second word.
 */
final class RandomFillRows {
    private static final long KEY = 0x0123456789ABCDEFL;
    private static final int[] NONE = {};

    private RandomFillRows() {}

    static List<KernelRow> rows() {
        return List.of(
                row(
                        "uniform",
                        8L,
                        (random, counter, n, x, out) ->
                                random.uniform(
                                        KEY, counter, n, -2f, 3f, out.segment(), out.offset())),
                row(
                                "uniform",
                                0x3_FFFF_FFFFL,
                                (random, counter, n, x, out) ->
                                        random.uniform(
                                                KEY,
                                                counter,
                                                n,
                                                -2f,
                                                3f,
                                                out.segment(),
                                                out.offset()))
                        .variant("unaligned")
                        .benchSizes(NONE),
                row(
                        "normal",
                        8L,
                        (random, counter, n, x, out) ->
                                random.normal(
                                        KEY, counter, n, 0.5f, 2f, out.segment(), out.offset())),
                row(
                                "normal",
                                0x3_FFFF_FFFFL,
                                (random, counter, n, x, out) ->
                                        random.normal(
                                                KEY,
                                                counter,
                                                n,
                                                0.5f,
                                                2f,
                                                out.segment(),
                                                out.offset()))
                        .variant("unaligned")
                        .benchSizes(NONE),
                row(
                        "bernoulli",
                        8L,
                        (random, counter, n, x, out) ->
                                random.bernoulli(
                                        KEY, counter, n, 0.3f, out.segment(), out.offset())),
                row(
                                "bernoulli",
                                0x3_FFFF_FFFFL,
                                (random, counter, n, x, out) ->
                                        random.bernoulli(
                                                KEY, counter, n, 0.3f, out.segment(), out.offset()))
                        .variant("unaligned")
                        .benchSizes(NONE),
                row(
                        "dropout",
                        8L,
                        (random, counter, n, x, out) ->
                                random.dropout(
                                        x.segment(),
                                        x.offset(),
                                        KEY,
                                        counter,
                                        n,
                                        0.4f,
                                        out.segment(),
                                        out.offset())),
                row(
                                "dropout",
                                0x3_FFFF_FFFFL,
                                (random, counter, n, x, out) ->
                                        random.dropout(
                                                x.segment(),
                                                x.offset(),
                                                KEY,
                                                counter,
                                                n,
                                                0.4f,
                                                out.segment(),
                                                out.offset()))
                        .variant("unaligned")
                        .benchSizes(NONE));
    }

    @FunctionalInterface
    private interface Fill {
        void run(RandomFill random, long counter, long n, KernelArray x, KernelArray out);
    }

    private static KernelRow row(String method, long counter, Fill fill) {
        return KernelRow.of(
                        "random",
                        method,
                        (kernels, n, memory) -> {
                            KernelArray x = method.equals("dropout") ? memory.input(n) : null;
                            KernelArray out = memory.output(n);
                            return () -> fill.run(kernels.random(), counter, n, x, out);
                        })
                .flops(n -> n);
    }
}
