package dev.lanewise.nn.init;

import dev.lanewise.core.RandomStream;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;

/** Fills a new parameter; {@link Initializers} has the usual ones. */
@FunctionalInterface
public interface Initializer {

    /** Sets every element of {@code out}, a contiguous tensor, with numbers from the stream. */
    void fill(Tensor out, RandomStream random);

    /** A new tensor of this shape in the current scope, filled. */
    default Tensor create(Shape shape, RandomStream random) {
        Tensor out = Scope.current().empty(shape);
        fill(out, random);
        return out;
    }
}
