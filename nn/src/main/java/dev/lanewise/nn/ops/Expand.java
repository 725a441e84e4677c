package dev.lanewise.nn.ops;

import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.ViewOperation;

/**
 * x repeated along axes of size 1, and new ones in front, up to a shape; dx = dy summed over them.
 *
 * @param shape the result's shape
 */
public record Expand(Shape shape) implements ViewOperation {

    @Override
    public String name() {
        return "expand";
    }

    @Override
    public Shape outputShape(Shape input) {
        Checks.require(
                Checks.broadcast("expand", input, shape).equals(shape),
                "expand: " + input + " does not broadcast to " + shape);
        return shape;
    }

    @Override
    public Tensor view(Tensor input) {
        return input.expand(shape);
    }

    @Override
    public void gradient(Backward backward) {
        SumTo.give(backward, 0, backward.outputGradient());
    }
}
