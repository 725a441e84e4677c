package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.Conv2dShape;
import dev.lanewise.kernels.ConvTranspose2dShape;
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
    public void packWeight(
            MemorySegment weight,
            long weightOffset,
            Conv2dShape shape,
            ConvolutionPass pass,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment packed,
            long packedOffset) {
        WinogradPlan plan = ConvolutionPlan.of(shape).winograd(pass);
        if (plan == null) {
            DirectConvolution.pack(shape, pass, weight, weightOffset, packed, packedOffset);
            return;
        }
        WinogradWeights.pack(
                plan.geometry,
                pass == ConvolutionPass.INPUT_GRADIENT,
                weight,
                weightOffset,
                workspace,
                workspaceOffset,
                packed,
                packedOffset);
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
            int firstBand,
            int lastBand,
            FusedActivation activation,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment out,
            long outOffset) {
        if (packsFirst(shape, ConvolutionPass.FORWARD)) {
            long scratch = workspaceOffset + packedWeightSize(shape, ConvolutionPass.FORWARD);
            packWeight(
                    weight,
                    weightOffset,
                    shape,
                    ConvolutionPass.FORWARD,
                    workspace,
                    scratch,
                    workspace,
                    workspaceOffset);
            forwardPacked(
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
        DirectConvolution.forward(
                in,
                inOffset,
                weight,
                weightOffset,
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
    }

    @Override
    public void forwardPacked(
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
        WinogradPlan plan = ConvolutionPlan.of(shape).winograd(ConvolutionPass.FORWARD);
        if (plan == null) {
            DirectConvolution.forwardPacked(
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
    public void inputGradient(
            MemorySegment dOut,
            long dOutOffset,
            MemorySegment weight,
            long weightOffset,
            Conv2dShape shape,
            int firstBand,
            int lastBand,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment dIn,
            long dInOffset) {
        plainGradient(
                dOut,
                dOutOffset,
                weight,
                weightOffset,
                false,
                weight,
                weightOffset,
                shape,
                firstBand,
                lastBand,
                FusedActivation.NONE,
                workspace,
                workspaceOffset,
                dIn,
                dInOffset);
    }

    @Override
    public void inputGradientPacked(
            MemorySegment dOut,
            long dOutOffset,
            MemorySegment packed,
            long packedOffset,
            Conv2dShape shape,
            int firstBand,
            int lastBand,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment dIn,
            long dInOffset) {
        packedGradient(
                dOut,
                dOutOffset,
                packed,
                packedOffset,
                false,
                packed,
                packedOffset,
                shape,
                firstBand,
                lastBand,
                FusedActivation.NONE,
                workspace,
                workspaceOffset,
                dIn,
                dInOffset);
    }

    @Override
    public void transposed(
            MemorySegment in,
            long inOffset,
            MemorySegment weight,
            long weightOffset,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            ConvTranspose2dShape shape,
            int firstBand,
            int lastBand,
            FusedActivation activation,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment out,
            long outOffset) {
        plainGradient(
                in,
                inOffset,
                weight,
                weightOffset,
                hasBias,
                bias,
                biasOffset,
                shape.convolution(),
                firstBand,
                lastBand,
                activation,
                workspace,
                workspaceOffset,
                out,
                outOffset);
    }

    @Override
    public void transposedPacked(
            MemorySegment in,
            long inOffset,
            MemorySegment packed,
            long packedOffset,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            ConvTranspose2dShape shape,
            int firstBand,
            int lastBand,
            FusedActivation activation,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment out,
            long outOffset) {
        packedGradient(
                in,
                inOffset,
                packed,
                packedOffset,
                hasBias,
                bias,
                biasOffset,
                shape.convolution(),
                firstBand,
                lastBand,
                activation,
                workspace,
                workspaceOffset,
                out,
                outOffset);
    }

    /** The input gradient, or f(that + bias), where a transposed convolution is asked for. */
    private void plainGradient(
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
        if (Winograd.suitsUnpacked(shape, ConvolutionPass.INPUT_GRADIENT)) {
            long packed = packedWeightSize(shape, ConvolutionPass.INPUT_GRADIENT);
            long scratch = workspaceOffset + packed;
            packWeight(
                    weight,
                    weightOffset,
                    shape,
                    ConvolutionPass.INPUT_GRADIENT,
                    workspace,
                    scratch,
                    workspace,
                    workspaceOffset);
            packedGradient(
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
        ConvolutionPass pass = ConvolutionPass.INPUT_GRADIENT;
        long scratch = workspaceOffset + DirectConvolution.packedSize(shape, pass);
        DirectConvolution.pack(shape, pass, weight, weightOffset, workspace, workspaceOffset);
        DirectConvolution.inputGradient(
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
    }

    /** {@link #plainGradient} with packed weights. */
    private static void packedGradient(
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
        WinogradPlan plan = ConvolutionPlan.of(shape).winograd(ConvolutionPass.INPUT_GRADIENT);
        if (plan == null) {
            DirectConvolution.inputGradient(
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
