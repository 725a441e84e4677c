package dev.lanewise.nn.ops;

import dev.lanewise.core.Elementwise;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;

import java.util.List;

/**
 * y = s · x; dx = s · dy.
 *
 * @param s the factor of every element
 */
public record MultiplyScalar(float s) implements Operation {

    @Override
    public String name() {
        return "multiply";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        return List.of(inputs.get(0));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Elementwise.multiply(inputs[0], s, outputs[0]);
    }

    @Override
    public void gradient(Backward backward) {
        backward.give(0, this, backward.outputGradient());
    }
}
