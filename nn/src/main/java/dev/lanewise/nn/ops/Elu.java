package dev.lanewise.nn.ops;

import dev.lanewise.core.Activations;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Variable;

import java.util.Optional;

/**
 * y = x where x &gt; 0, else alpha · (eˣ − 1); f' = 1 or alpha · eˣ.
 *
 * @param alpha minus the limit at −∞
 */
public record Elu(float alpha) implements Pointwise {

    @Override
    public String name() {
        return "elu";
    }

    @Override
    public void compute(Tensor x, Tensor out) {
        Activations.elu(x, alpha, out);
    }

    @Override
    public void computeGradient(Tensor x, Tensor dy, Tensor dx) {
        Activations.eluGradient(x, dy, alpha, dx);
    }

    @Override
    public Optional<Variable> secondDerivative(Variable x, Variable t) {
        // f'' = f' - [x > 0].
        return Optional.of(
                Functional.subtract(
                        new PointwiseGradient(this).apply(x, t),
                        new PointwiseGradient(new Relu()).apply(x, t)));
    }
}
