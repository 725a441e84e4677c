package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.testing.NoLeaks;
import dev.lanewise.core.testing.Property;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.Arrays;

@ExtendWith(NoLeaks.class)
class NormalizationsTest {

    private static Nd mean(Nd x, boolean[] reduced) {
        return x.reduce(reduced, v -> Arrays.stream(v).average().orElse(Double.NaN));
    }

    private static Nd sum(Nd x, boolean[] reduced) {
        return x.reduce(reduced, v -> Arrays.stream(v).sum());
    }

    private static Nd times(Nd a, Nd b) {
        return Nd.zip(a, b, (x, y) -> x * y);
    }

    private static Nd minus(Nd a, Nd b) {
        return Nd.zip(a, b, (x, y) -> x - y);
    }

    private static Nd vector(Nd x) {
        return new Nd(new long[] {x.values().length}, x.values());
    }

    @Test
    void batchNormalizationAndItsGradient() {
        Property.check(
                60,
                draw -> {
                    try (Scope scope = Scope.open()) {
                        int n = draw.between(1, 5);
                        int c = draw.between(1, 5);
                        Shape shape = Shape.of(n, c, draw.between(1, 6), draw.between(1, 20));
                        boolean[] reduced = {true, false, true, true};
                        double count = shape.elements() / (double) c;
                        Tensor x = Nd.random(draw, shape, 3);
                        Tensor dy = Nd.random(draw, shape, 2);
                        Tensor scale = Nd.random(draw, Shape.of(c), 2);
                        Nd in = Nd.of(x);
                        Nd mean = mean(in, reduced);
                        Nd centered = minus(in, mean);
                        Nd variance = mean(times(centered, centered), reduced);
                        Tensor m = scope.empty(Shape.of(c));
                        Tensor v = scope.empty(Shape.of(c));
                        Normalizations.channelStatistics(x, m, v);
                        vector(mean).check(m, 1e-5, 1e-5);
                        vector(variance).check(v, 1e-5, 1e-5);

                        Tensor inverse = v.add(1e-1f).rsqrt();
                        Nd invStd = Nd.of(inverse.reshape(c, 1, 1));
                        Nd hat = times(centered, invStd);
                        Nd g = Nd.of(dy);
                        Tensor sumDy = scope.empty(Shape.of(c));
                        Tensor sumDyX = scope.empty(Shape.of(c));
                        Normalizations.channelGradientSums(x, dy, m, inverse, sumDy, sumDyX);
                        Nd first = sum(g, reduced);
                        Nd second = sum(times(g, hat), reduced);
                        vector(first).check(sumDy, 1e-4, 1e-4);
                        vector(second).check(sumDyX, 1e-4, 1e-3);

                        Nd factor = times(Nd.of(scale.reshape(c, 1, 1)), invStd);
                        Nd inner =
                                minus(
                                        minus(g, first.map(s -> s / count)),
                                        times(hat, second.map(s -> s / count)));
                        Nd expected = times(factor, inner);
                        Tensor dx = Nd.layOut(draw, shape, ElementType.FLOAT32);
                        Normalizations.channelInputGradient(
                                x, dy, m, inverse, scale, sumDy, sumDyX, dx);
                        expected.check(dx, 1e-4, 1e-3);
                        Normalizations.channelInputGradient(
                                x, dy, m, inverse, scale, sumDy, sumDyX, dy);
                        expected.check(dy, 1e-4, 1e-3);

                        Nd affine =
                                Nd.zip(
                                        times(in, Nd.of(scale.reshape(c, 1, 1))),
                                        Nd.of(m.reshape(c, 1, 1)),
                                        Double::sum);
                        affine.check(Normalizations.channelAffine(x, scale, m), 1e-5, 1e-5);
                        affine.check(Normalizations.channelAffine(x, scale, m, x), 1e-5, 1e-5);
                    }
                });
    }

