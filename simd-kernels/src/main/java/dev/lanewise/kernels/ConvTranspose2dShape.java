package dev.lanewise.kernels;

/**
 * The geometry of a transposed 2-D convolution over NCHW data: the linear map whose matrix is the
 * transpose of a convolution's, also known as fractionally strided convolution.
 *
 * <p>Input [N, C, H, W], weight [C, K/groups, kernelHeight, kernelWidth], output [N, K, outHeight,
 * outWidth] with outHeight = (H − 1) · strideHeight − padTop − padBottom + dilationHeight ·
 * (kernelHeight − 1) + 1 + outputPaddingHeight, outWidth likewise: {@code out[n, k, y·stride − pad
 * + r·dilation, x·stride − pad + s·dilation] += in[n, c, y, x] · weight[c, k, r, s]}. Output
 * padding is what a stride leaves open: so many more rows below and columns on the right.
 *
 * <p>The gradient of its input is the forward convolution of {@link #convolution}, that of its
 * weight the weight gradient, with input and output gradient exchanged.
 *
 * @param convolution the convolution that is transposed: from this one's output to its input
 */
public record ConvTranspose2dShape(Conv2dShape convolution) {

    /** One stride, one padding on all sides, one output padding, no dilation, one group. */
    public static ConvTranspose2dShape of(
            int batch,
            int inChannels,
            int inHeight,
            int inWidth,
            int outChannels,
            int kernelHeight,
            int kernelWidth,
            int stride,
            int padding,
            int outputPadding) {
        return of(
                batch,
                inChannels,
                inHeight,
                inWidth,
                outChannels,
                kernelHeight,
                kernelWidth,
                stride,
                stride,
                padding,
                padding,
                padding,
                padding,
                outputPadding,
                outputPadding,
                1,
                1,
                1,
                ConvolutionAlgorithm.FAST);
    }

    /**
     * Any geometry; H and W at least 1, {@code 0 ≤ outputPadding < stride} on both axes. The
     * output's size may come out negative: callers check.
     *
     * @throws IllegalArgumentException if an output padding is not below the stride, which would
     *     make another input size possible
     */
    public static ConvTranspose2dShape of(
            int batch,
            int inChannels,
            int inHeight,
            int inWidth,
            int outChannels,
            int kernelHeight,
            int kernelWidth,
            int strideHeight,
            int strideWidth,
            int padTop,
            int padBottom,
            int padLeft,
            int padRight,
            int outputPaddingHeight,
            int outputPaddingWidth,
            int dilationHeight,
            int dilationWidth,
            int groups,
            ConvolutionAlgorithm algorithm) {
        if (outputPaddingHeight < 0
                || outputPaddingHeight >= strideHeight
                || outputPaddingWidth < 0
                || outputPaddingWidth >= strideWidth) {
            throw new IllegalArgumentException(
                    "transposed convolution: output padding must be at least 0 and below the stride, got %dx%d, stride %dx%d"
                            .formatted(
                                    outputPaddingHeight,
                                    outputPaddingWidth,
                                    strideHeight,
                                    strideWidth));
        }
        return new ConvTranspose2dShape(
                new Conv2dShape(
                        batch,
                        outChannels,
                        outSize(
                                inHeight,
                                padTop + padBottom,
                                kernelHeight,
                                strideHeight,
                                dilationHeight,
                                outputPaddingHeight),
                        outSize(
                                inWidth,
                                padLeft + padRight,
                                kernelWidth,
                                strideWidth,
                                dilationWidth,
                                outputPaddingWidth),
                        inChannels,
                        kernelHeight,
                        kernelWidth,
                        strideHeight,
                        strideWidth,
                        padTop,
                        padBottom,
                        padLeft,
                        padRight,
                        dilationHeight,
                        dilationWidth,
                        groups,
                        algorithm));
    }

    /** (in − 1) · stride − padding + dilation · (kernel − 1) + 1 + outputPadding. */
    public static int outSize(
            int in, int padding, int kernel, int stride, int dilation, int outputPadding) {
        return (in - 1) * stride - padding + dilation * (kernel - 1) + 1 + outputPadding;
    }

    /** N. */
    public int batch() {
        return convolution.batch();
    }

    /** C. */
    public int inChannels() {
        return convolution.outChannels();
    }

    /** H. */
    public int inHeight() {
        return convolution.outHeight();
    }

    /** W. */
    public int inWidth() {
        return convolution.outWidth();
    }

    /** K. */
    public int outChannels() {
        return convolution.inChannels();
    }

    /** The rows of the output. */
    public int outHeight() {
        return convolution.inHeight();
    }

    /** The columns of the output. */
    public int outWidth() {
        return convolution.inWidth();
    }
}
