package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.testing.NoLeaks;
import dev.lanewise.core.testing.Property;

import org.assertj.core.api.Assertions;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

@ExtendWith(NoLeaks.class)
class ReductionsTest {

    private interface Over {
        Tensor run(Tensor x, int[] axes, boolean keepDim);
    }

    private interface Into {
        Tensor run(Tensor x, int[] axes, boolean keepDim, Tensor out);
    }

    record Case(String name, Over fresh, Into into, ToDoubleFunction<double[]> expected) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Case> cases() {
        return List.of(
                new Case("sum", Reductions::sum, Reductions::sum, x -> Arrays.stream(x).sum()),
                new Case(
                        "mean",
                        Reductions::mean,
                        Reductions::mean,
                        x -> x.length == 0 ? Double.NaN : mean(x)),
                new Case(
                        "max",
                        Reductions::max,
                        Reductions::max,
                        x -> Arrays.stream(x).max().orElse(Double.NEGATIVE_INFINITY)),
                new Case(
                        "min",
                        Reductions::min,
                        Reductions::min,
                        x -> Arrays.stream(x).min().orElse(Double.POSITIVE_INFINITY)),
                new Case(
                        "variance",
                        (x, axes, keep) -> Reductions.variance(x, axes, 0, keep),
                        (x, axes, keep, out) -> Reductions.variance(x, axes, 0, keep, out),
                        x -> variance(x, 0)),
                new Case(
                        "norm",
                        Reductions::norm,
                        Reductions::norm,
                        x -> Math.sqrt(Arrays.stream(x).map(v -> v * v).sum())),
                new Case(
                        "norm1",
                        Reductions::norm1,
                        Reductions::norm1,
                        x -> Arrays.stream(x).map(Math::abs).sum()));
    }

    private static double mean(double[] x) {
        return Arrays.stream(x).sum() / x.length;
    }

