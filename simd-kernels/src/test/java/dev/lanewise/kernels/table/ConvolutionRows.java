package dev.lanewise.kernels.table;

import dev.lanewise.kernels.Conv2dShape;
import dev.lanewise.kernels.ConvTranspose2dShape;
import dev.lanewise.kernels.ConvolutionPass;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.Kernels;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Rows of {@link dev.lanewise.kernels.Convolution}; a size is the height and width of the input.
 */
final class ConvolutionRows {
    private ConvolutionRows() {}

    static List<KernelRow> rows() {
        List<KernelRow> rows = new ArrayList<>();
        add(rows, "", n -> Conv2dShape.of(2, 3, n, n, 5, 3, 3, 1, 1), 1, 3, 4, 7, 16, 17);
        add(rows, "32 channels", n -> Conv2dShape.of(2, 32, n, n, 64, 3, 3, 1, 1), 14);
        add(rows, "1x1", n -> Conv2dShape.of(2, 7, n, n, 6, 1, 1, 1, 0), 1, 4, 7, 16, 17);
        add(rows, "7x7 stride 2", n -> Conv2dShape.of(1, 3, n, n, 8, 7, 7, 2, 3), 1, 7, 23, 32);
        add(
                rows,
                "depthwise",
                n -> new Conv2dShape(2, 5, n, n, 5, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 5),
                1,
                4,
                7,
                16,
                17,
                33);
        add(
                rows,
                "dilated, grouped",
                n -> new Conv2dShape(1, 4, n, n, 6, 3, 3, 1, 2, 1, 2, 0, 3, 2, 2, 2),
                4,
                9,
                17,
                33);
        add(rows, "64 filters stride 2", n -> Conv2dShape.of(2, 32, n, n, 64, 3, 3, 2, 1), 7, 20);
        addTransposed(rows);
        return rows;
    }

    /** The decoder's doubling of an image, and one of stride 1. */
    private static void addTransposed(List<KernelRow> rows) {
        addTransposed(
                rows, "", n -> ConvTranspose2dShape.of(2, 4, n, n, 3, 4, 4, 2, 1, 0), 1, 4, 9, 17);
        addTransposed(
                rows,
                "32 channels",
                n -> ConvTranspose2dShape.of(2, 32, n, n, 48, 3, 3, 1, 1, 0),
                14);
        addTransposed(
                rows,
                "40 filters",
                n -> ConvTranspose2dShape.of(2, 16, n, n, 40, 4, 4, 2, 1, 0),
                1,
                9);
    }

    private static void addTransposed(
            List<KernelRow> rows,
            String variant,
            IntFunction<ConvTranspose2dShape> shapes,
            int... sizes) {
        for (boolean packed : new boolean[] {false, true}) {
            rows.add(
                    transposed(packed, shapes)
                            .variant(variant)
                            .sizes(sizes)
                            .benchSizes(14)
                            .flops(
                                    n -> {
                                        Conv2dShape s = shapes.apply(n).convolution();
                                        return 2.0 * outSize(s) * s.weightsPerChannel();
                                    }));
        }
    }

    private static KernelRow transposed(boolean packed, IntFunction<ConvTranspose2dShape> shapes) {
        return KernelRow.of(
                "convolution",
                packed ? "transposedPacked" : "transposed",
                (kernels, n, memory) -> {
                    ConvTranspose2dShape shape = shapes.apply(n);
                    Conv2dShape convolution = shape.convolution();
                    KernelArray in = memory.input(outSize(convolution));
                    KernelArray weight =
                            packed
                                    ? packed(
                                            kernels,
                                            convolution,
                                            ConvolutionPass.INPUT_GRADIENT,
                                            memory)
                                    : memory.input(weightSize(convolution));
                    KernelArray bias = memory.input(shape.outChannels());
                    KernelArray out = memory.output(inSize(convolution));
                    KernelArray workspace =
                            packed
                                    ? packedWorkspace(kernels, convolution, memory)
                                    : workspace(kernels, convolution, memory);
                    return packed
                            ? () ->
                                    kernels.convolution()
                                            .transposedPacked(
                                                    in.segment(),
                                                    in.offset(),
                                                    weight.segment(),
                                                    weight.offset(),
                                                    true,
                                                    bias.segment(),
                                                    bias.offset(),
                                                    shape,
                                                    0,
                                                    shape.convolution()
                                                            .allBands(
                                                                    ConvolutionPass.INPUT_GRADIENT),
                                                    FusedActivation.RELU,
                                                    workspace.segment(),
                                                    workspace.offset(),
                                                    out.segment(),
                                                    out.offset())
                            : () ->
                                    kernels.convolution()
                                            .transposed(
                                                    in.segment(),
                                                    in.offset(),
                                                    weight.segment(),
                                                    weight.offset(),
                                                    true,
                                                    bias.segment(),
                                                    bias.offset(),
                                                    shape,
                                                    0,
                                                    shape.convolution()
                                                            .allBands(
                                                                    ConvolutionPass.INPUT_GRADIENT),
                                                    FusedActivation.RELU,
                                                    workspace.segment(),
                                                    workspace.offset(),
                                                    out.segment(),
                                                    out.offset());
                });
    }

