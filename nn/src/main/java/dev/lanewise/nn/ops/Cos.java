package dev.lanewise.nn.ops;

import dev.lanewise.core.Elementwise;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.Transcendentals;
import dev.lanewise.nn.autograd.Variable;

import java.util.Optional;

/** y = cos x; f' = −sin x, f'' = −cos x. */
public record Cos() implements Pointwise {

    @Override
    public String name() {
        return "cos";
    }

    @Override
    public void compute(Tensor x, Tensor out) {
        Transcendentals.cos(x, out);
    }

    @Override
    public void computeGradient(Tensor x, Tensor dy, Tensor dx) {
        Transcendentals.sin(x, dx);
        Elementwise.multiply(dx, dy, dx);
        Elementwise.negate(dx, dx);
    }

    @Override
    public Optional<Variable> secondDerivative(Variable x, Variable t) {
        return Optional.of(Functional.negate(Functional.multiply(t, Functional.cos(x))));
    }
}
