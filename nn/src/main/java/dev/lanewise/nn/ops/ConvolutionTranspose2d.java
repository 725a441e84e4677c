package dev.lanewise.nn.ops;

import dev.lanewise.core.Conv2dOptions;
import dev.lanewise.core.ConvTranspose2dOptions;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.TransposedConvolutions;
import dev.lanewise.kernels.ConvTranspose2dShape;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.List;

/**
 * y = f(convTranspose(x, w) + b): x: [N, C, H, W], w: [C, K/groups, kernelHeight, kernelWidth], b:
 * [K] or absent, y: [N, K, outHeight, outWidth]; formula and sizes are in {@link
 * ConvTranspose2dShape}.
 *
 * <p>With dz = dy · f': dx = conv(dz, w) ({@link Convolution2d}), dw is the weight gradient of
 * input dz and output gradient x, db = Σ over N and both image axes of dz.
 *
 * @param geometry stride, padding, dilation, groups of the convolution that is transposed; with
 *     {@link Padding#SAME} y is stride times as large as x (kernels at least as long as the stride)
 * @param outputPaddingHeight rows that y has more
 * @param outputPaddingWidth columns that y has more
 * @param activation f, whose gradient must follow from y: none, ReLU, tanh or sigmoid
 */
public record ConvolutionTranspose2d(
        ConvolutionGeometry geometry,
        int outputPaddingHeight,
        int outputPaddingWidth,
        FusedActivation activation)
        implements Operation {

    /** Checks the activation. */
    public ConvolutionTranspose2d {
        Fused.check("convTranspose2d", activation);
    }

    @Override
    public String name() {
        return "convTranspose2d";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        Shape weight = inputs.get(1);
        ConvTranspose2dShape shape = options(inputs.get(0), weight).geometry(inputs.get(0), weight);
        Checks.require(
                inputs.size() < 3 || inputs.get(2).equals(Shape.of(shape.outChannels())),
                "convTranspose2d: bias must be [K]: weight "
                        + weight
                        + ", bias "
                        + inputs.get(inputs.size() - 1));
        return List.of(
                Shape.of(shape.batch(), shape.outChannels(), shape.outHeight(), shape.outWidth()));
    }

    /** The padding as numbers: {@link Padding#SAME} looks at an output of stride times x's size. */
    private ConvTranspose2dOptions options(Shape x, Shape weight) {
        Checks.rank(name(), "x", x, 4, "[N, C, H, W]");
        Checks.rank(name(), "weight", weight, 4, "[C, K/groups, height, width]");
        Shape spread =
                x.with(2, Math.multiplyExact(x.size(2), geometry.strideHeight()))
                        .with(3, Math.multiplyExact(x.size(3), geometry.strideWidth()));
        Conv2dOptions options = geometry.options(spread, weight);
        return new ConvTranspose2dOptions(options, outputPaddingHeight, outputPaddingWidth);
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Tensor x = inputs[0];
        Tensor weight = inputs[1];
        ConvTranspose2dOptions options = options(x.shape(), weight.shape());
        if (inputs.length > 2) {
            TransposedConvolutions.convTranspose2d(
                    x, weight, inputs[2], options, activation, outputs[0]);
        } else {
            TransposedConvolutions.convTranspose2d(x, weight, options, activation, outputs[0]);
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
        Shape weight = backward.inputShape(1);
        Conv2dOptions sides = options(backward.inputShape(0), weight).convolution();
        ConvolutionGeometry convolution =
                geometry.withPadding(
                        Padding.of(
                                new Padding.Sides(sides.padTop(), sides.padBottom()),
                                new Padding.Sides(sides.padLeft(), sides.padRight())));
        backward.give(
                0, new Convolution2d(convolution, FusedActivation.NONE), dz, backward.input(1));
        backward.give(
                1, new Convolution2dWeightGradient(convolution, weight), dz, backward.input(0));
        if (backward.inputs() > 2) {
            backward.give(2, new Sum(List.of(0, 2, 3)), dz);
        }
    }
}
