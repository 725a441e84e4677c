package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;

/**
 * 2-D convolution (cross-correlation, as deep learning calls it) over NCHW data, and its gradients.
 *
 * <p>{@code out[n, k, y, x] = Σ over c, r, s of in[n, c, y·stride − pad + r·dilation, x·stride −
 * pad + s·dilation] · weight[k, c, r, s]}, zero outside the input; with groups, output channel k
 * sees only the input channels of its group. Layouts are contiguous. The transposed convolution is
 * {@link #inputGradient}. Error bound as for {@link Gemm} with k =
 * C/groups·kernelHeight·kernelWidth (forward), K/groups·kernelHeight·kernelWidth (input gradient),
 * N·outHeight·outWidth (weight gradient).
 *
 * <p>The range {@code firstImage} to {@code lastImage} (exclusive) lets callers split a batch over
 * threads; it never changes bits. A workspace holds {@link #workspaceSize} elements, 64-byte
 * aligned, and is overwritten.
 */
public interface Convolution {

    /**
     * The scratch elements that any of the kernels needs for one call with this geometry, however
     * many images it covers.
     */
    long workspaceSize(Conv2dShape shape);

    /**
     * out = f(conv(in, weight) + bias): images firstImage to lastImage of the batch; bias: [K],
     * ignored where hasBias is false.
     */
    void forward(
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
            long outOffset);

    /**
     * dIn = the gradient of the input, from dOut and the weight: images firstImage to lastImage,
     * overwritten.
     */
    void inputGradient(
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
            long dInOffset);

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
