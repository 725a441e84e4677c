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
 * y = x in the places that {@link MaxPooling2d} found: the transpose of {@link
 * MaxPooling2dScatter}.
 *
 * @param geometry window, stride, padding
 */
public record MaxPooling2dGather(PoolingGeometry geometry) implements Operation {

    @Override
    public String name() {
        return "maxPool2d gather";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        return List.of(geometry.output(name(), inputs.get(0)));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Pool2dShape shape = geometry.shape(name(), inputs[0].shape());
        Poolings.gatherPlanes(inputs[0], inputs[1], shape, outputs[0]);
    }

    @Override
    public boolean savesInput(int input) {
        return input == 1;
    }

    @Override
    public void gradient(Backward backward) {
        Variable indices = backward.input(1);
        backward.give(
                0,
                new MaxPooling2dScatter(geometry, backward.inputShape(0)),
                backward.outputGradient(),
                indices);
    }
}
