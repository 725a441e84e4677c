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

    /** Elements of weights packed for {@link #inputGradient}. */
    static long packedSize(Conv2dShape shape) {
        return CorrelationKernel.packedSize(ConvolutionPlan.of(shape).inputGradient);
    }

    /** Packs weights for {@link #inputGradient}. */
    static void pack(
            Conv2dShape shape,
            MemorySegment weight,
            long weightOffset,
            MemorySegment packed,
            long packedOffset) {
        Correlation correlation = ConvolutionPlan.of(shape).inputGradient;
        CorrelationKernel.pack(
                correlation,
                weight,
                weightOffset,
                correlation.sourceChannels * shape.weightsPerChannel(),
                packed,
                packedOffset);
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
                packed,
                packedOffset,
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
