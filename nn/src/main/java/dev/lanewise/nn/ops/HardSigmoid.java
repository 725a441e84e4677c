package dev.lanewise.nn.ops;

import dev.lanewise.core.Activations;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Variable;

import java.util.Optional;

/** y = min(max(x/6 + 1/2, 0), 1); f' = 1/6 where |x| &lt; 3, else 0. */
public record HardSigmoid() implements Pointwise {

    @Override
    public String name() {
        return "hardSigmoid";
    }

    @Override
    public void compute(Tensor x, Tensor out) {
        Activations.hardSigmoid(x, out);
    }

    @Override
    public void computeGradient(Tensor x, Tensor dy, Tensor dx) {
        Activations.hardSigmoidGradient(x, dy, dx);
    }

    @Override
    public Optional<Variable> secondDerivative(Variable x, Variable t) {
        return Optional.empty();
    }
}
