package dev.lanewise.nn.ops;

import dev.lanewise.core.Poolings;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.kernels.Pool2dShape;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.List;

/**
 * dx = dy in the places that {@link MaxPooling2d} found, 0 elsewhere, summed where windows overlap.
 * Its transpose is {@link MaxPooling2dGather}.
 *
 * @param geometry window, stride, padding
 * @param inputShape the shape of x and dx
 */
public record MaxPooling2dScatter(PoolingGeometry geometry, Shape inputShape) implements Operation {

    @Override
    public String name() {
        return "maxPool2d gradient";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        return List.of(inputShape);
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Pool2dShape shape = geometry.shape(name(), inputShape);
        Poolings.maxPoolGradient(inputs[0], inputs[1], shape, outputs[0]);
    }

    @Override
    public boolean savesInput(int input) {
        return input == 1;
    }

    @Override
    public void gradient(Backward backward) {
        Variable indices = backward.input(1);
        backward.give(0, new MaxPooling2dGather(geometry), backward.outputGradient(), indices);
    }
}
