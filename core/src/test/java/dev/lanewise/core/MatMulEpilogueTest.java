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
class MatMulEpilogueTest {

    /** relu(alpha · product + beta · out + bias), or without bias. */
    private static Nd expected(Nd product, float alpha, Nd out, float beta, Nd bias) {
        Nd sum =
                Nd.zip(
                        product.map(v -> alpha * v),
                        beta == 0 ? product.map(v -> 0) : out.map(v -> beta * v),
                        Double::sum);
        Nd shifted = bias == null ? sum : Nd.zip(sum, bias, Double::sum);
        return shifted.map(v -> Math.max(v, 0));
    }

    /** Whole numbers: every partial sum is exact, whatever the order. */
    @Test
    void linearScalesAddsAndActivates() {
        Property.check(
                300,
                draw -> {
                    try (Scope scope = Scope.open()) {
                        int in = draw.size(0, 40);
                        int outs = draw.size(0, 40);
                        float alpha = draw.oneOf(1, 2, -3);
                        float beta = draw.oneOf(0, 1, -2);
                        Shape rows = Nd.shape(draw, 2, 9);
                        Tensor x = Nd.wholes(draw, rows.inserting(-1, in), 3);
                        Tensor weight = Nd.wholes(draw, Shape.of(outs, in), 3);
                        Tensor bias = Nd.wholes(draw, Shape.of(outs), 9);
                        Nd product = Nd.of(MatMul.linear(x, weight, FusedActivation.NONE));
                        Tensor residual = Nd.wholes(draw, product.shape(), 9);
                        Tensor out = Nd.layOut(draw, product.shape(), ElementType.FLOAT32);
                        Tensor start = beta == 0 ? scope.full(out.shape(), Float.NaN) : residual;
                        Nd before = Nd.of(residual);

                        Copies.copy(start, out);
                        assertThat(
                                        MatMul.linear(
                                                alpha,
                                                x,
                                                weight,
                                                beta,
                                                bias,
                                                FusedActivation.RELU,
                                                out))
                                .isSameAs(out);
                        expected(product, alpha, before, beta, Nd.of(bias)).check(out);

                        Copies.copy(start, out);
                        MatMul.linear(alpha, x, weight, beta, FusedActivation.RELU, out);
                        expected(product, alpha, before, beta, null).check(out);
                    }
                });
    }

    @Test
    void gemmAddsBiasAndActivatesForAllRanks() {
        Property.check(
                300,
                draw -> {
                    try (Scope scope = Scope.open()) {
                        int m = draw.size(0, 30);
                        int n = draw.size(0, 30);
                        int k = draw.size(0, 30);
                        float alpha = draw.oneOf(1, 2, -3);
                        float beta = draw.oneOf(0, 1, -2);
                        Shape batch = Nd.shape(draw, 2, 3);
                        Shape left = Nd.narrower(draw, batch).inserting(-1, m).inserting(-1, k);
                        Shape right = Nd.narrower(draw, batch).inserting(-1, k).inserting(-1, n);
                        if (draw.between(0, 4) == 4) {
                            left = Shape.of(k);
                        }
                        if (draw.between(0, 4) == 4) {
                            right = Shape.of(k);
                        }
                        Tensor a = Nd.wholes(draw, left, 3);
                        Tensor b = Nd.wholes(draw, right, 3);
                        long columns = right.rank() == 1 ? 1 : n;
                        Tensor bias = Nd.wholes(draw, Shape.of(columns), 9);
                        Nd product = Nd.of(a.matmul(b));
                        Tensor residual = Nd.wholes(draw, product.shape(), 9);
                        Tensor out = Nd.layOut(draw, product.shape(), ElementType.FLOAT32);
                        Tensor start = beta == 0 ? scope.full(out.shape(), Float.NaN) : residual;

                        Copies.copy(start, out);
                        FusedActivation relu = FusedActivation.RELU;
                        assertThat(MatMul.gemm(alpha, a, b, beta, bias, relu, out)).isSameAs(out);
                        // One bias for all elements where b is a vector, one for each column else.
                        Nd shift =
                                right.rank() == 1 ? Nd.of(bias.reshape(Shape.of())) : Nd.of(bias);
                        expected(product, alpha, Nd.of(residual), beta, shift).check(out);

                        Copies.copy(start, out);
                        MatMul.gemm(alpha, a, b, beta, relu, out);
                        expected(product, alpha, Nd.of(residual), beta, null).check(out);
                    }
                });
    }

