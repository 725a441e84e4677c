package dev.lanewise.nn.ops;

import dev.lanewise.core.Elementwise;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Variable;

import java.util.Optional;

/** y = 1/x; f' = −y². */
public record Reciprocal() implements Pointwise {

    @Override
    public String name() {
        return "reciprocal";
    }

    @Override
    public void compute(Tensor x, Tensor out) {
        Elementwise.reciprocal(x, out);
    }

    @Override
    public void computeGradient(Tensor y, Tensor dy, Tensor dx) {
        Elementwise.square(y, dx);
        Elementwise.multiply(dx, dy, dx);
        Elementwise.negate(dx, dx);
    }

    @Override
    public boolean savesResult() {
        return true;
    }

    @Override
    public Optional<Variable> secondDerivative(Variable y, Variable t) {
        return Optional.of(Functional.multiply(t, Functional.multiply(y, -2)));
    }
}
