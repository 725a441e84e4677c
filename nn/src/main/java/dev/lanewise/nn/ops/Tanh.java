package dev.lanewise.nn.ops;

import dev.lanewise.core.Activations;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.Transcendentals;
import dev.lanewise.nn.autograd.Variable;

import java.util.Optional;

/** y = tanh x; f' = 1 − y². */
public record Tanh() implements Pointwise {

    @Override
    public String name() {
        return "tanh";
    }

    @Override
    public void compute(Tensor x, Tensor out) {
        Transcendentals.tanh(x, out);
    }

    @Override
    public void computeGradient(Tensor y, Tensor dy, Tensor dx) {
        Activations.tanhGradient(y, dy, dx);
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
