package dev.lanewise.nn.ops;

import dev.lanewise.core.Elementwise;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.Transcendentals;
import dev.lanewise.nn.autograd.Variable;

import java.util.Optional;

/** y = ln x; f' = 1/x, f'' = −1/x². */
public record Log() implements Pointwise {

    @Override
    public String name() {
        return "log";
    }

    @Override
    public void compute(Tensor x, Tensor out) {
        Transcendentals.log(x, out);
    }

    @Override
    public void computeGradient(Tensor x, Tensor dy, Tensor dx) {
        Elementwise.divide(dy, x, dx);
    }

    @Override
    public Optional<Variable> secondDerivative(Variable x, Variable t) {
        return Optional.of(Functional.negate(Functional.divide(t, Functional.square(x))));
    }
}
