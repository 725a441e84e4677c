package dev.lanewise.nn.ops;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.Shape;
import dev.lanewise.kernels.Pool2dShape;

/**
 * How a pooling window moves over its input.
 *
 * @param kernelHeight rows of the window
 * @param kernelWidth columns of the window
 * @param strideHeight step between output rows
 * @param strideWidth step between output columns
 * @param padding rows and columns around the input, at most half of the window
 */
public record PoolingGeometry(
        int kernelHeight, int kernelWidth, int strideHeight, int strideWidth, Padding padding) {

    /** Checks that all numbers are at least 1. */
    public PoolingGeometry {
        if (kernelHeight < 1 || kernelWidth < 1 || strideHeight < 1 || strideWidth < 1) {
            throw new ArgumentException(
                    "pooling: window and stride must be at least 1, got window %dx%d, stride %dx%d"
                            .formatted(kernelHeight, kernelWidth, strideHeight, strideWidth));
        }
    }

    /** A square window without padding. */
    public static PoolingGeometry of(int kernel, int stride) {
        return new PoolingGeometry(kernel, kernel, stride, stride, Padding.VALID);
    }

    /** The sizes for an input [N, C, H, W]. */
    Pool2dShape shape(String name, Shape x) {
        Checks.rank(name, "x", x, 4, "[N, C, H, W]");
        int height = Checks.toInt(name, x, 2);
        int width = Checks.toInt(name, x, 3);
        Padding.Sides rows = padding.vertical(height, kernelHeight, strideHeight, 1);
        Padding.Sides columns = padding.horizontal(width, kernelWidth, strideWidth, 1);
        Checks.require(
                Math.max(rows.before(), rows.after()) <= kernelHeight / 2
                        && Math.max(columns.before(), columns.after()) <= kernelWidth / 2,
                "%s: padding %s is more than half of the window %dx%d"
                        .formatted(name, padding, kernelHeight, kernelWidth));
        Pool2dShape shape =
                new Pool2dShape(
                        height,
                        width,
                        kernelHeight,
                        kernelWidth,
                        strideHeight,
                        strideWidth,
                        rows.before(),
                        rows.after(),
                        columns.before(),
                        columns.after());
        Checks.require(
                shape.outHeight() > 0 && shape.outWidth() > 0,
                "%s: the window %dx%d is larger than the input: %s"
                        .formatted(name, kernelHeight, kernelWidth, x));
        return shape;
    }

    /** The shape of the output for an input [N, C, H, W]. */
    Shape output(String name, Shape x) {
        Pool2dShape shape = shape(name, x);
        return Shape.of(x.size(0), x.size(1), shape.outHeight(), shape.outWidth());
    }
}
