package dev.lanewise.nn.losses;

import static dev.lanewise.nn.losses.Losses.binaryCrossEntropyWithLogits;
import static dev.lanewise.nn.losses.Losses.crossEntropy;
import static dev.lanewise.nn.losses.Losses.meanSquaredError;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Tape;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.testing.TensorTest;

import org.junit.jupiter.api.Test;

/** Losses against the formulas of PyTorch's documentation in double. */
class LossesTest extends TensorTest {

    private static final float[] LOGITS = {2, -1, 0.5f, 0, 3, -2, 1, 1, 1};
    private static final int[] CLASSES = {0, 1, 2};

    private double expected(double epsilon, double[] weights, boolean mean) {
        double sum = 0;
        double norm = 0;
        for (int n = 0; n < 3; n++) {
            double total = 0;
            for (int c = 0; c < 3; c++) {
                total += Math.exp(LOGITS[n * 3 + c]);
            }
            int target = CLASSES[n];
            sum -= (1 - epsilon) * weights[target] * (LOGITS[n * 3 + target] - Math.log(total));
            for (int c = 0; c < 3; c++) {
                sum -= epsilon / 3 * weights[c] * (LOGITS[n * 3 + c] - Math.log(total));
            }
            norm += weights[target];
        }
        return mean ? sum / norm : sum;
    }

    @Test
    void crossEntropyWithSmoothingAndWeights() {
        Variable x = Variable.of(scope.of(LOGITS, Shape.of(3, 3)));
        Tensor t = scope.ofInts(CLASSES);
        double[] even = {1, 1, 1};
        double[] weights = {0.5, 2, 1};
        assertThat((double) crossEntropy().of(x, t).item())
                .isCloseTo(expected(0, even, true), within(1e-6));
        assertThat((double) crossEntropy().labelSmoothing(0.1f).of(x, t).item())
                .isCloseTo(expected(0.1f, even, true), within(1e-6));
        assertThat((double) crossEntropy().classWeights(0.5f, 2, 1).of(x, t).item())
                .isCloseTo(expected(0, weights, true), within(1e-6));
        assertThat(
                        (double)
                                crossEntropy()
                                        .labelSmoothing(0.2f)
                                        .classWeights(0.5f, 2, 1)
                                        .sum()
                                        .of(x, t)
                                        .item())
                .isCloseTo(expected(0.2f, weights, false), within(3e-6));
    }

    @Test
    void theGradientOfCrossEntropyIsSoftmaxMinusOneHot() {
        try (Tape tape = Tape.start()) {
            Variable x = tape.watch(scope.of(LOGITS, Shape.of(3, 3)));
            Variable loss = crossEntropy().of(x, scope.ofInts(CLASSES));
            float[] found = tape.gradients(loss).of(x).toArray();
            for (int i = 0; i < 9; i++) {
                double total = 0;
                for (int c = 0; c < 3; c++) {
                    total += Math.exp(LOGITS[i / 3 * 3 + c]);
                }
                double p = Math.exp(LOGITS[i]) / total - (CLASSES[i / 3] == i % 3 ? 1 : 0);
                assertThat((double) found[i]).isCloseTo(p / 3, within(1e-7));
            }
        }
    }

    @Test
    void crossEntropyOfHugeLogitsIsFinite() {
        Variable x = Variable.of(scope.of(new float[] {1e4f, -1e4f}, Shape.of(1, 2)));
        assertThat(crossEntropy().of(x, scope.ofInts(1)).item()).isEqualTo(2e4f);
        assertThat(crossEntropy().of(x, scope.ofInts(0)).item()).isZero();
    }

    @Test
    void crossEntropyExplainsWrongTargets() {
        Variable x = Variable.of(scope.zeros(Shape.of(2, 3)));
        assertThatThrownBy(() -> crossEntropy().of(x, scope.ofInts(0, 3)))
                .hasMessage("crossEntropy: label 3 at 1 is not a class from 0 to 2");
        assertThatThrownBy(() -> crossEntropy().of(x, scope.ofInts(0, 1, 2)))
                .hasMessageContaining("predictions [2, 3], labels [3]");
        assertThatThrownBy(() -> crossEntropy().of(x, scope.of(0, 1)))
                .hasMessageContaining("labels must be int32");
        assertThatThrownBy(() -> crossEntropy().classWeights(1, 2).of(x, scope.ofInts(0, 1)))
                .hasMessageContaining("one weight per class");
        assertThatThrownBy(() -> crossEntropy().labelSmoothing(2)).hasMessageContaining("2.0");
    }

    @Test
    void meanSquaredErrorAveragesAllElements() {
        Variable x = Variable.of(scope.of(new float[] {1, 2, 3, 4}, Shape.of(2, 2)));
        Tensor t = scope.of(new float[] {1, 0, 3, 8}, Shape.of(2, 2));
        assertThat(meanSquaredError().of(x, t).item()).isEqualTo(5);
        assertThatThrownBy(() -> meanSquaredError().of(x, scope.of(1, 2)))
                .hasMessage("meanSquaredError: shapes differ, prediction [2, 2], target [2]");
    }

    @Test
    void binaryCrossEntropyAveragesAllElements() {
        Variable x = Variable.of(scope.of(0, 2, -1));
        Tensor t = scope.of(1, 0, 0.25f);
        double expected =
                (Math.log(2)
                                + Math.log1p(Math.exp(2))
                                + 0.25 * Math.log1p(Math.exp(1))
                                + 0.75 * Math.log1p(Math.exp(-1)))
                        / 3;
        assertThat((double) binaryCrossEntropyWithLogits().of(x, t).item())
                .isCloseTo(expected, within(1e-6));
    }
}
