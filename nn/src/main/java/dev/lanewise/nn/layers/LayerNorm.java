package dev.lanewise.nn.layers;

import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.nn.Context;
import dev.lanewise.nn.Layer;
import dev.lanewise.nn.autograd.Parameter;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.ops.Functional;

/**
 * Layer normalization (Ba et al. 2016, arXiv:1607.06450) over the last axes of x: y = (x − μ) /
 * √(σ² + ε) · weight + bias, μ and the biased σ² over the normalized axes, whose shape weight and
 * bias have.
 *
 * <p>ε = 1e-5 unless set; weight 1 and bias 0 to begin with.
 */
public final class LayerNorm extends Layer {

    private final Shape normalized;
    private Variable weight;
    private Variable bias;
    private float epsilon = 1e-5f;

    /** A layer that normalizes the last axes, which must be of these sizes. */
    public LayerNorm(long... sizes) {
        normalized = NormalizedAxes.check("LayerNorm", sizes);
        weight = param("weight", Scope.current().ones(normalized));
        bias = param("bias", Scope.current().zeros(normalized));
    }

    /** This layer with another ε. */
    public LayerNorm epsilon(float value) {
        epsilon = NormalizedAxes.checkEpsilon("LayerNorm", value);
        return this;
    }

    /** This layer without a bias. */
    public LayerNorm withoutBias() {
        withoutParam("bias");
        bias = bias.detach();
        bias.value().fill(0);
        return this;
    }

    /** This layer with neither weight nor bias. */
    public LayerNorm withoutAffine() {
        withoutParam("weight");
        weight = weight.detach();
        weight.value().fill(1);
        return bias instanceof Parameter ? withoutBias() : this;
    }

    @Override
    public Variable forward(Variable x, Context context) {
        Variable rows = NormalizedAxes.flatten("LayerNorm", x, normalized);
        Shape flat = Shape.of(normalized.elements());
        Variable y =
                Functional.layerNorm(
                        rows,
                        Functional.reshape(weight, flat),
                        Functional.reshape(bias, flat),
                        epsilon);
        return Functional.reshape(y, x.shape());
    }

    @Override
    protected String attributes() {
        return normalized + ", epsilon " + epsilon;
    }
}
