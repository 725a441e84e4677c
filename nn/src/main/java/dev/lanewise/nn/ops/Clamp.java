package dev.lanewise.nn.ops;

import dev.lanewise.core.Comparisons;
import dev.lanewise.core.Elementwise;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Variable;

import java.util.Optional;

/**
 * y = min(max(x, low), high); f' = 1 where low ≤ x ≤ high, else 0.
 *
 * @param low the least result
 * @param high the greatest result
 */
public record Clamp(float low, float high) implements Pointwise {

    @Override
    public String name() {
        return "clamp";
    }

    @Override
    public void compute(Tensor x, Tensor out) {
        Elementwise.clamp(x, low, high, out);
    }

    @Override
    public void computeGradient(Tensor x, Tensor dy, Tensor dx) {
        Comparisons.greaterOrEqual(x, low, dx);
        Elementwise.multiply(dx, dy, dx);
        try (Scope _ = Scope.open()) {
            Elementwise.multiply(dx, Comparisons.lessOrEqual(x, high), dx);
        }
    }

    @Override
    public Optional<Variable> secondDerivative(Variable x, Variable t) {
        return Optional.empty();
    }
}