    private static double variance(double[] x, int correction) {
        double mean = mean(x);
        return Arrays.stream(x).map(v -> (v - mean) * (v - mean)).sum() / (x.length - correction);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void overAnyAxesOfAnyLayout(Case op) {
        Property.check(
                300,
                draw -> {
                    try (Scope _ = Scope.open()) {
                        Shape shape = Nd.shape(draw, 4, 17);
                        Tensor x = Nd.wholes(draw, shape, 50);
                        boolean[] reduced = new boolean[shape.rank()];
                        int[] axes = new int[shape.rank()];
                        int count = 0;
                        for (int axis = 0; axis < reduced.length; axis++) {
                            reduced[axis] = draw.flip();
                            if (reduced[axis]) {
                                axes[count++] = draw.flip() ? axis : axis - reduced.length;
                            }
                        }
                        axes = Arrays.copyOf(axes, count);
                        boolean keep = draw.flip();
                        Nd kept = Nd.of(x).reduce(reduced, op.expected);
                        Nd expected = keep ? kept : new Nd(squeezed(kept, reduced), kept.values());
                        expected.check(op.fresh.run(x, axes, keep), 4e-6, 1e-4);
                        Tensor out = Nd.layOut(draw, expected.shape(), ElementType.FLOAT32);
                        assertThat(op.into.run(x, axes, keep, out)).isSameAs(out);
                        expected.check(out, 4e-6, 1e-4);
                    }
                });
    }

    private static long[] squeezed(Nd kept, boolean[] reduced) {
        Shape shape = kept.shape();
        for (int axis = reduced.length - 1; axis >= 0; axis--) {
            shape = reduced[axis] ? shape.without(axis) : shape;
        }
        return shape.toArray();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void anyNumberOfThreadsGivesTheSameBits(Case op) {
        Property.check(
                6,
                draw -> {
                    try (Scope scope = Scope.open()) {
                        long[] sizes = {
                            draw.oneOf(3, 700), draw.oneOf(1, 5, 600), draw.oneOf(1, 3, 300)
                        };
                        Tensor x =
                                scope.of(
                                        draw.reals(Shape.of(sizes).elements(), 1), Shape.of(sizes));
                        int[][] choices = {{0}, {1}, {2}, {0, 1, 2}, {0, 2}, {1, 2}};
                        for (int[] axes : choices) {
                            Tensor one = op.fresh.run(x, axes, false);
                            try (var _ = Workers.using(2)) {
                                assertThat(op.fresh.run(x, axes, false).contentEquals(one))
                                        .isTrue();
                            }
                        }
                    }
                });
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aNaNMakesTheResultNaN(Case op) {
        try (Scope scope = Scope.open()) {
            Tensor x = scope.ones(Shape.of(3, 40));
            x.set(Float.NaN, 1, 17);
            assertThat(op.fresh.run(x, new int[] {1}, false).at(1)).isNaN();
            assertThat(op.fresh.run(x, new int[] {1}, false).at(0)).isNotNaN();
            assertThat(op.fresh.run(x, new int[] {0}, false).at(17)).isNaN();
            assertThat(op.fresh.run(x, new int[] {0}, false).at(16)).isNotNaN();
            assertThat(op.fresh.run(x, new int[] {0, 1}, false).item()).isNaN();
        }
    }

    @Test
    void int32IsReducedExactly() {
        try (Scope scope = Scope.open()) {
            Tensor a =
                    scope.ofInts(
                            new int[] {16777217, -4, 9, 2, 0, Integer.MIN_VALUE}, Shape.of(2, 3));
            assertThat(a.max(1).toIntArray()).containsExactly(16777217, 2);
            assertThat(a.min(0).toIntArray()).containsExactly(2, -4, Integer.MIN_VALUE);
            assertThat(a.transpose().sum(0, true).toIntArray())
                    .containsExactly(16777222, Integer.MIN_VALUE + 2);
            assertThat(a.sum(0).toIntArray()).containsExactly(16777219, -4, Integer.MIN_VALUE + 9);
            assertThat(a.slice(1, 0, 2).sum().intItem()).isEqualTo(16777215);
            assertThat(a.sum(1, true).shape()).isEqualTo(Shape.of(2, 1));
            Tensor out = scope.ofInts(7, 7);
            assertThat(Reductions.max(a, new int[] {1}, false, out)).isSameAs(out);
            assertThat(out.toIntArray()).containsExactly(16777217, 2);
            Tensor none = scope.zeros(Shape.of(0, 2), ElementType.INT32);
            assertThat(none.sum(0).toIntArray()).containsExactly(0, 0);
            assertThat(none.max(1).shape()).isEqualTo(Shape.of(0));
            assertThatThrownBy(() -> none.max(0))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageContaining("no elements");
            assertThatThrownBy(() -> scope.ofInts(Integer.MAX_VALUE, 1).sum())
                    .isInstanceOf(ArgumentException.class)
                    .hasMessageContaining("2147483648 does not fit int32");
        }
    }

    @Test
    void longSumsStayAccurate() {
        try (Scope scope = Scope.open()) {
            Tensor x = scope.full(Shape.of(3_000_000), 0.1f);
            double exact = 3_000_000 * (double) 0.1f;
            assertThat((double) x.sum().item()).isCloseTo(exact, within(exact * 4e-6));
            assertThat((double) x.mean().item()).isCloseTo(0.1f, within(4e-7));
            Tensor y = x.reshape(3000, 1000);
            assertThat((double) y.sum(0).at(5)).isCloseTo(300, within(3e-3));
        }
    }

    private static Offset<Double> within(double offset) {
        return Assertions.within(offset);
    }

    @Test
    void varianceTakesACorrection() {
        try (Scope scope = Scope.open()) {
            Tensor x = scope.of(1, 2, 3, 4);
            assertThat(x.variance().item()).isEqualTo(1.25f);
            assertThat(Reductions.variance(x, new int[] {0}, 1, false).item())
                    .isCloseTo(5f / 3, Assertions.within(1e-6f));
            assertThat(Reductions.dot(x, x).item()).isEqualTo(30);
        }
    }

    @Test
    void extremaAreTheFirstOfEqualOnes() {
        Property.check(
                300,
                draw -> {
                    try (Scope _ = Scope.open()) {
                        Shape shape =
                                Shape.of(draw.between(1, 5), draw.size(1, 40), draw.size(1, 40));
                        Tensor x = Nd.wholes(draw, shape, 4);
                        int axis = draw.between(-3, 2);
                        boolean[] reduced = new boolean[3];
                        reduced[(axis + 3) % 3] = true;
                        boolean keep = draw.flip();
                        Nd max = Nd.of(x).reduce(reduced, v -> first(v, 1));
                        Nd min = Nd.of(x).reduce(reduced, v -> first(v, -1));
                        check(max, reduced, keep, Extrema.argMax(x, axis, keep));
                        check(min, reduced, keep, Extrema.argMin(x, axis, keep));
                        Tensor out = Nd.layOut(draw, max.shape(), ElementType.INT32);
                        check(max, reduced, true, Extrema.argMax(x, axis, true, out));
                        double[] all = Nd.of(x).values();
                        assertThat(x.argMax().intAt()).isEqualTo(first(all, 1));
                        assertThat(x.argMin().intAt()).isEqualTo(first(all, -1));
                    }
                });
    }

    private static void check(Nd kept, boolean[] reduced, boolean keep, Tensor actual) {
        assertThat(actual.type()).isEqualTo(ElementType.INT32);
        new Nd(keep ? kept.sizes() : squeezed(kept, reduced), kept.values()).check(actual);
    }

    private static int first(double[] values, int sign) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] * sign > values[best] * sign) {
                best = i;
            }
        }
        return best;
    }

    @Test
    void theFirstNaNIsTheExtremum() {
        try (Scope scope = Scope.open()) {
            Tensor x = scope.of(1, Float.NaN, 9, Float.NaN);
            assertThat(x.argMax().intAt()).isEqualTo(1);
            assertThat(x.argMin().intAt()).isEqualTo(1);
            assertThat(x.reshape(4, 1).argMax(0).intAt(0)).isEqualTo(1);
            assertThat(x.reshape(1, 4).argMin(1).intAt(0)).isEqualTo(1);
        }
    }

    @Test
    void errorsNameAxesAndShapes() {
        try (Scope scope = Scope.open()) {
            Tensor x = scope.zeros(Shape.of(2, 3));
            assertThatThrownBy(() -> x.sum(2))
                    .isInstanceOf(ShapeException.class)
                    .hasMessage("sum: no axis 2 in [2, 3]");
            assertThatThrownBy(() -> Reductions.mean(x, new int[] {1, -1}, false))
                    .isInstanceOf(ShapeException.class)
                    .hasMessage("mean: axis 1 is given twice: [2, 3]");
            assertThatThrownBy(() -> scope.zeros(Shape.of(2, 0)).argMax(1))
                    .isInstanceOf(ShapeException.class)
                    .hasMessage("argMax: axis 1 of [2, 0] is empty");
            assertThatThrownBy(() -> scope.of().argMin()).isInstanceOf(ShapeException.class);
            assertThatThrownBy(() -> x.toInt().mean())
                    .isInstanceOf(ArgumentException.class)
                    .hasMessageStartingWith("mean: x must be float32");
            assertThatThrownBy(() -> Reductions.sum(x, new int[] {0}, true, x.slice(0, 0, 1)))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessageContaining("out shares memory with x");
        }
    }
}
