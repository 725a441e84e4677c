package dev.lanewise.nn.ops;

import dev.lanewise.core.Elementwise;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Variable;

import java.util.Optional;

/** y = x²; f' = 2x. */
public record Square() implements Pointwise {

    @Override
    public String name() {
        return "square";
    }

    @Override
    public void compute(Tensor x, Tensor out) {
        Elementwise.square(x, out);
    }

    @Override
    public void computeGradient(Tensor x, Tensor dy, Tensor dx) {
        Elementwise.multiply(dy, x, dx);
        Elementwise.multiply(dx, 2, dx);
    }

    @Override
    public Optional<Variable> secondDerivative(Variable x, Variable t) {
        return Optional.of(Functional.multiply(t, 2));
    }
}
