package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.core.testing.NoLeaks;
import dev.lanewise.core.testing.Property;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Cross-entropy and its gradient on tensors of any layout against loops in double. */
@ExtendWith(NoLeaks.class)
class CrossEntropiesTest {

    @Test
    void lossAndGradient() {
        Property.check(
                60,
                draw -> {
                    try (Scope scope = Scope.open()) {
                        int n = draw.between(1, 6);
                        int columns = draw.between(2, 40);
                        Tensor x = Nd.random(draw, Shape.of(n, columns), 4);
                        int[] t = new int[n];
                        for (int r = 0; r < n; r++) {
                            t[r] = draw.between(-1, columns - 1);
                        }
                        Tensor w = scope.ones(Shape.of(columns)).multiply(0.5f);
                        float smoothing = draw.between(0, 1) * 0.2f;
                        CrossEntropyOptions options =
                                CrossEntropyOptions.standard()
                                        .ignoredClass(-1)
                                        .labelSmoothing(smoothing)
                                        .weights(w);
                        Tensor classes = scope.ofInts(t);
                        var rows = CrossEntropies.crossEntropy(x, classes, options);
                        Tensor dLoss = Nd.random(draw, Shape.of(n), 2);
                        Tensor dx = Nd.layOut(draw, x.shape(), ElementType.FLOAT32);
                        CrossEntropies.crossEntropyGradient(
                                x, classes, options, rows.max(), rows.logSum(), dLoss, dx);
                        check(x.toArray(), t, smoothing, rows.loss(), dLoss, dx);
                    }
                });
    }

    private static void check(
            float[] x, int[] t, float smoothing, Tensor loss, Tensor dLoss, Tensor dx) {
        int columns = x.length / t.length;
        float[] losses = loss.toArray();
        float[] upstream = dLoss.toArray();
        float[] gradient = dx.toArray();
        for (int r = 0; r < t.length; r++) {
            double sum = 0;
            for (int c = 0; c < columns; c++) {
                sum += Math.exp(x[r * columns + c]);
            }
            double expected = 0;
            for (int c = 0; c < columns; c++) {
                double target = smoothing / columns + (c == t[r] ? 1 - smoothing : 0);
                double p = Math.exp(x[r * columns + c]) / sum;
                expected -= 0.5 * target * Math.log(p);
                double slope = t[r] < 0 ? 0 : 0.5 * (p - target) * upstream[r];
                assertThat((double) gradient[r * columns + c]).isCloseTo(slope, within(3e-6));
            }
            assertThat((double) losses[r]).isCloseTo(t[r] < 0 ? 0 : expected, within(1e-5));
        }
    }

    @Test
    void threadsDoNotChangeBits() {
        try (Scope scope = Scope.open()) {
            Tensor x = scope.arange(900 * 300).sin().reshape(900, 300);
            Tensor classes = scope.zeros(Shape.of(900), ElementType.INT32);
            CrossEntropyOptions options = CrossEntropyOptions.standard();
            var one = CrossEntropies.crossEntropy(x, classes, options);
            try (var _ = Workers.using(2)) {
                var two = CrossEntropies.crossEntropy(x, classes, options);
                assertThat(two.loss().contentEquals(one.loss())).isTrue();
                assertThat(two.logSum().contentEquals(one.logSum())).isTrue();
            }
        }
    }

    @Test
    void errors() {
        try (Scope scope = Scope.open()) {
            Tensor x = scope.zeros(Shape.of(2, 3));
            CrossEntropyOptions options = CrossEntropyOptions.standard();
            assertThatThrownBy(() -> CrossEntropies.crossEntropy(x, scope.ofInts(0, 3), options))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessage(
                            "crossEntropy: class 3 at position 1 is not one of 0 to 2, nor the"
                                    + " ignored one, -100");
            assertThatThrownBy(() -> CrossEntropies.crossEntropy(x, scope.ofInts(0), options))
                    .isInstanceOf(ShapeException.class)
                    .hasMessage(
                            "crossEntropy: needs one class per row: logits [2, 3], classes [1]");
            assertThatThrownBy(
                            () -> CrossEntropies.crossEntropy(x, scope.zeros(Shape.of(2)), options))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessageContaining("classes must be int32");
            assertThatThrownBy(() -> options.labelSmoothing(1.5f)).hasMessageContaining("1.5");
            assertThatThrownBy(
                            () ->
                                    CrossEntropies.crossEntropy(
                                            x,
                                            scope.ofInts(0, 1),
                                            options.weights(scope.ones(Shape.of(2)))))
                    .hasMessage("crossEntropy: weights must be [3], got [2]");
        }
    }
}
