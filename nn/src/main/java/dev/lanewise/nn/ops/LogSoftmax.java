package dev.lanewise.nn.ops;

import dev.lanewise.core.Shape;
import dev.lanewise.core.Softmaxes;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.List;

/**
 * y = x − ln Σ eˣ along an axis.
 *
 * @param axis the axis, from 0
 */
public record LogSoftmax(int axis) implements Operation {

    @Override
    public String name() {
        return "logSoftmax";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        Checks.axis(name(), inputs.get(0), axis);
        return List.of(inputs.get(0));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Softmaxes.logSoftmax(inputs[0], axis, outputs[0]);
    }

    @Override
    public boolean savesOutput(int output) {
        return true;
    }

    @Override
    public void gradient(Backward backward) {
        Variable y = backward.output(0);
        backward.give(0, new LogSoftmaxGradient(axis), y, backward.outputGradient());
    }
}
