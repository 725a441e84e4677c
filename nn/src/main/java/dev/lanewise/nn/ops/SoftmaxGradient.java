package dev.lanewise.nn.ops;

import dev.lanewise.core.Shape;
import dev.lanewise.core.Softmaxes;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.List;

/**
 * dx = y · (dy − Σ dy·y) along an axis, from the output y of {@link Softmax}. With the gradient g
 * of dx, the map is symmetric in dy, and the gradient of y is g · (dy − Σ dy·y) − dy · Σ g·y.
 *
 * @param axis the axis, from 0
 */
public record SoftmaxGradient(int axis) implements Operation {

    @Override
    public String name() {
        return "softmax gradient";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        Checks.same(name(), inputs.get(0), inputs.get(1));
        return List.of(inputs.get(0));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Softmaxes.softmaxGradient(inputs[0], inputs[1], axis, outputs[0]);
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
        backward.give(1, this, y, g);
        if (backward.needs(0)) {
            Variable a = Functional.multiply(g, Functional.subtract(dy, axisSum(dy, y)));
            Variable b = Functional.multiply(dy, axisSum(g, y));
            backward.give(0, new Subtract(), a, b);
        }
    }

    private Variable axisSum(Variable a, Variable b) {
        return Functional.sum(Functional.multiply(a, b), true, axis);
    }
}
