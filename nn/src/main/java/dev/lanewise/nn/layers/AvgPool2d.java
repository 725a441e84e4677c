package dev.lanewise.nn.layers;

import dev.lanewise.nn.Context;
import dev.lanewise.nn.Layer;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.ops.Functional;
import dev.lanewise.nn.ops.Padding;
import dev.lanewise.nn.ops.PoolingGeometry;

/**
 * The mean of each window, padding counted as zeros: [N, C, H, W] to [N, C, outHeight, outWidth].
 */
public final class AvgPool2d extends Layer {

    private final PoolingGeometry geometry;

    /** Square windows that don't overlap. */
    public AvgPool2d(int kernel) {
        this(kernel, kernel);
    }

    /** Square windows at so many rows and columns from each other. */
    public AvgPool2d(int kernel, int stride) {
        this(PoolingGeometry.of(kernel, stride));
    }

    /** Square windows over a padded input. */
    public AvgPool2d(int kernel, int stride, int padding) {
        this(new PoolingGeometry(kernel, kernel, stride, stride, Padding.of(padding)));
    }

    /** Any windows. */
    public AvgPool2d(PoolingGeometry geometry) {
        this.geometry = geometry;
    }

    @Override
    public Variable forward(Variable x, Context context) {
        return Functional.averagePool2d(x, geometry, true);
    }

    @Override
    protected String attributes() {
        return "window %dx%d, stride %dx%d, padding %s"
                .formatted(
                        geometry.kernelHeight(),
                        geometry.kernelWidth(),
                        geometry.strideHeight(),
                        geometry.strideWidth(),
                        geometry.padding());
    }
}
