package dev.lanewise.kernels.table;

import java.util.List;

/** Rows of {@link dev.lanewise.kernels.OptimizerUpdate}. */
final class OptimizerUpdateRows {
    private OptimizerUpdateRows() {}

    static List<KernelRow> rows() {
        return List.of(
                row(
                                "sgd",
                                (kernels, n, memory) -> {
                                    KernelArray g = memory.input(n);
                                    KernelArray w = memory.updated(n, -1, 1);
                                    return () ->
                                            kernels.optimizer()
                                                    .sgd(
                                                            g.segment(),
                                                            g.offset(),
                                                            n,
                                                            0.01f,
                                                            0.001f,
                                                            w.segment(),
                                                            w.offset());
                                })
                        .flops(n -> 4.0 * n),
                row(
                                "momentum",
                                (kernels, n, memory) -> {
                                    KernelArray g = memory.input(n);
                                    KernelArray v = memory.updated(n, 0, 0.1);
                                    KernelArray w = memory.updated(n, -1, 1);
                                    return () ->
                                            kernels.optimizer()
                                                    .momentum(
                                                            g.segment(),
                                                            g.offset(),
                                                            n,
                                                            0.01f,
                                                            0.001f,
                                                            0.9f,
                                                            0f,
                                                            false,
                                                            v.segment(),
                                                            v.offset(),
                                                            w.segment(),
                                                            w.offset());
                                })
                        .flops(n -> 7.0 * n),
                row(
                                "momentum",
                                (kernels, n, memory) -> {
                                    KernelArray g = memory.input(n);
                                    KernelArray v = memory.updated(n, 0, 0.1);
                                    KernelArray w = memory.updated(n, -1, 1);
                                    return () ->
                                            kernels.optimizer()
                                                    .momentum(
                                                            g.segment(),
                                                            g.offset(),
                                                            n,
                                                            0.01f,
                                                            0.001f,
                                                            0.9f,
                                                            0.1f,
                                                            true,
                                                            v.segment(),
                                                            v.offset(),
                                                            w.segment(),
                                                            w.offset());
                                })
                        .variant("nesterov")
                        .flops(n -> 9.0 * n),
                row(
                                "adam",
                                (kernels, n, memory) -> {
                                    KernelArray g = memory.input(n);
                                    KernelArray m = memory.updated(n, 0, 0.1);
                                    KernelArray v = memory.updated(n, 0, 0.1);
                                    KernelArray w = memory.updated(n, -1, 1);
                                    return () ->
                                            kernels.optimizer()
                                                    .adam(
                                                            g.segment(),
                                                            g.offset(),
                                                            n,
                                                            0.001f,
                                                            0.01f,
                                                            false,
                                                            0.9f,
                                                            0.999f,
                                                            1e-8f,
                                                            0.1f,
                                                            0.001f,
                                                            m.segment(),
                                                            m.offset(),
                                                            v.segment(),
                                                            v.offset(),
                                                            w.segment(),
                                                            w.offset());
                                })
                        .flops(n -> 13.0 * n),
                row(
                                "adam",
                                (kernels, n, memory) -> {
                                    KernelArray g = memory.input(n);
                                    KernelArray m = memory.updated(n, 0, 0.1);
                                    KernelArray v = memory.updated(n, 0, 0.1);
                                    KernelArray w = memory.updated(n, -1, 1);
                                    return () ->
                                            kernels.optimizer()
                                                    .adam(
                                                            g.segment(),
                                                            g.offset(),
                                                            n,
                                                            0.001f,
                                                            0.01f,
                                                            true,
                                                            0.9f,
                                                            0.999f,
                                                            1e-8f,
                                                            0.1f,
                                                            0.001f,
                                                            m.segment(),
                                                            m.offset(),
                                                            v.segment(),
                                                            v.offset(),
                                                            w.segment(),
                                                            w.offset());
                                })
                        .variant("decoupled")
                        .flops(n -> 13.0 * n),
                row(
                                "rmsProp",
                                (kernels, n, memory) -> {
                                    KernelArray g = memory.input(n);
                                    KernelArray v = memory.updated(n, 0, 0.1);
                                    KernelArray w = memory.updated(n, -1, 1);
                                    return () ->
                                            kernels.optimizer()
                                                    .rmsProp(
                                                            g.segment(),
                                                            g.offset(),
                                                            n,
                                                            0.001f,
                                                            0.01f,
                                                            0.99f,
                                                            1e-8f,
                                                            v.segment(),
                                                            v.offset(),
                                                            w.segment(),
                                                            w.offset());
                                })
                        .flops(n -> 10.0 * n),
                row(
                                "adagrad",
                                (kernels, n, memory) -> {
                                    KernelArray g = memory.input(n);
                                    KernelArray v = memory.updated(n, 0, 0.1);
                                    KernelArray w = memory.updated(n, -1, 1);
                                    return () ->
                                            kernels.optimizer()
                                                    .adagrad(
                                                            g.segment(),
                                                            g.offset(),
                                                            n,
                                                            0.001f,
                                                            0.01f,
                                                            1e-10f,
                                                            v.segment(),
                                                            v.offset(),
                                                            w.segment(),
                                                            w.offset());
                                })
                        .flops(n -> 9.0 * n));
    }

    private static KernelRow row(String method, KernelRow.Preparation preparation) {
        return KernelRow.of("optimizer", method, preparation);
    }
}
