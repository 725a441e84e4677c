package dev.lanewise.nn.ops;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.Conv2dOptions;
import dev.lanewise.core.Shape;
import dev.lanewise.kernels.Conv2dShape;
import dev.lanewise.kernels.ConvolutionAlgorithm;

/**
 * How a 2-D convolution moves over its input.
 *
 * @param strideHeight step between output rows, in input rows
 * @param strideWidth step between output columns, in input columns
 * @param padding zeros around the input
 * @param dilationHeight distance of two filter rows
 * @param dilationWidth distance of two filter columns
 * @param groups blocks of channels that are convolved separately
 * @param algorithm whether {@link dev.lanewise.kernels.Winograd}'s algorithm may be used
 */
public record ConvolutionGeometry(
        int strideHeight,
        int strideWidth,
        Padding padding,
        int dilationHeight,
        int dilationWidth,
        int groups,
        ConvolutionAlgorithm algorithm) {

    /** Stride 1, no padding, no dilation, one group. */
    public static final ConvolutionGeometry DEFAULT =
            new ConvolutionGeometry(1, 1, Padding.VALID, 1, 1, 1, ConvolutionAlgorithm.FAST);

    /** Checks that all numbers are at least 1. */
    public ConvolutionGeometry {
        if (strideHeight < 1
                || strideWidth < 1
                || dilationHeight < 1
                || dilationWidth < 1
                || groups < 1) {
            throw new ArgumentException(
                    "conv2d: stride, dilation and groups must be at least 1, got stride %dx%d, dilation %dx%d, groups %d"
                            .formatted(
                                    strideHeight,
                                    strideWidth,
                                    dilationHeight,
                                    dilationWidth,
                                    groups));
        }
    }

    /** This geometry with another stride. */
    public ConvolutionGeometry withStride(int height, int width) {
        return new ConvolutionGeometry(
                height, width, padding, dilationHeight, dilationWidth, groups, algorithm);
    }

    /** This geometry with another padding. */
    public ConvolutionGeometry withPadding(Padding other) {
        return new ConvolutionGeometry(
                strideHeight, strideWidth, other, dilationHeight, dilationWidth, groups, algorithm);
    }

    /** This geometry with another dilation. */
    public ConvolutionGeometry withDilation(int height, int width) {
        return new ConvolutionGeometry(
                strideHeight, strideWidth, padding, height, width, groups, algorithm);
    }

    /** This geometry with other groups. */
    public ConvolutionGeometry withGroups(int count) {
        return new ConvolutionGeometry(
                strideHeight,
                strideWidth,
                padding,
                dilationHeight,
                dilationWidth,
                count,
                algorithm);
    }

    /** This geometry, computed as told. */
    public ConvolutionGeometry withAlgorithm(ConvolutionAlgorithm other) {
        return new ConvolutionGeometry(
                strideHeight, strideWidth, padding, dilationHeight, dilationWidth, groups, other);
    }

    /** The geometry of a convolution of x: [N, C, H, W] with this weight. */
    Conv2dShape shape(Shape x, Shape weight) {
        return options(x, weight).geometry(x, weight);
    }

    /** This geometry with the padding as numbers, for x: [N, C, H, W] and this weight. */
    Conv2dOptions options(Shape x, Shape weight) {
        String name = "conv2d";
        Checks.rank(name, "x", x, 4, "[N, C, H, W]");
        Checks.rank(name, "weight", weight, 4, "[K, C/groups, height, width]");
        Padding.Sides rows =
                padding.vertical(
                        Checks.toInt(name, x, 2),
                        Checks.toInt(name, weight, 2),
                        strideHeight,
                        dilationHeight);
        Padding.Sides columns =
                padding.horizontal(
                        Checks.toInt(name, x, 3),
                        Checks.toInt(name, weight, 3),
                        strideWidth,
                        dilationWidth);
        return new Conv2dOptions(
                strideHeight,
                strideWidth,
                rows.before(),
                rows.after(),
                columns.before(),
                columns.after(),
                dilationHeight,
                dilationWidth,
                groups,
                algorithm);
    }
}
