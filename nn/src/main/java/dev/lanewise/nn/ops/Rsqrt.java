package dev.lanewise.nn.ops;

import dev.lanewise.core.Elementwise;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.Transcendentals;
import dev.lanewise.nn.autograd.Variable;

import java.util.Optional;

/** y = 1/√x; f' = −y³/2. */
public record Rsqrt() implements Pointwise {

    @Override
    public String name() {
        return "rsqrt";
    }

    @Override
    public void compute(Tensor x, Tensor out) {
        Transcendentals.rsqrt(x, out);
    }

    @Override
    public void computeGradient(Tensor y, Tensor dy, Tensor dx) {
        Elementwise.square(y, dx);
        Elementwise.multiply(dx, y, dx);
        Elementwise.multiply(dx, dy, dx);
        Elementwise.multiply(dx, -0.5f, dx);
    }

    @Override
    public boolean savesResult() {
        return true;
    }

    @Override
    public Optional<Variable> secondDerivative(Variable y, Variable t) {
        return Optional.of(
                Functional.multiply(Functional.multiply(t, -1.5f), Functional.square(y)));
    }
}
