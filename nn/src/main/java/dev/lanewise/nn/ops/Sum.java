package dev.lanewise.nn.ops;

import dev.lanewise.core.Reductions;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;

import java.util.List;

/**
 * y = Σ x over axes, which disappear; dx = dy repeated along them.
 *
 * @param axes the axes to sum over, each from 0 to rank − 1
 */
public record Sum(List<Integer> axes) implements Operation {

    /** Copies the list. */
    public Sum {
        axes = List.copyOf(axes);
    }

    @Override
    public String name() {
        return "sum";
    }

    @Override
    public List<Shape> outputShapes(List<Shape> inputs) {
        return List.of(reduced(inputs.get(0), false));
    }

    private Shape reduced(Shape shape, boolean keep) {
        Shape result = shape;
        for (int axis = shape.rank() - 1; axis >= 0; axis--) {
            if (axes.contains(axis)) {
                result = keep ? result.with(axis, 1) : result.without(axis);
            }
        }
        return result;
    }

    @Override
    public void forward(Tensor[] inputs, Tensor[] outputs) {
        int[] over = axes.stream().mapToInt(Integer::intValue).toArray();
        Reductions.sum(inputs[0], over, false, outputs[0]);
    }

    @Override
    public void gradient(Backward backward) {
        Shape x = backward.inputShape(0);
        if (backward.needs(0)) {
            backward.give(
                    0,
                    new Expand(x),
                    Functional.reshape(backward.outputGradient(), reduced(x, true)));
        }
    }
}
