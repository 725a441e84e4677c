package dev.lanewise.nn.ops;

import dev.lanewise.core.Comparisons;
import dev.lanewise.core.Elementwise;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.List;

/**
 * y = max(a, b); the gradient goes to the operand that was taken, half to each where they are
 * equal, as in PyTorch. The operands broadcast; a gradient is summed back to its operand's shape.
 */
public record Maximum() implements Operation {

    @Override
    public String name() {
        return "maximum";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        return List.of(Checks.broadcast(name(), inputs.get(0), inputs.get(1)));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Elementwise.maximum(inputs[0], inputs[1], outputs[0]);
    }

    @Override
    public boolean savesInput(int input) {
        return true;
    }

    @Override
    public void gradient(Backward backward) {
        Variable dy = backward.outputGradient();
        Variable a = backward.input(0);
        Variable b = backward.input(1);
        SumTo.give(backward, 0, new Multiply(), dy, share(a, b));
        SumTo.give(backward, 1, new Multiply(), dy, share(b, a));
    }

    /** 1 where the first is taken, 1/2 where both are equal, else 0; a constant. */
    private static Variable share(Variable of, Variable other) {
        Tensor share = Comparisons.greater(of.value(), other.value());
        Tensor equal = Comparisons.equal(of.value(), other.value());
        return Variable.of(Elementwise.axpy(equal, 0.5f, share));
    }
}
