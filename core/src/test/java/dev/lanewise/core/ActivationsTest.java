package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.testing.NoLeaks;
import dev.lanewise.core.testing.Property;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;

/** Each function against its formula in double, and its gradient against central differences. */
@ExtendWith(NoLeaks.class)
class ActivationsTest {

    private interface Into {
        Tensor run(Tensor x, Tensor dy, Tensor dx);
    }

    record Case(String name, UnaryOperator<Tensor> forward, Into gradient, DoubleUnaryOperator f) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** ∫ of the Gaussian by Simpson's rule: independent of any polynomial. */
    private static double phi(double x) {
        int steps = 400;
        double h = x / steps;
        double sum = 0;
        for (int i = 0; i <= steps; i++) {
            double t = i * h;
            double weight = i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2;
            sum += weight * Math.exp(-t * t / 2);
        }
        return 0.5 + sum * h / 3 / Math.sqrt(2 * Math.PI);
    }

    static List<Case> cases() {
        double lambda = 1.0507009873554805;
        double alpha = 1.6732632423543772;
        return List.of(
                new Case("relu", Tensor::relu, Activations::reluGradient, x -> Math.max(x, 0)),
                new Case(
                        "leakyRelu",
                        x -> x.leakyRelu(0.1f),
                        (x, dy, dx) -> Activations.leakyReluGradient(x, dy, 0.1f, dx),
                        x -> x > 0 ? x : 0.1f * x),
                new Case(
                        "elu",
                        x -> Activations.elu(x, 1.5f),
                        (x, dy, dx) -> Activations.eluGradient(x, dy, 1.5f, dx),
                        x -> x > 0 ? x : 1.5 * Math.expm1(x)),
                new Case(
                        "selu",
                        Activations::selu,
                        Activations::seluGradient,
                        x -> lambda * (x > 0 ? x : alpha * Math.expm1(x))),
                new Case("gelu", Tensor::gelu, Activations::geluGradient, x -> x * phi(x)),
                new Case(
                        "geluTanh",
                        Activations::geluTanh,
                        Activations::geluTanhGradient,
                        x ->
                                x
                                        / 2
                                        * (1
                                                + Math.tanh(
                                                        Math.sqrt(2 / Math.PI)
                                                                * (x + 0.044715 * x * x * x)))),
                new Case("silu", Tensor::silu, Activations::siluGradient, x -> x * sigmoid(x)),
                new Case(
                        "softplus",
                        Tensor::softplus,
                        Activations::softplusGradient,
                        x -> Math.log1p(Math.exp(x))),
                new Case(
                        "hardTanh",
                        Activations::hardTanh,
                        Activations::hardTanhGradient,
                        x -> Math.clamp(x, -1.0, 1.0)),
                new Case(
                        "hardSigmoid",
                        Activations::hardSigmoid,
                        Activations::hardSigmoidGradient,
                        x -> Math.clamp(x / 6 + 0.5, 0.0, 1.0)),
                new Case(
                        "hardSwish",
                        Activations::hardSwish,
                        Activations::hardSwishGradient,
                        x -> x * Math.clamp(x / 6 + 0.5, 0.0, 1.0)),
                new Case(
                        "sigmoid from y",
                        Tensor::sigmoid,
                        (x, dy, dx) -> Activations.sigmoidGradient(x.sigmoid(), dy, dx),
                        ActivationsTest::sigmoid),
                new Case(
                        "tanh from y",
                        Tensor::tanh,
                        (x, dy, dx) -> Activations.tanhGradient(x.tanh(), dy, dx),
                        Math::tanh));
    }

    private static boolean nearKink(double x) {
        for (double kink : new double[] {-3, -1, 0, 1, 3}) {
            if (Math.abs(x - kink) < 1e-4) {
                return true;
            }
        }
        return false;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void valuesAndGradientsInAnyLayout(Case op) {
        Property.check(
                60,
                draw -> {
                    try (Scope _ = Scope.open()) {
                        Shape shape = Nd.shape(draw, 2, 30);
                        Tensor x = Nd.random(draw, shape, 5);
                        Tensor dy = Nd.random(draw, shape, 2);
                        Nd in = Nd.of(x);
                        in.map(op.f).check(op.forward.apply(x), 1e-6, 1e-6);
                        double h = 1e-5;
                        Nd slope =
                                in.map(
                                        v ->
                                                (op.f.applyAsDouble(v + h)
                                                                - op.f.applyAsDouble(v - h))
                                                        / (2 * h));
                        Nd expected = Nd.zip(slope, Nd.of(dy), (s, g) -> s * g);
                        Tensor dx = Nd.layOut(draw, shape, ElementType.FLOAT32);
                        assertThat(op.gradient.run(x, dy, dx)).isSameAs(dx);
                        Nd got = Nd.of(dx);
                        for (int i = 0; i < got.values().length; i++) {
                            if (nearKink(in.values()[i])) {
                                expected.values()[i] = got.values()[i];
                            }
                        }
                        expected.check(dx, 1e-4, 1e-5);
                        Nd.of(dx).check(op.gradient.run(x, dy, dy));
                    }
                });
    }

    @Test
    void heavisideIsOneFromZeroOn() {
        try (Scope scope = Scope.open()) {
            assertThat(Activations.heaviside(scope.of(-1, -0f, 0, 2)).toArray())
                    .containsExactly(0, 1, 1, 1);
        }
    }

    @Test
    void gradientsDoNotBroadcast() {
        try (Scope scope = Scope.open()) {
            assertThatThrownBy(() -> Activations.reluGradient(scope.of(1, 2), scope.of(1)))
                    .isInstanceOf(ShapeException.class)
                    .hasMessage("reluGradient: shapes differ: [2] and dy [1]");
        }
    }
}
