package dev.lanewise.nn.ops;

import dev.lanewise.core.Elementwise;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.Transcendentals;
import dev.lanewise.nn.autograd.Variable;

import java.util.Optional;

/** y = eˣ; f' = y. */
public record Exp() implements Pointwise {

    @Override
    public String name() {
        return "exp";
    }

    @Override
    public void compute(Tensor x, Tensor out) {
        Transcendentals.exp(x, out);
    }

    @Override
    public void computeGradient(Tensor y, Tensor dy, Tensor dx) {
        Elementwise.multiply(dy, y, dx);
    }

    @Override
    public boolean savesResult() {
        return true;
    }

    @Override
    public Optional<Variable> secondDerivative(Variable y, Variable t) {
        return Optional.of(t);
    }
}
