package dev.lanewise.kernels.table;

import java.util.List;

/**
 * More rows of {@link dev.lanewise.kernels.OptimizerUpdate}: those of {@link OptimizerUpdateRows}
 * come first.
 */
final class AdaptiveUpdateRows {
    private AdaptiveUpdateRows() {}

    static List<KernelRow> rows() {
        return List.of(
                row(
                                "rmsPropMomentum",
                                (kernels, n, memory) -> {
                                    KernelArray g = memory.input(n);
                                    KernelArray v = memory.updated(n, 0, 0.1);
                                    KernelArray a = memory.updated(n, -0.1, 0.1);
                                    KernelArray b = memory.updated(n, -1, 1);
                                    KernelArray w = memory.updated(n, -1, 1);
                                    return () ->
                                            kernels.optimizer()
                                                    .rmsPropMomentum(
                                                            g.segment(),
                                                            g.offset(),
                                                            n,
                                                            0.001f,
                                                            0.01f,
                                                            0.99f,
                                                            1e-6f,
                                                            0.9f,
                                                            false,
                                                            v.segment(),
                                                            v.offset(),
                                                            a.segment(),
                                                            a.offset(),
                                                            b.segment(),
                                                            b.offset(),
                                                            w.segment(),
                                                            w.offset());
                                })
                        .flops(n -> 13.0 * n),
                row(
                                "rmsPropMomentum",
                                (kernels, n, memory) -> {
                                    KernelArray g = memory.input(n);
                                    KernelArray v = memory.updated(n, 0, 0.1);
                                    KernelArray a = memory.updated(n, -0.1, 0.1);
                                    KernelArray b = memory.updated(n, -1, 1);
                                    KernelArray w = memory.updated(n, -1, 1);
                                    return () ->
                                            kernels.optimizer()
                                                    .rmsPropMomentum(
                                                            g.segment(),
                                                            g.offset(),
                                                            n,
                                                            0.001f,
                                                            0.01f,
                                                            0.99f,
                                                            1e-6f,
                                                            0.9f,
                                                            true,
                                                            v.segment(),
                                                            v.offset(),
                                                            a.segment(),
                                                            a.offset(),
                                                            b.segment(),
                                                            b.offset(),
                                                            w.segment(),
                                                            w.offset());
                                })
                        .variant("centered")
                        .flops(n -> 13.0 * n),
                row(
                                "adadelta",
                                (kernels, n, memory) -> {
                                    KernelArray g = memory.input(n);
                                    KernelArray v = memory.updated(n, 0, 0.1);
                                    KernelArray u = memory.updated(n, 0, 0.1);
                                    KernelArray w = memory.updated(n, -1, 1);
                                    return () ->
                                            kernels.optimizer()
                                                    .adadelta(
                                                            g.segment(),
                                                            g.offset(),
                                                            n,
                                                            0.001f,
                                                            0.01f,
                                                            0.9f,
                                                            1e-6f,
                                                            v.segment(),
                                                            v.offset(),
                                                            u.segment(),
                                                            u.offset(),
                                                            w.segment(),
                                                            w.offset());
                                })
                        .flops(n -> 15.0 * n),
                row(
                                "lion",
                                (kernels, n, memory) -> {
                                    KernelArray g = memory.input(n);
                                    KernelArray m = memory.updated(n, -1, 1);
                                    KernelArray w = memory.updated(n, -1, 1);
                                    return () ->
                                            kernels.optimizer()
                                                    .lion(
                                                            g.segment(),
                                                            g.offset(),
                                                            n,
                                                            0.001f,
                                                            0.01f,
                                                            0.9f,
                                                            0.999f,
                                                            m.segment(),
                                                            m.offset(),
                                                            w.segment(),
                                                            w.offset());
                                })
                        .flops(n -> 9.0 * n),
                row(
                                "amsGrad",
                                (kernels, n, memory) -> {
                                    KernelArray g = memory.input(n);
                                    KernelArray m = memory.updated(n, -1, 1);
                                    KernelArray v = memory.updated(n, 0, 0.1);
                                    KernelArray x = memory.updated(n, 0, 0.1);
                                    KernelArray w = memory.updated(n, -1, 1);
                                    return () ->
                                            kernels.optimizer()
                                                    .amsGrad(
                                                            g.segment(),
                                                            g.offset(),
                                                            n,
                                                            0.001f,
                                                            0.01f,
                                                            false,
                                                            0.9f,
                                                            0.999f,
                                                            1e-6f,
                                                            0.1f,
                                                            0.001f,
                                                            m.segment(),
                                                            m.offset(),
                                                            v.segment(),
                                                            v.offset(),
                                                            x.segment(),
                                                            x.offset(),
                                                            w.segment(),
                                                            w.offset());
                                })
                        .flops(n -> 14.0 * n),
                row(
                                "adamMixed",
                                (kernels, n, memory) -> {
                                    KernelArray g = memory.input(n);
                                    KernelArray m = memory.updated(n, -1, 1);
                                    KernelArray v = memory.updated(n, 0, 0.1);
                                    KernelArray w = memory.updated(n, -1, 1);
                                    return () ->
                                            kernels.optimizer()
                                                    .adamMixed(
                                                            g.segment(),
                                                            g.offset(),
                                                            n,
                                                            0.01f,
                                                            0.999f,
                                                            0.9f,
                                                            0.999f,
                                                            0.0001f,
                                                            0.001f,
                                                            1.5f,
                                                            1e-6f,
                                                            m.segment(),
                                                            m.offset(),
                                                            v.segment(),
                                                            v.offset(),
                                                            w.segment(),
                                                            w.offset());
                                })
                        .flops(n -> 15.0 * n));
    }

    private static KernelRow row(String method, KernelRow.Preparation preparation) {
        return KernelRow.of("optimizer", method, preparation);
    }
}
