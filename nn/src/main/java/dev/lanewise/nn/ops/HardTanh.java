package dev.lanewise.nn.ops;

import dev.lanewise.core.Activations;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Variable;

import java.util.Optional;

/** y = min(max(x, −1), 1); f' = 1 inside, else 0. */
public record HardTanh() implements Pointwise {

    @Override
    public String name() {
        return "hardTanh";
    }

    @Override
    public void compute(Tensor x, Tensor out) {
        Activations.hardTanh(x, out);
    }

    @Override
    public void computeGradient(Tensor x, Tensor dy, Tensor dx) {
        Activations.hardTanhGradient(x, dy, dx);
    }

    @Override
    public Optional<Variable> secondDerivative(Variable x, Variable t) {
        return Optional.empty();
    }
}
