package dev.lanewise.nn.layers;

import dev.lanewise.core.RandomStream;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.nn.Context;
import dev.lanewise.nn.Layer;
import dev.lanewise.nn.autograd.Parameter;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.init.Initializer;
import dev.lanewise.nn.init.Initializers;
import dev.lanewise.nn.ops.Functional;

/**
 * The dense layer y = x · weightᵀ + bias: x: [..., in], weight: [out, in], bias: [out], y: [...,
 * out].
 *
 * <p>Weight and bias are U(−a, a), a = 1/√in, unless initialized otherwise.
 */
public final class Linear extends Layer implements Fusable {

    private final Parameter weight;
    private Parameter bias;

    /** A layer with these numbers of features, initialized from the stream. */
    public Linear(long in, long out, RandomStream random) {
        this(in, out, Initializers.heUniform((float) Math.sqrt(5)), random);
    }

    /** A layer whose weight is initialized as told, the bias as usual. */
    public Linear(long in, long out, Initializer weights, RandomStream random) {
        float bound = (float) (1 / Math.sqrt(Math.max(in, 1)));
        weight = param("weight", weights.create(Shape.of(out, in), random));
        bias = param("bias", Initializers.uniform(-bound, bound).create(Shape.of(out), random));
    }

    /** A layer with these values: weight: [out, in], bias: [out]. */
    public Linear(Tensor weight, Tensor bias) {
        this.weight = param("weight", weight);
        this.bias = param("bias", bias);
    }

    /** This layer without a bias. */
    public Linear withoutBias() {
        withoutParam("bias");
        bias = null;
        return this;
    }

    @Override
    public Variable forward(Variable x, Context context) {
        return forward(x, FusedActivation.NONE);
    }

    /** f(x · weightᵀ + bias) in one pass; f is none, ReLU, tanh or sigmoid. */
    @Override
    public Variable forward(Variable x, FusedActivation activation) {
        return bias == null
                ? Functional.linear(x, activation, weight)
                : Functional.linear(x, activation, weight, bias);
    }

    /** [out, in]. */
    public Parameter weight() {
        return weight;
    }

    @Override
    protected String attributes() {
        String sizes = weight.shape().size(1) + ", " + weight.shape().size(0);
        return bias == null ? sizes + ", no bias" : sizes;
    }
}
