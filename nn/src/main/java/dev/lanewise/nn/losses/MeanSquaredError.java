package dev.lanewise.nn.losses;

import dev.lanewise.core.ShapeException;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.ops.Functional;

/** The mean over all elements of (prediction − target)². */
public final class MeanSquaredError implements Loss {

    MeanSquaredError() {}

    @Override
    public Variable of(Variable prediction, Tensor target) {
        if (!prediction.shape().equals(target.shape())) {
            throw new ShapeException(
                    "meanSquaredError: shapes differ, prediction "
                            + prediction.shape()
                            + ", target "
                            + target.shape());
        }
        return Functional.mean(
                Functional.square(Functional.subtract(prediction, Variable.of(target))));
    }
}
