package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.Conv2dShape;
import dev.lanewise.kernels.ConvolutionPass;
import dev.lanewise.kernels.FusedActivation;

import java.lang.foreign.MemorySegment;

/**
 * Forward convolution and input gradient through register tiles: {@link PointwiseKernel} or {@link
 * PixelKernel} where {@link ConvolutionPlan} says so, else {@link CorrelationKernel}.
 */
final class DirectConvolution {
    private DirectConvolution() {}

    /** The forward convolution by register tiles. */
    static void forward(
            MemorySegment in,
            long inOffset,
            MemorySegment weight,
            long weightOffset,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            Conv2dShape shape,
            int firstBand,
            int lastBand,
            FusedActivation activation,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment out,
            long outOffset) {
        ConvolutionPlan plan = ConvolutionPlan.of(shape);
        Correlation correlation = plan.forward;
        if (plan.pointwise) {
            PointwiseKernel.run(
                    correlation,
                    in,
                    inOffset,
                    weight,
                    weightOffset,
                    hasBias,
                    bias,
                    biasOffset,
                    activation,
                    firstBand,
                    lastBand,
                    workspace,
                    workspaceOffset,
                    out,
                    outOffset);
            return;
        }
        CorrelationKernel.run(
                correlation,
                in,
                inOffset,
                weight,
                weightOffset,
                hasBias,
                bias,
                biasOffset,
                activation == FusedActivation.RELU,
                firstBand,
                lastBand,
                workspace,
                workspaceOffset,
                out,
                outOffset);
        finish(
                activation,
                ConvolutionPlan.of(shape).forward,
                shape.outChannels(),
                firstBand,
                lastBand,
                out,
                outOffset);
    }

    /** {@link #forward} of packed weights. */
    static void forwardPacked(
            MemorySegment in,
            long inOffset,
            MemorySegment packed,
            long packedOffset,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            Conv2dShape shape,
            int firstBand,
            int lastBand,
            FusedActivation activation,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment out,
            long outOffset) {
        PixelPlan pixels = ConvolutionPlan.of(shape).pixels(ConvolutionPass.FORWARD);
        if (pixels == null) {
            forward(
                    in,
                    inOffset,
                    packed,
                    packedOffset,
                    hasBias,
                    bias,
                    biasOffset,
                    shape,
                    firstBand,
                    lastBand,
                    activation,
                    workspace,
                    workspaceOffset,
                    out,
                    outOffset);
            return;
        }
        PixelKernel.run(
                pixels,
                in,
                inOffset,
                packed,
                packedOffset,
                hasBias,
                bias,
                biasOffset,
                activation == FusedActivation.RELU,
                firstBand,
                lastBand,
                workspace,
                workspaceOffset,
                out,
                outOffset);
        finish(
                activation,
                ConvolutionPlan.of(shape).forward,
                shape.outChannels(),
                firstBand,
                lastBand,
                out,
                outOffset);
    }

    /** Elements of packed weights. */
    static long packedSize(Conv2dShape shape, ConvolutionPass pass) {
        ConvolutionPlan plan = ConvolutionPlan.of(shape);
        PixelPlan pixels = plan.pixels(pass);
        if (pixels != null) {
            return pixels.packedSize;
        }
        return pass == ConvolutionPass.FORWARD
                ? (long) shape.outChannels() * shape.weightsPerChannel()
                : CorrelationKernel.packedSize(plan.inputGradient);
    }

    /** Packs weights for {@link #forwardPacked} or {@link #inputGradient}. */
    static void pack(
            Conv2dShape shape,
            ConvolutionPass pass,
            MemorySegment weight,
            long weightOffset,
            MemorySegment packed,
            long packedOffset) {
        ConvolutionPlan plan = ConvolutionPlan.of(shape);
        int groupWeights = shape.outChannels() / shape.groups() * shape.weightsPerChannel();
        PixelPlan pixels = plan.pixels(pass);
        if (pixels != null) {
            PixelWeights.pack(pixels, weight, weightOffset, groupWeights, packed, packedOffset);
        } else if (pass == ConvolutionPass.FORWARD) {
            long bytes = packedSize(shape, pass) << 2;
            MemorySegment.copy(weight, weightOffset << 2, packed, packedOffset << 2, bytes);
        } else {
            CorrelationKernel.pack(
                    plan.inputGradient, weight, weightOffset, groupWeights, packed, packedOffset);
        }
    }

    /** f(the input gradient + bias), filters being input channels, of packed weights. */
    static void inputGradient(
            MemorySegment in,
            long inOffset,
            MemorySegment packed,
            long packedOffset,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            Conv2dShape shape,
            int firstBand,
            int lastBand,
            FusedActivation activation,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment out,
            long outOffset) {
        ConvolutionPlan plan = ConvolutionPlan.of(shape);
        PixelPlan pixels = plan.pixels(ConvolutionPass.INPUT_GRADIENT);
        boolean rectify = activation == FusedActivation.RELU;
        if (pixels != null) {
            PixelKernel.run(
                    pixels,
                    in,
                    inOffset,
                    packed,
                    packedOffset,
                    hasBias,
                    bias,
                    biasOffset,
                    rectify,
                    firstBand,
                    lastBand,
                    workspace,
                    workspaceOffset,
                    out,
                    outOffset);
        } else {
            CorrelationKernel.run(
                    plan.inputGradient,
                    in,
                    inOffset,
                    packed,
                    packedOffset,
                    hasBias,
                    bias,
                    biasOffset,
                    rectify,
                    firstBand,
                    lastBand,
                    workspace,
                    workspaceOffset,
                    out,
                    outOffset);
        }
        finish(
                activation,
                plan.inputGradient,
                shape.inChannels(),
                firstBand,
                lastBand,
                out,
                outOffset);
    }

    /** Applies what the tiles' store does not. */
    private static void finish(
            FusedActivation activation,
            Correlation c,
            int channels,
            int firstBand,
            int lastBand,
            MemorySegment out,
            long outOffset) {
        if (activation == FusedActivation.NONE
                || activation == FusedActivation.RELU
                || firstBand >= lastBand) {
            return;
        }
        long plane = (long) c.outHeight * c.outWidth;
        for (int n = firstBand / c.bands; n * c.bands < lastBand; n++) {
            long first = (long) c.firstRow(n, firstBand) * c.stepHeight * c.outWidth;
            long last = Math.min((long) c.lastRow(n, lastBand) * c.stepHeight * c.outWidth, plane);
            for (int channel = 0; channel < channels; channel++) {
                activation.apply(
                        VectorKernels.bundle(),
                        out,
                        outOffset + ((long) n * channels + channel) * plane + first,
                        last - first);
            }
        }
    }
}
