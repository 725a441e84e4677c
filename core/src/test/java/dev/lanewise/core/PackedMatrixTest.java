package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.testing.NoLeaks;
import dev.lanewise.core.testing.Property;
import dev.lanewise.kernels.FusedActivation;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeaks.class)
class PackedMatrixTest {
    private final RandomStream random = new RandomStream(5);

    /** Whole numbers: every partial sum is exact, so one row and one column agree, too. */
    @Test
    void productsAreThoseOfTheMatrix() {
        Property.check(
                300,
                draw -> {
                    try (Scope _ = Scope.open()) {
                        int in = draw.size(0, 80);
                        int out = draw.size(0, 80);
                        float alpha = draw.oneOf(1, 2, -3);
                        float beta = draw.oneOf(0, 1, -2);
                        Shape rows = Nd.shape(draw, 3, 9);
                        Tensor x = Nd.wholes(draw, rows.inserting(-1, in), 3);
                        Tensor weight = Nd.wholes(draw, Shape.of(out, in), 3);
                        Tensor bias = Nd.wholes(draw, Shape.of(out), 9);
                        PackedMatrix packed =
                                draw.flip()
                                        ? PackedMatrix.ofWeight(weight)
                                        : PackedMatrix.ofRightOperand(weight.transpose());
                        assertThat(packed.shape()).isEqualTo(Shape.of(out, in));
                        FusedActivation none = FusedActivation.NONE;
                        FusedActivation relu = FusedActivation.RELU;

                        Nd plain = Nd.of(MatMul.linear(x, weight, none));
                        plain.check(packed.matmul(x));
                        Nd.of(MatMul.linear(x, weight, relu)).check(packed.linear(x, relu));
                        Nd biased = Nd.of(MatMul.linear(x, weight, bias, relu));
                        biased.check(packed.linear(x, bias, relu));

                        Tensor y = Nd.layOut(draw, plain.shape(), ElementType.FLOAT32);
                        y.fill(Float.NaN);
                        assertThat(packed.matmul(x, y)).isSameAs(y);
                        plain.check(y);
                        y.fill(Float.NaN);
                        assertThat(packed.linear(x, bias, relu, y)).isSameAs(y);
                        biased.check(y);

                        Tensor residual = Nd.wholes(draw, plain.shape(), 9);
                        Tensor expected = residual.copy();
                        MatMul.linear(alpha, x, weight, beta, bias, relu, expected);
                        Copies.copy(residual, y);
                        assertThat(packed.linear(alpha, x, beta, bias, relu, y)).isSameAs(y);
                        Nd.of(expected).check(y);
                        Copies.copy(residual, expected);
                        MatMul.linear(alpha, x, weight, beta, relu, expected);
                        Copies.copy(residual, y);
                        packed.linear(alpha, x, beta, relu, y);
                        Nd.of(expected).check(y);
                    }
                });
    }

    /** Sizes around tiles, panels, blocks of depth and the splits among threads. */
    @Test
    void bitsAreThoseOfTheMatrixForAnyNumberOfThreads() {
        Property.check(
                20,
                draw -> {
                    try (Scope _ = Scope.open()) {
                        int m = draw.oneOf(2, 3, 7, 64, 150, 257);
                        int n = draw.oneOf(2, 15, 64, 65, 130, 400);
                        int k = draw.oneOf(1, 17, 256, 700, 1100);
                        Tensor x = Nd.random(draw, Shape.of(m, k), 1);
                        Tensor weight = Nd.random(draw, Shape.of(n, k), 1);
                        Tensor bias = Nd.random(draw, Shape.of(n), 1);
                        PackedMatrix packed = PackedMatrix.ofWeight(weight);
                        FusedActivation f = FusedActivation.GELU;
                        Tensor expected = MatMul.linear(x, weight, bias, f);
                        assertThat(packed.linear(x, bias, f).contentEquals(expected)).isTrue();
                        try (var _ = Workers.using(2)) {
                            assertThat(packed.linear(x, bias, f).contentEquals(expected)).isTrue();
                        }
                        Tensor view = x.transpose().contiguous().transpose();
                        assertThat(packed.linear(view, bias, f).contentEquals(expected)).isTrue();
                    }
                });
    }

    /** Rounding errors of 900 terms of size 1/4 cancel for the most part. */
    @Test
    void oneRowAndOneColumnAreWithinTheErrorBound() {
        try (Scope scope = Scope.open()) {
            for (long[] size : new long[][] {{1, 300, 900}, {40, 1, 900}, {1, 1, 900}}) {
                Tensor x = scope.uniform(Shape.of(size[0], size[2]), -1, 1, random);
                Tensor weight = scope.uniform(Shape.of(size[1], size[2]), -1, 1, random);
                Tensor actual = PackedMatrix.ofWeight(weight).linear(x, FusedActivation.NONE);
                Tensor expected = MatMul.linear(x, weight, FusedActivation.NONE);
                assertThat(actual.allClose(expected, 0, 2e-4f)).isTrue();
            }
        }
    }

