package dev.lanewise.nn.ops;

import dev.lanewise.core.Shape;
import dev.lanewise.core.Softmaxes;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.List;

/**
 * dx = dy − eʸ · Σ dy along an axis, from the output y of {@link LogSoftmax}. With the gradient g
 * of dx, the gradient of dy is g − Σ g·eʸ, that of y is −g · eʸ · Σ dy.
 *
 * @param axis the axis, from 0
 */
public record LogSoftmaxGradient(int axis) implements Operation {

    @Override
    public String name() {
        return "logSoftmax gradient";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        Checks.same(name(), inputs.get(0), inputs.get(1));
        return List.of(inputs.get(0));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Softmaxes.logSoftmaxGradient(inputs[0], inputs[1], axis, outputs[0]);
    }

    @Override
    public boolean savesInput(int input) {
        return true;
    }

    @Override
    public void gradient(Backward backward) {
        Variable y = backward.input(0);
        Variable dy = backward.input(1);
        Variable g = backward.outputGradient();
        Variable weighted = Functional.multiply(g, Functional.exp(y));
        if (backward.needs(1)) {
            backward.give(1, new Subtract(), g, Functional.sum(weighted, true, axis));
        }
        if (backward.needs(0)) {
            Variable total = Functional.sum(dy, true, axis);
            backward.give(0, Functional.negate(Functional.multiply(weighted, total)));
        }
    }
}
