package dev.lanewise.nn.ops;

import dev.lanewise.core.Elementwise;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.Transcendentals;
import dev.lanewise.nn.autograd.Variable;

import java.util.Optional;

/**
 * y = xᵖ; f' = p · xᵖ⁻¹, f'' = p · (p − 1) · xᵖ⁻².
 *
 * @param exponent p
 */
public record PowScalar(float exponent) implements Pointwise {

    @Override
    public String name() {
        return "pow";
    }

    @Override
    public void compute(Tensor x, Tensor out) {
        Transcendentals.pow(x, exponent, out);
    }

    @Override
    public void computeGradient(Tensor x, Tensor dy, Tensor dx) {
        Transcendentals.pow(x, exponent - 1, dx);
        Elementwise.multiply(dx, dy, dx);
        Elementwise.multiply(dx, exponent, dx);
    }

    @Override
    public Optional<Variable> secondDerivative(Variable x, Variable t) {
        return Optional.of(
                Functional.multiply(
                        Functional.multiply(t, new PowScalar(exponent - 2).apply(x)),
                        exponent * (exponent - 1)));
    }
}
