package dev.lanewise.kernels;

/**
 * The geometry of a 2-D convolution over NCHW data.
 *
 * <p>Input [N, C, H, W], weight [K, C/groups, kernelHeight, kernelWidth], output [N, K, outHeight,
 * outWidth] with outHeight = ⌊(H + padTop + padBottom − dilationHeight·(kernelHeight − 1) − 1) /
 * strideHeight⌋ + 1, outWidth likewise.
 *
 * @param batch N
 * @param inChannels C
 * @param inHeight H
 * @param inWidth W
 * @param outChannels K
 * @param kernelHeight rows of a filter
 * @param kernelWidth columns of a filter
 * @param strideHeight step between output rows, in input rows
 * @param strideWidth step between output columns, in input columns
 * @param padTop zero rows above the input
 * @param padBottom zero rows below it
 * @param padLeft zero columns left of it
 * @param padRight zero columns right of it
 * @param dilationHeight distance of two filter rows, in input rows
 * @param dilationWidth distance of two filter columns, in input columns
 * @param groups blocks of channels that are convolved separately
 * @param algorithm whether {@link Winograd}'s algorithm may be used
 */
public record Conv2dShape(
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
        int dilationHeight,
        int dilationWidth,
        int groups,
        ConvolutionAlgorithm algorithm) {

    /** Rows of a band: those of one tile of {@link Winograd}'s algorithm. */
    public static final int BAND = Winograd.TILE;

    /** Any geometry, computed by the fastest algorithm. */
    public Conv2dShape(
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
            int dilationHeight,
            int dilationWidth,
            int groups) {
        this(
                batch,
                inChannels,
                inHeight,
                inWidth,
                outChannels,
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
                ConvolutionAlgorithm.FAST);
    }

    /** A convolution with one stride, one padding on all sides, no dilation and one group. */
    public static Conv2dShape of(
            int batch,
            int inChannels,
            int inHeight,
            int inWidth,
            int outChannels,
            int kernelHeight,
            int kernelWidth,
            int stride,
            int padding) {
        return new Conv2dShape(
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
                1,
                1,
                1);
    }

    /**
     * A 1-D convolution: [N, C, length] with weight [K, C, kernel], as one over images of one row.
     */
    public static Conv2dShape ofLines(
            int batch,
            int inChannels,
            int length,
            int outChannels,
            int kernel,
            int stride,
            int padding,
            int dilation,
            int groups) {
        return new Conv2dShape(
                batch,
                inChannels,
                1,
                length,
                outChannels,
                1,
                kernel,
                1,
                stride,
                0,
                0,
                padding,
                padding,
                1,
                dilation,
                groups);
    }

    /** This geometry, computed as told. */
    public Conv2dShape with(ConvolutionAlgorithm other) {
        return new Conv2dShape(
                batch,
                inChannels,
                inHeight,
                inWidth,
                outChannels,
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
                other);
    }

    /** The rows of the output; 0 where the filter does not fit. */
    public int outHeight() {
        return outSize(
                inHeight, (long) padTop + padBottom, kernelHeight, strideHeight, dilationHeight);
    }

    /** The columns of the output; 0 where the filter does not fit. */
    public int outWidth() {
        return outSize(inWidth, (long) padLeft + padRight, kernelWidth, strideWidth, dilationWidth);
    }

    /**
     * The output-size formula of convolution and pooling: ⌊(in + padding − dilation·(kernel − 1) −
     * 1) / stride⌋ + 1, at least 0.
     */
    public static int outSize(int in, long padding, int kernel, int stride, int dilation) {
        long span = in + padding - (long) dilation * (kernel - 1) - 1;
        return span < 0 ? 0 : Math.toIntExact(span / stride + 1);
    }

    /**
     * The bands of an image: its result's rows, cut into as many as may be computed apart from each
     * other ({@link Convolution}). A band has {@link #BAND} rows, or, where a stride spreads the
     * result of the input gradient, so many times the stride; the last one has what is left.
     */
    public int bands(ConvolutionPass pass) {
        return Math.ceilDiv(
                switch (pass) {
                    case FORWARD -> outHeight();
                    case INPUT_GRADIENT -> Math.ceilDiv(inHeight, strideHeight);
                },
                BAND);
    }

    /** The bands of all images of the batch. */
    public int allBands(ConvolutionPass pass) {
        return Math.multiplyExact(batch, bands(pass));
    }

    /** The filter's weights that one output channel has: C/groups · kernelHeight · kernelWidth. */
    public int weightsPerChannel() {
        return inChannels / groups * kernelHeight * kernelWidth;
    }

    /**
     * The first output position at which a filter tap lies inside the input: the smallest p ≥ 0
     * with p · stride + shift ≥ 0.
     *
     * @param shift the input position of the tap at output position 0: tap · dilation − padding
     */
    public static int firstInside(int shift, int stride) {
        return shift >= 0 ? 0 : (stride - 1 - shift) / stride;
    }

    /**
     * The end of the output positions at which a filter tap lies inside the input: the smallest p
     * with p · stride + shift ≥ in, between 0 and {@code out}.
     */
    public static int endInside(int shift, int stride, int in, int out) {
        return Math.clamp((in - shift + stride - 1L) / stride, 0, out);
    }
}
