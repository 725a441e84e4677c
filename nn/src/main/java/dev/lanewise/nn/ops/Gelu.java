package dev.lanewise.nn.ops;

import dev.lanewise.core.Activations;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Variable;

import java.util.Optional;

/**
 * y = x · Φ(x), Φ and φ the standard normal distribution and density; f' = Φ(x) + x · φ(x), f'' =
 * φ(x) · (2 − x²).
 */
public record Gelu() implements Pointwise {

    /** 1/√(2π). */
    private static final float DENSITY_AT_0 = 0.3989422804014327f;

    @Override
    public String name() {
        return "gelu";
    }

    @Override
    public void compute(Tensor x, Tensor out) {
        Activations.gelu(x, out);
    }

    @Override
    public void computeGradient(Tensor x, Tensor dy, Tensor dx) {
        Activations.geluGradient(x, dy, dx);
    }

    @Override
    public Optional<Variable> secondDerivative(Variable x, Variable t) {
        Variable square = Functional.square(x);
        Variable density =
                Functional.multiply(
                        Functional.exp(Functional.multiply(square, -0.5f)), DENSITY_AT_0);
        Variable factor = Functional.add(Functional.negate(square), 2);
        return Optional.of(Functional.multiply(t, Functional.multiply(density, factor)));
    }
}
