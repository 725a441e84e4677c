package dev.lanewise.nn.ops;

import dev.lanewise.core.Shape;
import dev.lanewise.core.ShapeException;

import java.util.List;

/** Shape checks of operations, with messages that name the operation and the shapes. */
final class Checks {

    private Checks() {}

    static void same(String operation, Shape a, Shape b) {
        if (!a.equals(b)) {
            throw new ShapeException(operation + ": shapes differ: " + a + " and " + b);
        }
    }

    static void rank(String operation, String what, Shape shape, int rank, String legend) {
        if (shape.rank() != rank) {
            throw new ShapeException(
                    "%s: %s must have %d axes %s: %s"
                            .formatted(operation, what, rank, legend, shape));
        }
    }

    /** x: [..., D], and one value per column for each of the others. */
    static void perColumn(String operation, Shape x, List<Shape> perColumn) {
        require(x.rank() >= 1, operation + ": x must be [..., D]: " + x);
        for (Shape shape : perColumn) {
            require(
                    shape.equals(Shape.of(x.size(-1))),
                    operation + ": needs one value per column: x " + x + ", got " + shape);
        }
    }

    static void require(boolean condition, String message) {
        if (!condition) {
            throw new ShapeException(message);
        }
    }

    /** The axis counted from the front. */
    static int axis(String operation, Shape shape, int axis) {
        int index = axis < 0 ? axis + shape.rank() : axis;
        if (index < 0 || index >= shape.rank()) {
            throw new ShapeException(operation + ": no axis " + axis + " in " + shape);
        }
        return index;
    }

    /** A size that kernels count as int. */
    static int toInt(String operation, Shape shape, int axis) {
        long size = shape.size(axis);
        if (size > Integer.MAX_VALUE) {
            throw new ShapeException(operation + ": axis " + axis + " is too long: " + shape);
        }
        return (int) size;
    }

    static Shape broadcast(String operation, Shape a, Shape b) {
        try {
            return Shape.broadcast(a, b);
        } catch (ShapeException e) {
            ShapeException named =
                    new ShapeException(operation + ": shapes don't broadcast: " + a + " and " + b);
            named.initCause(e);
            throw named;
        }
    }
}
