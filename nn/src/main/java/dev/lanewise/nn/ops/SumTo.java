package dev.lanewise.nn.ops;

import dev.lanewise.core.Shape;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.ArrayList;
import java.util.List;

/** The transpose of broadcasting: sums over the axes along which an operand was repeated. */
final class SumTo {

    private SumTo() {}

    /** Gives {@code gradient}, summed to the input's shape. */
    static void give(Backward backward, int input, Variable gradient) {
        if (backward.needs(input)) {
            backward.give(input, sum(gradient, backward.inputShape(input)));
        }
    }

    /** Gives the operation's result, summed to the input's shape. */
    static void give(Backward backward, int input, Operation operation, Variable... operands) {
        if (!backward.needs(input)) {
            return;
        }
        if (backward.outputShape(0).equals(backward.inputShape(input))) {
            backward.give(input, operation, operands);
        } else {
            backward.give(input, sum(operation.apply(operands), backward.inputShape(input)));
        }
    }

    /** x summed over the axes along which {@code shape} would be broadcast to x's shape. */
    static Variable sum(Variable x, Shape shape) {
        Shape from = x.shape();
        if (from.equals(shape)) {
            return x;
        }
        int added = from.rank() - shape.rank();
        List<Integer> axes = new ArrayList<>();
        for (int axis = 0; axis < from.rank(); axis++) {
            if (axis < added || shape.size(axis - added) == 1 && from.size(axis) != 1) {
                axes.add(axis);
            }
        }
        Variable sum = axes.isEmpty() ? x : new Sum(axes).apply(x);
        return Functional.reshape(sum, shape);
    }
}
