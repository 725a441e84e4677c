package dev.lanewise.nn.autograd;

import dev.lanewise.core.ElementType;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;

import java.util.List;

/**
 * A differentiable function of tensors, as an immutable value: usually a record of its attributes.
 *
 * <p>An operation states, in adjacent methods, its shape rule, its forward computation, what its
 * backward computation reads, and its vector-Jacobian product. The product is written with
 * operations on {@link Variable}s, so that it can be recorded and differentiated in turn.
 *
 * <p>An operation holds no data and no reference to its operands: the same instance may be applied
 * many times, on any thread, and be replayed by a {@link Trace}.
 */
public interface Operation {

    /** The name that errors and traces show: lower case, as the function is called. */
    String name();

    /**
     * The shapes of the outputs.
     *
     * @throws dev.lanewise.core.ShapeException if the operation can't be applied to these shapes
     */
    List<Shape> outputShapes(List<Shape> inputs);

    /** The element type of an output. */
    default ElementType outputType(int output) {
        return ElementType.FLOAT32;
    }

    /**
     * Computes the outputs into preallocated, contiguous tensors of the shapes and types above,
     * which overlap no input. Scratch memory comes from a scope of the operation's own.
     */
    void forward(Tensor[] inputs, Tensor[] outputs);

    /**
     * Adds the only output of this operation to {@code sum} in the kernel itself, where the kernel
     * can; otherwise does nothing and returns false.
     */
    default boolean accumulate(Tensor[] inputs, Tensor sum) {
        return false;
    }

    /** Whether {@link #gradient} reads the value of this input. */
    default boolean savesInput(int input) {
        return false;
    }

    /** Whether {@link #gradient} reads the value of this output. */
    default boolean savesOutput(int output) {
        return false;
    }

    /**
     * The vector-Jacobian product: for each input that {@link Backward#needs needs} one, gives the
     * gradient of the final result, computed from the gradients of the outputs. An input that is
     * given nothing has gradient 0.
     */
    void gradient(Backward backward);

    /** The outputs for these inputs, allocated in the current scope. */
    default Tensor[] evaluate(Tensor[] inputs) {
        List<Shape> shapes = outputShapes(Shapes.of(inputs));
        Tensor[] outputs = new Tensor[shapes.size()];
        Scope scope = Scope.current();
        for (int i = 0; i < outputs.length; i++) {
            outputs[i] = scope.empty(shapes.get(i), outputType(i));
        }
        forward(inputs, outputs);
        return outputs;
    }

    /** Runs this operation, records it where a tape or a trace is open, and returns its output. */
    default Variable apply(Variable... inputs) {
        return Recording.apply(this, inputs)[0];
    }

    /** {@link #apply} for an operation with several outputs. */
    default Variable[] applyAll(Variable... inputs) {
        return Recording.apply(this, inputs);
    }
}
