package dev.lanewise.nn.autograd;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.ElementType;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * The record of the operations that lead from parameters and watched variables to a result, and the
 * gradients of that result.
 *
 * <pre>{@code
 * try (Scope step = Scope.open(); Tape tape = Tape.start()) {
 *     Variable loss = crossEntropy(model.forward(x), labels);
 *     Gradients gradients = tape.gradients(loss);
 *     optimizer.step(gradients);
 * }
 * }</pre>
 *
 * <p>A started tape records what its thread does until it is closed; without one nothing is
 * recorded. A tape started inside another one takes over until it closes; it can't take up what the
 * outer one recorded. Operations none of whose operands lead to a trainable parameter or a watched
 * variable are not recorded. Start tapes in try-with-resources: one that is left open goes on
 * recording.
 *
 * <p>The tape holds no memory of its own: values live in the scope in which they were computed,
 * which must be open when gradients are asked for, and must not change in between: gradients are
 * computed from what the tensors hold then. Backward is a loop over the record, last operation
 * first; the gradient of an intermediate value is released as soon as it has been passed on.
 */
public final class Tape implements AutoCloseable {

    /** One recorded application of an operation. */
    record Node(Operation operation, Variable[] inputs, Variable[] outputs) {}

    private final List<Node> nodes = new ArrayList<>();
    private final Recording recording;
    private final Tape outer;
    private boolean open = true;

    private Tape(Recording recording) {
        this.recording = recording;
        this.outer = recording.tape;
        recording.tape = this;
    }

    /** A new tape that records what this thread does from now on. */
    public static Tape start() {
        return new Tape(Recording.current());
    }

    /** Runs {@code body} without recording it on any tape. */
    public static <T> T withoutRecording(Supplier<T> body) {
        Recording recording = Recording.current();
        Tape paused = recording.tape;
        recording.tape = null;
        try {
            return body.get();
        } finally {
            recording.tape = paused;
        }
    }

    /** Whether this thread has an open tape that records what is done with any of these. */
    public static boolean isRecording(Variable... variables) {
        Tape tape = Recording.current().tape;
        return tape != null && tape.tracksAny(variables);
    }

    /** A variable with this value whose gradient this tape will give. */
    public Variable watch(Tensor value) {
        if (value.type() != ElementType.FLOAT32) {
            throw new ArgumentException(
                    "watch: a gradient needs float32 values, this tensor holds " + value.type());
        }
        return new Variable(value, this, Variable.LEAF, 0);
    }

    /** The number of operations recorded so far. */
    public int size() {
        return nodes.size();
    }

    /**
     * The gradients of {@code loss}, a variable with one element, with respect to every trainable
     * parameter and watched variable it depends on; in the current scope.
     *
     * @throws ArgumentException if the loss has several elements or depends on none of them
     */
    public Gradients gradients(Variable loss) {
        return gradients(loss, new Gradients());
    }

    /**
     * Adds the gradients of {@code loss} to {@code sum}. Where {@code sum} has a {@link
     * Gradients#place place} for a parameter, the gradient is written there.
     *
     * @return {@code sum}
     */
    public Gradients gradients(Variable loss, Gradients sum) {
        requireOpen("gradients");
        requireRecorded("gradients", loss);
        if (loss.shape().elements() != 1) {
            throw new ArgumentException(
                    "gradients: the loss has shape "
                            + loss.shape()
                            + ", but must be one number: reduce it with sum or mean, or use"
                            + " differentiate with a seed");
        }
        Tape active = recording.tape;
        Trace.Recorder trace = recording.trace;
        recording.tape = null;
        recording.trace = null;
        try {
            new GradientPass(this, sum).run(loss, ones(loss));
        } finally {
            recording.tape = active;
            recording.trace = trace;
        }
        return sum;
    }

    /**
     * The gradients of {@code result}, weighted by {@code seed}, with respect to the given
     * variables, recorded on this tape: they may be used in further operations and differentiated
     * again.
     *
     * @param result any recorded variable
     * @param seed the weights of its elements, same shape
     * @param variables parameters, watched variables or intermediate results of this tape
     * @return one gradient per variable; zeros where the result doesn't depend on it
     */
    public List<Variable> differentiate(Variable result, Variable seed, List<Variable> variables) {
        requireOpen("differentiate");
        requireRecorded("differentiate", result);
        if (!seed.shape().equals(result.shape())) {
            throw new ArgumentException(
                    "differentiate: the seed has shape "
                            + seed.shape()
                            + ", the result "
                            + result.shape());
        }
        for (Variable variable : variables) {
            if (!variable.isTrackedBy(this)) {
                throw new ArgumentException(
                        "differentiate: a variable of shape "
                                + variable.shape()
                                + " is a constant on this tape: watch it first");
            }
        }
        Tape active = recording.tape;
        recording.tape = this;
        try {
            return new DifferentiationPass(this, result, variables).run(result, seed);
        } finally {
            recording.tape = active;
        }
    }

    /** {@link #differentiate(Variable, Variable, List)} with a seed of ones. */
    public List<Variable> differentiate(Variable result, List<Variable> variables) {
        return differentiate(result, ones(result), variables);
    }

    /**
     * Stops recording and forgets the record.
     *
     * @throws IllegalStateException if a tape that was started inside this one is still open, or
     *     the calling thread is not the one that started it
     */
    @Override
    public void close() {
        if (!open) {
            return;
        }
        if (Recording.current().tape != this) {
            throw new IllegalStateException(
                    "close: this tape is not the innermost one of this thread; close tapes in reverse"
                            + " order of their start, on the thread that started them");
        }
        open = false;
        recording.tape = outer;
        nodes.clear();
    }

    boolean isOpen() {
        return open;
    }

    boolean tracksAny(Variable[] inputs) {
        for (Variable input : inputs) {
            if (input.isTrackedBy(this)) {
                return true;
            }
        }
        return false;
    }

    Variable[] record(Operation operation, Variable[] inputs, Tensor[] results) {
        Variable[] outputs = new Variable[results.length];
        for (int i = 0; i < results.length; i++) {
            outputs[i] = new Variable(results[i], this, nodes.size(), i);
        }
        nodes.add(new Node(operation, inputs.clone(), outputs));
        return outputs;
    }

    Node node(int index) {
        return nodes.get(index);
    }

    private static Variable ones(Variable like) {
        return Variable.of(Scope.current().ones(like.shape()));
    }

    private void requireOpen(String method) {
        if (!open) {
            throw new IllegalStateException(
                    method + ": the tape is closed; ask for gradients before closing it");
        }
    }

    private void requireRecorded(String method, Variable result) {
        if (!result.isTrackedBy(this)) {
            throw new ArgumentException(
                    method
                            + ": this variable of shape "
                            + result.shape()
                            + " depends on no trainable parameter or watched variable of this tape;"
                            + " compute it after Tape.start(), and watch the inputs to"
                            + " differentiate by");
        }
    }
}
