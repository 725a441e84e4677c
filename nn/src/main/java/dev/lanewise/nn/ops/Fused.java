package dev.lanewise.nn.ops;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.nn.autograd.Variable;

import java.util.Optional;

/** The activations that a product may apply as it stores its result, seen from backward. */
final class Fused {

    private Fused() {}

    /** The activation as a function, where its gradient can be computed from its output alone. */
    private static Optional<Pointwise> function(FusedActivation activation) {
        return switch (activation) {
            case RELU -> Optional.of(new Relu());
            case TANH -> Optional.of(new Tanh());
            case SIGMOID -> Optional.of(new Sigmoid());
            case NONE, GELU, SILU -> Optional.empty();
        };
    }

    /**
     * Refuses an activation whose gradient needs the value before it, which a fused store loses.
     */
    static void check(String operation, FusedActivation activation) {
        if (activation != FusedActivation.NONE && function(activation).isEmpty()) {
            throw new ArgumentException(
                    operation
                            + ": "
                            + activation
                            + " can't be fused, its gradient needs the value before it; apply it"
                            + " as an operation of its own");
        }
    }

    /** The gradient before the activation, from the one behind it and the output. */
    static Variable before(FusedActivation activation, Variable output, Variable dy) {
        return function(activation).map(f -> new PointwiseGradient(f).apply(output, dy)).orElse(dy);
    }
}
