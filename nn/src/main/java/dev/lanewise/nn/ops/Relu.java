package dev.lanewise.nn.ops;

import dev.lanewise.core.Activations;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Variable;

import java.util.Optional;

/** y = max(x, 0); dx = dy where x &gt; 0, which is where y &gt; 0, else 0. */
public record Relu() implements Pointwise {

    @Override
    public String name() {
        return "relu";
    }

    @Override
    public void compute(Tensor x, Tensor out) {
        Activations.relu(x, out);
    }

    @Override
    public void computeGradient(Tensor y, Tensor dy, Tensor dx) {
        Activations.reluGradient(y, dy, dx);
    }

    @Override
    public boolean savesResult() {
        return true;
    }

    @Override
    public Optional<Variable> secondDerivative(Variable y, Variable t) {
        return Optional.empty();
    }
}