    /** The tiles of a large product, in several blocks of depth, get bias and f once each. */
    @Test
    void largeProductsOnAnyNumberOfThreads() {
        try (Scope scope = Scope.open()) {
            RandomStream random = new RandomStream(8);
            Tensor x = scope.randn(Shape.of(130, 900), random);
            Tensor weight = scope.randn(Shape.of(300, 900), random);
            Tensor bias = scope.randn(Shape.of(300), random);
            Tensor residual = scope.randn(Shape.of(130, 300), random);
            Tensor product = MatMul.linear(x, weight, FusedActivation.NONE);
            Tensor sum =
                    Elementwise.add(
                            Elementwise.add(Elementwise.multiply(product, 0.5f), residual), bias);
            Tensor one = residual.copy();
            MatMul.linear(0.5f, x, weight, 1, bias, FusedActivation.TANH, one);
            assertThat(one.allClose(sum.tanh(), 1e-4f, 1e-4f)).isTrue();
            Tensor both = residual.copy();
            try (var _ = Workers.using(2)) {
                MatMul.gemm(0.5f, x, weight.transpose(), 1, bias, FusedActivation.TANH, both);
            }
            assertThat(both.contentEquals(one)).isTrue();
        }
    }

    @Test
    void biasMayBeAViewAndLeavesNothingBehind() {
        try (Scope scope = Scope.open()) {
            Tensor x = scope.ones(Shape.of(2, 3));
            Tensor weight = scope.ones(Shape.of(2, 3));
            Tensor bias = scope.of(1, 2, 3, 4).reshape(2, 2).select(1, 1); // [2, 4]
            Tensor out = scope.ones(Shape.of(2, 2));
            long live = Scope.liveBytes();
            MatMul.linear(2, x, weight, -1, bias, FusedActivation.NONE, out);
            assertThat(out.toArray()).containsExactly(7, 9, 7, 9);
            assertThat(Scope.liveBytes()).isEqualTo(live);
        }
    }

    @Test
    void wrongArgumentsAreExplained() {
        try (Scope scope = Scope.open()) {
            Tensor x = scope.ones(Shape.of(2, 3));
            Tensor weight = scope.ones(Shape.of(4, 3));
            Tensor bias = scope.ones(Shape.of(4));
            Tensor out = scope.ones(Shape.of(2, 4));
            FusedActivation none = FusedActivation.NONE;
            check(
                    () -> MatMul.linear(1, x, weight, 1, bias, none, scope.ones(Shape.of(4))),
                    ShapeException.class,
                    "linear: out must be [2, 4], got [4]");
            check(
                    () -> MatMul.linear(1, x, weight, 1, none, scope.ones(Shape.of(1, 4))),
                    ShapeException.class,
                    "linear: out must be [2, 4], got [1, 4]");
            check(
                    () -> MatMul.linear(1, x, weight, 1, scope.ones(Shape.of(2)), none, out),
                    ShapeException.class,
                    "linear: bias must be [4], got [2], for weight [4, 3]");
            check(
                    () -> MatMul.linear(1, x, weight, 1, out.select(0, 1), none, out),
                    ArgumentException.class,
                    "linear: out shares memory with bias; pass an output of its own");
            check(
                    () ->
                            MatMul.linear(
                                    1,
                                    x,
                                    weight,
                                    1,
                                    none,
                                    scope.ones(Shape.of(4)).expand(Shape.of(2, 4))),
                    ArgumentException.class,
                    "linear: out is an expanded view");
            check(
                    () -> MatMul.linear(1, x, out.slice(1, 0, 3), 1, none, out.slice(1, 2, 4)),
                    ArgumentException.class,
                    "linear: out shares memory with weight; pass an output of its own");
            Tensor b = weight.transpose();
            check(
                    () -> MatMul.gemm(1, x, b, 1, scope.ones(Shape.of(4, 1)), none, out),
                    ShapeException.class,
                    "gemm: bias must be [4], got [4, 1], for b [3, 4]");
            Tensor two = scope.ones(Shape.of(2));
            check(
                    () -> MatMul.gemm(1, x, scope.ones(Shape.of(3)), 1, bias, none, two),
                    ShapeException.class,
                    "gemm: bias must be [1], got [4], for b [3]");
            check(
                    () -> MatMul.gemm(1, x, b, 1, scope.ofInts(1, 2, 3, 4), none, out),
                    ArgumentException.class,
                    "gemm: bias must be float32, got int32 [4]; convert with toFloat()");
            check(
                    () -> MatMul.gemm(1, x, b, 1, bias, none, null),
                    ArgumentException.class,
                    "gemm: out is null, but it is updated; pass a tensor");
            check(
                    () -> MatMul.linear(1, x, weight, 1, none, null),
                    ArgumentException.class,
                    "linear: out is null, but it is updated; pass a tensor");
            check(
                    () -> MatMul.gemm(1, out, b, 1, bias, none, out),
                    ShapeException.class,
                    "gemm: inner sizes differ, 4 and 3: [2, 4] x [3, 4]");
        }
    }

    private static void check(
            ThrowingCallable call, Class<? extends Exception> type, String message) {
        assertThatThrownBy(call).isInstanceOf(type).hasMessageStartingWith(message);
    }
}
