package dev.lanewise.nn.losses;

import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.ops.BinaryCrossEntropy;
import dev.lanewise.nn.ops.Functional;

/**
 * The mean over all elements of −t · ln s − (1 − t) · ln(1 − s), s = sigmoid(x), for logits x and
 * targets t from 0 to 1 of one shape; stable for large |x|.
 */
public final class BinaryCrossEntropyWithLogits implements Loss {

    BinaryCrossEntropyWithLogits() {}

    @Override
    public Variable of(Variable logits, Tensor target) {
        return Functional.mean(new BinaryCrossEntropy().apply(logits, Variable.of(target)));
    }
}
