package dev.lanewise.nn.autograd;

import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;

/**
 * A tensor as operations see it: its value and, where a tape recorded how it came about, its place
 * on that tape.
 *
 * <p>A variable made by {@link #of} is a constant: nothing is recorded for it. {@link Tape#watch}
 * makes one whose gradient is wanted; {@link Parameter}s are always such variables unless frozen.
 */
public sealed class Variable permits Parameter {

    private final Tensor value;
    private final Tape tape;
    private final int node;
    private final int output;

    /** Marks a variable that no operation produced. */
    static final int LEAF = -1;

    Variable(Tensor value, Tape tape, int node, int output) {
        this.value = value;
        this.tape = tape;
        this.node = node;
        this.output = output;
    }

    /** A constant. */
    public static Variable of(Tensor value) {
        return new Variable(value, null, LEAF, 0);
    }

    /** The value. */
    public Tensor value() {
        return value;
    }

    /** The shape of the value. */
    public final Shape shape() {
        return value().shape();
    }

    /** The same value as a constant: no gradient flows through it. */
    public final Variable detach() {
        return of(value());
    }

    /** The value of a variable with one element. */
    public final float item() {
        return value().item();
    }

    /** Whether a gradient with respect to this variable exists on the given tape. */
    boolean isTrackedBy(Tape candidate) {
        return tape == candidate;
    }

    /** Whether another tape that is still open recorded this variable. */
    final boolean isOnOpenTapeOutside(Tape candidate) {
        return tape != null && tape != candidate && tape.isOpen();
    }

    /** The index of the operation that produced this variable on its tape, or {@link #LEAF}. */
    final int node() {
        return node;
    }

    /** Which output of that operation this variable is. */
    final int output() {
        return output;
    }

    @Override
    public String toString() {
        return value().toString();
    }
}
