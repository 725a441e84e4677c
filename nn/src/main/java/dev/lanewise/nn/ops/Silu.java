package dev.lanewise.nn.ops;

import dev.lanewise.core.Activations;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Variable;

import java.util.Optional;

/**
 * y = x · s, s = sigmoid(x); f' = s · (1 + x · (1 − s)), f'' = s · (1 − s) · (2 + x · (1 − 2s)).
 */
public record Silu() implements Pointwise {

    @Override
    public String name() {
        return "silu";
    }

    @Override
    public void compute(Tensor x, Tensor out) {
        Activations.silu(x, out);
    }

    @Override
    public void computeGradient(Tensor x, Tensor dy, Tensor dx) {
        Activations.siluGradient(x, dy, dx);
    }

    @Override
    public Optional<Variable> secondDerivative(Variable x, Variable t) {
        Variable s = Functional.sigmoid(x);
        Variable factor =
                Functional.add(
                        Functional.multiply(x, Functional.add(Functional.multiply(s, -2), 1)), 2);
        // s · (1 - s) · t is the gradient kernel of sigmoid.
        Variable slope = new PointwiseGradient(new Sigmoid()).apply(s, t);
        return Optional.of(Functional.multiply(slope, factor));
    }
}
