package dev.lanewise.nn.autograd;

import dev.lanewise.core.ShapeException;
import dev.lanewise.core.Tensor;

import java.util.Optional;

/**
 * A trainable variable of a model.
 *
 * <p>Its gradient is not part of it: gradients are in the {@link Gradients} that a tape returns. A
 * frozen parameter counts as a constant.
 */
public final class Parameter extends Variable {

    private Tensor value;
    private Tensor slab;
    private long slabOffset;
    private boolean frozen;

    /** A parameter with this value, which is not copied. */
    public Parameter(Tensor value) {
        super(value, null, LEAF, 0);
        this.value = value;
    }

    /**
     * The value, where it lies now. An optimizer moves it when it is made ({@link #moveInto}): a
     * tensor that was taken before keeps the values of that time, so take it anew.
     */
    @Override
    public Tensor value() {
        return value;
    }

    /**
     * Copies the value into a vector, from element {@code offset} on, and makes that the value's
     * place from now on: how the parameters of a model move into one slab. The memory it leaves
     * stays with its scope.
     *
     * @throws ShapeException if the value does not fit in there
     */
    public void moveInto(Tensor vector, long offset) {
        Tensor place = vector.slice(0, offset, offset + shape().elements()).view(shape());
        place.copyFrom(value);
        value = place;
        slab = vector;
        slabOffset = offset;
    }

    /** The vector that {@link #moveInto} put the value into; empty if it was not called. */
    public Optional<Tensor> slab() {
        return Optional.ofNullable(slab);
    }

    /** Where the value begins in {@link #slab}, in elements. */
    public long slabOffset() {
        return slabOffset;
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
