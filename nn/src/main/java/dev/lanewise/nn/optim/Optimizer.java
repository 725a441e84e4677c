package dev.lanewise.nn.optim;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.ElementType;
import dev.lanewise.core.Elementwise;
import dev.lanewise.core.Reductions;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.Workers;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.nn.Module;
import dev.lanewise.nn.ParameterSlab;
import dev.lanewise.nn.autograd.Gradients;
import dev.lanewise.nn.autograd.Parameter;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Updates the parameters of one model, which it moves into a {@link ParameterSlab}, so that a step
 * is one loop over the slab.
 *
 * <pre>{@code
 * try (Optimizer optimizer = AdamW.of(1e-3f).over(model)) {
 *     for (...) {
 *         try (Scope step = Scope.open(); Tape tape = Tape.start()) {
 *             Variable loss = crossEntropy().of(model.forward(x, context), labels);
 *             tape.gradients(loss, optimizer.gradients());
 *             optimizer.step();
 *         }
 *     }
 * }
 * }</pre>
 *
 * <p>Gradients of several losses add up until the next step. Parameters that have no gradient,
 * among them frozen ones, stay as they are.
 *
 * <p>Several optimizers work on the same values if the first is of the whole model, the others of
 * the same model or of parts whose parameters follow each other in it. Otherwise the newest moves
 * the parameters away and {@link #step} of the others is refused: make the whole model's first, or
 * one at a time. Gradients and state live in the model's scope, which has to be one for all
 * parameters, until {@link #close} gives their memory back.
 */
public final class Optimizer implements AutoCloseable {

    /** Elements of a chunk that are worth a hand-over to another thread. */
    private static final long CHUNK = 1 << 16;

    private final ParameterSlab slab;
    private final UpdateRule rule;
    private final List<UpdateRule> rules;
    private final long[] steps;
    private final Map<String, Tensor> state = new LinkedHashMap<>();
    private float learningRate;
    private boolean closed;

    /**
     * An optimizer with a rule for each parameter, by dotted name: biases without weight decay,
     * lower learning rates for early layers.
     *
     * @param model whose parameters are optimized
     * @param rule the main rule, whose learning rate {@link #learningRate(float)} sets
     * @param rules the rule of each parameter, of the main rule's kind; their learning rates keep
     *     their ratio to the main one
     * @throws ArgumentException if a rule is of another kind, or the parameters live in different
     *     scopes
     */
    public Optimizer(Module model, UpdateRule rule, Function<String, UpdateRule> rules) {
        this.slab = ParameterSlab.of(model);
        this.rule = rule;
        this.learningRate = rule.learningRate();
        List<UpdateRule> each = new ArrayList<>();
        for (String name : slab.names()) {
            UpdateRule own = rules.apply(name);
            if (own.getClass() != rule.getClass() || !own.stateNames().equals(rule.stateNames())) {
                throw new ArgumentException(
                        "Optimizer: the rule of %s must be a %s with the same state, like the main rule"
                                .formatted(name, rule.getClass().getSimpleName()));
            }
            each.add(own);
        }
        this.rules = List.copyOf(each);
        this.steps = new long[each.size()];
        Scope home = slab.values().scope();
        for (String name : rule.stateNames()) {
            state.put(name, home.zeros(Shape.of(slab.size())));
        }
    }

    /** The slab that holds the parameters and gradients. */
    public ParameterSlab slab() {
        return slab;
    }

    /**
     * Where gradients are to be written: for {@code tape.gradients(loss, optimizer.gradients())}.
     */
    public Gradients gradients() {
        checkOpen("gradients");
        return slab.gradients();
    }

    /** The learning rate of the next step. */
    public float learningRate() {
        return learningRate;
    }

    /** Sets the learning rate of the next steps. */
    public void learningRate(float rate) {
        learningRate = rate;
    }

    // ---- stepping ----

    /** {@link #step()} with gradients that lie elsewhere. */
    public void step(Gradients given) {
        checkOpen("step");
        if (given != slab.gradients()) {
            slab.gradients().clear();
            for (int i = 0; i < slab.parameters().size(); i++) {
                Parameter parameter = slab.parameters().get(i);
                if (given.has(parameter)) {
                    slab.gradients().set(parameter, given.of(parameter));
                }
            }
        }
        step();
    }

    /**
     * Updates every parameter that has a gradient, and forgets the gradients.
     *
     * @throws IllegalStateException if none has one, or a parameter was moved into the slab of
     *     another model's optimizer; nothing is changed
     */
    public void step() {
        checkOpen("step");
        slab.checkInPlace("step");
        List<Integer> present = slab.present();
        if (present.isEmpty()) {
            throw new IllegalStateException(
                    "step: no parameter has a gradient; call"
                            + " tape.gradients(loss, optimizer.gradients()) before each step");
        }
        Tensor[] held = held();
        for (Tensor tensor : held) {
            tensor.acquire("Optimizer.step");
        }
        try {
            int from = 0;
            while (from < present.size()) {
                int to = from + 1;
                while (to < present.size() && joins(present.get(to - 1), present.get(to))) {
                    to++;
                }
                update(present.get(from), present.get(to - 1));
                from = to;
            }
        } finally {
            for (Tensor tensor : held) {
                tensor.release();
            }
        }
        for (int parameter : present) {
            steps[parameter]++;
        }
        slab.gradients().clear();
    }

    private Tensor[] held() {
        List<Tensor> held = new ArrayList<>(state.values());
        held.add(slab.values());
        held.add(slab.gradientValues());
        return held.toArray(Tensor[]::new);
    }

    /** Whether two parameters are neighbours that one kernel call can update. */
    private boolean joins(int a, int b) {
        return b == a + 1 && rules.get(a) == rules.get(b) && steps[a] == steps[b];
    }

    private void update(int first, int last) {
        long from = slab.offset(first);
        long n = slab.offset(last) + slab.parameters().get(last).shape().elements() - from;
        UpdateRule own = rules.get(first);
        float rate =
                own == rule || rule.learningRate() == 0
                        ? learningRate
                        : (float)
                                ((double) learningRate * own.learningRate() / rule.learningRate());
        long step = steps[first] + 1;
        Tensor[] kept = state.values().toArray(Tensor[]::new);
        Workers.run(
                Math.toIntExact(Math.ceilDiv(n, CHUNK)),
                chunk -> {
                    long at = from + chunk * CHUNK;
                    long length = Math.min(CHUNK, from + n - at);
                    MemorySegment[] segments = new MemorySegment[kept.length];
                    long[] offsets = new long[kept.length];
                    for (int i = 0; i < kept.length; i++) {
                        segments[i] = kept[i].segment();
                        offsets[i] = kept[i].offset() + at;
                    }
                    own.update(
                            Kernels.active().optimizer(),
                            slab.gradientValues().segment(),
                            slab.gradientValues().offset() + at,
                            length,
                            rate,
                            step,
                            segments,
                            offsets,
                            slab.values().segment(),
                            slab.values().offset() + at);
                });
    }

    // ---- clipping ----

    /** Limits every gradient to [−limit, limit]. */
    public void clipValue(float limit) {
        checkOpen("clipValue");
        UpdateRule.checkNotNegative("clipValue: the limit", limit);
        for (int parameter : slab.present()) {
            Tensor gradient = slab.gradient(parameter);
            Elementwise.clamp(gradient, -limit, limit, gradient);
        }
    }

    /**
     * Scales all gradients by limit / (norm + 1e-6) where their global norm √Σ g² exceeds the limit
     * (Pascanu et al. 2012, arXiv:1211.5063).
     *
     * @return the norm before
     */
    public float clipNorm(float limit) {
        checkOpen("clipNorm");
        UpdateRule.checkNotNegative("clipNorm: the limit", limit);
        List<Integer> present = slab.present();
        double sum = 0;
        try (Scope _ = Scope.open()) {
            for (int parameter : present) {
                double norm = Reductions.norm(slab.gradient(parameter)).item();
                sum += norm * norm;
            }
        }
        double norm = Math.sqrt(sum);
        double factor = limit / (norm + 1e-6);
        if (factor < 1) {
            for (int parameter : present) {
                Tensor gradient = slab.gradient(parameter);
                Elementwise.multiply(gradient, (float) factor, gradient);
            }
        }
        return (float) norm;
    }

    // ---- state ----

    /**
     * What the optimizer must keep to go on bit for bit: {@code step} (int32, one per parameter in
     * slab order), {@code learning_rate}, and for each kept value and parameter a tensor like
     * {@code exp_avg.fc1.weight}. In the current scope, views where possible.
     */
    public Map<String, Tensor> stateDict() {
        checkOpen("stateDict");
        Map<String, Tensor> all = new LinkedHashMap<>();
        int[] counts = new int[steps.length];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = Math.toIntExact(steps[i]);
        }
        all.put("step", Scope.current().ofInts(counts));
        all.put("learning_rate", Scope.current().of(learningRate));
        state.forEach(
                (name, tensor) -> {
                    for (int i = 0; i < steps.length; i++) {
                        all.put(name + "." + slab.names().get(i), part(tensor, i));
                    }
                });
        return all;
    }

    /**
     * Takes a state that {@link #stateDict} gave.
     *
     * @throws ArgumentException if it is that of another model or rule; nothing is changed
     */
    public void load(Map<String, Tensor> saved) {
        try (Scope _ = Scope.open()) {
            Map<String, Tensor> own = stateDict();
            if (saved.size() > own.size()) {
                throw new ArgumentException(
                        "Optimizer.load: the state has %d entries, this optimizer %d"
                                .formatted(saved.size(), own.size()));
            }
            // Converted first, which also shows whether all can be read.
            Map<String, Tensor> given = new LinkedHashMap<>();
            own.forEach((name, tensor) -> given.put(name, fitting(name, tensor, saved.get(name))));
            int[] counts = given.remove("step").toIntArray();
            learningRate = given.remove("learning_rate").item();
            Arrays.setAll(steps, i -> counts[i]);
            given.forEach((name, tensor) -> own.get(name).copyFrom(tensor));
        }
    }

    /** A copy of a saved tensor, in the type of the one it is for. */
    private static Tensor fitting(String name, Tensor own, Tensor saved) {
        if (saved == null || !saved.shape().equals(own.shape())) {
            throw new ArgumentException(
                    "Optimizer.load: %s should be %s, the state has %s"
                            .formatted(name, own.shape(), saved == null ? "none" : saved.shape()));
        }
        return (own.type() == ElementType.INT32 ? saved.toInt() : saved.toFloat()).copy();
    }

    // ---- the end ----

    /**
     * Gives the memory of gradients and state back; the values of the parameters stay. A second
     * call does nothing.
     */
    @Override
    public void close() {
        closed = true;
        slab.close();
        try (Scope end = Scope.detached()) {
            for (Tensor tensor : state.values()) {
                if (!tensor.isClosed()) {
                    end.keep(tensor);
                }
            }
        }
    }

    private void checkOpen(String operation) {
        if (closed) {
            throw new IllegalStateException(operation + ": the optimizer is closed");
        }
    }

    private Tensor part(Tensor tensor, int parameter) {
        Shape shape = slab.parameters().get(parameter).shape();
        long from = slab.offset(parameter);
        return tensor.slice(0, from, from + shape.elements()).view(shape);
    }
}
