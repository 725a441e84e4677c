package dev.lanewise.nn.ops;

import dev.lanewise.core.Elementwise;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;

import java.util.List;

/**
 * y = x + s; dx = dy.
 *
 * @param s what is added to every element
 */
public record AddScalar(float s) implements Operation {

    @Override
    public String name() {
        return "add";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        return List.of(inputs.get(0));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Elementwise.add(inputs[0], s, outputs[0]);
    }

    @Override
    public void gradient(Backward backward) {
        backward.give(0, backward.outputGradient());
    }
}
