package dev.lanewise.nn.ops;

import dev.lanewise.core.GroupNormalizations;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;

import java.util.List;

/**
 * The gradients of {@link GroupNormalization} from x, dy, scale, and each group's μ and s: dx = s ·
 * (g − mean(g) − x̂ · mean(g · x̂)), g = dy · scale, means over a group; dscale = Σ dy · x̂ and
 * dshift = Σ dy per channel. Its own gradients are {@link NormalizationJacobian}'s; μ and s count
 * as functions of x.
 *
 * @param groups the number of groups, which divides C
 * @param epsilon what keeps the root from 0
 */
public record GroupNormalizationGradient(long groups, float epsilon) implements Operation {

    @Override
    public String name() {
        return "groupNorm gradient";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        Shape x = inputs.get(0);
        Checks.same(name(), x, inputs.get(1));
        Channels.check(name(), x, inputs.subList(2, 3));
        return List.of(x, inputs.get(2), inputs.get(2));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Tensor x = inputs[0];
        Tensor dy = inputs[1];
        Tensor mean = inputs[3];
        Tensor invStd = inputs[4];
        GroupNormalizations.groupNormInputGradient(
                x, dy, groups, inputs[2], mean, invStd, outputs[0]);
        GroupNormalizations.groupNormParameterGradients(
                x, dy, groups, mean, invStd, outputs[1], outputs[2]);
    }

    @Override
    public boolean savesInput(int input) {
        return input < 3;
    }

    @Override
    public void gradient(Backward backward) {
        Shape x = backward.inputShape(0);
        long members = x.size(1) / groups;
        long plane = 1;
        for (int axis = 2; axis < x.rank(); axis++) {
            plane *= x.size(axis);
        }
        Shape view = Shape.of(x.size(0), groups, members, plane);
        Shape channels = Shape.of(groups, members, 1);
        new NormalizationJacobian(backward, epsilon, true, view, channels, 2, 3).give();
    }
}
