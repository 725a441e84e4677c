package dev.lanewise.nn.autograd;

import dev.lanewise.core.Shape;

/**
 * What an operation's {@link Operation#gradient gradient} sees: one recorded application, the
 * gradients of its outputs, and the place to give the gradients of its inputs to.
 */
public abstract class Backward {

    private Tape.Node node;

    Backward() {}

    final void enter(Tape.Node entered) {
        node = entered;
    }

    final Tape.Node node() {
        return node;
    }

    /** The number of inputs that the operation was applied to. */
    public final int inputs() {
        return node.inputs().length;
    }

    /** Whether the gradient of this input is wanted; if not, computing it is wasted work. */
    public abstract boolean needs(int input);

    /**
     * The value of an input, as the variable that the operation was applied to.
     *
     * @throws IllegalStateException if the operation doesn't declare that it saves this input
     */
    public final Variable input(int input) {
        if (!node.operation().savesInput(input)) {
            throw undeclared("input", input);
        }
        return node.inputs()[input];
    }

    /**
     * The value of an output.
     *
     * @throws IllegalStateException if the operation doesn't declare that it saves this output
     */
    public final Variable output(int output) {
        if (!node.operation().savesOutput(output)) {
            throw undeclared("output", output);
        }
        return node.outputs()[output];
    }

    /** The shape of an input. */
    public final Shape inputShape(int input) {
        return node.inputs()[input].shape();
    }

    /** The shape of an output. */
    public final Shape outputShape(int output) {
        return node.outputs()[output].shape();
    }

    /** Whether the final result depends on this output; its gradient is 0 otherwise. */
    public abstract boolean hasOutputGradient(int output);

    /** The gradient of an output: zeros where the final result doesn't depend on it. */
    public abstract Variable outputGradient(int output);

    /** The gradient of the only output. */
    public final Variable outputGradient() {
        return outputGradient(0);
    }

    /** Adds {@code gradient} to the gradient of this input. */
    public abstract void give(int input, Variable gradient);

    /**
     * Adds the output of {@code operation}, applied to these operands, to the gradient of this
     * input. Better than applying it first: the result can be written or added right where the
     * gradient belongs.
     */
    public abstract void give(int input, Operation operation, Variable... operands);

    private IllegalStateException undeclared(String what, int index) {
        return new IllegalStateException(
                node.operation().name()
                        + ": its gradient reads "
                        + what
                        + " "
                        + index
                        + ", which it doesn't declare as saved");
    }

    final void checkGiven(int input, Shape given) {
        if (!given.equals(inputShape(input))) {
            throw new IllegalStateException(
                    node.operation().name()
                            + ": its gradient for input "
                            + input
                            + " has shape "
                            + given
                            + ", the input has "
                            + inputShape(input));
        }
    }
}
