package dev.lanewise.nn.ops;

import dev.lanewise.core.Elementwise;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.List;

/**
 * y = a / b; da = dy / b, db = −dy · y / b. The operands broadcast; a gradient is summed back to
 * its operand's shape.
 */
public record Divide() implements Operation {

    @Override
    public String name() {
        return "divide";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        return List.of(Checks.broadcast(name(), inputs.get(0), inputs.get(1)));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        Elementwise.divide(inputs[0], inputs[1], outputs[0]);
    }

    @Override
    public boolean savesInput(int input) {
        return input == 1;
    }

    @Override
    public boolean savesOutput(int output) {
        return true;
    }

    @Override
    public void gradient(Backward backward) {
        Variable dy = backward.outputGradient();
        Variable b = backward.input(1);
        if (backward.needs(0) || backward.needs(1)) {
            Variable da = apply(dy, b);
            SumTo.give(backward, 0, da);
            if (backward.needs(1)) {
                SumTo.give(backward, 1, new Negate(), Functional.multiply(da, backward.output(0)));
            }
        }
    }
}
