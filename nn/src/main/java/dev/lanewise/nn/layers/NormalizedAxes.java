package dev.lanewise.nn.layers;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.Shape;
import dev.lanewise.core.ShapeException;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.ops.Functional;

import java.util.Arrays;

/** What layers that normalize the last axes share. */
final class NormalizedAxes {

    private NormalizedAxes() {}

    static Shape check(String layer, long[] sizes) {
        if (sizes.length == 0 || Arrays.stream(sizes).anyMatch(size -> size < 1)) {
            throw new ArgumentException(
                    layer
                            + ": needs the sizes of the last axes, each at least 1, got "
                            + Arrays.toString(sizes));
        }
        return Shape.of(sizes);
    }

    static float checkEpsilon(String layer, float value) {
        if (!(value >= 0) || Float.isInfinite(value)) {
            throw new ArgumentException(layer + ": epsilon must be at least 0, got " + value);
        }
        return value;
    }

    /** x: [..., sizes] as [rows, D]. */
    static Variable flatten(String layer, Variable x, Shape normalized) {
        Shape shape = x.shape();
        int from = shape.rank() - normalized.rank();
        boolean fits = from >= 0;
        for (int i = 0; fits && i < normalized.rank(); i++) {
            fits = shape.size(from + i) == normalized.size(i);
        }
        if (!fits) {
            throw new ShapeException(
                    "%s: x %s does not end with the normalized axes %s"
                            .formatted(layer, shape, normalized));
        }
        long columns = normalized.elements();
        return Functional.reshape(x, Shape.of(shape.elements() / columns, columns));
    }
}
