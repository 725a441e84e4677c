package dev.lanewise.bench.work;

import dev.lanewise.kernels.Conv2dShape;
import dev.lanewise.kernels.Convolution;
import dev.lanewise.kernels.ConvolutionPass;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.Kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A 2-D convolution, NCHW in and out, or a 1-D one, NCL, without bias, or one of its gradients.
 * Weights that go in are packed before the call.
 *
 * @param shape its geometry; equal strides, paddings and dilations
 * @param kind what is computed
 */
public record ConvolutionWork(Conv2dShape shape, Kind kind) implements Work {

    /** What is computed, from which two inputs. */
    public enum Kind {
        /** The output, from the input and the weights. */
        FORWARD(""),
        /** The gradient of the input, from that of the output and the weights. */
        INPUT_GRADIENT("-inputgradient"),
        /** The gradient of the weights, from the input and the gradient of the output. */
        WEIGHT_GRADIENT("-weightgradient");

        private final String suffix;

        Kind(String suffix) {
            this.suffix = suffix;
        }

        private static Kind of(String text) {
            return text.endsWith(INPUT_GRADIENT.suffix)
                    ? INPUT_GRADIENT
                    : text.endsWith(WEIGHT_GRADIENT.suffix) ? WEIGHT_GRADIENT : FORWARD;
        }

        private String without(String text) {
            return text.substring(0, text.length() - suffix.length());
        }
    }

    /**
     * Reads {@code 1x64x56x56-k64-3x3-s1-p1} with an optional {@code -d2} for dilation, {@code
     * -g64} for groups, and {@code -inputgradient} or {@code -weightgradient}.
     */
    static ConvolutionWork parse(String text) {
        Kind kind = Kind.of(text);
        String[] parts = kind.without(text).split("-");
        int[] input = sizes(parts[0]);
        int[] kernel = sizes(parts[2]);
        int stride = Integer.parseInt(parts[3].substring(1));
        int padding = Integer.parseInt(parts[4].substring(1));
        int dilation = option(parts, 'd');
        int groups = option(parts, 'g');
        int filters = Integer.parseInt(parts[1].substring(1));
        return new ConvolutionWork(
                new Conv2dShape(
                        input[0], input[1], input[2], input[3], filters, kernel[0], kernel[1],
                        stride, stride, padding, padding, padding, padding, dilation, dilation,
                        groups),
                kind);
    }

    /** The number after a letter, behind the padding; 1 where there is none. */
    private static int option(String[] parts, char letter) {
        for (int i = 5; i < parts.length; i++) {
            if (parts[i].charAt(0) == letter) {
                return Integer.parseInt(parts[i].substring(1));
            }
        }
        return 1;
    }

    /** Reads {@code 32x64x256-k64-3-s1-p1}, with an optional gradient like {@link #parse}. */
    static ConvolutionWork parseLines(String text) {
        Kind kind = Kind.of(text);
        String[] parts = kind.without(text).split("-");
        int[] in = sizes(parts[0]);
        return new ConvolutionWork(
                Conv2dShape.ofLines(
                        in[0],
                        in[1],
                        in[2],
                        Integer.parseInt(parts[1].substring(1)),
                        Integer.parseInt(parts[2]),
                        Integer.parseInt(parts[3].substring(1)),
                        Integer.parseInt(parts[4].substring(1)),
                        1,
                        1),
                kind);
    }

    static int[] sizes(String text) {
        return java.util.Arrays.stream(text.split("x")).mapToInt(Integer::parseInt).toArray();
    }

    @Override
    public String id() {
        if (shape.inHeight() == 1 && shape.padTop() == 0) {
            return "conv1d/%dx%dx%d-k%d-%d-s%d-p%d%s"
                    .formatted(
                            shape.batch(),
                            shape.inChannels(),
                            shape.inWidth(),
                            shape.outChannels(),
                            shape.kernelWidth(),
                            shape.strideWidth(),
                            shape.padLeft(),
                            kind.suffix);
        }
        return "conv/%dx%dx%dx%d-k%d-%dx%d-s%d-p%d%s%s%s"
                .formatted(
                        shape.batch(),
                        shape.inChannels(),
                        shape.inHeight(),
                        shape.inWidth(),
                        shape.outChannels(),
                        shape.kernelHeight(),
                        shape.kernelWidth(),
                        shape.strideHeight(),
                        shape.padTop(),
                        shape.dilationHeight() == 1 ? "" : "-d" + shape.dilationHeight(),
                        shape.groups() == 1 ? "" : "-g" + shape.groups(),
                        kind.suffix);
    }

