package dev.lanewise.nn.ops;

import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;

import java.util.List;

/**
 * dy in the places of a slice of zeros: the transpose of {@link Slice}.
 *
 * @param slice which places
 * @param size the length of the axis
 */
public record SliceGradient(Slice slice, long size) implements Operation {

    @Override
    public String name() {
        return "slice gradient";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        return List.of(inputs.get(0).with(slice.axis(), size));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        outputs[0].fill(0);
        slice.view(outputs[0]).copyFrom(inputs[0]);
    }

    @Override
    public void gradient(Backward backward) {
        backward.give(0, slice, backward.outputGradient());
    }
}
