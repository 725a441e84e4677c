package dev.lanewise.nn.ops;

import dev.lanewise.core.Elementwise;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.Transcendentals;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.List;

/**
 * Binary cross-entropy of logits x and targets t of one shape, elementwise: y = max(x, 0) − x·t +
 * ln(1 + e^(−|x|)), which is −t·ln s − (1 − t)·ln(1 − s) with s = sigmoid(x), without overflow. dx
 * = dy · (s − t), dt = −dy · x.
 */
public record BinaryCrossEntropy() implements Operation {

    @Override
    public String name() {
        return "binaryCrossEntropy";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        Checks.same(name(), inputs.get(0), inputs.get(1));
        return List.of(inputs.get(0));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Tensor x = inputs[0];
        Tensor y = outputs[0];
        try (Scope _ = Scope.open()) {
            // The logarithm comes last: where the rest cancels it is all there is.
            Tensor tail = Elementwise.abs(x);
            Elementwise.negate(tail, tail);
            Transcendentals.exp(tail, tail);
            Transcendentals.log1p(tail, tail);
            Elementwise.maximum(x, 0, y);
            Elementwise.subtract(y, Elementwise.multiply(x, inputs[1]), y);
            Elementwise.add(y, tail, y);
        }
    }

    @Override
    public boolean savesInput(int input) {
        return true;
    }

    @Override
    public void gradient(Backward backward) {
        Variable x = backward.input(0);
        Variable dy = backward.outputGradient();
        if (backward.needs(0)) {
            Variable error = Functional.subtract(Functional.sigmoid(x), backward.input(1));
            backward.give(0, new Multiply(), dy, error);
        }
        if (backward.needs(1)) {
            backward.give(1, new Negate(), Functional.multiply(dy, x));
        }
    }
}