    private long inElements() {
        return (long) shape.batch() * shape.inChannels() * shape.inHeight() * shape.inWidth();
    }

    private long weightElements() {
        return (long) shape.outChannels()
                * (shape.inChannels() / shape.groups())
                * shape.kernelHeight()
                * shape.kernelWidth();
    }

    private long outElements() {
        return (long) shape.batch() * shape.outChannels() * shape.outHeight() * shape.outWidth();
    }

    @Override
    public double flops() {
        return 2.0
                * outElements()
                * (shape.inChannels() / shape.groups())
                * shape.kernelHeight()
                * shape.kernelWidth();
    }

    @Override
    public double bytes() {
        return 4.0 * (inElements() + weightElements() + outElements());
    }

    @Override
    public Data allocate(Arena arena) {
        return switch (kind) {
            case FORWARD -> Data.of(arena, inElements(), weightElements(), outElements());
            case INPUT_GRADIENT -> Data.of(arena, outElements(), weightElements(), inElements());
            case WEIGHT_GRADIENT -> Data.of(arena, inElements(), outElements(), weightElements());
        };
    }

    @Override
    public Runnable prepare(Kernels kernels, Data data, Arena arena) {
        Convolution convolution = kernels.convolution();
        return switch (kind) {
            case FORWARD -> forward(convolution, data, arena);
            case INPUT_GRADIENT -> inputGradient(convolution, data, arena);
            case WEIGHT_GRADIENT -> weightGradient(convolution, data, arena);
        };
    }

    private static MemorySegment floats(Arena arena, long elements) {
        return arena.allocate(4 * Math.max(16, elements), 64);
    }

    /** The weights, packed now. */
    private MemorySegment packed(
            Convolution convolution,
            ConvolutionPass pass,
            Data data,
            Arena arena,
            MemorySegment workspace) {
        MemorySegment weights = floats(arena, convolution.packedWeightSize(shape, pass));
        int slices = convolution.weightSlices(shape, pass);
        convolution.packWeight(data.b(), 0, shape, pass, 0, slices, workspace, 0, weights, 0);
        return weights;
    }

    private Runnable forward(Convolution convolution, Data data, Arena arena) {
        ConvolutionPass pass = ConvolutionPass.FORWARD;
        MemorySegment workspace = floats(arena, convolution.packedWorkspaceSize(shape));
        MemorySegment weights = packed(convolution, pass, data, arena, workspace);
        return () ->
                convolution.forwardPacked(
                        data.a(),
                        0,
                        weights,
                        0,
                        false,
                        data.b(),
                        0,
                        shape,
                        0,
                        shape.allBands(pass),
                        FusedActivation.NONE,
                        workspace,
                        0,
                        data.out(),
                        0);
    }

    private Runnable inputGradient(Convolution convolution, Data data, Arena arena) {
        ConvolutionPass pass = ConvolutionPass.INPUT_GRADIENT;
        MemorySegment workspace = floats(arena, convolution.packedWorkspaceSize(shape));
        MemorySegment weights = packed(convolution, pass, data, arena, workspace);
        return () ->
                convolution.inputGradientPacked(
                        data.a(),
                        0,
                        weights,
                        0,
                        shape,
                        0,
                        shape.allBands(pass),
                        workspace,
                        0,
                        data.out(),
                        0);
    }

    private Runnable weightGradient(Convolution convolution, Data data, Arena arena) {
        MemorySegment workspace = floats(arena, convolution.workspaceSize(shape));
        return () ->
                convolution.weightGradient(
                        data.a(),
                        0,
                        data.b(),
                        0,
                        shape,
                        0,
                        shape.batch(),
                        0,
                        workspace,
                        0,
                        data.out(),
                        0);
    }
}