    @Test
    void layerNormalizationAndItsGradients() {
        Property.check(
                60,
                draw -> {
                    try (Scope scope = Scope.open()) {
                        Shape shape =
                                Shape.of(
                                        draw.between(1, 4),
                                        draw.between(1, 9),
                                        draw.between(2, 40));
                        long d = shape.size(2);
                        boolean[] reduced = {false, false, true};
                        Tensor x = Nd.random(draw, shape, 3);
                        Tensor dy = Nd.random(draw, shape, 2);
                        Tensor scale = Nd.random(draw, Shape.of(d), 2);
                        Tensor shift = Nd.random(draw, Shape.of(d), 2);
                        float epsilon = 0.1f;
                        Nd in = Nd.of(x);
                        Nd centered = minus(in, mean(in, reduced));
                        Nd invStd =
                                mean(times(centered, centered), reduced)
                                        .map(v -> 1 / Math.sqrt(v + epsilon));
                        Nd hat = times(centered, invStd);
                        Nd out = Nd.zip(times(hat, Nd.of(scale)), Nd.of(shift), Double::sum);
                        var normed = Normalizations.layerNorm(x, scale, shift, epsilon);
                        out.check(normed.output(), 1e-4, 1e-5);

                        Nd g = Nd.of(dy);
                        Nd gs = times(g, Nd.of(scale));
                        Nd inner =
                                minus(
                                        minus(gs, mean(gs, reduced)),
                                        times(hat, mean(times(gs, hat), reduced)));
                        Tensor dx = Nd.layOut(draw, shape, ElementType.FLOAT32);
                        Normalizations.layerNormInputGradient(
                                x, dy, scale, normed.mean(), normed.invStd(), dx);
                        times(inner, invStd).check(dx, 1e-4, 1e-3);
                        Tensor dScale = scope.empty(Shape.of(d));
                        Tensor dShift = scope.empty(Shape.of(d));
                        Normalizations.layerNormParameterGradients(
                                x, dy, normed.mean(), normed.invStd(), dScale, dShift);
                        boolean[] rows = {true, true, false};
                        vector(sum(times(g, hat), rows)).check(dScale, 1e-4, 1e-3);
                        vector(sum(g, rows)).check(dShift, 1e-4, 1e-4);
                    }
                });
    }

    @Test
    void threadsDoNotChangeBits() {
        try (Scope scope = Scope.open()) {
            Tensor x = scope.arange(900 * 300).sin().reshape(900, 300);
            Tensor scale = scope.ones(Shape.of(300));
            var one = Normalizations.layerNorm(x, scale, scale, 1e-5f);
            try (var _ = Workers.using(2)) {
                var two = Normalizations.layerNorm(x, scale, scale, 1e-5f);
                assertThat(two.output().contentEquals(one.output())).isTrue();
                assertThat(two.invStd().contentEquals(one.invStd())).isTrue();
            }
        }
    }

    @Test
    void anOutputOverOneOperandSharesNoMemoryWithTheOthers() {
        try (Scope scope = Scope.open()) {
            Tensor buffer = scope.arange(3 * 32).sin().reshape(3, 32);
            Tensor x = buffer.slice(0, 0, 2);
            Tensor dy = buffer.slice(0, 1, 3);
            Tensor scale = scope.ones(Shape.of(32));
            var normed = Normalizations.layerNorm(x, scale, scale, 1e-5f);
            assertThatThrownBy(
                            () ->
                                    Normalizations.layerNormInputGradient(
                                            x, dy, scale, normed.mean(), normed.invStd(), dy))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessageContaining("out shares memory with x");
            Tensor apart =
                    Normalizations.layerNormInputGradient(
                            x, x, scale, normed.mean(), normed.invStd(), scope.zeros(x.shape()));
            Tensor over =
                    Normalizations.layerNormInputGradient(
                            x, x, scale, normed.mean(), normed.invStd(), x);
            assertThat(over.contentEquals(apart)).isTrue();
        }
    }

    @Test
    void errors() {
        try (Scope scope = Scope.open()) {
            Tensor x = scope.zeros(Shape.of(2, 3, 4));
            Tensor three = scope.zeros(Shape.of(3));
            assertThatThrownBy(
                            () -> Normalizations.channelAffine(x, scope.zeros(Shape.of(4)), three))
                    .isInstanceOf(ShapeException.class)
                    .hasMessage("channelAffine: scale must be [3], got [4]");
            assertThatThrownBy(() -> Normalizations.layerNorm(x, three, three, 0))
                    .isInstanceOf(ShapeException.class)
                    .hasMessage("layerNorm: scale must be [4], got [3]");
            assertThatThrownBy(() -> Normalizations.channelStatistics(x, three, three))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessageContaining("out shares memory");
        }
    }
}
