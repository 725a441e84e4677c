package dev.lanewise.kernels.table;

import dev.lanewise.kernels.Activation;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.table.Elementwise.Binary;
import dev.lanewise.kernels.table.Elementwise.Unary;

import java.util.List;
import java.util.stream.Stream;

/** Rows of {@link Activation}; the flops are the operations of the vector form. */
final class ActivationRows {
    private ActivationRows() {}

    static List<KernelRow> rows() {
        return Stream.of(
                        unary("relu", -8, 8, 1, Activation::relu),
                        binary("reluGradient", -8, 8, 1, Activation::reluGradient),
                        unary(
                                "leakyRelu",
                                -8,
                                8,
                                2,
                                (family, x, xOffset, n, out, outOffset) ->
                                        family.leakyRelu(x, xOffset, n, 0.3f, out, outOffset)),
                        binary(
                                "leakyReluGradient",
                                -8,
                                8,
                                2,
                                (family, x, xOffset, dy, dyOffset, n, dx, dxOffset) ->
                                        family.leakyReluGradient(
                                                x, xOffset, dy, dyOffset, n, 0.3f, dx, dxOffset)),
                        unary(
                                "elu",
                                -8,
                                8,
                                32,
                                (family, x, xOffset, n, out, outOffset) ->
                                        family.elu(x, xOffset, n, 0.3f, out, outOffset)),
                        binary(
                                "eluGradient",
                                -8,
                                8,
                                24,
                                (family, x, xOffset, dy, dyOffset, n, dx, dxOffset) ->
                                        family.eluGradient(
                                                x, xOffset, dy, dyOffset, n, 0.3f, dx, dxOffset)),
                        unary("selu", -8, 8, 33, Activation::selu),
                        binary("seluGradient", -8, 8, 25, Activation::seluGradient),
                        unary("gelu", -8, 8, 54, Activation::gelu),
                        binary("geluGradient", -8, 8, 56, Activation::geluGradient),
                        unary("geluTanh", -8, 8, 40, Activation::geluTanh),
                        binary("geluTanhGradient", -8, 8, 40, Activation::geluTanhGradient),
                        unary("silu", -8, 8, 34, Activation::silu),
                        binary("siluGradient", -8, 8, 34, Activation::siluGradient),
                        unary("softplus", -8, 8, 48, Activation::softplus),
                        binary("softplusGradient", -8, 8, 35, Activation::softplusGradient),
                        unary("hardTanh", -8, 8, 2, Activation::hardTanh),
                        binary("hardTanhGradient", -8, 8, 2, Activation::hardTanhGradient),
                        unary("hardSigmoid", -8, 8, 4, Activation::hardSigmoid),
                        binary("hardSigmoidGradient", -8, 8, 3, Activation::hardSigmoidGradient),
                        unary("hardSwish", -8, 8, 5, Activation::hardSwish),
                        binary("hardSwishGradient", -8, 8, 4, Activation::hardSwishGradient),
                        unary("heaviside", -8, 8, 1, Activation::heaviside),
                        binary("sigmoidGradient", -8, 8, 3, Activation::sigmoidGradient),
                        binary("tanhGradient", -8, 8, 3, Activation::tanhGradient))
                .flatMap(List::stream)
                .toList();
    }

    private static List<KernelRow> unary(
            String method, double low, double high, int flops, Unary<Activation> kernel) {
        return Functions.unary("activation", method, Kernels::activation, low, high, flops, kernel);
    }

    private static List<KernelRow> binary(
            String method, double low, double high, int flops, Binary<Activation> kernel) {
        return Functions.binary(
                "activation", method, Kernels::activation, low, high, flops, kernel);
    }
}
