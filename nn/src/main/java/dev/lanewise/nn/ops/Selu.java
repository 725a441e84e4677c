package dev.lanewise.nn.ops;

import dev.lanewise.core.Activations;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Variable;

import java.util.Optional;

/** y = λ · elu(x, α), λ = 1.0507009873554805, α = 1.6732632423543772; f' = λ or λ · α · eˣ. */
public record Selu() implements Pointwise {

    private static final float LAMBDA = 1.0507009873554805f;

    @Override
    public String name() {
        return "selu";
    }

    @Override
    public void compute(Tensor x, Tensor out) {
        Activations.selu(x, out);
    }

    @Override
    public void computeGradient(Tensor x, Tensor dy, Tensor dx) {
        Activations.seluGradient(x, dy, dx);
    }

    @Override
    public Optional<Variable> secondDerivative(Variable x, Variable t) {
        // f'' = f' - λ · [x > 0].
        return Optional.of(
                Functional.subtract(
                        new PointwiseGradient(this).apply(x, t),
                        Functional.multiply(
                                new PointwiseGradient(new Relu()).apply(x, t), LAMBDA)));
    }
}
