package dev.lanewise.nn.ops;

import dev.lanewise.core.Normalizations;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;

import java.util.List;

/**
 * The gradients of {@link LayerNormalization} from x, dy, scale, and each row's μ and s: dx = s ·
 * (g − mean(g) − x̂ · mean(g · x̂)), g = dy · scale, dscale = Σ dy · x̂, dshift = Σ dy. Its own
 * gradients are {@link NormalizationJacobian}'s; μ and s count as functions of x.
 *
 * @param epsilon what keeps the root from 0
 */
public record LayerNormalizationGradient(float epsilon) implements Operation {

    @Override
    public String name() {
        return "layerNorm gradient";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        Shape x = inputs.get(0);
        Checks.same(name(), x, inputs.get(1));
        Checks.perColumn(name(), x, inputs.subList(2, 3));
        return List.of(x, inputs.get(2), inputs.get(2));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Tensor x = inputs[0];
        Tensor dy = inputs[1];
        Tensor mean = inputs[3];
        Tensor invStd = inputs[4];
        Normalizations.layerNormInputGradient(x, dy, inputs[2], mean, invStd, outputs[0]);
        Normalizations.layerNormParameterGradients(x, dy, mean, invStd, outputs[1], outputs[2]);
    }

    @Override
    public boolean savesInput(int input) {
        return input < 3;
    }

    @Override
    public void gradient(Backward backward) {
        Shape x = backward.inputShape(0);
        Shape columns = backward.inputShape(2);
        new NormalizationJacobian(backward, epsilon, true, x, columns, -1).give();
    }
}
