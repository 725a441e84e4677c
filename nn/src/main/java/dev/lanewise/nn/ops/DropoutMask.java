package dev.lanewise.nn.ops;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.RandomStream;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;

import java.util.List;

/**
 * Inverted dropout (Srivastava et al. 2014): y = x / (1 − rate) where a counter-based random stream
 * keeps the element, else 0. It is linear, and dx is the same operation on dy.
 *
 * @param rate the probability of 0
 * @param key the stream
 * @param counter the stream's place of the first element
 */
public record DropoutMask(float rate, long key, long counter) implements Operation {

    /** Checks the rate. */
    public DropoutMask {
        if (!(rate >= 0 && rate <= 1)) {
            throw new ArgumentException("dropout: the rate must be from 0 to 1, got " + rate);
        }
    }

    @Override
    public String name() {
        return "dropout";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        return List.of(inputs.get(0));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        RandomStream.dropout(inputs[0], rate, key, counter, outputs[0]);
    }

    @Override
    public void gradient(Backward backward) {
        backward.give(0, this, backward.outputGradient());
    }
}
