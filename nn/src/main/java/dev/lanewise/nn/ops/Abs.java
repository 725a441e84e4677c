package dev.lanewise.nn.ops;

import dev.lanewise.core.Elementwise;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Variable;

import java.util.Optional;

/** y = |x|; f' = sign x, 0 at 0. */
public record Abs() implements Pointwise {

    @Override
    public String name() {
        return "abs";
    }

    @Override
    public void compute(Tensor x, Tensor out) {
        Elementwise.abs(x, out);
    }

    @Override
    public void computeGradient(Tensor x, Tensor dy, Tensor dx) {
        Elementwise.sign(x, dx);
        Elementwise.multiply(dx, dy, dx);
    }

    @Override
    public Optional<Variable> secondDerivative(Variable x, Variable t) {
        return Optional.empty();
    }
}
