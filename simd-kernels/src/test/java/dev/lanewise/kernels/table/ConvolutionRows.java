package dev.lanewise.kernels.table;

import dev.lanewise.kernels.Conv2dShape;
import dev.lanewise.kernels.FusedActivation;

import java.util.List;

/** Rows of {@link dev.lanewise.kernels.Convolution}. */
final class ConvolutionRows {
    private ConvolutionRows() {}

    static List<KernelRow> rows() {
        return List.of(
                KernelRow.of(
                                "convolution",
                                "forward",
                                (kernels, n, memory) -> {
                                    Conv2dShape shape = Conv2dShape.of(2, 3, n, n, 5, 3, 3, 1, 1);
                                    KernelArray in = memory.input(2L * 3 * n * n);
                                    KernelArray weight = memory.input(5 * 3 * 3 * 3);
                                    KernelArray bias = memory.input(5);
                                    KernelArray out = memory.output(2L * 5 * n * n);
                                    KernelArray workspace =
                                            memory.scratch(
                                                    kernels.convolution().workspaceSize(shape));
                                    return () ->
                                            kernels.convolution()
                                                    .forward(
                                                            in.segment(),
                                                            in.offset(),
                                                            weight.segment(),
                                                            weight.offset(),
                                                            true,
                                                            bias.segment(),
                                                            bias.offset(),
                                                            shape,
                                                            0,
                                                            2,
                                                            FusedActivation.RELU,
                                                            workspace.segment(),
                                                            workspace.offset(),
                                                            out.segment(),
                                                            out.offset());
                                })
                        .sizes(1, 3, 4, 7, 16, 17)
                        .flops(n -> 2.0 * 2 * 5 * 27 * n * n)
                        .tolerance(Tolerance.sum(n -> 28, 1)));
    }
}
