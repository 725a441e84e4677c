package dev.lanewise.nn.ops;

import dev.lanewise.core.Elementwise;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.List;

/**
 * y = a + b; da = dy, db = dy. The operands broadcast; a gradient is summed back to its operand's
 * shape.
 */
public record Add() implements Operation {

    @Override
    public String name() {
        return "add";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        return List.of(Checks.broadcast(name(), inputs.get(0), inputs.get(1)));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Elementwise.add(inputs[0], inputs[1], outputs[0]);
    }

    @Override
    public void gradient(Backward backward) {
        Variable dy = backward.outputGradient();
        SumTo.give(backward, 0, dy);
        SumTo.give(backward, 1, dy);
    }
}