    @Test
    void laterChangesOfTheWeightHaveNoEffect() {
        try (Scope scope = Scope.open()) {
            Tensor weight = scope.ones(Shape.of(3, 4));
            PackedMatrix packed = PackedMatrix.ofWeight(weight);
            weight.fill(7);
            assertThat(packed.matmul(scope.ones(Shape.of(4))).toArray()).containsExactly(4, 4, 4);
        }
    }

    @Test
    void weightsLiveInAScope() {
        try (Scope outer = Scope.open()) {
            PackedMatrix kept;
            PackedMatrix lost;
            try (Scope scope = Scope.open()) {
                Tensor weight = scope.ones(Shape.of(2, 3));
                kept = PackedMatrix.ofWeight(weight);
                lost = PackedMatrix.ofWeight(weight);
                assertThat(kept.scope()).isSameAs(scope);
                assertThat(kept.keepIn(outer)).isSameAs(kept);
            }
            Tensor x = outer.ones(Shape.of(3));
            assertThat(kept.scope()).isSameAs(outer);
            assertThat(kept.matmul(x).toArray()).containsExactly(3, 3);
            PackedMatrix closed = lost;
            check(
                    () -> closed.matmul(x),
                    ScopeException.class,
                    "PackedMatrix.matmul: a tensor is used after its scope was closed;"
                            + " keep(tensor) in an outer scope lets it live longer");
        }
    }

    @Test
    void productsLeaveNothingBehind() {
        try (Scope scope = Scope.open()) {
            Tensor weight = scope.randn(Shape.of(70, 50), random);
            Tensor x = scope.randn(Shape.of(9, 50), random);
            Tensor y = scope.empty(Shape.of(9, 70));
            long before = Scope.liveBytes();
            PackedMatrix packed = PackedMatrix.ofWeight(weight);
            assertThat(Scope.liveBytes() - before).isBetween(packed.bytes(), 2 * packed.bytes());
            assertThat(packed.bytes()).isGreaterThanOrEqualTo(4 * 70 * 50);
            long live = Scope.liveBytes();
            Tensor bias = scope.randn(Shape.of(2, 70), random).transpose().select(1, 1);
            long withBias = Scope.liveBytes() - live;
            packed.linear(x, bias, FusedActivation.TANH, y);
            assertThat(Scope.liveBytes()).isEqualTo(live + withBias);
            assertThat(packed).hasToString("PackedMatrix [70, 50], " + packed.bytes() + " bytes");
        }
    }

    @Test
    void wrongArgumentsAreExplained() {
        try (Scope scope = Scope.open()) {
            PackedMatrix packed = PackedMatrix.ofWeight(scope.ones(Shape.of(6, 8)));
            FusedActivation none = FusedActivation.NONE;
            Tensor x = scope.ones(Shape.of(2, 8));
            Tensor bias = scope.ones(Shape.of(6));
            check(
                    () -> PackedMatrix.ofWeight(scope.ones(Shape.of(2, 3, 4))),
                    ShapeException.class,
                    "PackedMatrix.ofWeight: weight must be [out, in], got [2, 3, 4]");
            check(
                    () -> PackedMatrix.ofRightOperand(scope.ones(Shape.of(2))),
                    ShapeException.class,
                    "PackedMatrix.ofRightOperand: b must be [in, out], got [2]");
            check(
                    () -> PackedMatrix.ofWeight(scope.ofInts(1, 2)),
                    ArgumentException.class,
                    "PackedMatrix.ofWeight: weight must be float32, got int32 [2]; convert with"
                            + " toFloat()");
            check(
                    () -> packed.matmul(scope.ones(Shape.of(8, 2))),
                    ShapeException.class,
                    "PackedMatrix.matmul: x must be [..., 8], got [8, 2], for weights [6, 8]");
            check(
                    () -> packed.linear(scope.scalar(1), none),
                    ShapeException.class,
                    "PackedMatrix.linear: x must be [..., 8], got [], for weights [6, 8]");
            check(
                    () -> packed.linear(x, scope.ones(Shape.of(8)), none),
                    ShapeException.class,
                    "PackedMatrix.linear: bias must be [6], got [8], for weights [6, 8]");
            check(
                    () -> packed.linear(x, bias, none, scope.ones(Shape.of(6, 2))),
                    ShapeException.class,
                    "PackedMatrix.linear: out must be [2, 6], got [6, 2]");
            Tensor both = scope.ones(Shape.of(2, 14));
            Tensor left = both.slice(1, 0, 8);
            Tensor right = both.slice(1, 8, 14);
            check(
                    () -> packed.linear(left, bias, none, right),
                    ArgumentException.class,
                    "PackedMatrix.linear: out shares memory with x; pass an output of its own");
            check(
                    () -> packed.linear(1, x, 1, none, null),
                    ArgumentException.class,
                    "PackedMatrix.linear: out is null, but it is updated; pass a tensor");
        }
    }

    private static void check(
            ThrowingCallable call, Class<? extends Exception> type, String message) {
        assertThatThrownBy(call).isInstanceOf(type).hasMessage(message);
    }
}
