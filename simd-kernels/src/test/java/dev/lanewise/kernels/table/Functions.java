package dev.lanewise.kernels.table;

import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.table.Elementwise.Binary;
import dev.lanewise.kernels.table.Elementwise.Unary;

import java.util.List;
import java.util.function.Function;

/**
 * Rows of functions of a number: one on a range of moderate values, which benchmarks run too, and
 * one on hostile values, for the tests.
 */
final class Functions {
    private static final int[] NONE = {};

    private Functions() {}

    /** out = f(x), x uniform in [low, high). */
    static <F> List<KernelRow> unary(
            String family,
            String method,
            Function<Kernels, F> of,
            double low,
            double high,
            int flops,
            Unary<F> kernel) {
        KernelRow moderate =
                KernelRow.of(
                                family,
                                method,
                                (kernels, n, memory) -> {
                                    F implementation = of.apply(kernels);
                                    KernelArray x = memory.input(n, low, high);
                                    KernelArray out = memory.output(n);
                                    return () ->
                                            kernel.run(
                                                    implementation,
                                                    x.segment(),
                                                    x.offset(),
                                                    n,
                                                    out.segment(),
                                                    out.offset());
                                })
                        .flops(n -> (double) flops * n);
        return List.of(
                moderate,
                Elementwise.unary(family, method, of, kernel).variant("hostile").benchSizes(NONE));
    }

    /** out = f(x, y), x uniform in [low, high), y uniform in [−3, 3). */
    static <F> List<KernelRow> binary(
            String family,
            String method,
            Function<Kernels, F> of,
            double low,
            double high,
            int flops,
            Binary<F> kernel) {
        KernelRow moderate =
                KernelRow.of(
                                family,
                                method,
                                (kernels, n, memory) -> {
                                    F implementation = of.apply(kernels);
                                    KernelArray x = memory.input(n, low, high);
                                    KernelArray y = memory.input(n, -3, 3);
                                    KernelArray out = memory.output(n);
                                    return () ->
                                            kernel.run(
                                                    implementation,
                                                    x.segment(),
                                                    x.offset(),
                                                    y.segment(),
                                                    y.offset(),
                                                    n,
                                                    out.segment(),
                                                    out.offset());
                                })
                        .flops(n -> (double) flops * n);
        return List.of(
                moderate,
                Elementwise.binary(family, method, of, kernel).variant("hostile").benchSizes(NONE));
    }
}
