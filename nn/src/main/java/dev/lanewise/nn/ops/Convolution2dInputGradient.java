package dev.lanewise.nn.ops;

import dev.lanewise.core.Conv2dOptions;
import dev.lanewise.core.Convolutions;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.kernels.Conv2dShape;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.List;

/**
 * dx of {@link Convolution2d}, from dy: [N, K, outHeight, outWidth] and the weight: the transposed
 * convolution. It is bilinear; with the gradient g of dx, the gradient of dy is conv(g, w), that of
 * w is the weight gradient of input g and dy.
 *
 * @param geometry stride, padding, dilation, groups
 * @param inputShape the shape of x and dx: [N, C, H, W]
 */
public record Convolution2dInputGradient(ConvolutionGeometry geometry, Shape inputShape)
        implements Operation {

    @Override
    public String name() {
        return "conv2d input gradient";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        Conv2dShape shape = geometry.shape(inputShape, inputs.get(1));
        Checks.same(
                name(),
                inputs.get(0),
                Shape.of(shape.batch(), shape.outChannels(), shape.outHeight(), shape.outWidth()));
        return List.of(inputShape);
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Conv2dOptions options = geometry.options(inputShape, inputs[1].shape());
        Convolutions.inputGradient(inputs[0], inputs[1], inputShape, options, outputs[0]);
    }

    @Override
    public boolean savesInput(int input) {
        return true;
    }

    @Override
    public void gradient(Backward backward) {
        Variable g = backward.outputGradient();
        backward.give(0, new Convolution2d(geometry, FusedActivation.NONE), g, backward.input(1));
        backward.give(
                1,
                new Convolution2dWeightGradient(geometry, backward.inputShape(1)),
                g,
                backward.input(0));
    }
}
