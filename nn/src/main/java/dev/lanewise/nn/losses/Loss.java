package dev.lanewise.nn.losses;

import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Variable;

/** What training makes small: a scalar function of a model's output and the target. */
@FunctionalInterface
public interface Loss {

    /** The loss of this prediction: a variable with one element. */
    Variable of(Variable prediction, Tensor target);
}
