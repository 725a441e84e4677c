package dev.lanewise.nn.layers;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.RandomStream;
import dev.lanewise.core.Shape;
import dev.lanewise.core.ShapeException;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.Context;
import dev.lanewise.nn.Layer;
import dev.lanewise.nn.autograd.Parameter;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.init.Initializers;
import dev.lanewise.nn.ops.Functional;

/**
 * A table of vectors looked up by number: y[..., :] = weight[ids[...], :]: ids: int32 of any shape
 * S, weight: [V, D], y: [S..., D].
 *
 * <p>The weight is N(0, 1) unless given. An id outside 0..V−1 is a {@link ShapeException} that
 * names it and its position. Gradients of repeated ids add up in the order of the ids.
 */
public final class Embedding extends Layer {

    private final Parameter weight;
    private int padding = -1;

    /** A table of so many rows and columns, initialized from the stream. */
    public Embedding(long rows, long columns, RandomStream random) {
        this(Initializers.normal(0, 1).create(Shape.of(rows, columns), random));
    }

    /** A table with these values: [V, D]. */
    public Embedding(Tensor weight) {
        if (weight.rank() != 2) {
            throw new ShapeException("Embedding: weight must be [V, D]: " + weight.shape());
        }
        this.weight = param("weight", weight);
    }

    /** This layer with an id for padding: its row is set to 0 and never gets a gradient. */
    public Embedding padding(int id) {
        if (id < 0 || id >= weight.shape().size(0)) {
            throw new ArgumentException(
                    "Embedding: padding %d is not one of the %d rows"
                            .formatted(id, weight.shape().size(0)));
        }
        padding = id;
        weight.value().select(0, id).fill(0);
        return this;
    }

    @Override
    public Variable forward(Variable ids, Context context) {
        return Functional.embedding(ids, weight, padding);
    }

    /** [V, D]. */
    public Parameter weight() {
        return weight;
    }

    @Override
    protected String attributes() {
        String sizes = weight.shape().size(0) + ", " + weight.shape().size(1);
        return padding < 0 ? sizes : sizes + ", padding " + padding;
    }
}
