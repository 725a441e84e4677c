package dev.lanewise.nn.ops;

import dev.lanewise.core.Shape;
import dev.lanewise.nn.autograd.Variable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Per-channel forms of [N, C, ...] data. */
final class Channels {

    private Channels() {}

    static void check(String name, Shape x, List<Shape> perChannel) {
        Checks.require(x.rank() >= 2, name + ": x must be [N, C, ...]: " + x);
        for (Shape shape : perChannel) {
            Checks.require(
                    shape.equals(Shape.of(x.size(1))),
                    name + ": needs one value per channel: x " + x + ", got " + shape);
        }
    }

    /** A variable [C] as [C, 1, ...], which broadcasts with x. */
    static Variable broadcastable(Variable v, Shape x) {
        long[] sizes = new long[x.rank() - 1];
        Arrays.fill(sizes, 1);
        sizes[0] = x.size(1);
        return Functional.reshape(v, Shape.of(sizes));
    }

    /** Σ over all axes but the channels: [C]. */
    static Variable sum(Variable v) {
        return new Sum(axes(v.shape())).apply(v);
    }

    static List<Integer> axes(Shape x) {
        List<Integer> axes = new ArrayList<>();
        for (int axis = 0; axis < x.rank(); axis++) {
            if (axis != 1) {
                axes.add(axis);
            }
        }
        return axes;
    }
}
