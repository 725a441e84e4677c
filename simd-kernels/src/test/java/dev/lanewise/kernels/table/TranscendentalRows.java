package dev.lanewise.kernels.table;

import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.Transcendental;
import dev.lanewise.kernels.table.Elementwise.Binary;
import dev.lanewise.kernels.table.Elementwise.Unary;

import java.util.List;
import java.util.stream.Stream;

/** Rows of {@link Transcendental}; the flops are the operations of the vector form. */
final class TranscendentalRows {
    private TranscendentalRows() {}

    static List<KernelRow> rows() {
        return Stream.of(
                        unary("exp", -8, 8, 22, Transcendental::exp),
                        unary("expm1", -8, 8, 30, Transcendental::expm1),
                        unary("log", 0.01, 8, 32, Transcendental::log),
                        unary("log1p", -0.9, 8, 32, Transcendental::log1p),
                        unary("tanh", -8, 8, 34, Transcendental::tanh),
                        unary("sigmoid", -8, 8, 34, Transcendental::sigmoid),
                        unary("erf", -8, 8, 46, Transcendental::erf),
                        unary("erfc", -8, 8, 50, Transcendental::erfc),
                        unary("sin", -8, 8, 36, Transcendental::sin),
                        unary("cos", -8, 8, 36, Transcendental::cos),
                        unary("sqrt", 0, 8, 1, Transcendental::sqrt),
                        unary("rsqrt", 0.01, 8, 2, Transcendental::rsqrt),
                        binary("pow", 0.01, 8, 70, Transcendental::pow),
                        unary(
                                "powScalar",
                                0.01,
                                8,
                                70,
                                (family, x, xOffset, n, out, outOffset) ->
                                        family.powScalar(x, xOffset, n, 1.7f, out, outOffset)))
                .flatMap(List::stream)
                .toList();
    }

    private static List<KernelRow> unary(
            String method, double low, double high, int flops, Unary<Transcendental> kernel) {
        return Functions.unary(
                "transcendental", method, Kernels::transcendental, low, high, flops, kernel);
    }

    private static List<KernelRow> binary(
            String method, double low, double high, int flops, Binary<Transcendental> kernel) {
        return Functions.binary(
                "transcendental", method, Kernels::transcendental, low, high, flops, kernel);
    }
}
