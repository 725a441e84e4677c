package dev.lanewise.nn.layers;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.RandomStream;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.kernels.ConvolutionAlgorithm;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.nn.Context;
import dev.lanewise.nn.Layer;
import dev.lanewise.nn.autograd.Parameter;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.init.Initializer;
import dev.lanewise.nn.init.Initializers;
import dev.lanewise.nn.ops.ConvolutionGeometry;
import dev.lanewise.nn.ops.Functional;
import dev.lanewise.nn.ops.Padding;

/**
 * 2-D convolution: x: [N, C, H, W], weight: [K, C/groups, kernelHeight, kernelWidth], bias: [K], y:
 * [N, K, outHeight, outWidth], outHeight = ⌊(H + padding − dilation · (kernelHeight − 1) − 1) /
 * stride⌋ + 1.
 *
 * <p>Stride 1, no padding, no dilation unless set. Weight and bias are U(−a, a), a = 1/√fanIn,
 * unless initialized otherwise.
 */
public final class Conv2d extends Layer implements Fusable {

    private final Parameter weight;
    private Parameter bias;
    private ConvolutionGeometry geometry = ConvolutionGeometry.DEFAULT;

    /** A layer with a square filter. */
    public Conv2d(int in, int out, int kernel, RandomStream random) {
        this(in, out, kernel, kernel, 1, Initializers.heUniform((float) Math.sqrt(5)), random);
    }

    /** A layer in which each of so many groups of channels is convolved separately. */
    public Conv2d(int in, int out, int kernel, int groups, RandomStream random) {
        this(in, out, kernel, kernel, groups, Initializers.heUniform((float) Math.sqrt(5)), random);
    }

    /**
     * A layer with any filter, whose weight is initialized as told, the bias as usual.
     *
     * @throws ArgumentException if in or out is no multiple of groups, or a size is below 1
     */
    public Conv2d(
            int in,
            int out,
            int kernelHeight,
            int kernelWidth,
            int groups,
            Initializer weights,
            RandomStream random) {
        if (groups < 1 || in % groups != 0 || out % groups != 0) {
            throw new ArgumentException(
                    "Conv2d: channels must be multiples of groups: in %d, out %d, groups %d"
                            .formatted(in, out, groups));
        }
        if (in < 1 || out < 1 || kernelHeight < 1 || kernelWidth < 1) {
            throw new ArgumentException(
                    "Conv2d: channels and kernel must be at least 1, got in %d, out %d, kernel %dx%d"
                            .formatted(in, out, kernelHeight, kernelWidth));
        }
        Shape shape = Shape.of(out, in / groups, kernelHeight, kernelWidth);
        float bound = (float) (1 / Math.sqrt(Initializers.fanIn(shape)));
        weight = param("weight", weights.create(shape, random));
        bias = param("bias", Initializers.uniform(-bound, bound).create(Shape.of(out), random));
        geometry = geometry.withGroups(groups);
    }

    /** A layer with these values: weight: [K, C/groups, kernelHeight, kernelWidth], bias: [K]. */
    public Conv2d(Tensor weight, Tensor bias, int groups) {
        this.weight = param("weight", weight);
        this.bias = param("bias", bias);
        geometry = geometry.withGroups(groups);
    }

    /** This layer without a bias. */
    public Conv2d withoutBias() {
        withoutParam("bias");
        bias = null;
        return this;
    }

    /** This layer with a step of so many rows and columns. */
    public Conv2d stride(int each) {
        return stride(each, each);
    }

    /** This layer with a step of so many rows and columns. */
    public Conv2d stride(int height, int width) {
        geometry = geometry.withStride(height, width);
        return this;
    }

    /** This layer with so many zeros on each side. */
    public Conv2d padding(int each) {
        return padding(Padding.of(each));
    }

    /** This layer with zeros around its input. */
    public Conv2d padding(Padding padding) {
        geometry = geometry.withPadding(padding);
        return this;
    }

    /** This layer with filter elements so far apart. */
    public Conv2d dilation(int each) {
        geometry = geometry.withDilation(each, each);
        return this;
    }

    /** This layer computed as told; unless told, by the fastest algorithm. */
    public Conv2d algorithm(ConvolutionAlgorithm algorithm) {
        geometry = geometry.withAlgorithm(algorithm);
        return this;
    }

    @Override
    public Variable forward(Variable x, Context context) {
        return forward(x, FusedActivation.NONE);
    }

    /** f(conv(x, weight) + bias) in one pass; f is none, ReLU, tanh or sigmoid. */
    @Override
    public Variable forward(Variable x, FusedActivation activation) {
        return bias == null
                ? Functional.conv2d(x, geometry, activation, weight)
                : Functional.conv2d(x, geometry, activation, weight, bias);
    }

    /** The filters: [K, C/groups, kernelHeight, kernelWidth]. */
    public Parameter weight() {
        return weight;
    }

    @Override
    protected String attributes() {
        Shape w = weight.shape();
        StringBuilder text = new StringBuilder();
        text.append(w.size(1) * geometry.groups()).append(", ").append(w.size(0));
        text.append(", kernel ").append(w.size(2)).append('x').append(w.size(3));
        text.append(", stride ").append(geometry.strideHeight());
        text.append('x').append(geometry.strideWidth());
        text.append(", padding ").append(geometry.padding());
        if (geometry.dilationHeight() > 1 || geometry.dilationWidth() > 1) {
            text.append(", dilation ").append(geometry.dilationHeight());
            text.append('x').append(geometry.dilationWidth());
        }
        if (geometry.groups() > 1) {
            text.append(", groups ").append(geometry.groups());
        }
        return bias == null ? text + ", no bias" : text.toString();
    }
}
