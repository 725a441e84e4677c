package dev.lanewise.kernels.table;

import dev.lanewise.kernels.Arithmetic;
import dev.lanewise.kernels.Kernels;

import java.util.List;

/** Rows of {@link Arithmetic}. */
final class ArithmeticRows {
    private ArithmeticRows() {}

    static List<KernelRow> rows() {
        return List.of(
                binary("add", Arithmetic::add),
                binary("subtract", Arithmetic::subtract),
                binary("multiply", Arithmetic::multiply),
                binary("divide", Arithmetic::divide),
                binary("maximum", Arithmetic::maximum),
                binary("minimum", Arithmetic::minimum),
                unaryScalar("addScalar", Arithmetic::addScalar),
                unaryScalar("subtractFromScalar", Arithmetic::subtractFromScalar),
                unaryScalar("multiplyScalar", Arithmetic::multiplyScalar),
                unaryScalar("divideScalar", Arithmetic::divideScalar),
                unaryScalar("divideIntoScalar", Arithmetic::divideIntoScalar),
                unaryScalar("maximumScalar", Arithmetic::maximumScalar),
                unaryScalar("minimumScalar", Arithmetic::minimumScalar),
                row(
                                "clamp",
                                (kernels, n, memory) -> {
                                    KernelArray a = memory.hostile(n);
                                    KernelArray out = memory.output(n);
                                    return () ->
                                            kernels.arithmetic()
                                                    .clamp(
                                                            a.segment(),
                                                            a.offset(),
                                                            n,
                                                            -2f,
                                                            3f,
                                                            out.segment(),
                                                            out.offset());
                                })
                        .flops(n -> 2.0 * n),
                unary("negate", Arithmetic::negate),
                unary("abs", Arithmetic::abs),
                unary("sign", Arithmetic::sign),
                unary("square", Arithmetic::square),
                unary("reciprocal", Arithmetic::reciprocal),
                row(
                                "multiplyAdd",
                                (kernels, n, memory) -> {
                                    KernelArray a = memory.hostile(n);
                                    KernelArray b = memory.hostile(n);
                                    KernelArray c = memory.hostile(n);
                                    KernelArray out = memory.output(n);
                                    return () ->
                                            kernels.arithmetic()
                                                    .multiplyAdd(
                                                            a.segment(),
                                                            a.offset(),
                                                            b.segment(),
                                                            b.offset(),
                                                            c.segment(),
                                                            c.offset(),
                                                            n,
                                                            out.segment(),
                                                            out.offset());
                                })
                        .flops(n -> 2.0 * n),
                row(
                                "axpy",
                                (kernels, n, memory) -> {
                                    KernelArray x = memory.hostile(n);
                                    KernelArray y = memory.hostileUpdated(n);
                                    return () ->
                                            kernels.arithmetic()
                                                    .axpy(
                                                            x.segment(),
                                                            x.offset(),
                                                            n,
                                                            0.7f,
                                                            y.segment(),
                                                            y.offset());
                                })
                        .flops(n -> 2.0 * n),
                row(
                                "axpby",
                                (kernels, n, memory) -> {
                                    KernelArray x = memory.hostile(n);
                                    KernelArray y = memory.hostileUpdated(n);
                                    return () ->
                                            kernels.arithmetic()
                                                    .axpby(
                                                            x.segment(),
                                                            x.offset(),
                                                            n,
                                                            0.7f,
                                                            -0.3f,
                                                            y.segment(),
                                                            y.offset());
                                })
                        .flops(n -> 3.0 * n),
                row(
                                "axpby",
                                (kernels, n, memory) -> {
                                    KernelArray x = memory.hostile(n);
                                    KernelArray y = memory.output(n);
                                    return () ->
                                            kernels.arithmetic()
                                                    .axpby(
                                                            x.segment(),
                                                            x.offset(),
                                                            n,
                                                            0.7f,
                                                            0f,
                                                            y.segment(),
                                                            y.offset());
                                })
                        .variant("beta0")
                        .flops(n -> n));
    }

    private static KernelRow row(String method, KernelRow.Preparation preparation) {
        return KernelRow.of("arithmetic", method, preparation);
    }

    private static KernelRow unary(String method, Elementwise.Unary<Arithmetic> kernel) {
        return Elementwise.unary("arithmetic", method, Kernels::arithmetic, kernel);
    }

    private static KernelRow unaryScalar(
            String method, Elementwise.UnaryScalar<Arithmetic> kernel) {
        return Elementwise.unaryScalar("arithmetic", method, Kernels::arithmetic, 0.7f, kernel);
    }

    private static KernelRow binary(String method, Elementwise.Binary<Arithmetic> kernel) {
        return Elementwise.binary("arithmetic", method, Kernels::arithmetic, kernel);
    }
}
