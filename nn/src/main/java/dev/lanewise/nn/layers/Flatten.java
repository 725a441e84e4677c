package dev.lanewise.nn.layers;

import dev.lanewise.nn.Context;
import dev.lanewise.nn.Layer;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.ops.Functional;

/** [N, ...] to [N, D]. */
public final class Flatten extends Layer {

    /** The layer; it has no parameters. */
    public Flatten() {}

    @Override
    public Variable forward(Variable x, Context context) {
        return Functional.flatten(x);
    }
}
