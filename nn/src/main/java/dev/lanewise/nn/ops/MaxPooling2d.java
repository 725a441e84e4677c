package dev.lanewise.nn.ops;

import dev.lanewise.core.ElementType;
import dev.lanewise.core.Poolings;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.kernels.Pool2dShape;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.List;

/**
 * The maximum of each window: x: [N, C, H, W], y: [N, C, outHeight, outWidth]; with indices a
 * second output, int32 of y's shape, tells each maximum's place in its plane, which backward needs.
 * dx is dy in those places, summed where windows overlap.
 *
 * @param geometry window, stride, padding
 * @param withIndices whether there is the second output
 */
public record MaxPooling2d(PoolingGeometry geometry, boolean withIndices) implements Operation {

    @Override
    public String name() {
        return "maxPool2d";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        Shape y = geometry.output(name(), inputs.get(0));
        return withIndices ? List.of(y, y) : List.of(y);
    }

    @Override
    public ElementType outputType(int output) {
        return output == 0 ? ElementType.FLOAT32 : ElementType.INT32;
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Pool2dShape shape = geometry.shape(name(), inputs[0].shape());
        if (withIndices) {
            Poolings.maxPoolWithIndices(inputs[0], shape, outputs[1], outputs[0]);
        } else {
            Poolings.maxPool(inputs[0], shape, outputs[0]);
        }
    }

    @Override
    public boolean savesInput(int input) {
        return !withIndices;
    }

    @Override
    public boolean savesOutput(int output) {
        return output == 1;
    }

    @Override
    public void gradient(Backward backward) {
        if (!backward.hasOutputGradient(0)) {
            return;
        }
        Variable indices =
                withIndices
                        ? backward.output(1)
                        : new MaxPooling2d(geometry, true).applyAll(backward.input(0).detach())[1];
        Shape x = backward.inputShape(0);
        backward.give(0, new MaxPooling2dScatter(geometry, x), backward.outputGradient(), indices);
    }
}
