package dev.lanewise.nn.ops;

import dev.lanewise.core.Shape;
import dev.lanewise.core.ShapeException;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.ViewOperation;

/**
 * The same elements in row-major order under another shape; dx = dy under x's shape.
 *
 * @param shape the result's shape
 */
public record Reshape(Shape shape) implements ViewOperation {

    @Override
    public String name() {
        return "reshape";
    }

    @Override
    public Shape outputShape(Shape input) {
        if (input.elements() != shape.elements()) {
            throw new ShapeException(
                    "reshape: element counts differ, %d and %d: %s to %s"
                            .formatted(input.elements(), shape.elements(), input, shape));
        }
        return shape;
    }

    @Override
    public Tensor view(Tensor input) {
        return input.reshape(shape);
    }

    @Override
    public void gradient(Backward backward) {
        backward.give(0, new Reshape(backward.inputShape(0)), backward.outputGradient());
    }
}
