package dev.lanewise.nn.layers;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.nn.Context;
import dev.lanewise.nn.Layer;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.ops.Functional;

/**
 * Group normalization (Wu and He 2018, arXiv:1803.08494) of x: [N, C, ...]: y = (x − μ) / √(σ² + ε)
 * · weight + bias, μ and the biased σ² over groups of C/groups neighbouring channels of a sample;
 * weight and bias: [C]. One group per channel is instance normalization.
 *
 * <p>ε = 1e-5 unless set; weight 1 and bias 0 to begin with.
 */
public final class GroupNorm extends Layer {

    private final long groups;
    private Variable weight;
    private Variable bias;
    private float epsilon = 1e-5f;

    /** A layer with so many groups, which divide the number of channels. */
    public GroupNorm(long groups, long channels) {
        if (groups < 1 || channels < 1 || channels % groups != 0) {
            throw new ArgumentException(
                    "GroupNorm: %d groups do not divide %d channels".formatted(groups, channels));
        }
        this.groups = groups;
        weight = param("weight", Scope.current().ones(Shape.of(channels)));
        bias = param("bias", Scope.current().zeros(Shape.of(channels)));
    }

    /** This layer with another ε. */
    public GroupNorm epsilon(float value) {
        epsilon = NormalizedAxes.checkEpsilon("GroupNorm", value);
        return this;
    }

    /** This layer with neither weight nor bias. */
    public GroupNorm withoutAffine() {
        withoutParam("weight");
        withoutParam("bias");
        weight = weight.detach();
        bias = bias.detach();
        weight.value().fill(1);
        bias.value().fill(0);
        return this;
    }

    @Override
    public Variable forward(Variable x, Context context) {
        return Functional.groupNorm(x, groups, weight, bias, epsilon);
    }

    @Override
    protected String attributes() {
        return groups + ", " + weight.shape().size(0) + ", epsilon " + epsilon;
    }
}
