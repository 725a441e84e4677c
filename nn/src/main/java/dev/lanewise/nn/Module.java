package dev.lanewise.nn;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.ElementType;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.io.SafeTensors;
import dev.lanewise.nn.autograd.Parameter;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A part of a model: named parameters, buffers (tensors that are saved but not trained) and child
 * modules.
 *
 * <p>A constructor registers them explicitly, so that names like {@code layer1.0.conv1.weight} fall
 * out as in PyTorch:
 *
 * <pre>{@code
 * final class Block extends Layer {
 *     private final Linear fc = child("fc", new Linear(64, 64, random));
 *     private final Parameter scale = param("scale", Scope.current().ones(Shape.of(64)));
 * }
 * }</pre>
 *
 * <p>A module is complete when constructed, and its tensors live in the scope in which that
 * happened.
 */
public abstract class Module {

    private final Map<String, Parameter> parameters = new LinkedHashMap<>();
    private final Map<String, Tensor> buffers = new LinkedHashMap<>();
    private final Map<String, Module> children = new LinkedHashMap<>();

    /** A module with nothing registered yet. */
    protected Module() {}

    // ---- registration, for constructors ----

    /**
     * Registers a parameter with this value.
     *
     * @throws ArgumentException if the name is empty, has a dot or is taken
     */
    protected final Parameter param(String name, Tensor value) {
        return param(name, new Parameter(value));
    }

    /** Registers an existing parameter, possibly one that other modules share. */
    protected final Parameter param(String name, Parameter parameter) {
        checkName(name);
        parameters.put(name, parameter);
        return parameter;
    }

    /** Takes a parameter back that a constructor of a base class registered. */
    protected final void withoutParam(String name) {
        if (parameters.remove(name) == null) {
            throw new ArgumentException(
                    getClass().getSimpleName() + ": there is no parameter \"" + name + "\"");
        }
    }

    /** Registers a tensor that is saved and loaded, but not trained. */
    protected final Tensor buffer(String name, Tensor value) {
        checkName(name);
        buffers.put(name, value);
        return value;
    }

    /**
     * Registers a part of this module.
     *
     * @throws ArgumentException if it is null or holds this module, or the name is empty, has a dot
     *     or is taken
     */
    protected final <M extends Module> M child(String name, M module) {
        checkName(name);
        if (module == null) {
            throw new ArgumentException(
                    "%s: the part \"%s\" is null".formatted(getClass().getSimpleName(), name));
        }
        if (module.modules().containsValue(this)) {
            throw new ArgumentException(
                    "%s: the part \"%s\" would contain itself"
                            .formatted(getClass().getSimpleName(), name));
        }
        children.put(name, module);
        return module;
    }

    private void checkName(String name) {
        String type = getClass().getSimpleName();
        if (name.isEmpty() || name.indexOf('.') >= 0) {
            throw new ArgumentException(
                    type + ": a name must not be empty or have a dot: \"" + name + "\"");
        }
        if (parameters.containsKey(name)
                || buffers.containsKey(name)
                || children.containsKey(name)) {
            throw new ArgumentException(type + ": the name \"" + name + "\" is registered already");
        }
    }

    // ---- what it holds ----

    /** The direct parts by name, in order of registration. */
    public final Map<String, Module> children() {
        return Collections.unmodifiableMap(children);
    }

    /** This module under the name "" and all parts, and parts of parts, by dotted name. */
    public final Map<String, Module> modules() {
        Map<String, Module> all = new LinkedHashMap<>();
        collect("", all);
        return all;
    }

    private void collect(String prefix, Map<String, Module> into) {
        into.put(prefix, this);
        children.forEach((name, child) -> child.collect(join(prefix, name), into));
    }

    /**
     * The parameters by dotted name: a module's own before those of its parts, each in order of
     * registration. A shared parameter is listed once, under its first name.
     */
    public final Map<String, Parameter> parameters() {
        Map<String, Parameter> all = new LinkedHashMap<>();
        Set<Parameter> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        modules()
                .forEach(
                        (prefix, module) ->
                                module.parameters.forEach(
                                        (name, parameter) -> {
                                            if (seen.add(parameter)) {
                                                all.put(join(prefix, name), parameter);
                                            }
                                        }));
        return all;
    }

