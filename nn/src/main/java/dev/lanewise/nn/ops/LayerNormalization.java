package dev.lanewise.nn.ops;

import dev.lanewise.core.Normalizations;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.List;

/**
 * Layer normalization over the last axis (Ba et al. 2016, arXiv:1607.06450): y = (x − μ) · s ·
 * scale + shift, s = 1/√(σ² + epsilon), μ and σ² the mean and biased variance of each row of x:
 * [..., D]; scale, shift: [D].
 *
 * <p>Outputs: y, and each row's μ and s. Gradients flow through y only; they are {@link
 * LayerNormalizationGradient}.
 *
 * @param epsilon what keeps the root from 0
 */
public record LayerNormalization(float epsilon) implements Operation {

    @Override
    public String name() {
        return "layerNorm";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        Shape x = inputs.get(0);
        Checks.perColumn(name(), x, inputs.subList(1, 3));
        return List.of(x, x.without(-1), x.without(-1));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Normalizations.layerNorm(
                inputs[0], inputs[1], inputs[2], epsilon, outputs[1], outputs[2], outputs[0]);
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
                new LayerNormalizationGradient(epsilon)
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
