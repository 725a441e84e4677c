package dev.lanewise.nn.autograd;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.ElementType;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A computation captured as the list of its operations, with shapes; it can be printed, read and
 * replayed on other data.
 *
 * <pre>{@code
 * Trace trace = Trace.capture(model::forward, x);
 * System.out.println(trace);
 * Tensor y = trace.replay(other).get(0);
 * }</pre>
 *
 * <p>Values are numbered: first the inputs, then constants and parameters in order of first use and
 * results in order of computation. Constants and parameters are held by reference: a replay sees
 * their present values. Everything that depends on the inputs must be computed with operations on
 * variables; what is read into Java and back is a constant of the trace, and so is the random key
 * of a dropout. {@link Tape#gradients} is not captured.
 *
 * <p>A trace holds no side effects. A function that has some, as batch normalization in training,
 * which moves its running statistics, can't be captured: it checks {@link #isCapturing} and throws.
 * Capture the forward pass of inference, or that function with its effects left out.
 */
public final class Trace {

    /**
     * A value of the trace.
     *
     * @param shape its shape
     * @param type its element type
     * @param constant the parameter or constant that it is; null for an input or a result
     */
    public record Value(Shape shape, ElementType type, Variable constant) {
        /** Whether this is a constant or a parameter rather than an input or a result. */
        public boolean isConstant() {
            return constant != null;
        }
    }

    /**
     * One application of an operation.
     *
     * @param operation what is applied
     * @param inputs the numbers of its operands
     * @param outputs the numbers of its results
     */
    public record Step(Operation operation, List<Integer> inputs, List<Integer> outputs) {}

    private final int inputs;
    private final List<Value> values;
    private final List<Step> steps;
    private final List<Integer> results;

    private Trace(int inputs, List<Value> values, List<Step> steps, List<Integer> results) {
        this.inputs = inputs;
        this.values = List.copyOf(values);
        this.steps = List.copyOf(steps);
        this.results = List.copyOf(results);
    }

    /** Collects what a thread applies while a trace is captured. */
    static final class Recorder {
        final List<Value> values = new ArrayList<>();
        final List<Step> steps = new ArrayList<>();
        private final Map<Variable, Integer> numbers = new IdentityHashMap<>();
        // Another variable of the same tensor, as detach() and watch() make them, is the same
        // value.
        private final Map<Tensor, Integer> ofTensors = new IdentityHashMap<>();

        void record(Operation operation, Variable[] operands, Variable[] outputs) {
            List<Integer> in = new ArrayList<>(operands.length);
            for (Variable operand : operands) {
                in.add(numberOf(operand));
            }
            List<Integer> out = new ArrayList<>(outputs.length);
            for (Variable output : outputs) {
                out.add(add(output, null));
            }
            steps.add(new Step(operation, List.copyOf(in), List.copyOf(out)));
        }

        int numberOf(Variable variable) {
            Integer known = numbers.get(variable);
            if (known == null && !(variable instanceof Parameter)) {
                known = ofTensors.get(variable.value());
            }
            return known != null ? known : add(variable, variable);
        }

        int add(Variable variable, Variable constant) {
            int number = values.size();
            values.add(new Value(variable.shape(), variable.value().type(), constant));
            numbers.put(variable, number);
            ofTensors.putIfAbsent(variable.value(), number);
            return number;
        }
    }

    /** Whether the current thread captures: what would change a tensor in place must then throw. */
    public static boolean isCapturing() {
        return Recording.current().trace != null;
    }

    /** Captures a function of one variable. */
    public static Trace capture(Function<Variable, Variable> function, Tensor example) {
        return capture(x -> List.of(function.apply(x.get(0))), List.of(example));
    }

    /**
     * Runs {@code function} on these inputs and captures the operations that it applies, including
     * those under a tape of its own.
     */
    public static Trace capture(
            Function<List<Variable>, List<Variable>> function, List<Tensor> examples) {
        Recording recording = Recording.current();
        Recorder outer = recording.trace;
        Recorder recorder = new Recorder();
        List<Variable> arguments = new ArrayList<>();
        for (Tensor example : examples) {
            Variable argument = Variable.of(example);
            recorder.add(argument, null);
            arguments.add(argument);
        }
        recording.trace = recorder;
        List<Variable> outputs;
        try {
            outputs = function.apply(List.copyOf(arguments));
        } finally {
            recording.trace = outer;
        }
        List<Integer> results = new ArrayList<>();
        for (Variable output : outputs) {
            results.add(recorder.numberOf(output));
        }
        return new Trace(examples.size(), recorder.values, recorder.steps, results);
    }

    /** The operations in order of application. */
    public List<Step> steps() {
        return steps;
    }

    /** All values by number. */
    public List<Value> values() {
        return values;
    }

    /** How many of the first values are inputs. */
    public int inputs() {
        return inputs;
    }

    /** The numbers of the results. */
    public List<Integer> results() {
        return results;
    }

    /**
     * Applies the captured operations to other data of the captured shapes: the same bits as the
     * captured function would give. Intermediate values are released at the end; the results are in
     * the current scope.
     *
     * @throws ArgumentException if number, shapes or types of the inputs differ
     */
    public List<Tensor> replay(Tensor... data) {
        checkInputs(data);
        Scope target = Scope.current();
        Tensor[] table = new Tensor[values.size()];
        System.arraycopy(data, 0, table, 0, inputs);
        for (int i = inputs; i < table.length; i++) {
            if (values.get(i).isConstant()) {
                table[i] = values.get(i).constant().value();
            }
        }
        List<Tensor> found = new ArrayList<>();
        try (Scope scratch = Scope.open()) {
            for (Step step : steps) {
                Tensor[] operands = new Tensor[step.inputs().size()];
                Arrays.setAll(operands, i -> table[step.inputs().get(i)]);
                Tensor[] outputs = step.operation().evaluate(operands);
                for (int i = 0; i < outputs.length; i++) {
                    table[step.outputs().get(i)] = outputs[i];
                }
            }
            for (int result : results) {
                Tensor value = table[result];
                found.add(value.scope() == scratch ? target.keep(value) : value);
            }
        }
        return found;
    }

    private void checkInputs(Tensor[] data) {
        if (data.length != inputs) {
            throw new ArgumentException(
                    "replay: the trace has " + inputs + " inputs, given " + data.length);
        }
        for (int i = 0; i < inputs; i++) {
            Value expected = values.get(i);
            if (!data[i].shape().equals(expected.shape()) || data[i].type() != expected.type()) {
                throw new ArgumentException(
                        "replay: input "
                                + i
                                + " was captured as "
                                + expected.type()
                                + " "
                                + expected.shape()
                                + ", given "
                                + data[i].type()
                                + " "
                                + data[i].shape()
                                + "; capture again for other shapes");
            }
        }
    }

    /** One line per operation: {@code %3: [64, 32, 28, 28] = relu(%2: [64, 32, 28, 28])}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < inputs; i++) {
            text.append("input ").append(describe(i)).append('\n');
        }
        for (Step step : steps) {
            text.append(describe(step.outputs()))
                    .append(" = ")
                    .append(step.operation().name())
                    .append('(')
                    .append(describe(step.inputs()))
                    .append(")  ")
                    .append(step.operation())
                    .append('\n');
        }
        return text.append("results ").append(describe(results)).toString();
    }

    private String describe(List<Integer> numbers) {
        return String.join(", ", numbers.stream().map(this::describe).toList());
    }

    private String describe(int number) {
        Value value = values.get(number);
        String kind =
                !value.isConstant()
                        ? "%"
                        : value.constant() instanceof Parameter ? "parameter " : "constant ";
        return kind + number + ": " + value.shape();
    }
}
