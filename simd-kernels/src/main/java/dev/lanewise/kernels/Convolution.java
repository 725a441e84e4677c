package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;

/**
 * 2-D convolution (cross-correlation, as deep learning calls it) over NCHW data, and its gradients.
 *
 * <p>{@code out[n, k, y, x] = Σ over c, r, s of in[n, c, y·stride − pad + r·dilation, x·stride −
 * pad + s·dilation] · weight[k, c, r, s]}, zero outside the input; with groups, output channel k
 * sees only the input channels of its group. Layouts are contiguous. The transposed convolution is
 * {@link #transposed}.
 *
 * <p>Error bound as for {@link Gemm} with k = C/groups·kernelHeight·kernelWidth (forward),
 * K/groups·kernelHeight·kernelWidth (input gradient), N·outHeight·outWidth (weight gradient), where
 * sums of products are formed. Forward and input gradient of 3x3 filters may use {@link Winograd}'s
 * algorithm, which says for which geometries and how accurate it is; {@link
 * ConvolutionAlgorithm#DIRECT} in the shape turns it off.
 *
 * <p>Weights that are used more than once are best packed once ({@link #packWeight}). The packed
 * forms and the plain ones give the same bits wherever {@link #packsFirst} is true or the algorithm
 * is direct.
 *
 * <p>Forward, input gradient and transposed convolution compute a range of bands, {@code firstBand}
 * to {@code lastBand} (exclusive): some rows of the result of one image, of all its channels,
 * numbered through the batch; {@link Conv2dShape#bands} tells how many an image has. So callers
 * split a batch, or a single image, over threads. A range never changes bits. A workspace holds
 * {@link #workspaceSize} elements, 64-byte aligned, and is overwritten.
 */
public interface Convolution {

    /**
     * The scratch elements that any of the kernels needs for one call with this geometry, however
     * many bands it covers.
     */
    long workspaceSize(Conv2dShape shape);

    /**
     * The scratch elements that {@link #packWeight} and the kernels on packed weights need: fewer
     * than {@link #workspaceSize} where the plain ones pack first.
     */
    long packedWorkspaceSize(Conv2dShape shape);

    /**
     * Whether the plain form of this pass packs the weights into its workspace and goes on as the
     * packed one does. Who calls it for several ranges packs once instead: the bits are the same.
     */
    boolean packsFirst(Conv2dShape shape, ConvolutionPass pass);

    /** The elements of all slices of {@link #packWeight}; the batch does not matter. */
    long packedWeightSize(Conv2dShape shape, ConvolutionPass pass);

    /**
     * The slices of the packed weights: each is packed apart from the others, so that callers share
     * them among threads. The batch does not matter.
     */
    int weightSlices(Conv2dShape shape, ConvolutionPass pass);

    /**
     * Packs slices firstSlice to lastSlice (exclusive) of weight: [K, C/groups, kernelHeight,
     * kernelWidth] for one pass; the packed weights serve shapes that differ from this one in the
     * batch only. Calls whose ranges cover {@link #weightSlices} pack them all, to the same bits
     * whatever the ranges, in any order and, each with a workspace of its own, at the same time.
     *
     * @param firstSlice at least 0
     * @param lastSlice at least firstSlice, at most {@link #weightSlices}
     * @param workspace scratch of {@link #packedWorkspaceSize} elements
     */
    void packWeight(
            MemorySegment weight,
            long weightOffset,
            Conv2dShape shape,
            ConvolutionPass pass,
            int firstSlice,
            int lastSlice,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment packed,
            long packedOffset);

    /**
     * out = f(a pass of in + bias): bands firstBand to lastBand of the batch; bias: [K] forward,
     * [C] for an input gradient, ignored where hasBias is false. {@link #forward}, {@link
     * #inputGradient} and {@link #transposed}, an input gradient with a bias, are named forms of
     * it.
     *
     * @param in the input of {@link ConvolutionPass#FORWARD}, the gradient of the output for {@link
     *     ConvolutionPass#INPUT_GRADIENT}
     */
    void run(
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
            long outOffset);

    /**
     * {@link #run} with weights packed for this pass.
     *
     * @param workspace scratch of {@link #packedWorkspaceSize} elements
     */
    void runPacked(
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
            long outOffset);

    /**
     * out = f(conv(in, weight) + bias): bands firstBand to lastBand of the batch; bias: [K],
     * ignored where hasBias is false.
     */
    default void forward(
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
        run(
                ConvolutionPass.FORWARD,
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

    /**
     * {@link #forward} with weights packed for {@link ConvolutionPass#FORWARD}.
     *
     * @param workspace scratch of {@link #packedWorkspaceSize} elements
     */
    default void forwardPacked(
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
        runPacked(
                ConvolutionPass.FORWARD,
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
    }

    /**
     * dIn = the gradient of the input, from dOut and the weight: bands firstBand to lastBand,
     * overwritten.
     */
    default void inputGradient(
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
        run(
                ConvolutionPass.INPUT_GRADIENT,
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

    /**
     * {@link #inputGradient} with weights packed for {@link ConvolutionPass#INPUT_GRADIENT}.
     *
     * @param workspace scratch of {@link #packedWorkspaceSize} elements
     */
    default void inputGradientPacked(
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
        runPacked(
                ConvolutionPass.INPUT_GRADIENT,
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

    /**
     * out = f(the transposed convolution of in + bias): bands firstBand to lastBand of the batch;
     * bias: [K], ignored where hasBias is false. The sums are {@link #inputGradient}'s. Workspace
     * and packing are those of {@code shape.convolution()}.
     */
    default void transposed(
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
        run(
                ConvolutionPass.INPUT_GRADIENT,
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

    /**
     * {@link #transposed} with weights packed for {@link ConvolutionPass#INPUT_GRADIENT} of {@code
     * shape.convolution()}.
     *
     * @param workspace scratch of {@link #packedWorkspaceSize} elements
     */
    default void transposedPacked(
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
        runPacked(
                ConvolutionPass.INPUT_GRADIENT,
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

    /**
     * dWeight = beta · dWeight + the gradient of the weight, summed over images firstImage to
     * lastImage. With beta = 0, dWeight is not read. The sum over images has a fixed order; callers
     * that split a batch sum fixed chunks.
     */
    void weightGradient(
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
            long dWeightOffset);
}
