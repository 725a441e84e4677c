package dev.lanewise.nn.ops;

import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.List;

/**
 * dx = dy · f'(s): the gradient of a {@link Pointwise} function as an operation on its saved value
 * s and dy, all of one shape.
 *
 * @param function f
 */
public record PointwiseGradient(Pointwise function) implements Operation {

    @Override
    public String name() {
        return function.name() + " gradient";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        Checks.same(name(), inputs.get(0), inputs.get(1));
        return List.of(inputs.get(0));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        function.computeGradient(inputs[0], inputs[1], outputs[0]);
    }

    @Override
    public boolean savesInput(int input) {
        return true;
    }

    /** With the gradient g of dx: ds = g · dy · ∂f'/∂s, and the gradient of dy is g · f'. */
    @Override
    public void gradient(Backward backward) {
        Variable saved = backward.input(0);
        Variable dy = backward.input(1);
        Variable g = backward.outputGradient();
        if (backward.needs(0)) {
            function.secondDerivative(saved, Functional.multiply(g, dy))
                    .ifPresent(ds -> backward.give(0, ds));
        }
        backward.give(1, this, saved, g);
    }
}
