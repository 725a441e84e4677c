package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.Conv2dShape;
import dev.lanewise.kernels.FusedActivation;

import java.lang.foreign.MemorySegment;

/** Forward convolution and input gradient through register tiles: {@link CorrelationKernel}. */
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
            int firstImage,
            int lastImage,
            FusedActivation activation,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment out,
            long outOffset) {
        Correlation correlation = ConvolutionPlan.of(shape).forward;
        CorrelationKernel.run(
                correlation,
                in,
                inOffset,
                weight,
                weightOffset,
                correlation.filters * shape.weightsPerChannel(),
                hasBias,
                bias,
                biasOffset,
                activation == FusedActivation.RELU,
                firstImage,
                lastImage,
                workspace,
                workspaceOffset,
                out,
                outOffset);
        finish(
                activation,
                shape.outChannels(),
                shape.outHeight() * shape.outWidth(),
                firstImage,
                lastImage,
                out,
                outOffset);
    }

    /** The input gradient, f(gradient + bias): filters are input channels. */
    static void inputGradient(
            MemorySegment in,
            long inOffset,
            MemorySegment weight,
            long weightOffset,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            Conv2dShape shape,
            int firstImage,
            int lastImage,
            FusedActivation activation,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment out,
            long outOffset) {
        Correlation correlation = ConvolutionPlan.of(shape).inputGradient;
        CorrelationKernel.run(
                correlation,
                in,
                inOffset,
                weight,
                weightOffset,
                correlation.sourceChannels * shape.weightsPerChannel(),
                hasBias,
                bias,
                biasOffset,
                activation == FusedActivation.RELU,
                firstImage,
                lastImage,
                workspace,
                workspaceOffset,
                out,
                outOffset);
        finish(
                activation,
                shape.inChannels(),
                shape.inHeight() * shape.inWidth(),
                firstImage,
                lastImage,
                out,
                outOffset);
    }

    /** Applies what the tiles' store does not. */
    private static void finish(
            FusedActivation activation,
            int channels,
            int plane,
            int firstImage,
            int lastImage,
            MemorySegment out,
            long outOffset) {
        if (activation != FusedActivation.NONE && activation != FusedActivation.RELU) {
            long image = (long) channels * plane;
            activation.apply(
                    VectorKernels.bundle(),
                    out,
                    outOffset + firstImage * image,
                    (lastImage - firstImage) * image);
        }
    }
}
