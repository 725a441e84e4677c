package dev.lanewise.nn.ops;

import dev.lanewise.core.RmsNormalizations;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;

import java.util.List;

/**
 * The gradients of {@link RmsNormalization} from x, dy, scale, and each row's s: dx = s · (g − x̂ ·
 * mean(g · x̂)), g = dy · scale, dscale = Σ dy · x̂. Its own gradients are {@link
 * NormalizationJacobian}'s; s counts as a function of x.
 *
 * @param epsilon what keeps the root from 0
 */
public record RmsNormalizationGradient(float epsilon) implements Operation {

    @Override
    public String name() {
        return "rmsNorm gradient";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        Shape x = inputs.get(0);
        Checks.same(name(), x, inputs.get(1));
        Checks.perColumn(name(), x, inputs.subList(2, 3));
        return List.of(x, inputs.get(2));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Tensor x = inputs[0];
        Tensor dy = inputs[1];
        RmsNormalizations.rmsNormInputGradient(x, dy, inputs[2], inputs[3], outputs[0]);
        RmsNormalizations.rmsNormScaleGradient(x, dy, inputs[3], outputs[1]);
    }

    @Override
    public boolean savesInput(int input) {
        return input < 3;
    }

    @Override
    public void gradient(Backward backward) {
        Shape x = backward.inputShape(0);
        Shape columns = backward.inputShape(2);
        new NormalizationJacobian(backward, epsilon, false, x, columns, -1).give();
    }
}
