package dev.lanewise.nn.ops;

import dev.lanewise.core.GroupNormalizations;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.List;

/**
 * Group normalization (Wu and He 2018, arXiv:1803.08494): y = (x − μ) · s · scale + shift, s =
 * 1/√(σ² + epsilon), μ and σ² the mean and biased variance of each group of C/groups neighbouring
 * channels of each sample of x: [N, C, ...]; scale, shift: [C].
 *
 * <p>Outputs: y, and [N, groups] each μ and s. Gradients flow through y only; they are {@link
 * GroupNormalizationGradient}.
 *
 * @param groups the number of groups, which divides C
 * @param epsilon what keeps the root from 0
 */
public record GroupNormalization(long groups, float epsilon) implements Operation {

    @Override
    public String name() {
        return "groupNorm";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        Shape x = inputs.get(0);
        Channels.check(name(), x, inputs.subList(1, 3));
        Checks.require(
                groups >= 1 && x.size(1) % groups == 0,
                "groupNorm: %d groups do not divide the %d channels of x %s"
                        .formatted(groups, x.size(1), x));
        Shape perGroup = Shape.of(x.size(0), groups);
        return List.of(x, perGroup, perGroup);
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        GroupNormalizations.groupNorm(
                inputs[0],
                groups,
                inputs[1],
                inputs[2],
                epsilon,
                outputs[1],
                outputs[2],
                outputs[0]);
    }

    @Override
    public boolean savesInput(int input) {
        return input < 2;
    }

    @Override
    public boolean savesOutput(int output) {
        return output > 0;
    }

    @Override
    public void gradient(Backward backward) {
        if (!backward.hasOutputGradient(0)) {
            return;
        }
        Variable[] gradients =
                new GroupNormalizationGradient(groups, epsilon)
                        .applyAll(
                                backward.input(0),
                                backward.outputGradient(0),
                                backward.input(1),
                                backward.output(1).detach(),
                                backward.output(2).detach());
        for (int i = 0; i < 3; i++) {
            backward.give(i, gradients[i]);
        }
    }
}
