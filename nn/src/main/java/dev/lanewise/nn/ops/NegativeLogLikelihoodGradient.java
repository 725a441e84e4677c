package dev.lanewise.nn.ops;

import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.List;

/**
 * dp = k · dloss, [N, C]: the transpose of {@link NegativeLogLikelihood}, from the scalar dloss,
 * the labels and the weights.
 *
 * @param likelihood the operation whose k this is
 * @param classes C
 */
public record NegativeLogLikelihoodGradient(NegativeLogLikelihood likelihood, long classes)
        implements Operation {

    @Override
    public String name() {
        return "crossEntropy gradient";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        return List.of(Shape.of(inputs.get(1).size(0), classes));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        likelihood.scaledCoefficients(inputs, inputs[0].item(), outputs[0]);
    }

    @Override
    public boolean savesInput(int input) {
        return input > 0;
    }

    @Override
    public void gradient(Backward backward) {
        Variable[] operands = new Variable[backward.inputs()];
        operands[0] = backward.outputGradient();
        for (int i = 1; i < operands.length; i++) {
            operands[i] = backward.input(i);
        }
        backward.give(0, likelihood, operands);
    }
}
