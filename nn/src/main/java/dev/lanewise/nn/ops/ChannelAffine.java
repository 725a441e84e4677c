package dev.lanewise.nn.ops;

import dev.lanewise.core.Normalizations;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.List;

/**
 * y = x · scale + shift, both [C], on x: [N, C, ...]: batch normalization with fixed statistics. dx
 * = dy · scale, dscale = Σ dy · x, dshift = Σ dy per channel.
 */
public record ChannelAffine() implements Operation {

    @Override
    public String name() {
        return "channelAffine";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        Channels.check(name(), inputs.get(0), inputs.subList(1, 3));
        return List.of(inputs.get(0));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Normalizations.channelAffine(inputs[0], inputs[1], inputs[2], outputs[0]);
    }

    @Override
    public boolean savesInput(int input) {
        return input < 2;
    }

    @Override
    public void gradient(Backward backward) {
        Variable dy = backward.outputGradient();
        if (backward.needs(0)) {
            Variable scale = Channels.broadcastable(backward.input(1), dy.shape());
            backward.give(0, new Multiply(), dy, scale);
        }
        if (backward.needs(1)) {
            backward.give(1, Channels.sum(Functional.multiply(dy, backward.input(0))));
        }
        backward.give(2, new Sum(Channels.axes(dy.shape())), dy);
    }
}
