package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.testing.NoLeaks;
import dev.lanewise.core.testing.Property;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.Arrays;

@ExtendWith(NoLeaks.class)
class SoftmaxesTest {

    private static Nd lse(Nd x, int axis) {
        boolean[] reduced = new boolean[x.sizes().length];
        reduced[axis] = true;
        return x.reduce(reduced, v -> Math.log(Arrays.stream(v).map(Math::exp).sum()));
    }

    private static Nd sum(Nd x, int axis) {
        boolean[] reduced = new boolean[x.sizes().length];
        reduced[axis] = true;
        return x.reduce(reduced, v -> Arrays.stream(v).sum());
    }

    @Test
    void valuesAndGradientsAlongAnyAxisOfAnyLayout() {
        Property.check(
                250,
                draw -> {
                    try (Scope _ = Scope.open()) {
                        Shape shape =
                                Shape.of(draw.size(0, 20), draw.size(0, 20), draw.size(0, 20));
                        int axis = draw.between(0, 2);
                        int given = draw.flip() ? axis : axis - 3;
                        Tensor x = Nd.random(draw, shape, 8);
                        Tensor dy = Nd.random(draw, shape, 2);
                        Nd log = Nd.zip(Nd.of(x), lse(Nd.of(x), axis), (a, b) -> a - b);
                        Nd soft = log.map(Math::exp);
                        soft.check(x.softmax(given), 2e-6, 1e-7);
                        log.check(x.logSoftmax(given), 2e-6, 2e-6);

                        Nd g = Nd.of(dy);
                        Nd dot = sum(Nd.zip(soft, g, (a, b) -> a * b), axis);
                        Nd softGradient =
                                Nd.zip(soft, Nd.zip(g, dot, (a, b) -> a - b), (a, b) -> a * b);
                        Nd total = Nd.zip(soft, sum(g, axis), (a, b) -> a * b);
                        Nd logGradient = Nd.zip(g, total, (a, b) -> a - b);
                        Tensor y = x.softmax(axis);
                        Tensor z = x.logSoftmax(axis);
                        softGradient.check(Softmaxes.softmaxGradient(y, dy, given), 1e-5, 4e-6);
                        logGradient.check(Softmaxes.logSoftmaxGradient(z, dy, given), 1e-5, 2e-5);

                        Tensor out = Nd.layOut(draw, shape, ElementType.FLOAT32);
                        soft.check(Softmaxes.softmax(x, axis, out), 2e-6, 1e-7);
                        softGradient.check(
                                Softmaxes.softmaxGradient(out, dy, axis, dy), 1e-5, 4e-6);
                        log.check(Softmaxes.logSoftmax(x, axis, x), 2e-6, 2e-6);
                    }
                });
    }

    @Test
    void largeValuesDoNotOverflow() {
        try (Scope scope = Scope.open()) {
            assertThat(scope.of(1000, 1000).softmax(0).toArray()).containsExactly(0.5f, 0.5f);
            assertThat(scope.of(0, -1000).logSoftmax(0).toArray()).containsExactly(0, -1000);
        }
    }

    @Test
    void threadsDoNotChangeBits() {
        try (Scope scope = Scope.open()) {
            Tensor x = scope.arange(600 * 300).sin().reshape(600, 300);
            Tensor one = x.softmax(1);
            Tensor oneColumns = x.softmax(0);
            try (var _ = Workers.using(2)) {
                assertThat(x.softmax(1).contentEquals(one)).isTrue();
                assertThat(x.softmax(0).contentEquals(oneColumns)).isTrue();
            }
        }
    }

    @Test
    void gradientsMayBeWrittenOverOneOperandButNotOverPartOfIt() {
        try (Scope scope = Scope.open()) {
            Tensor buffer = scope.arange(3 * 32).sin().reshape(3, 32);
            Tensor y = scope.arange(2 * 32).cos().reshape(2, 32).softmax(1);
            Tensor dy = buffer.slice(0, 0, 2);
            assertThatThrownBy(() -> Softmaxes.softmaxGradient(y, dy, 1, buffer.slice(0, 1, 3)))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessage("softmaxGradient: out and an operand overlap in part");
            Tensor apart = Softmaxes.softmaxGradient(y, dy, 1);
            assertThat(Softmaxes.softmaxGradient(y, dy, 1, dy).contentEquals(apart)).isTrue();
        }
    }

    @Test
    void errors() {
        try (Scope scope = Scope.open()) {
            Tensor x = scope.zeros(Shape.of(2, 3));
            assertThatThrownBy(() -> x.softmax(2))
                    .isInstanceOf(ShapeException.class)
                    .hasMessage("softmax: no axis 2 in [2, 3]");
            assertThatThrownBy(() -> scope.scalar(1).softmax(-1))
                    .hasMessage("softmax: no axis -1 in []");
            assertThatThrownBy(() -> Softmaxes.softmaxGradient(x, scope.zeros(Shape.of(3, 2)), 0))
                    .hasMessage("softmaxGradient: shapes differ: y [2, 3] and dy [3, 2]");
            Tensor wide = scope.zeros(Shape.of(3, 3));
            assertThatThrownBy(() -> Softmaxes.softmax(wide.slice(0, 0, 2), 1, wide.slice(0, 1, 3)))
                    .isInstanceOf(ArgumentException.class);
        }
    }
}
