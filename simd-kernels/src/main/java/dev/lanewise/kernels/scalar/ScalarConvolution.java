package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.Conv2dShape;
import dev.lanewise.kernels.Convolution;
import dev.lanewise.kernels.ConvolutionPass;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.Winograd;
import dev.lanewise.kernels.Winograd.Geometry;

import java.lang.foreign.MemorySegment;

/**
 * Convolution by {@link ScalarWinograd} where {@link Winograd} suits, else by {@link
 * ScalarDirectConvolution}, for which packed weights are a copy.
 */
public final class ScalarConvolution implements Convolution {
    private static final ConvolutionPass[] PASSES = ConvolutionPass.values();

    /** The scalar kernels; they have no state. */
    public ScalarConvolution() {}

    /** Weights packed by the plain forms, and what the packed ones need. */
    @Override
    public long workspaceSize(Conv2dShape shape) {
        long packed = 0;
        for (ConvolutionPass pass : PASSES) {
            if (packsFirst(shape, pass)) {
                packed = Math.max(packed, packedWeightSize(shape, pass));
            }
        }
        return packed + packedWorkspaceSize(shape);
    }

    @Override
    public long packedWorkspaceSize(Conv2dShape shape) {
        long size = 0;
        for (ConvolutionPass pass : PASSES) {
            if (Winograd.suits(shape, pass)) {
                size = Math.max(size, ScalarWinograd.workspaceSize(Geometry.of(shape, pass)));
            }
        }
        return size;
    }

    @Override
    public boolean packsFirst(Conv2dShape shape, ConvolutionPass pass) {
        return Winograd.suitsUnpacked(shape, pass);
    }

    @Override
    public long packedWeightSize(Conv2dShape shape, ConvolutionPass pass) {
        return Winograd.suits(shape, pass)
                ? ScalarWinograd.packedSize(Geometry.of(shape, pass))
                : weights(shape);
    }

    private static long weights(Conv2dShape shape) {
        return (long) shape.outChannels() * shape.weightsPerChannel();
    }

    /** The summed channels of a transformed weight, the output channels of a copied one. */
    @Override
    public int weightSlices(Conv2dShape shape, ConvolutionPass pass) {
        return Winograd.suits(shape, pass)
                ? Geometry.of(shape, pass).channels()
                : shape.outChannels();
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
        if (!Winograd.suits(shape, pass)) {
            long channel = shape.weightsPerChannel();
            MemorySegment.copy(
                    weight,
                    (weightOffset + firstSlice * channel) << 2,
                    packed,
                    (packedOffset + firstSlice * channel) << 2,
                    ((lastSlice - firstSlice) * channel) << 2);
            return;
        }
        ScalarWinograd.pack(
                Geometry.of(shape, pass),
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
        if (!packsFirst(shape, pass)) {
            direct(
                    pass,
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
                    out,
                    outOffset);
            return;
        }
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
        if (!Winograd.suits(shape, pass)) {
            direct(
                    pass,
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
                    out,
                    outOffset);
            return;
        }
        ScalarWinograd.run(
                Geometry.of(shape, pass),
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

    private static void direct(
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
            MemorySegment out,
            long outOffset) {
        switch (pass) {
            case FORWARD ->
                    ScalarDirectConvolution.forward(
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
                            out,
                            outOffset);
            case INPUT_GRADIENT ->
                    ScalarDirectConvolution.inputGradient(
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
                            out,
                            outOffset);
        }
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
        ScalarDirectConvolution.weightGradient(
                in,
                inOffset,
                dOut,
                dOutOffset,
                shape,
                firstImage,
                lastImage,
                beta,
                dWeight,
                dWeightOffset);
    }
}
