package dev.lanewise.nn.ops;

import dev.lanewise.core.Elementwise;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.Transcendentals;
import dev.lanewise.nn.autograd.Variable;

import java.util.Optional;

/** y = eˣ − 1; f' = y + 1. */
public record Expm1() implements Pointwise {

    @Override
    public String name() {
        return "expm1";
    }

    @Override
    public void compute(Tensor x, Tensor out) {
        Transcendentals.expm1(x, out);
    }

    @Override
    public void computeGradient(Tensor y, Tensor dy, Tensor dx) {
        Elementwise.multiplyAdd(dy, y, dy, dx);
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
