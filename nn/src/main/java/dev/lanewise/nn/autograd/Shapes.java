package dev.lanewise.nn.autograd;

import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;

import java.util.Arrays;
import java.util.List;

/** The shapes of tensors as lists. */
final class Shapes {

    private Shapes() {}

    static List<Shape> of(Tensor[] tensors) {
        Shape[] shapes = new Shape[tensors.length];
        Arrays.setAll(shapes, i -> tensors[i].shape());
        return List.of(shapes);
    }
}
