package dev.lanewise.nn.autograd;

import dev.lanewise.core.Elementwise;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;

import java.util.List;

/** The sum of two gradients of one variable: out = a + b, all of one shape. */
record Accumulate() implements Operation {

    @Override
    public String name() {
        return "accumulate";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        return List.of(inputs.get(0));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Elementwise.add(inputs[0], inputs[1], outputs[0]);
    }

    /** da = db = dout. */
    @Override
    public void gradient(Backward backward) {
        backward.give(0, backward.outputGradient());
        backward.give(1, backward.outputGradient());
    }
}
