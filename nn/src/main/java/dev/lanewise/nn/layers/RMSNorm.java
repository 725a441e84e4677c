package dev.lanewise.nn.layers;

import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.nn.Context;
import dev.lanewise.nn.Layer;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.ops.Functional;

/**
 * RMS normalization (Zhang and Sennrich 2019, arXiv:1910.07467) over the last axes of x: y = x /
 * √(mean(x²) + ε) · weight, the mean over the normalized axes, whose shape weight has.
 *
 * <p>ε is the distance of 1 to the next float, as in PyTorch, unless set; weight 1 to begin with.
 */
public final class RMSNorm extends Layer {

    private final Shape normalized;
    private Variable weight;
    private float epsilon = Math.ulp(1f);

    /** A layer that normalizes the last axes, which must be of these sizes. */
    public RMSNorm(long... sizes) {
        normalized = NormalizedAxes.check("RMSNorm", sizes);
        weight = param("weight", Scope.current().ones(normalized));
    }

    /** This layer with another ε. */
    public RMSNorm epsilon(float value) {
        epsilon = NormalizedAxes.checkEpsilon("RMSNorm", value);
        return this;
    }

    /** This layer without a weight. */
    public RMSNorm withoutAffine() {
        withoutParam("weight");
        weight = weight.detach();
        weight.value().fill(1);
        return this;
    }

    @Override
    public Variable forward(Variable x, Context context) {
        Variable rows = NormalizedAxes.flatten("RMSNorm", x, normalized);
        Variable scale = Functional.reshape(weight, Shape.of(normalized.elements()));
        return Functional.reshape(Functional.rmsNorm(rows, scale, epsilon), x.shape());
    }

    @Override
    protected String attributes() {
        return normalized + ", epsilon " + epsilon;
    }
}
