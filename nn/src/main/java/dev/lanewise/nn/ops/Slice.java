package dev.lanewise.nn.ops;

import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.ViewOperation;

/**
 * The indices {@code from} to {@code to} (exclusive) along an axis, every {@code step}th; dx = dy
 * in its place, 0 elsewhere.
 *
 * @param axis the axis, from 0
 * @param from the first index
 * @param to the end, exclusive
 * @param step the distance of two indices, at least 1
 */
public record Slice(int axis, long from, long to, long step) implements ViewOperation {

    @Override
    public String name() {
        return "slice";
    }

    @Override
    public Shape outputShape(Shape input) {
        Checks.axis("slice", input, axis);
        Checks.require(
                from >= 0 && from <= to && to <= input.size(axis) && step > 0,
                "slice: range %d to %d step %d is not within axis %d of %s"
                        .formatted(from, to, step, axis, input));
        return input.with(axis, (to - from + step - 1) / step);
    }

    @Override
    public Tensor view(Tensor input) {
        return input.slice(axis, from, to, step);
    }

    @Override
    public void gradient(Backward backward) {
        long size = backward.inputShape(0).size(axis);
        backward.give(0, new SliceGradient(this, size), backward.outputGradient());
    }
}
