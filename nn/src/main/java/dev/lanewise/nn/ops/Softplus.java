package dev.lanewise.nn.ops;

import dev.lanewise.core.Activations;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Variable;

import java.util.Optional;

/** y = ln(1 + eˣ); f' = s = sigmoid(x), f'' = s · (1 − s). */
public record Softplus() implements Pointwise {

    @Override
    public String name() {
        return "softplus";
    }

    @Override
    public void compute(Tensor x, Tensor out) {
        Activations.softplus(x, out);
    }

    @Override
    public void computeGradient(Tensor x, Tensor dy, Tensor dx) {
        Activations.softplusGradient(x, dy, dx);
    }

    @Override
    public Optional<Variable> secondDerivative(Variable x, Variable t) {
        return Optional.of(new PointwiseGradient(new Sigmoid()).apply(Functional.sigmoid(x), t));
    }
}
