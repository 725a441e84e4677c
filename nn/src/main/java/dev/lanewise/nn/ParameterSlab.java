package dev.lanewise.nn;

import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Gradients;
import dev.lanewise.nn.autograd.Parameter;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * All parameters of a model in one contiguous tensor, and their gradients in another, both in
 * parameter order: an optimizer step is one loop, an exchange of gradients one call.
 *
 * <p>Each parameter begins at a multiple of 64 bytes; what lies between is 0 in both slabs.
 */
public final class ParameterSlab {

    private static final long ALIGNMENT = 16;

    private final List<String> names;
    private final List<Parameter> parameters;
    private final long[] offsets;
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
        Shape size = Shape.of(offsets[parameters.size()]);
        Scope home = parameters.getFirst().value().scope();
        values = home.zeros(size);
        gradientValues = home.zeros(size);
        for (int i = 0; i < parameters.size(); i++) {
            parameters.get(i).moveTo(part(values, i));
            gradients.place(parameters.get(i), part(gradientValues, i));
        }
    }

    /**
     * Moves the parameters of this model into a slab, in the scope in which the model lives.
     *
     * @throws IllegalArgumentException if it has none
     */
    public static ParameterSlab of(Module model) {
        Map<String, Parameter> named = model.parameters();
        if (named.isEmpty()) {
            throw new IllegalArgumentException(
                    "ParameterSlab: " + model.getClass().getSimpleName() + " has no parameters");
        }
        return new ParameterSlab(named);
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
}
