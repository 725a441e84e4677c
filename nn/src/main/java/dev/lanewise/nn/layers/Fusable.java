package dev.lanewise.nn.layers;

import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.nn.autograd.Variable;

/** A layer that can apply an activation while it stores its result. */
interface Fusable {

    /** f(layer(x)) in one pass. */
    Variable forward(Variable x, FusedActivation activation);
}
