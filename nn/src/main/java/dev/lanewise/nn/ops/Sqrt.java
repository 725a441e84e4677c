package dev.lanewise.nn.ops;

import dev.lanewise.core.Elementwise;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.Transcendentals;
import dev.lanewise.nn.autograd.Variable;

import java.util.Optional;

/** y = √x; f' = 1/(2y). */
public record Sqrt() implements Pointwise {

    @Override
    public String name() {
        return "sqrt";
    }

    @Override
    public void compute(Tensor x, Tensor out) {
        Transcendentals.sqrt(x, out);
    }

    @Override
    public void computeGradient(Tensor y, Tensor dy, Tensor dx) {
        Elementwise.divide(dy, y, dx);
        Elementwise.multiply(dx, 0.5f, dx);
    }

    @Override
    public boolean savesResult() {
        return true;
    }

    @Override
    public Optional<Variable> secondDerivative(Variable y, Variable t) {
        return Optional.of(Functional.divide(Functional.multiply(t, -0.5f), Functional.square(y)));
    }
}
