package dev.lanewise.kernels;

import dev.lanewise.kernels.vector.VectorWidth;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips every test where {@code -Dlanewise.vectorBits} asks for vectors that the CPU lacks. */
public final class WidthCondition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        int bits = Integer.getInteger("lanewise.vectorBits", 0);
        int largest = VectorWidth.largestBits();
        return bits > largest
                ? ConditionEvaluationResult.disabled(
                        "this CPU has no vectors of %d bits, only of %d".formatted(bits, largest))
                : ConditionEvaluationResult.enabled("the width is there");
    }
}