    private static void add(
            List<KernelRow> rows, String variant, IntFunction<Conv2dShape> shapes, int... sizes) {
        rows.add(refined(forward(shapes), variant, shapes, sizes));
        rows.add(refined(inputGradient(shapes), variant, shapes, sizes));
        rows.add(refined(weightGradient(shapes), variant, shapes, sizes));
        rows.add(refined(forwardPacked(shapes), variant, shapes, sizes));
        rows.add(refined(inputGradientPacked(shapes), variant, shapes, sizes));
        rows.add(refined(packWeight(shapes), variant, shapes, sizes).flops(n -> 0));
    }

    private static KernelRow refined(
            KernelRow row, String variant, IntFunction<Conv2dShape> shapes, int[] sizes) {
        return row.variant(variant)
                .sizes(sizes)
                .benchSizes(variant.equals("32 channels") ? 14 : 56)
                .flops(n -> 2.0 * outSize(shapes.apply(n)) * shapes.apply(n).weightsPerChannel());
    }

    private static long inSize(Conv2dShape s) {
        return (long) s.batch() * s.inChannels() * s.inHeight() * s.inWidth();
    }

    private static long weightSize(Conv2dShape s) {
        return (long) s.outChannels() * s.weightsPerChannel();
    }

    private static long outSize(Conv2dShape s) {
        return (long) s.batch() * s.outChannels() * s.outHeight() * s.outWidth();
    }

    private static KernelArray workspace(Kernels kernels, Conv2dShape shape, KernelMemory memory) {
        return memory.scratch(kernels.convolution().workspaceSize(shape));
    }

