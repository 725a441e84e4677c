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
 * The mean of each window: x: [N, C, H, W], y: [N, C, outHeight, outWidth]; linear, its transpose
 * is {@link AveragePooling2dGradient}.
 *
 * @param geometry window, stride, padding
 * @param countPadding whether padding counts as zeros, or only the elements inside do
 */
public record AveragePooling2d(PoolingGeometry geometry, boolean countPadding)
        implements Operation {

    @Override
    public String name() {
        return "averagePool2d";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        return List.of(geometry.output(name(), inputs.get(0)));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Pool2dShape shape = geometry.shape(name(), inputs[0].shape());
        Poolings.averagePool(inputs[0], shape, countPadding, outputs[0]);
    }

    @Override
    public void gradient(Backward backward) {
        Variable dy = backward.outputGradient();
        backward.give(0, new AveragePooling2dGradient(this, backward.inputShape(0)), dy);
    }
}
