package dev.lanewise.bench.work;

import dev.lanewise.kernels.Conv2dShape;
import dev.lanewise.kernels.Convolution;
import dev.lanewise.kernels.ConvolutionPass;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.Kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A 2-D convolution, NCHW in and out, or a 1-D one, NCL, without bias, weights packed before the
 * call.
 *
 * @param shape its geometry; equal strides and paddings, dilation 1
 */
public record ConvolutionWork(Conv2dShape shape) implements Work {

    /** Reads {@code 1x64x56x56-k64-3x3-s1-p1} with an optional {@code -g64} for groups. */
    static ConvolutionWork parse(String text) {
        String[] parts = text.split("-");
        int[] input = sizes(parts[0]);
        int[] kernel = sizes(parts[2]);
        int stride = Integer.parseInt(parts[3].substring(1));
        int padding = Integer.parseInt(parts[4].substring(1));
        int groups = parts.length > 5 ? Integer.parseInt(parts[5].substring(1)) : 1;
        int filters = Integer.parseInt(parts[1].substring(1));
        return new ConvolutionWork(
                new Conv2dShape(
                        input[0], input[1], input[2], input[3], filters, kernel[0], kernel[1],
                        stride, stride, padding, padding, padding, padding, 1, 1, groups));
    }

    /** Reads {@code 32x64x256-k64-3-s1-p1}. */
    static ConvolutionWork parseLines(String text) {
        String[] parts = text.split("-");
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
                        1));
    }

    static int[] sizes(String text) {
        return java.util.Arrays.stream(text.split("x")).mapToInt(Integer::parseInt).toArray();
    }

    @Override
    public String id() {
        if (shape.inHeight() == 1 && shape.padTop() == 0) {
            return "conv1d/%dx%dx%d-k%d-%d-s%d-p%d"
                    .formatted(
                            shape.batch(),
                            shape.inChannels(),
                            shape.inWidth(),
                            shape.outChannels(),
                            shape.kernelWidth(),
                            shape.strideWidth(),
                            shape.padLeft());
        }
        return "conv/%dx%dx%dx%d-k%d-%dx%d-s%d-p%d%s"
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
                        shape.groups() == 1 ? "" : "-g" + shape.groups());
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
        return Data.of(arena, inElements(), weightElements(), outElements());
    }

    @Override
    public Runnable prepare(Kernels kernels, Data data, Arena arena) {
        Convolution convolution = kernels.convolution();
        ConvolutionPass pass = ConvolutionPass.FORWARD;
        long scratch = Math.max(16, convolution.packedWorkspaceSize(shape));
        MemorySegment workspace = arena.allocate(4 * scratch, 64);
        MemorySegment weights = arena.allocate(4 * convolution.packedWeightSize(shape, pass), 64);
        int slices = convolution.weightSlices(shape, pass);
        convolution.packWeight(data.b(), 0, shape, pass, 0, slices, workspace, 0, weights, 0);
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
                        shape.allBands(ConvolutionPass.FORWARD),
                        FusedActivation.NONE,
                        workspace,
                        0,
                        data.out(),
                        0);
    }
}
