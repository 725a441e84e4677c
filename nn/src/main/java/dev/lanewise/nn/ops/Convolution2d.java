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
 * y = f(conv(x, w) + b): x: [N, C, H, W], w: [K, C/groups, kernelHeight, kernelWidth], b: [K] or
 * absent, y: [N, K, outHeight, outWidth]; the formula is in {@link
 * dev.lanewise.kernels.Convolution}.
 *
 * <p>With dz = dy · f': dx and dw are {@link Convolution2dInputGradient} and {@link
 * Convolution2dWeightGradient}, db = Σ over N and both image axes of dz.
 *
 * @param geometry stride, padding, dilation, groups
 * @param activation f, whose gradient must follow from y: none, ReLU, tanh or sigmoid
 */
public record Convolution2d(ConvolutionGeometry geometry, FusedActivation activation)
        implements Operation {

    /** Checks the activation. */
    public Convolution2d {
        Fused.check("conv2d", activation);
    }

    @Override
    public String name() {
        return "conv2d";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        Shape weight = inputs.get(1);
        Conv2dShape shape = geometry.shape(inputs.get(0), weight);
        Checks.require(
                inputs.size() < 3 || inputs.get(2).equals(Shape.of(weight.size(0))),
                "conv2d: bias must be [K]: weight "
                        + weight
                        + ", bias "
                        + inputs.get(inputs.size() - 1));
        return List.of(
                Shape.of(shape.batch(), shape.outChannels(), shape.outHeight(), shape.outWidth()));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Tensor x = inputs[0];
        Tensor weight = inputs[1];
        Conv2dOptions options = geometry.options(x.shape(), weight.shape());
        if (inputs.length > 2) {
            Convolutions.conv2d(x, weight, inputs[2], options, activation, outputs[0]);
        } else {
            Convolutions.conv2d(x, weight, options, activation, outputs[0]);
        }
    }

    @Override
    public boolean savesInput(int input) {
        return input < 2;
    }

    @Override
    public boolean savesOutput(int output) {
        return activation != FusedActivation.NONE;
    }

    @Override
    public void gradient(Backward backward) {
        Variable dz = backward.outputGradient();
        if (activation != FusedActivation.NONE) {
            dz = Fused.before(activation, backward.output(0), dz);
        }
        Shape x = backward.inputShape(0);
        Shape weight = backward.inputShape(1);
        backward.give(0, new Convolution2dInputGradient(geometry, x), dz, backward.input(1));
        backward.give(1, new Convolution2dWeightGradient(geometry, weight), backward.input(0), dz);
        if (backward.inputs() > 2) {
            backward.give(2, new Sum(List.of(0, 2, 3)), dz);
        }
    }
}
