package dev.lanewise.nn.autograd;

import dev.lanewise.core.Tensor;

/**
 * What the current thread records: the open tape and the open trace, either of which may be none.
 */
final class Recording {

    private static final ThreadLocal<Recording> CURRENT = ThreadLocal.withInitial(Recording::new);

    Tape tape;
    Trace.Recorder trace;

    private Recording() {}

    static Recording current() {
        return CURRENT.get();
    }

    /** Runs an operation and records it where somebody asked for that. */
    static Variable[] apply(Operation operation, Variable... inputs) {
        Recording recording = CURRENT.get();
        checkTapes(operation, inputs, recording.tape);
        Tensor[] values = values(inputs);
        Tensor[] results = operation.evaluate(values);
        Variable[] outputs;
        if (recording.tape != null && recording.tape.tracksAny(inputs)) {
            outputs = recording.tape.record(operation, inputs, results);
        } else {
            outputs = new Variable[results.length];
            for (int i = 0; i < results.length; i++) {
                outputs[i] = Variable.of(results[i]);
            }
        }
        if (recording.trace != null) {
            recording.trace.record(operation, inputs, outputs);
        }
        return outputs;
    }

    /** What an outer tape recorded would silently be a constant to the inner one. */
    private static void checkTapes(Operation operation, Variable[] inputs, Tape tape) {
        if (tape == null) {
            return;
        }
        for (Variable input : inputs) {
            if (input.isOnOpenTapeOutside(tape)) {
                throw new IllegalStateException(
                        "%s: an operand of shape %s was recorded on another tape that is still open; to the tape in force it would be a constant: detach() it if that is meant, or record both parts on one tape"
                                .formatted(operation.name(), input.shape()));
            }
        }
    }

    static Tensor[] values(Variable[] variables) {
        Tensor[] values = new Tensor[variables.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = variables[i].value();
        }
        return values;
    }
}
