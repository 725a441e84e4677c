package dev.lanewise.nn.ops;

import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Backward;
import dev.lanewise.nn.autograd.Operation;
import dev.lanewise.nn.autograd.Variable;

import java.util.List;
import java.util.Optional;

/**
 * An elementwise function y = f(x) of one variable whose gradient dx = dy · f' has a kernel.
 *
 * <p>The kernel computes f' from the input x or, where that is cheaper, from the output y: the
 * <em>saved</em> value s.
 */
public interface Pointwise extends Operation {

    /** out = f(x). */
    void compute(Tensor x, Tensor out);

    /** dx = dy · f', f' as a function of the saved value. */
    void computeGradient(Tensor saved, Tensor dy, Tensor dx);

    /**
     * t · ∂f'/∂s, the derivative of f' as a function of the saved value s; empty where it is 0
     * everywhere.
     */
    Optional<Variable> secondDerivative(Variable saved, Variable t);

    /** Whether the gradient is computed from the output instead of the input. */
    default boolean savesResult() {
        return false;
    }

    @Override
    default List<Shape> outputShapes(List<Shape> inputs) {
        return List.of(inputs.get(0));
    }

    @Override
    default void forward(Tensor[] inputs, Tensor[] outputs) {
        compute(inputs[0], outputs[0]);
    }

    @Override
    default boolean savesInput(int input) {
        return !savesResult();
    }

    @Override
    default boolean savesOutput(int output) {
        return savesResult();
    }

    /** dx = dy · f'. */
    @Override
    default void gradient(Backward backward) {
        Variable saved = savesResult() ? backward.output(0) : backward.input(0);
        backward.give(0, new PointwiseGradient(this), saved, backward.outputGradient());
    }
}
