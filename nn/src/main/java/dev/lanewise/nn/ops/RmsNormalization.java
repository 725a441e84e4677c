package dev.lanewise.nn.ops;

import dev.lanewise.core.RmsNormalizations;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.List;

/**
 * RMS normalization over the last axis (Zhang and Sennrich 2019, arXiv:1910.07467): y = x · s ·
 * scale, s = 1/√(mean(x²) + epsilon) for each row of x: [..., D]; scale: [D].
 *
 * <p>Outputs: y, and each row's s. Gradients flow through y only; they are {@link
 * RmsNormalizationGradient}.
 *
 * @param epsilon what keeps the root from 0
 */
public record RmsNormalization(float epsilon) implements Operation {

    @Override
    public String name() {
        return "rmsNorm";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        Shape x = inputs.get(0);
        Checks.perColumn(name(), x, inputs.subList(1, 2));
        return List.of(x, x.without(-1));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        RmsNormalizations.rmsNorm(inputs[0], inputs[1], epsilon, outputs[1], outputs[0]);
    }

    @Override
    public boolean savesInput(int input) {
        return true;
    }

    @Override
    public boolean savesOutput(int output) {
        return output == 1;
    }

    @Override
    public void gradient(Backward backward) {
        if (!backward.hasOutputGradient(0)) {
            return;
        }
        Variable[] gradients =
                new RmsNormalizationGradient(epsilon)
                        .applyAll(
                                backward.input(0),
                                backward.outputGradient(0),
                                backward.input(1),
                                backward.output(1).detach());
        backward.give(0, gradients[0]);
        backward.give(1, gradients[1]);
    }
}