    /** The buffers by dotted name. */
    public final Map<String, Tensor> buffers() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        modules()
                .forEach(
                        (prefix, module) ->
                                module.buffers.forEach(
                                        (name, buffer) -> all.put(join(prefix, name), buffer)));
        return all;
    }

    /** The number of trained values, shared ones counted once. */
    public final long parameterCount() {
        long count = 0;
        for (Parameter parameter : parameters().values()) {
            count += parameter.shape().elements();
        }
        return count;
    }

    /** Makes the parameters whose dotted names match constants. */
    public final void freeze(Predicate<String> names) {
        setFrozen(names, true);
    }

    /** Makes the parameters whose dotted names match trainable again. */
    public final void unfreeze(Predicate<String> names) {
        setFrozen(names, false);
    }

    private void setFrozen(Predicate<String> names, boolean frozen) {
        parameters()
                .forEach(
                        (name, parameter) -> {
                            if (names.test(name)) {
                                parameter.freeze(frozen);
                            }
                        });
    }

    // ---- state ----

    /**
     * All parameters and buffers by dotted name, in PyTorch's order; the tensors are the model's
     * own, not copies. A shared parameter appears under each of its names.
     *
     * <p>An optimizer moves the parameters to another place when it is made: a state dict that was
     * taken before keeps the values of that time, so take it anew.
     */
    public final Map<String, Tensor> stateDict() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        modules()
                .forEach(
                        (prefix, module) -> {
                            module.parameters.forEach(
                                    (name, p) -> state.put(join(prefix, name), p.value()));
                            module.buffers.forEach((name, b) -> state.put(join(prefix, name), b));
                        });
        return state;
    }

    /**
     * Copies the values of {@code state} into this model.
     *
     * @throws StateDictException if a name is missing, unknown or has another shape; it lists every
     *     difference, and nothing is changed
     */
    public final void load(Map<String, Tensor> state) {
        load(state, "the state", "state");
    }

    /**
     * Writes or replaces a safetensors file with {@link #stateDict}, as a whole or not at all.
     *
     * @throws java.io.UncheckedIOException if it can't be written
     */
    public final void save(Path file) {
        SafeTensors.write(file, stateDict());
    }

    /**
     * Copies the values of a safetensors file into this model, of {@link #save} or of another
     * framework that uses the same names.
     *
     * @throws StateDictException if a name is missing, unknown or has another shape; it lists every
     *     difference, and nothing is changed
     * @throws dev.lanewise.core.io.ModelFormatException if the file is malformed; nothing is
     *     changed
     * @throws java.io.UncheckedIOException if it can't be read
     */
    public final void load(Path file) {
        try (Scope _ = Scope.open()) {
            load(SafeTensors.read(file), file.toString(), "file");
        }
    }

    private void load(Map<String, Tensor> state, String source, String kind) {
        List<String> differences = differences(state, kind);
        if (!differences.isEmpty()) {
            throw new StateDictException(source, getClass().getSimpleName(), differences);
        }
        copy(state);
    }

    /**
     * Copies what fits: the values whose names and shapes are this model's.
     *
     * @return every difference, as {@link #load} would list it
     */
    public final List<String> loadMatching(Map<String, Tensor> state) {
        List<String> differences = differences(state, "state");
        copy(state);
        return differences;
    }

    private List<String> differences(Map<String, Tensor> state, String kind) {
        List<String> differences = new ArrayList<>();
        Map<String, Tensor> own = stateDict();
        own.forEach(
                (name, tensor) -> {
                    Tensor given = state.get(name);
                    if (given == null) {
                        differences.add("missing: " + name + " " + tensor.shape());
                    } else if (!given.shape().equals(tensor.shape())) {
                        differences.add(
                                "shape differs: %s is %s in the model, %s in the %s"
                                        .formatted(name, tensor.shape(), given.shape(), kind));
                    }
                });
        addConflicts(own, state, kind, differences);
        state.forEach(
                (name, tensor) -> {
                    if (!own.containsKey(name)) {
                        differences.add("unknown: " + name + " " + tensor.shape());
                    }
                });
        return differences;
    }

    /** One parameter under two names can't take two values. */
    private static void addConflicts(
            Map<String, Tensor> own,
            Map<String, Tensor> state,
            String kind,
            List<String> differences) {
        Map<Tensor, String> names = new IdentityHashMap<>();
        own.forEach(
                (name, tensor) -> {
                    String first = names.putIfAbsent(tensor, name);
                    Tensor one = first == null ? null : state.get(first);
                    Tensor other = state.get(name);
                    if (one != null && other != null && !one.contentEquals(other)) {
                        differences.add(
                                "values differ: %s and %s are one parameter in the model, two in the %s"
                                        .formatted(first, name, kind));
                    }
                });
    }

    private void copy(Map<String, Tensor> state) {
        stateDict()
                .forEach(
                        (name, tensor) -> {
                            Tensor given = state.get(name);
                            if (given != null && given.shape().equals(tensor.shape())) {
                                copy(given, tensor);
                            }
                        });
    }

    private static void copy(Tensor from, Tensor to) {
        try (Scope _ = Scope.open()) {
            to.copyFrom(to.type() == ElementType.INT32 ? from.toInt() : from.toFloat());
        }
    }

    // ---- text ----

    /** What {@link #toString} shows in parentheses after the type, for example sizes. */
    protected String attributes() {
        return "";
    }

    /** The architecture, one module a line, with the numbers of parameters. */
    @Override
    public final String toString() {
        StringBuilder text = new StringBuilder();
        describe("", "", text);
        return text.toString();
    }

    private void describe(String indent, String name, StringBuilder text) {
        text.append(indent);
        if (!name.isEmpty()) {
            text.append(name).append(": ");
        }
        text.append(getClass().getSimpleName()).append('(').append(attributes()).append(')');
        long count = parameterCount();
        if (count > 0) {
            text.append("  %,d parameters".formatted(count));
        }
        children.forEach(
                (childName, child) -> {
                    text.append('\n');
                    child.describe(indent + "  ", childName, text);
                });
    }

    private static String join(String prefix, String name) {
        return prefix.isEmpty() ? name : prefix + "." + name;
    }
}
