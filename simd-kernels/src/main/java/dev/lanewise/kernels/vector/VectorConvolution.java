package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.Conv2dShape;
import dev.lanewise.kernels.Convolution;
import dev.lanewise.kernels.FusedActivation;

import java.lang.foreign.MemorySegment;

/**
 * Convolution through register tiles over flat planes ({@link Correlation}): nothing like im2col is
 * built, only one padded image of one group at a time. Sums run in the order of the scalar kernels,
 * so finite results have the same bits.
 */
public final class VectorConvolution implements Convolution {

    /** The vector kernels; they have no state. */
    public VectorConvolution() {}

    @Override
    public long workspaceSize(Conv2dShape shape) {
        return ConvolutionPlan.of(shape).workspaceSize;
    }

    @Override
    public void forward(
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
        if (activation != FusedActivation.NONE && activation != FusedActivation.RELU) {
            long image = (long) shape.outChannels() * shape.outHeight() * shape.outWidth();
            activation.apply(
                    VectorKernels.bundle(),
                    out,
                    outOffset + firstImage * image,
                    (lastImage - firstImage) * image);
        }
    }

    @Override
    public void inputGradient(
            MemorySegment dOut,
            long dOutOffset,
            MemorySegment weight,
            long weightOffset,
            Conv2dShape shape,
            int firstImage,
            int lastImage,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment dIn,
            long dInOffset) {
        Correlation correlation = ConvolutionPlan.of(shape).inputGradient;
        CorrelationKernel.run(
                correlation,
                dOut,
                dOutOffset,
                weight,
                weightOffset,
                correlation.sourceChannels * shape.weightsPerChannel(),
                false,
                weight,
                weightOffset,
                false,
                firstImage,
                lastImage,
                workspace,
                workspaceOffset,
                dIn,
                dInOffset);
    }

    @Override
    public void weightGradient(
            MemorySegment in,
            long inOffset,
            MemorySegment dOut,
            long dOutOffset,
            Conv2dShape shape,
            int firstImage,
            int lastImage,
            float beta,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment dWeight,
            long dWeightOffset) {
        ConvolutionPlan plan = ConvolutionPlan.of(shape);
        if (DepthwiseGradientKernel.applies(plan.forward)) {
            DepthwiseGradientKernel.run(
                    plan,
                    in,
                    inOffset,
                    dOut,
                    dOutOffset,
                    firstImage,
                    lastImage,
                    beta,
                    workspace,
                    workspaceOffset,
                    dWeight,
                    dWeightOffset);
            return;
        }
        WeightGradientKernel.run(
                plan,
                in,
                inOffset,
                dOut,
                dOutOffset,
                firstImage,
                lastImage,
                beta,
                workspace,
                workspaceOffset,
                dWeight,
                dWeightOffset);
    }
}
