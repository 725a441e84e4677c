package dev.lanewise.nn.ops;

import dev.lanewise.core.Elementwise;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.Transcendentals;
import dev.lanewise.nn.autograd.Variable;

import java.util.Optional;

/** y = sin x; f' = cos x, f'' = −sin x. */
public record Sin() implements Pointwise {

    @Override
    public String name() {
        return "sin";
    }

    @Override
    public void compute(Tensor x, Tensor out) {
        Transcendentals.sin(x, out);
    }

    @Override
    public void computeGradient(Tensor x, Tensor dy, Tensor dx) {
        Transcendentals.cos(x, dx);
        Elementwise.multiply(dx, dy, dx);
    }

    @Override
    public Optional<Variable> secondDerivative(Variable x, Variable t) {
        return Optional.of(Functional.negate(Functional.multiply(t, Functional.sin(x))));
    }
}
