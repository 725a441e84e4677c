package dev.lanewise.nn;

import dev.lanewise.nn.autograd.Variable;

/** A module that maps one variable to another. */
public abstract class Layer extends Module {

    /** A layer with nothing registered yet. */
    protected Layer() {}

    /** The layer's function of x, as the context says. */
    public abstract Variable forward(Variable x, Context context);

    /** The layer's function of x in inference. */
    public Variable forward(Variable x) {
        return forward(x, Context.inference());
    }
}
