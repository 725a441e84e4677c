package dev.lanewise.kernels;

/**
 * The geometry of pooling over planes [H, W] to [outHeight, outWidth], sizes as in {@link
 * Conv2dShape#outSize}.
 *
 * @param inHeight H
 * @param inWidth W
 * @param kernelHeight rows of the window
 * @param kernelWidth columns of the window
 * @param strideHeight step between output rows
 * @param strideWidth step between output columns
 * @param padTop rows added above
 * @param padBottom rows added below
 * @param padLeft columns added on the left
 * @param padRight columns added on the right
 */
public record Pool2dShape(
        int inHeight,
        int inWidth,
        int kernelHeight,
        int kernelWidth,
        int strideHeight,
        int strideWidth,
        int padTop,
        int padBottom,
        int padLeft,
        int padRight) {

    /** A square window without padding. */
    public static Pool2dShape of(int inHeight, int inWidth, int kernel, int stride) {
        return new Pool2dShape(inHeight, inWidth, kernel, kernel, stride, stride, 0, 0, 0, 0);
    }

    /** The rows of the output. */
    public int outHeight() {
        return Conv2dShape.outSize(
                inHeight, (long) padTop + padBottom, kernelHeight, strideHeight, 1);
    }

    /** The columns of the output. */
    public int outWidth() {
        return Conv2dShape.outSize(inWidth, (long) padLeft + padRight, kernelWidth, strideWidth, 1);
    }
}
