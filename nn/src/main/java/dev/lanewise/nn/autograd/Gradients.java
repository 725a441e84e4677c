package dev.lanewise.nn.autograd;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.Tensor;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Gradients by variable: what {@link Tape#gradients} returns.
 *
 * <p>A variable may be given a {@link #place}, a tensor into which its gradient is written; so the
 * gradients of a model can lie in one slab. Without one the gradient is allocated where it is
 * computed.
 */
public final class Gradients {

    private static final class Entry {
        Tensor tensor;
        boolean filled;
        boolean placed;
    }

    private final Map<Variable, Entry> entries = new IdentityHashMap<>();

    /** No gradients yet, and no places. */
    public Gradients() {}

    /**
     * Makes {@code destination} the tensor that holds the gradient of {@code variable}; its present
     * content is ignored.
     *
     * @throws ArgumentException if the shapes differ or the destination is not contiguous
     */
    public void place(Variable variable, Tensor destination) {
        if (!destination.shape().equals(variable.shape()) || !destination.isContiguous()) {
            throw new ArgumentException(
                    "place: the gradient of a variable of shape "
                            + variable.shape()
                            + " needs a contiguous tensor of that shape, not "
                            + destination.layout());
        }
        Entry entry = new Entry();
        entry.tensor = destination;
        entry.placed = true;
        entries.put(variable, entry);
    }

    /** Whether there is a gradient for this variable. */
    public boolean has(Variable variable) {
        Entry entry = entries.get(variable);
        return entry != null && entry.filled;
    }

    /**
     * The gradient of this variable.
     *
     * @throws ArgumentException if there is none: the result did not depend on it
     */
    public Tensor of(Variable variable) {
        Entry entry = entries.get(variable);
        if (entry == null || !entry.filled) {
            throw new ArgumentException(
                    "of: there is no gradient for this variable of shape "
                            + variable.shape()
                            + "; the result did not depend on it, or it is frozen");
        }
        return entry.tensor;
    }

    /** Makes a copy of {@code gradient} the gradient of this variable, in its place. */
    public void set(Variable variable, Tensor gradient) {
        Tensor place = placeOf(variable);
        put(variable, place == null ? gradient.copy() : place.copyFrom(gradient));
    }

    /** The variables that have a gradient, in no particular order. */
    public Set<Variable> variables() {
        Set<Variable> filled = Collections.newSetFromMap(new IdentityHashMap<>());
        entries.forEach(
                (variable, entry) -> {
                    if (entry.filled) {
                        filled.add(variable);
                    }
                });
        return filled;
    }

    /** Forgets all gradients but keeps the places: the next ones overwrite instead of adding. */
    public void clear() {
        entries.values().removeIf(entry -> !entry.placed);
        entries.values().forEach(entry -> entry.filled = false);
    }

    /** The tensor to write this variable's gradient to, or null where it has no place. */
    Tensor placeOf(Variable variable) {
        Entry entry = entries.get(variable);
        return entry == null ? null : entry.tensor;
    }

    void put(Variable variable, Tensor gradient) {
        Entry entry = entries.computeIfAbsent(variable, v -> new Entry());
        entry.tensor = gradient;
        entry.filled = true;
    }
}
