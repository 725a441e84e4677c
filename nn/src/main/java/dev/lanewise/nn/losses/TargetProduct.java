package dev.lanewise.nn.losses;

import dev.lanewise.core.Comparisons;
import dev.lanewise.core.Elementwise;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.ops.Multiply;

import java.util.List;

/**
 * y · log p of one shape, and 0 where y is 0, also for log p = −∞ (the limit of y log p): a class
 * that is masked in logits and target adds nothing. The target y is a constant; d log p = dz · y.
 */
record TargetProduct() implements Operation {

    @Override
    public String name() {
        return "targetProduct";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        return List.of(inputs.get(1));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Tensor y = inputs[0];
        Tensor product = Elementwise.multiply(y, inputs[1], outputs[0]);
        Comparisons.where(y, product, y, product);
    }

    @Override
    public boolean savesInput(int input) {
        return input == 0;
    }

    @Override
    public void gradient(Backward backward) {
        backward.give(1, new Multiply(), backward.outputGradient(), backward.input(0));
    }
}
