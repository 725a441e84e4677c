package dev.lanewise.core;

import dev.lanewise.kernels.ConvTranspose2dShape;

/**
 * How the filter of a transposed convolution moves over its output.
 *
 * @param convolution the convolution that is transposed: its stride spreads the inputs, its padding
 *     cuts the output
 * @param outputPaddingHeight rows that the output has more, below the stride
 * @param outputPaddingWidth columns that the output has more, below the stride
 */
public record ConvTranspose2dOptions(
        Conv2dOptions convolution, int outputPaddingHeight, int outputPaddingWidth) {

    /** Checks that output paddings are at least 0 and below the stride. */
    public ConvTranspose2dOptions {
        if (outputPaddingHeight < 0
                || outputPaddingHeight >= convolution.strideHeight()
                || outputPaddingWidth < 0
                || outputPaddingWidth >= convolution.strideWidth()) {
            throw new ArgumentException(
                    "convTranspose2d: output padding must be at least 0 and below the stride, got %dx%d, stride %dx%d"
                            .formatted(
                                    outputPaddingHeight,
                                    outputPaddingWidth,
                                    convolution.strideHeight(),
                                    convolution.strideWidth()));
        }
    }

    /** One stride, one padding on all sides, one output padding, no dilation, one group. */
    public static ConvTranspose2dOptions of(int stride, int padding, int outputPadding) {
        return new ConvTranspose2dOptions(
                Conv2dOptions.of(stride, padding), outputPadding, outputPadding);
    }

    /**
     * The geometry for x: [N, C, H, W] and weight: [C, K/groups, kernelHeight, kernelWidth].
     *
     * @throws ShapeException if the shapes don't fit each other, or padding leaves no output
     */
    public ConvTranspose2dShape geometry(Shape x, Shape weight) {
        String name = "convTranspose2d";
        Conv2dOptions c = convolution;
        if (x.rank() != 4 || weight.rank() != 4) {
            throw new ShapeException(
                    "%s: x must be [N, C, H, W] and weight [C, K/groups, h, w]: %s and %s"
                            .formatted(name, x, weight));
        }
        if (x.size(1) != weight.size(0) || x.size(1) % c.groups() != 0) {
            throw new ShapeException(
                    "%s: channels differ, x has %d and weight %d in %d groups: %s and %s"
                            .formatted(name, x.size(1), weight.size(0), c.groups(), x, weight));
        }
        Conv2dOptions.checkFilters(name, x, weight);
        int height = outSize(x, weight, 2, c.padTop() + c.padBottom());
        int width = outSize(x, weight, 3, c.padLeft() + c.padRight());
        if (height < 1 || width < 1 || x.size(2) == 0 || x.size(3) == 0) {
            throw new ShapeException(
                    "%s: padding leaves no output, %dx%d: %s and %s with %s"
                            .formatted(name, height, width, x, weight, this));
        }
        return new ConvTranspose2dShape(
                c.geometry(
                        Shape.of(x.size(0), weight.size(1) * c.groups(), height, width), weight));
    }

    private int outSize(Shape x, Shape weight, int axis, int padding) {
        boolean rows = axis == 2;
        long stride = rows ? convolution.strideHeight() : convolution.strideWidth();
        long dilation = rows ? convolution.dilationHeight() : convolution.dilationWidth();
        long more = rows ? outputPaddingHeight : outputPaddingWidth;
        long size =
                (x.size(axis) - 1) * stride
                        - padding
                        + dilation * (weight.size(axis) - 1)
                        + 1
                        + more;
        if (size > Integer.MAX_VALUE) {
            throw new ShapeException(
                    "convTranspose2d: axis %d of the output is too long: %d".formatted(axis, size));
        }
        return (int) Math.max(size, 0);
    }
}
