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
 * dw of {@link Convolution2d}, from x and dy, summed over the batch. It is bilinear; with the
 * gradient g of dw, the gradient of x is the input gradient of dy with weight g, that of dy is
 * conv(x, g).
 *
 * @param geometry stride, padding, dilation, groups
 * @param weightShape the shape of w and dw
 */
public record Convolution2dWeightGradient(ConvolutionGeometry geometry, Shape weightShape)
        implements Operation {

    @Override
    public String name() {
        return "conv2d weight gradient";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        Conv2dShape shape = geometry.shape(inputs.get(0), weightShape);
        Checks.same(
                name(),
                inputs.get(1),
                Shape.of(shape.batch(), shape.outChannels(), shape.outHeight(), shape.outWidth()));
        return List.of(weightShape);
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        run(inputs, 0, outputs[0]);
    }

    @Override
    public boolean accumulate(Tensor[] inputs, Tensor sum) {
        run(inputs, 1, sum);
        return true;
    }

    private void run(Tensor[] inputs, float beta, Tensor out) {
        Conv2dOptions options = geometry.options(inputs[0].shape(), weightShape);
        Convolutions.weightGradient(inputs[0], inputs[1], weightShape, options, beta, out);
    }

    @Override
    public boolean savesInput(int input) {
        return true;
    }

    @Override
    public void gradient(Backward backward) {
        Variable g = backward.outputGradient();
        backward.give(
                0,
                new Convolution2dInputGradient(geometry, backward.inputShape(0)),
                backward.input(1),
                g);
        backward.give(1, new Convolution2d(geometry, FusedActivation.NONE), backward.input(0), g);
    }
}
