package dev.lanewise.nn.layers;

import dev.lanewise.nn.Context;
import dev.lanewise.nn.Layer;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.ops.Functional;

/** The mean of each plane: [N, C, H, W] to [N, C, 1, 1]. */
public final class GlobalAvgPool2d extends Layer {

    /** The layer; it has no parameters. */
    public GlobalAvgPool2d() {}

    @Override
    public Variable forward(Variable x, Context context) {
        return Functional.globalAveragePool2d(x);
    }
}
