package dev.lanewise.nn.ops;

import dev.lanewise.core.Activations;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Variable;

import java.util.Optional;

/**
 * y = x where x &gt; 0, else slope · x; f' = 1 or slope.
 *
 * @param slope the factor left of 0
 */
public record LeakyRelu(float slope) implements Pointwise {

    @Override
    public String name() {
        return "leakyRelu";
    }

    @Override
    public void compute(Tensor x, Tensor out) {
        Activations.leakyRelu(x, slope, out);
    }

    @Override
    public void computeGradient(Tensor x, Tensor dy, Tensor dx) {
        Activations.leakyReluGradient(x, dy, slope, dx);
    }

    @Override
    public Optional<Variable> secondDerivative(Variable x, Variable t) {
        return Optional.empty();
    }
}
