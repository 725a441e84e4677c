package dev.lanewise.nn.ops;

import dev.lanewise.core.Activations;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Variable;

import java.util.Optional;

/** y = x · hardSigmoid(x); f' = 0 left of −3, 1 right of 3, x/3 + 1/2 between, where f'' = 1/3. */
public record HardSwish() implements Pointwise {

    @Override
    public String name() {
        return "hardSwish";
    }

    @Override
    public void compute(Tensor x, Tensor out) {
        Activations.hardSwish(x, out);
    }

    @Override
    public void computeGradient(Tensor x, Tensor dy, Tensor dx) {
        Activations.hardSwishGradient(x, dy, dx);
    }

    @Override
    public Optional<Variable> secondDerivative(Variable x, Variable t) {
        // f'' is twice the derivative of hardSigmoid.
        Variable inside = new PointwiseGradient(new HardSigmoid()).apply(x, t);
        return Optional.of(Functional.multiply(inside, 2));
    }
}
