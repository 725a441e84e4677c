package dev.lanewise.core;

import dev.lanewise.kernels.Conv2dShape;
import dev.lanewise.kernels.ConvolutionAlgorithm;

/**
 * How a filter moves over images.
 *
 * @param strideHeight step between output rows, in input rows
 * @param strideWidth step between output columns, in input columns
 * @param padTop zero rows above the input
 * @param padBottom zero rows below it
 * @param padLeft zero columns left of it
 * @param padRight zero columns right of it
 * @param dilationHeight distance of two filter rows, in input rows
 * @param dilationWidth distance of two filter columns, in input columns
 * @param groups blocks of channels that are convolved separately
 * @param algorithm whether {@link dev.lanewise.kernels.Winograd}'s algorithm may be used, which is
 *     faster and a little less accurate
 */
public record Conv2dOptions(
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
    private static final int MOST_IN_GROUP = 1 << 29;

    /** The fastest algorithm for these numbers. */
    public Conv2dOptions(
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

    /** Checks that strides, dilations and groups are at least 1 and paddings at least 0. */
    public Conv2dOptions {
        atLeast("stride", Math.min(strideHeight, strideWidth), 1);
        atLeast("dilation", Math.min(dilationHeight, dilationWidth), 1);
        atLeast("groups", groups, 1);
        atLeast("padding", Math.min(Math.min(padTop, padBottom), Math.min(padLeft, padRight)), 0);
    }

    private static void atLeast(String name, int value, int least) {
        if (value < least) {
            throw new ArgumentException(
                    "conv2d: %s must be at least %d, got %d".formatted(name, least, value));
        }
    }

    /** One stride, one padding on all sides, no dilation, one group. */
    public static Conv2dOptions of(int stride, int padding) {
        return new Conv2dOptions(stride, stride, padding, padding, padding, padding, 1, 1, 1);
    }

    /** The same with another dilation on both axes. */
    public Conv2dOptions dilation(int dilation) {
        return new Conv2dOptions(
                strideHeight,
                strideWidth,
                padTop,
                padBottom,
                padLeft,
                padRight,
                dilation,
                dilation,
                groups,
                algorithm);
    }

    /** The same with another number of groups. */
    public Conv2dOptions groups(int count) {
        return new Conv2dOptions(
                strideHeight,
                strideWidth,
                padTop,
                padBottom,
                padLeft,
                padRight,
                dilationHeight,
                dilationWidth,
                count,
                algorithm);
    }

    /** The same, computed as told. */
    public Conv2dOptions algorithm(ConvolutionAlgorithm other) {
        return new Conv2dOptions(
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

    /**
     * The geometry of a convolution of x: [N, C, H, W] with weight: [K, C/groups, kernelHeight,
     * kernelWidth].
     *
     * @throws ShapeException if the shapes don't fit each other, the weight is empty, or the filter
     *     does not fit the padded input
     */
    public Conv2dShape geometry(Shape x, Shape weight) {
        if (x.rank() != 4 || weight.rank() != 4) {
            throw new ShapeException(
                    "conv2d: x must be [N, C, H, W] and weight [K, C/groups, h, w]: %s and %s"
                            .formatted(x, weight));
        }
        if (x.size(1) != weight.size(1) * groups) {
            throw new ShapeException(
                    "conv2d: channels differ, x has %d and weight %d in %d groups: %s and %s"
                            .formatted(x.size(1), weight.size(1), groups, x, weight));
        }
        if (weight.size(0) % groups != 0) {
            throw new ShapeException(
                    "conv2d: %d output channels don't part into %d groups: weight %s"
                            .formatted(weight.size(0), groups, weight));
        }
        checkFilters("conv2d", x, weight);
        checkPadded(x, weight);
        Conv2dShape shape =
                new Conv2dShape(
                        size(x, 0),
                        size(x, 1),
                        size(x, 2),
                        size(x, 3),
                        size(weight, 0),
                        size(weight, 2),
                        size(weight, 3),
                        strideHeight,
                        strideWidth,
                        padTop,
                        padBottom,
                        padLeft,
                        padRight,
                        dilationHeight,
                        dilationWidth,
                        groups,
                        algorithm);
        if (shape.outHeight() < 1 || shape.outWidth() < 1) {
            throw new ShapeException(
                    "conv2d: the filter does not fit the padded input: %s and %s with %s"
                            .formatted(x, weight, this));
        }
        return shape;
    }

    /** Refuses images that, padded, have more elements in a group than the kernels count in int. */
    private void checkPadded(Shape x, Shape weight) {
        double height = (double) x.size(2) + padTop + padBottom;
        double width = (double) x.size(3) + padLeft + padRight;
        if (height * width * weight.size(1) > MOST_IN_GROUP) {
            throw new ShapeException(
                    "conv2d: a padded image may have up to %d elements in a group: %s and %s with %s"
                            .formatted(MOST_IN_GROUP, x, weight, this));
        }
    }

    /** Refuses a weight without elements. */
    static void checkFilters(String operation, Shape x, Shape weight) {
        if (weight.isEmpty()) {
            throw new ShapeException(
                    "%s: the weight is empty; channels and filter sizes must be at least 1: %s and %s"
                            .formatted(operation, x, weight));
        }
    }

    private static int size(Shape shape, int axis) {
        long size = shape.size(axis);
        if (size > Integer.MAX_VALUE) {
            throw new ShapeException("conv2d: axis %d is too long: %s".formatted(axis, shape));
        }
        return (int) size;
    }
}
