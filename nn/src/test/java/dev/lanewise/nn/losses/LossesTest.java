package dev.lanewise.nn.losses;

import static dev.lanewise.nn.losses.Losses.binaryCrossEntropyWithLogits;
import static dev.lanewise.nn.losses.Losses.crossEntropy;
import static dev.lanewise.nn.losses.Losses.meanSquaredError;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;

import dev.lanewise.core.ElementType;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.autograd.Tape;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.ops.CrossEntropyWithLogits;
import dev.lanewise.nn.ops.Functional;
import dev.lanewise.nn.testing.TensorTest;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.lang.management.ManagementFactory;

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

    private static final float[] SOFT = {0.7f, 0.2f, 0.1f, 0, 1, 0, 0.25f, 0.25f, 0.5f};

    /** PyTorch's definition for class probabilities; its mean divides by N, not by the weights. */
    private static double expectedSoft(
            double[] logits, double epsilon, double[] weights, boolean mean) {
        double sum = 0;
        for (int n = 0; n < 3; n++) {
            double total = 0;
            for (int c = 0; c < 3; c++) {
                total += Math.exp(logits[n * 3 + c]);
            }
            for (int c = 0; c < 3; c++) {
                double y = SOFT[n * 3 + c] * (1 - epsilon) + epsilon / 3;
                sum -= y * weights[c] * (logits[n * 3 + c] - Math.log(total));
            }
        }
        return mean ? sum / 3 : sum;
    }

    @ParameterizedTest
    @CsvSource({"0, false, true", "0.1, false, true", "0.2, true, true", "0.2, true, false"})
    void crossEntropyOfProbabilities(float epsilon, boolean weighted, boolean mean) {
        CrossEntropy loss = crossEntropy().labelSmoothing(epsilon);
        loss = weighted ? loss.classWeights(0.5f, 2, 1) : loss;
        loss = mean ? loss : loss.sum();
        double[] weights = weighted ? new double[] {0.5, 2, 1} : new double[] {1, 1, 1};
        double[] logits = new double[9];
        for (int i = 0; i < 9; i++) {
            logits[i] = LOGITS[i];
        }
        Tensor y = scope.of(SOFT, Shape.of(3, 3));
        try (Tape tape = Tape.start()) {
            Variable x = tape.watch(scope.of(LOGITS, Shape.of(3, 3)));
            Variable found = loss.of(x, y);
            assertThat((double) found.item())
                    .isCloseTo(expectedSoft(logits, epsilon, weights, mean), within(3e-6));
            float[] gradient = tape.gradients(found).of(x).toArray();
            for (int i = 0; i < 9; i++) {
                double[] up = logits.clone();
                double[] down = logits.clone();
                up[i] += 1e-5;
                down[i] -= 1e-5;
                double numeric =
                        (expectedSoft(up, epsilon, weights, mean)
                                        - expectedSoft(down, epsilon, weights, mean))
                                / 2e-5;
                assertThat((double) gradient[i]).as("%d", i).isCloseTo(numeric, within(1e-6));
            }
        }
    }

    @Test
    void oneHotProbabilitiesAreClasses() {
        Variable x = Variable.of(scope.of(LOGITS, Shape.of(3, 3)));
        Tensor oneHot = scope.of(new float[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, Shape.of(3, 3));
        CrossEntropy loss = crossEntropy().labelSmoothing(0.3f);
        assertThat(loss.of(x, oneHot).item())
                .isCloseTo(loss.of(x, scope.ofInts(CLASSES)).item(), within(1e-6f));
    }

    /** A masked class: logit −∞, probability 0 in prediction and target. */
    @ParameterizedTest
    @CsvSource({"false", "true"})
    void aMaskedClassAddsNothingToSoftTargets(boolean byWeight) {
        float[] masked = {2, Float.NEGATIVE_INFINITY, 0.5f};
        float first = byWeight ? 0.5f : 0.75f;
        Tensor y = scope.of(new float[] {first, 0.75f - first, 0.25f}, Shape.of(1, 3));
        CrossEntropy loss = byWeight ? crossEntropy().classWeights(1, 0, 1) : crossEntropy();
        double total = Math.exp(2) + Math.exp(0.5);
        double logOne = 2 - Math.log(total);
        double logOther = 0.5 - Math.log(total);
        try (Tape tape = Tape.start()) {
            Variable x = tape.watch(scope.of(masked, Shape.of(1, 3)));
            Variable found = loss.of(x, y);
            assertThat((double) found.item())
                    .isCloseTo(-first * logOne - 0.25 * logOther, within(1e-6));
            float[] gradient = tape.gradients(found).of(x).toArray();
            double sum = first + 0.25;
            assertThat((double) gradient[0])
                    .isCloseTo(sum * Math.exp(logOne) - first, within(1e-6));
            assertThat(gradient[1]).isZero();
            assertThat((double) gradient[2])
                    .isCloseTo(sum * Math.exp(logOther) - 0.25, within(1e-6));
        }
    }

    @Test
    void aClassOfProbabilityZeroThatTheTargetHasIsInfinitelyWrong() {
        Variable x =
                Variable.of(scope.of(new float[] {0, Float.NEGATIVE_INFINITY}, Shape.of(1, 2)));
        Tensor y = scope.of(new float[] {0.5f, 0.5f}, Shape.of(1, 2));
        assertThat(crossEntropy().of(x, y).item()).isEqualTo(Float.POSITIVE_INFINITY);
    }

    @Test
    void wrongProbabilitiesAreExplained() {
        Variable x = Variable.of(scope.zeros(Shape.of(2, 3)));
        assertThatThrownBy(() -> crossEntropy().of(x, scope.zeros(Shape.of(2, 4))))
                .hasMessage(
                        "crossEntropy: needs one probability per class: predictions [2, 3], targets"
                                + " [2, 4]");
        assertThatThrownBy(() -> crossEntropy().of(x, scope.full(Shape.of(2, 3), 2)))
                .hasMessageContaining("from 2.0 to 2.0");
        assertThatThrownBy(() -> crossEntropy().of(x, scope.full(Shape.of(2, 3), Float.NaN)))
                .hasMessageContaining("from NaN to NaN");
        Tensor y = scope.full(Shape.of(2, 3), 1 / 3f);
        assertThatThrownBy(() -> crossEntropy().classWeights(1, 2).of(x, y))
                .hasMessageContaining("one weight per class");
    }

    @Test
    void crossEntropyOfHugeLogitsIsFinite() {
        Variable x = Variable.of(scope.of(new float[] {1e4f, -1e4f}, Shape.of(1, 2)));
        assertThat(crossEntropy().of(x, scope.ofInts(1)).item()).isEqualTo(2e4f);
        assertThat(crossEntropy().of(x, scope.ofInts(0)).item()).isZero();
    }

    @Test
    void classesThatCanNotBeDoNotSpoilTheLoss() {
        Variable x =
                Variable.of(scope.of(new float[] {1, Float.NEGATIVE_INFINITY, 1}, Shape.of(1, 3)));
        assertThat((double) crossEntropy().of(x, scope.ofInts(0)).item())
                .isCloseTo(Math.log(2), within(1e-6));
        Variable none = Variable.of(scope.zeros(Shape.of(0, 3)));
        Tensor noLabels = scope.zeros(Shape.of(0), ElementType.INT32);
        assertThat(crossEntropy().of(none, noLabels).item()).isZero();
        assertThat(crossEntropy().labelSmoothing(0.1f).of(none, noLabels).item()).isZero();
    }

    @Test
    void manyClassesCostNoHeap() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Tensor logits = scope.zeros(Shape.of(16, 20_000));
        Tensor labels = scope.zeros(Shape.of(16), ElementType.INT32);
        CrossEntropyWithLogits loss = new CrossEntropyWithLogits(0, -100, true);
        long least = Long.MAX_VALUE;
        // Kernels box vectors until C2 has compiled them; the logits take 1.3 MB.
        for (int call = 0; call < 300 && least > 100_000; call++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            loss.evaluate(new Tensor[] {logits, labels});
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).isLessThanOrEqualTo(100_000);
    }

    @Test
    void crossEntropyExplainsWrongTargets() {
        Variable x = Variable.of(scope.zeros(Shape.of(2, 3)));
        assertThatThrownBy(() -> crossEntropy().of(x, scope.ofInts(0, 3)))
                .hasMessageContaining("crossEntropy: class 3 at position 1 is not one of 0 to 2");
        assertThatThrownBy(() -> crossEntropy().of(x, scope.ofInts(0, 1, 2)))
                .hasMessageContaining("predictions [2, 3], labels [3]");
        assertThatThrownBy(() -> crossEntropy().of(x, scope.of(0, 1)))
                .hasMessageContaining("labels must be int32");
        assertThatThrownBy(() -> crossEntropy().classWeights(1, 2).of(x, scope.ofInts(0, 1)))
                .hasMessageContaining("one weight per class");
        assertThatThrownBy(() -> crossEntropy().labelSmoothing(2)).hasMessageContaining("2.0");
    }

    @Test
    void rowsOfTheIgnoredClassCountNothing() {
        float[] three = LOGITS.clone();
        float[] two = {LOGITS[0], LOGITS[1], LOGITS[2], LOGITS[6], LOGITS[7], LOGITS[8]};
        for (CrossEntropy loss :
                new CrossEntropy[] {
                    crossEntropy(),
                    crossEntropy().labelSmoothing(0.1f).classWeights(0.5f, 2, 1),
                    crossEntropy().sum()
                }) {
            try (Tape tape = Tape.start()) {
                Variable x = tape.watch(scope.of(three, Shape.of(3, 3)));
                Variable y = tape.watch(scope.of(two, Shape.of(2, 3)));
                Variable ofThree = loss.ignoredClass(-1).of(x, scope.ofInts(0, -1, 2));
                Variable ofTwo = loss.of(y, scope.ofInts(0, 2));
                assertThat(ofThree.item()).isEqualTo(ofTwo.item());
                float[] all = tape.gradients(Functional.add(ofThree, ofTwo)).of(x).toArray();
                float[] kept = tape.gradients(Functional.add(ofThree, ofTwo)).of(y).toArray();
                for (int i = 0; i < 9; i++) {
                    float expected = i < 3 ? kept[i] : i < 6 ? 0 : kept[i - 3];
                    assertThat(all[i]).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void aBatchOfIgnoredRowsOnlyHasNoMeanButNoGradientEither() {
        try (Tape tape = Tape.start()) {
            Variable x = tape.watch(scope.of(LOGITS, Shape.of(3, 3)));
            Variable loss = crossEntropy().of(x, scope.ofInts(-100, -100, -100));
            assertThat(loss.item()).isNaN();
            assertThat(tape.gradients(loss).of(x).toArray()).containsOnly(0f);
        }
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
