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

    /**
     * out = f(the pass + bias).
     *
     * @param weight packed, or those of the forward convolution as they are
     * @param packed whether they are packed
     */
    static void run(
            ConvolutionPass pass,
            MemorySegment in,
            long inOffset,
            boolean packed,
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
        boolean forward = pass == ConvolutionPass.FORWARD;
        Correlation correlation = forward ? plan.forward : plan.inputGradient;
        PixelPlan pixels = packed ? plan.pixels(pass) : null;
        boolean rectify = activation == FusedActivation.RELU;
        if (forward && plan.pointwise) {
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
        if (pixels != null) {
            PixelKernel.run(
                    pixels,
                    in,
                    inOffset,
                    weight,
                    weightOffset,
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
                    correlation,
                    in,
                    inOffset,
                    weight,
                    weightOffset,
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
                correlation,
                forward ? shape.outChannels() : shape.inChannels(),
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

    /** The slices of packed weights: panels of filters, or filters, of all groups. */
    static int slices(Conv2dShape shape, ConvolutionPass pass) {
        ConvolutionPlan plan = ConvolutionPlan.of(shape);
        PixelPlan pixels = plan.pixels(pass);
        if (pixels != null) {
            return pixels.panels();
        }
        return pass == ConvolutionPass.FORWARD ? shape.outChannels() : shape.inChannels();
    }

    /** Packs a range of slices of weights for {@link #run}. */
    static void pack(
            Conv2dShape shape,
            ConvolutionPass pass,
            int firstSlice,
            int lastSlice,
            MemorySegment weight,
            long weightOffset,
            MemorySegment packed,
            long packedOffset) {
        ConvolutionPlan plan = ConvolutionPlan.of(shape);
        int groupWeights = shape.outChannels() / shape.groups() * shape.weightsPerChannel();
        PixelPlan pixels = plan.pixels(pass);
        if (pixels != null) {
            PixelWeights.pack(
                    pixels,
                    firstSlice,
                    lastSlice,
                    weight,
                    weightOffset,
                    groupWeights,
                    packed,
                    packedOffset);
        } else if (pass == ConvolutionPass.FORWARD) {
            long from = (long) firstSlice * shape.weightsPerChannel();
            long to = (long) lastSlice * shape.weightsPerChannel();
            MemorySegment.copy(
                    weight,
                    (weightOffset + from) << 2,
                    packed,
                    (packedOffset + from) << 2,
                    (to - from) << 2);
        } else {
            CorrelationKernel.pack(
                    plan.inputGradient,
                    firstSlice,
                    lastSlice,
                    weight,
                    weightOffset,
                    groupWeights,
                    packed,
                    packedOffset);
        }
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
        for (int n = firstBand / c.bands; (long) n * c.bands < lastBand; n++) {
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
