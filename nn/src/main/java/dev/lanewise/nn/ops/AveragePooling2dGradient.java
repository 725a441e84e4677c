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
 * dx of {@link AveragePooling2d} from dy: each window's share of dy added to its elements. Linear,
 * its transpose is the pooling.
 *
 * @param pooling the operation whose gradient this is
 * @param inputShape the shape of x and dx
 */
public record AveragePooling2dGradient(AveragePooling2d pooling, Shape inputShape)
        implements Operation {

    @Override
    public String name() {
        return "averagePool2d gradient";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        return List.of(inputShape);
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Pool2dShape shape = pooling.geometry().shape(name(), inputShape);
        Poolings.averagePoolGradient(inputs[0], shape, pooling.countPadding(), outputs[0]);
    }

    @Override
    public void gradient(Backward backward) {
        Variable g = backward.outputGradient();
        backward.give(0, pooling, g);
    }
}