    private static KernelRow forward(IntFunction<Conv2dShape> shapes) {
        return KernelRow.of(
                "convolution",
                "forward",
                (kernels, n, memory) -> {
                    Conv2dShape shape = shapes.apply(n);
                    KernelArray in = memory.input(inSize(shape));
                    KernelArray weight = memory.input(weightSize(shape));
                    KernelArray bias = memory.input(shape.outChannels());
                    KernelArray out = memory.output(outSize(shape));
                    KernelArray workspace = workspace(kernels, shape, memory);
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
                                            shape.allBands(ConvolutionPass.FORWARD),
                                            FusedActivation.RELU,
                                            workspace.segment(),
                                            workspace.offset(),
                                            out.segment(),
                                            out.offset());
                });
    }

    private static KernelRow inputGradient(IntFunction<Conv2dShape> shapes) {
        return KernelRow.of(
                "convolution",
                "inputGradient",
                (kernels, n, memory) -> {
                    Conv2dShape shape = shapes.apply(n);
                    KernelArray dOut = memory.input(outSize(shape));
                    KernelArray weight = memory.input(weightSize(shape));
                    KernelArray dIn = memory.output(inSize(shape));
                    KernelArray workspace = workspace(kernels, shape, memory);
                    return () ->
                            kernels.convolution()
                                    .inputGradient(
                                            dOut.segment(),
                                            dOut.offset(),
                                            weight.segment(),
                                            weight.offset(),
                                            shape,
                                            0,
                                            shape.allBands(ConvolutionPass.INPUT_GRADIENT),
                                            workspace.segment(),
                                            workspace.offset(),
                                            dIn.segment(),
                                            dIn.offset());
                });
    }

    private static KernelRow forwardPacked(IntFunction<Conv2dShape> shapes) {
        return KernelRow.of(
                "convolution",
                "forwardPacked",
                (kernels, n, memory) -> {
                    Conv2dShape shape = shapes.apply(n);
                    KernelArray in = memory.input(inSize(shape));
                    KernelArray weight = packed(kernels, shape, ConvolutionPass.FORWARD, memory);
                    KernelArray bias = memory.input(shape.outChannels());
                    KernelArray out = memory.output(outSize(shape));
                    KernelArray workspace = packedWorkspace(kernels, shape, memory);
                    return () ->
                            kernels.convolution()
                                    .forwardPacked(
                                            in.segment(),
                                            in.offset(),
                                            weight.segment(),
                                            weight.offset(),
                                            true,
                                            bias.segment(),
                                            bias.offset(),
                                            shape,
                                            0,
                                            shape.allBands(ConvolutionPass.FORWARD),
                                            FusedActivation.RELU,
                                            workspace.segment(),
                                            workspace.offset(),
                                            out.segment(),
                                            out.offset());
                });
    }

    private static KernelRow inputGradientPacked(IntFunction<Conv2dShape> shapes) {
        return KernelRow.of(
                "convolution",
                "inputGradientPacked",
                (kernels, n, memory) -> {
                    Conv2dShape shape = shapes.apply(n);
                    KernelArray dOut = memory.input(outSize(shape));
                    KernelArray weight =
                            packed(kernels, shape, ConvolutionPass.INPUT_GRADIENT, memory);
                    KernelArray dIn = memory.output(inSize(shape));
                    KernelArray workspace = packedWorkspace(kernels, shape, memory);
                    return () ->
                            kernels.convolution()
                                    .inputGradientPacked(
                                            dOut.segment(),
                                            dOut.offset(),
                                            weight.segment(),
                                            weight.offset(),
                                            shape,
                                            0,
                                            shape.allBands(ConvolutionPass.INPUT_GRADIENT),
                                            workspace.segment(),
                                            workspace.offset(),
                                            dIn.segment(),
                                            dIn.offset());
                });
    }

    /** Packed weights, packed now. */
    private static KernelArray packed(
            Kernels kernels, Conv2dShape shape, ConvolutionPass pass, KernelMemory memory) {
        KernelArray weight = memory.input(weightSize(shape));
        KernelArray packed = memory.scratch(kernels.convolution().packedWeightSize(shape, pass));
        KernelArray workspace = packedWorkspace(kernels, shape, memory);
        kernels.convolution()
                .packWeight(
                        weight.segment(),
                        weight.offset(),
                        shape,
                        pass,
                        0,
                        kernels.convolution().weightSlices(shape, pass),
                        workspace.segment(),
                        workspace.offset(),
                        packed.segment(),
                        packed.offset());
        return packed;
    }

    private static KernelArray packedWorkspace(
            Kernels kernels, Conv2dShape shape, KernelMemory memory) {
        return memory.scratch(kernels.convolution().packedWorkspaceSize(shape));
    }

    /** Backends pack differently, so the packed weights are scratch to the comparison. */
    private static KernelRow packWeight(IntFunction<Conv2dShape> shapes) {
        return KernelRow.of(
                "convolution",
                "packWeight",
                (kernels, n, memory) -> {
                    Conv2dShape shape = shapes.apply(n);
                    ConvolutionPass pass = ConvolutionPass.FORWARD;
                    KernelArray weight = memory.input(weightSize(shape));
                    KernelArray packed =
                            memory.scratch(kernels.convolution().packedWeightSize(shape, pass));
                    KernelArray workspace = packedWorkspace(kernels, shape, memory);
                    int slices = kernels.convolution().weightSlices(shape, pass);
                    return () ->
                            kernels.convolution()
                                    .packWeight(
                                            weight.segment(),
                                            weight.offset(),
                                            shape,
                                            pass,
                                            0,
                                            slices,
                                            workspace.segment(),
                                            workspace.offset(),
                                            packed.segment(),
                                            packed.offset());
                });
    }

    private static KernelRow weightGradient(IntFunction<Conv2dShape> shapes) {
        return KernelRow.of(
                "convolution",
                "weightGradient",
                (kernels, n, memory) -> {
                    Conv2dShape shape = shapes.apply(n);
                    KernelArray in = memory.input(inSize(shape));
                    KernelArray dOut = memory.input(outSize(shape));
                    KernelArray dWeight = memory.output(weightSize(shape));
                    KernelArray workspace = workspace(kernels, shape, memory);
                    return () ->
                            kernels.convolution()
                                    .weightGradient(
                                            in.segment(),
                                            in.offset(),
                                            dOut.segment(),
                                            dOut.offset(),
                                            shape,
                                            0,
                                            shape.batch(),
                                            0,
                                            workspace.segment(),
                                            workspace.offset(),
                                            dWeight.segment(),
                                            dWeight.offset());
                });
    }
}
