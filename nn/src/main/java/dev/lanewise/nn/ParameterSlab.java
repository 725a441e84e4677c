package dev.lanewise.nn;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Gradients;
import dev.lanewise.nn.autograd.Parameter;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All parameters of a model in one contiguous tensor, and their gradients in another, both in
 * parameter order: an optimizer step is one loop, an exchange of gradients one call.
 *
 * <p>Each parameter begins at a multiple of 64 bytes; what lies between is 0 in both slabs.
 *
 * <p>Parameters that lie in one slab already, in this order and side by side, stay there. So slabs
 * share the values if that of the whole model is made first and each later one is of the same
 * model, or of a part whose parameters follow each other in the model's order. All others move
 * every parameter into new memory: a slab from which one was taken is of no more use (see {@link
 * #checkInPlace}), and its memory stays until its scope is closed. The gradients are each slab's
 * own.
 *
 * <p>All parameters, frozen ones too, have to live in one scope, to which all memory belongs;
 * {@link #close} gives that of the gradients back before.
 */
public final class ParameterSlab implements AutoCloseable {

    private static final long ALIGNMENT = 16;

    private final List<String> names;
    private final List<Parameter> parameters;
    private final long[] offsets;
    private final Tensor[] places;
    private final Tensor values;
    private final Tensor gradientValues;
    private final Gradients gradients = new Gradients();

    private ParameterSlab(Map<String, Parameter> named) {
        names = List.copyOf(named.keySet());
        parameters = List.copyOf(named.values());
        offsets = new long[parameters.size() + 1];
        for (int i = 0; i < parameters.size(); i++) {
            long end = offsets[i] + parameters.get(i).shape().elements();
            offsets[i + 1] = Math.ceilDiv(end, ALIGNMENT) * ALIGNMENT;
        }
        values = sharedValues().orElseGet(this::moveTogether);
        gradientValues = values.scope().zeros(values.shape());
        places = new Tensor[parameters.size()];
        for (int i = 0; i < parameters.size(); i++) {
            places[i] = parameters.get(i).value();
            gradients.place(parameters.get(i), part(gradientValues, i));
        }
    }

    /**
     * The slab of this model's parameters: where they lie if that is a slab already, else a new one
     * in the scope in which the model lives, into which they move.
     *
     * @throws ArgumentException if it has none, or they live in different scopes; nothing has moved
     */
    public static ParameterSlab of(Module model) {
        Map<String, Parameter> named = model.parameters();
        if (named.isEmpty()) {
            throw new ArgumentException(
                    "ParameterSlab: " + model.getClass().getSimpleName() + " has no parameters");
        }
        return new ParameterSlab(named);
    }

    /** The part of another slab in which all parameters lie as they would in a new one. */
    private Optional<Tensor> sharedValues() {
        Parameter first = parameters.getFirst();
        long from = first.slabOffset();
        for (int i = 0; i < parameters.size(); i++) {
            Parameter parameter = parameters.get(i);
            if (!parameter.slab().equals(first.slab())
                    || parameter.slabOffset() != from + offsets[i]) {
                return Optional.empty();
            }
        }
        return first.slab()
                .filter(slab -> from + size() <= slab.elements())
                .map(slab -> slab.slice(0, from, from + size()));
    }

    private Tensor moveTogether() {
        Scope home = commonScope();
        Tensor slab = home.zeros(Shape.of(size()));
        for (int i = 0; i < parameters.size(); i++) {
            parameters.get(i).moveInto(slab, offsets[i]);
        }
        return slab;
    }

    /** In one slab, values would die with a scope that is not their own, or outlive their own. */
    private Scope commonScope() {
        Scope home = parameters.getFirst().value().scope();
        for (int i = 1; i < parameters.size(); i++) {
            if (parameters.get(i).value().scope() != home) {
                throw new ArgumentException(
                        "ParameterSlab: %s and %s live in different scopes, so they can't move into one slab; build all parts of the model in one scope, or make the optimizer of a module that holds the parameters of one scope only"
                                .formatted(names.getFirst(), names.get(i)));
            }
        }
        return home;
    }

    /**
     * Checks that the parameters still lie here.
     *
     * @throws IllegalStateException if another slab has taken one of them
     */
    public void checkInPlace(String operation) {
        for (int i = 0; i < places.length; i++) {
            if (parameters.get(i).value() != places[i]) {
                throw new IllegalStateException(
                        "%s: %s was moved into another slab, by an optimizer of another model that shares it; make one optimizer of one module that holds both models, or make this one anew after the other"
                                .formatted(operation, names.get(i)));
            }
        }
    }

    private Tensor part(Tensor slab, int index) {
        Shape shape = parameters.get(index).shape();
        return slab.slice(0, offsets[index], offsets[index] + shape.elements()).view(shape);
    }

    /** The dotted names of the parameters, in slab order. */
    public List<String> names() {
        return names;
    }

    /** The parameters, in slab order. */
    public List<Parameter> parameters() {
        return parameters;
    }

    /** Where a parameter begins, in elements. */
    public long offset(int parameter) {
        return offsets[parameter];
    }

    /** The elements of the slab. */
    public long size() {
        return offsets[offsets.length - 1];
    }

    /** The values of all parameters: [size]. */
    public Tensor values() {
        return values;
    }

    /** The memory of all gradients: [size]; which of them are present {@link #gradients} tells. */
    public Tensor gradientValues() {
        return gradientValues;
    }

    /** The gradients, with a place in the slab for each parameter: for {@code tape.gradients}. */
    public Gradients gradients() {
        return gradients;
    }

    /** The parameters that have a gradient now, as indices in slab order. */
    public List<Integer> present() {
        List<Integer> present = new ArrayList<>();
        for (int i = 0; i < parameters.size(); i++) {
            if (gradients.has(parameters.get(i))) {
                present.add(i);
            }
        }
        return present;
    }

    /** The gradient of a parameter as a vector, without the gap behind it. */
    public Tensor gradient(int parameter) {
        return gradientValues.slice(
                0,
                offsets[parameter],
                offsets[parameter] + parameters.get(parameter).shape().elements());
    }

    /** Gives the memory of the gradients back; the values stay. A second call does nothing. */
    @Override
    public void close() {
        gradients.clear();
        if (!gradientValues.isClosed()) {
            try (Scope end = Scope.detached()) {
                end.keep(gradientValues);
            }
        }
    }
}
