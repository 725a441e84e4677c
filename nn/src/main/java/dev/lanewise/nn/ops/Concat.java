package dev.lanewise.nn.ops;

import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;

import java.util.List;

/**
 * The operands one after the other along an axis; each gets its part of dy.
 *
 * @param axis the axis, from 0
 */
public record Concat(int axis) implements Operation {

    @Override
    public String name() {
        return "concat";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        Shape first = inputs.get(0);
        Checks.axis(name(), first, axis);
        long length = 0;
        for (Shape shape : inputs) {
            Checks.require(
                    shape.rank() == first.rank()
                            && shape.with(axis, first.size(axis)).equals(first),
                    "concat: shapes differ outside axis " + axis + ": " + first + " and " + shape);
            length += shape.size(axis);
        }
        return List.of(first.with(axis, length));
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        long from = 0;
        for (Tensor input : inputs) {
            long to = from + input.size(axis);
            outputs[0].slice(axis, from, to).copyFrom(input);
            from = to;
        }
    }

    @Override
    public void gradient(Backward backward) {
        long from = 0;
        for (int i = 0; i < backward.inputs(); i++) {
            long to = from + backward.inputShape(i).size(axis);
            backward.give(i, new Slice(axis, from, to, 1), backward.outputGradient());
            from = to;
        }
    }
}
