package dev.lanewise.bench.work;

import dev.lanewise.kernels.Conv2dShape;
import dev.lanewise.kernels.ConvTranspose2dShape;
import dev.lanewise.kernels.Convolution;
import dev.lanewise.kernels.ConvolutionPass;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.Kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A transposed 2-D convolution, NCHW in and out, without bias, weights packed before the call.
 *
 * @param shape its geometry; equal strides and paddings, dilation and groups 1, no output padding
 */
public record TransposedConvolutionWork(ConvTranspose2dShape shape) implements Work {

    /** Reads {@code 8x64x14x14-k32-4x4-s2-p1}. */
    static TransposedConvolutionWork parse(String text) {
        String[] parts = text.split("-");
        int[] in = ConvolutionWork.sizes(parts[0]);
        int[] kernel = ConvolutionWork.sizes(parts[2]);
        return new TransposedConvolutionWork(
                ConvTranspose2dShape.of(
                        in[0],
                        in[1],
                        in[2],
                        in[3],
                        Integer.parseInt(parts[1].substring(1)),
                        kernel[0],
                        kernel[1],
                        Integer.parseInt(parts[3].substring(1)),
                        Integer.parseInt(parts[4].substring(1)),
                        0));
    }

    @Override
    public String id() {
        Conv2dShape c = shape.convolution();
        return "deconv/%dx%dx%dx%d-k%d-%dx%d-s%d-p%d"
                .formatted(
                        shape.batch(),
                        shape.inChannels(),
                        shape.inHeight(),
                        shape.inWidth(),
                        shape.outChannels(),
                        c.kernelHeight(),
                        c.kernelWidth(),
                        c.strideHeight(),
                        c.padTop());
    }

    private long inElements() {
        return (long) shape.batch() * shape.inChannels() * shape.inHeight() * shape.inWidth();
    }

    private long weightElements() {
        return (long) shape.inChannels() * shape.convolution().weightsPerChannel();
    }

    private long outElements() {
        return (long) shape.batch() * shape.outChannels() * shape.outHeight() * shape.outWidth();
    }

    @Override
    public double flops() {
        return 2.0 * inElements() * shape.convolution().weightsPerChannel();
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
        Conv2dShape c = shape.convolution();
        ConvolutionPass pass = ConvolutionPass.INPUT_GRADIENT;
        long scratch = Math.max(16, convolution.packedWorkspaceSize(c));
        MemorySegment workspace = arena.allocate(4 * scratch, 64);
        MemorySegment weights = arena.allocate(4 * convolution.packedWeightSize(c, pass), 64);
        int slices = convolution.weightSlices(c, pass);
        convolution.packWeight(data.b(), 0, c, pass, 0, slices, workspace, 0, weights, 0);
        return () ->
                convolution.transposedPacked(
                        data.a(),
                        0,
                        weights,
                        0,
                        false,
                        data.b(),
                        0,
                        shape,
                        0,
                        c.allBands(ConvolutionPass.INPUT_GRADIENT),
                        FusedActivation.NONE,
                        workspace,
                        0,
                        data.out(),
                        0);
    }
}
