package dev.lanewise.nn.autograd;

import dev.lanewise.core.ShapeException;
import dev.lanewise.core.Tensor;

/**
 * A trainable variable of a model.
 *
 * <p>Its gradient is not part of it: gradients are in the {@link Gradients} that a tape returns. A
 * frozen parameter counts as a constant.
 */
public final class Parameter extends Variable {

    private Tensor storage;
    private boolean frozen;

    /** A parameter with this value, which is not copied. */
    public Parameter(Tensor value) {
        super(value, null, LEAF, 0);
        this.storage = value;
    }

    @Override
    public Tensor value() {
        return storage;
    }

    /**
     * Copies the value into {@code destination} and makes that the value's place from now on: how
     * the parameters of a model move into one slab.
     *
     * @throws ShapeException if the shapes differ
     */
    public void moveTo(Tensor destination) {
        if (!destination.shape().equals(storage.shape())) {
            throw new ShapeException(
                    "moveTo: destination "
                            + destination.shape()
                            + " differs from the parameter's shape "
                            + storage.shape());
        }
        destination.copyFrom(storage);
        storage = destination;
    }

    /** Whether this parameter counts as a constant. */
    public boolean isFrozen() {
        return frozen;
    }

    /** Makes this parameter a constant, or trainable again, for what is recorded from now on. */
    public void freeze(boolean freeze) {
        frozen = freeze;
    }

    @Override
    boolean isTrackedBy(Tape candidate) {
        return !frozen;
    }
}
