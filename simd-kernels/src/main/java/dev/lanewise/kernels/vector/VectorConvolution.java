package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.Conv2dShape;
import dev.lanewise.kernels.Convolution;
import dev.lanewise.kernels.ConvolutionPass;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.Winograd;

import java.lang.foreign.MemorySegment;

/**
 * Convolution by {@link WinogradKernel} where {@link Winograd} suits, else through register tiles
 * over flat planes ({@link Correlation}): nothing like im2col is built, only one padded image of
 * one group at a time. Sums run in the order of the scalar kernels, so finite results have the same
 * bits.
 */
public final class VectorConvolution implements Convolution {

    /** The vector kernels; they have no state. */
    public VectorConvolution() {}

    @Override
    public long workspaceSize(Conv2dShape shape) {
        return ConvolutionPlan.of(shape).workspaceSize;
    }

    @Override
    public long packedWorkspaceSize(Conv2dShape shape) {
        return ConvolutionPlan.of(shape).packedWorkspaceSize;
    }

    @Override
    public boolean packsFirst(Conv2dShape shape, ConvolutionPass pass) {
        if (Winograd.suits(shape, pass)) {
            return Winograd.suitsUnpacked(shape, pass);
        }
        return pass == ConvolutionPass.INPUT_GRADIENT
                || ConvolutionPlan.of(shape).packsPixelsFirst();
    }

    @Override
    public long packedWeightSize(Conv2dShape shape, ConvolutionPass pass) {
        WinogradPlan plan = ConvolutionPlan.of(shape).winograd(pass);
        return plan != null ? plan.packedSize() : DirectConvolution.packedSize(shape, pass);
    }

    @Override
    public int weightSlices(Conv2dShape shape, ConvolutionPass pass) {
        WinogradPlan plan = ConvolutionPlan.of(shape).winograd(pass);
        return plan != null ? plan.geometry.channels() : DirectConvolution.slices(shape, pass);
    }

    @Override
    public void packWeight(
            MemorySegment weight,
            long weightOffset,
            Conv2dShape shape,
            ConvolutionPass pass,
            int firstSlice,
            int lastSlice,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment packed,
            long packedOffset) {
        WinogradPlan plan = ConvolutionPlan.of(shape).winograd(pass);
        if (plan == null) {
            DirectConvolution.pack(
                    shape, pass, firstSlice, lastSlice, weight, weightOffset, packed, packedOffset);
            return;
        }
        WinogradWeights.pack(
                plan.geometry,
                pass == ConvolutionPass.INPUT_GRADIENT,
                firstSlice,
                lastSlice,
                weight,
                weightOffset,
                workspace,
                workspaceOffset,
                packed,
                packedOffset);
    }

    @Override
    public void run(
            ConvolutionPass pass,
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
        if (packsFirst(shape, pass)) {
            long scratch = workspaceOffset + packedWeightSize(shape, pass);
            packWeight(
                    weight,
                    weightOffset,
                    shape,
                    pass,
                    0,
                    weightSlices(shape, pass),
                    workspace,
                    scratch,
                    workspace,
                    workspaceOffset);
            runPacked(
                    pass,
                    in,
                    inOffset,
                    workspace,
                    workspaceOffset,
                    hasBias,
                    bias,
                    biasOffset,
                    shape,
                    firstBand,
                    lastBand,
                    activation,
                    workspace,
                    scratch,
                    out,
                    outOffset);
            return;
        }
        // What packs first but is not named so: an input gradient with too few of Winograd's tiles
        // to
        // transform the weights in each call; the direct form wants them gathered in any case.
        boolean packs = pass == ConvolutionPass.INPUT_GRADIENT;
        long scratch = workspaceOffset;
        if (packs) {
            DirectConvolution.pack(
                    shape,
                    pass,
                    0,
                    DirectConvolution.slices(shape, pass),
                    weight,
                    weightOffset,
                    workspace,
                    workspaceOffset);
            scratch += DirectConvolution.packedSize(shape, pass);
        }
        DirectConvolution.run(
                pass,
                in,
                inOffset,
                packs,
                packs ? workspace : weight,
                packs ? workspaceOffset : weightOffset,
                hasBias,
                bias,
                biasOffset,
                shape,
                firstBand,
                lastBand,
                activation,
                workspace,
                scratch,
                out,
                outOffset);
    }

    @Override
    public void runPacked(
            ConvolutionPass pass,
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
        WinogradPlan plan = ConvolutionPlan.of(shape).winograd(pass);
        if (plan == null) {
            DirectConvolution.run(
                    pass,
                    in,
                    inOffset,
                    true,
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
        WinogradKernel.run(
                plan,
                in,
                inOffset,
                packed,
                packedOffset,
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
