package dev.lanewise.nn.ops;

import dev.lanewise.core.Activations;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.Transcendentals;
import dev.lanewise.nn.autograd.Variable;

import java.util.Optional;

/** y = 1 / (1 + e⁻ˣ); f' = y · (1 − y). */
public record Sigmoid() implements Pointwise {

    @Override
    public String name() {
        return "sigmoid";
    }

    @Override
    public void compute(Tensor x, Tensor out) {
        Transcendentals.sigmoid(x, out);
    }

    @Override
    public void computeGradient(Tensor y, Tensor dy, Tensor dx) {
        Activations.sigmoidGradient(y, dy, dx);
    }

    @Override
    public boolean savesResult() {
        return true;
    }

    @Override
    public Optional<Variable> secondDerivative(Variable y, Variable t) {
        return Optional.of(Functional.multiply(t, Functional.add(Functional.multiply(y, -2), 1)));
    }
}
