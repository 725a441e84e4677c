package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.testing.NoLeaks;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.QuantizedLayout;
import dev.lanewise.kernels.WeightType;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.List;

@ExtendWith(NoLeaks.class)
class QuantizedMatrixTest {
    private final RandomStream random = new RandomStream(3);

    private static List<QuantizedMatrix> all(Tensor weights) {
        return List.of(
                QuantizedMatrix.bfloat16(weights),
                QuantizedMatrix.int8(weights),
                QuantizedMatrix.int8(weights, 32),
                QuantizedMatrix.int4(weights, 32),
                QuantizedMatrix.int4WithOffsets(weights, 64));
    }

    @Test
    void productsAreThoseOfTheDequantizedWeights() {
        try (Scope scope = Scope.open()) {
            for (long[] size :
                    new long[][] {{1, 5, 3}, {1, 130, 200}, {3, 700, 100}, {9, 200, 70}}) {
                Tensor weights = scope.randn(Shape.of(size[1], size[2]), random);
                Tensor x = scope.randn(Shape.of(size[0], size[2]), random);
                Tensor bias = scope.randn(Shape.of(size[1]), random);
                for (QuantizedMatrix matrix : all(weights)) {
                    Tensor expected =
                            MatMul.linear(x, matrix.dequantize(), bias, FusedActivation.GELU);
                    Tensor actual = matrix.linear(x, bias, FusedActivation.GELU);
                    assertThat(actual.allClose(expected, 1e-4f, 1e-4f)).as("%s", matrix).isTrue();
                    Tensor out = scope.empty(expected.shape());
                    assertThat(matrix.linear(x, bias, FusedActivation.GELU, out)).isSameAs(out);
                    assertThat(out.contentEquals(actual)).as("%s", matrix).isTrue();
                }
            }
        }
    }

    @Test
    void resultsAreScaledAndAddedToWhatIsThere() {
        try (Scope scope = Scope.open()) {
            for (long[] size : new long[][] {{1, 130, 200}, {3, 70, 100}, {9, 200, 70}}) {
                Tensor weights = scope.randn(Shape.of(size[1], size[2]), random);
                Tensor x = scope.randn(Shape.of(size[0], size[2]), random);
                Tensor bias = scope.randn(Shape.of(size[1]), random);
                Tensor old = scope.randn(Shape.of(size[0], size[1]), random);
                for (QuantizedMatrix matrix : all(weights)) {
                    FusedActivation f = FusedActivation.GELU;
                    Tensor dense = matrix.dequantize();
                    Tensor expected = old.copy();
                    MatMul.linear(0.5f, x, dense, 2, bias, f, expected);
                    Tensor out = old.copy();
                    assertThat(matrix.linear(0.5f, x, 2, bias, f, out)).isSameAs(out);
                    assertThat(out.allClose(expected, 1e-4f, 1e-4f)).as("%s", matrix).isTrue();
                    Tensor wide = scope.ones(Shape.of(size[0], 2 * size[1]));
                    Tensor gaps = wide.slice(1, size[1], 2 * size[1]);
                    Copies.copy(old, gaps);
                    matrix.linear(0.5f, x, 2, bias, f, gaps);
                    assertThat(gaps.contentEquals(out)).as("%s", matrix).isTrue();
                    assertThat(Reductions.sum(wide.slice(1, 0, size[1])).item())
                            .isEqualTo((float) (size[0] * size[1]));
                    Tensor unread = scope.full(old.shape(), Float.NaN);
                    matrix.linear(1, x, 0, FusedActivation.NONE, unread);
                    assertThat(unread.contentEquals(matrix.linear(x))).isTrue();
                    Tensor difference = old.copy();
                    matrix.linear(-1, x, 1, FusedActivation.NONE, difference);
                    Tensor exact = Elementwise.subtract(old, matrix.linear(x));
                    assertThat(difference.allClose(exact, 1e-5f, 1e-5f)).isTrue();
                }
            }
        }
    }

    /** The average error of weights of a normal distribution, in units of their deviation. */
    @Test
    void errorsAreThoseOfTheFormats() {
        try (Scope scope = Scope.open()) {
            Tensor weights = scope.randn(Shape.of(256, 512), random);
            double[] most = {0.0017, 0.009, 0.006, 0.11, 0.1};
            List<QuantizedMatrix> matrices = all(weights);
            for (int i = 0; i < most.length; i++) {
                Tensor difference = Elementwise.subtract(matrices.get(i).dequantize(), weights);
                double error = Reductions.norm(difference).item() / Math.sqrt(weights.elements());
                assertThat(error)
                        .as("root mean square error of %s", matrices.get(i))
                        .isBetween(most[i] / 3, most[i]);
            }
        }
    }

    @Test
    void anyShapeOfXAndViewsOfWeights() {
        try (Scope scope = Scope.open()) {
            Tensor weights = scope.randn(Shape.of(40, 70), random).transpose(); // [70, 40]
            QuantizedMatrix matrix = QuantizedMatrix.int8(weights, 16);
            QuantizedMatrix copied = QuantizedMatrix.int8(weights.contiguous(), 16);
            assertThat(matrix.packed().contentEquals(copied.packed())).isTrue();
            Tensor x = scope.randn(Shape.of(2, 3, 40), random);
            Tensor y = matrix.linear(x);
            assertThat(y.shape()).isEqualTo(Shape.of(2, 3, 70));
            Tensor rows = matrix.linear(x.reshape(6, 40));
            assertThat(y.reshape(6, 70).contentEquals(rows)).isTrue();
            Tensor one = matrix.linear(x.select(0, 1).select(0, 2));
            assertThat(one.shape()).isEqualTo(Shape.of(70));
            assertThat(one.allClose(y.select(0, 1).select(0, 2), 1e-5f, 1e-5f)).isTrue();
            Tensor view = scope.randn(Shape.of(40, 6), random).transpose();
            assertThat(matrix.linear(view).contentEquals(matrix.linear(view.contiguous())))
                    .isTrue();
            assertThat(matrix.linear(scope.empty(Shape.of(0, 40))).shape())
                    .isEqualTo(Shape.of(0, 70));
        }
    }

    @Test
    void theNumberOfThreadsChangesNoBit() throws Exception {
        try (Scope scope = Scope.open()) {
            Tensor weights = scope.randn(Shape.of(1000, 2048), random);
            for (QuantizedMatrix matrix : all(weights)) {
                for (int m : new int[] {1, 2, 40}) {
                    Tensor x = scope.randn(Shape.of(m, 2048), random);
                    Tensor one = matrix.linear(x);
                    try (var _ = Workers.using(2)) {
                        assertThat(matrix.linear(x).contentEquals(one)).as("%s", matrix).isTrue();
                    }
                }
            }
            try (var _ = Workers.using(2)) {
                Tensor again = QuantizedMatrix.int4(weights, 32).packed();
                assertThat(again.contentEquals(all(weights).get(3).packed())).isTrue();
            }
        }
    }

    @Test
    void packedWeightsCanBeKeptAndGivenBack() {
        try (Scope outer = Scope.open()) {
            QuantizedMatrix kept;
            float expected;
            try (Scope scope = Scope.open()) {
                Tensor weights = scope.randn(Shape.of(3, 50), random);
                kept = QuantizedMatrix.int4(weights, 32).keepIn(outer);
                expected = kept.linear(scope.ones(Shape.of(50))).at(1);
            }
            QuantizedMatrix same = QuantizedMatrix.ofPacked(kept.packed(), kept.layout());
            assertThat(same.linear(outer.ones(Shape.of(50))).at(1)).isEqualTo(expected);
            assertThat(same.bytes()).isEqualTo(4 * kept.packed().elements());
            assertThat(same.shape()).isEqualTo(Shape.of(3, 50));
            assertThat(same).hasToString("INT4 [3, 50] in groups of 32, 2112 bytes");
        }
    }

    @Test
    void emptyMatrices() {
        try (Scope scope = Scope.open()) {
            QuantizedMatrix noRows = QuantizedMatrix.int8(scope.empty(Shape.of(0, 5)));
            assertThat(noRows.linear(scope.ones(Shape.of(2, 5))).shape()).isEqualTo(Shape.of(2, 0));
            QuantizedMatrix noDepth = QuantizedMatrix.int4(scope.empty(Shape.of(3, 0)), 32);
            Tensor bias = scope.of(1, 2, 3);
            Tensor y = noDepth.linear(scope.empty(Shape.of(0)), bias, FusedActivation.NONE);
            assertThat(y.contentEquals(bias)).isTrue();
            assertThat(noDepth.dequantize().shape()).isEqualTo(Shape.of(3, 0));
        }
    }

    @Test
    void wrongArgumentsAreExplained() {
        try (Scope scope = Scope.open()) {
            Tensor weights = scope.randn(Shape.of(6, 8), random);
            QuantizedMatrix matrix = QuantizedMatrix.int8(weights, 4);
            check(
                    () -> QuantizedMatrix.int8(scope.ones(Shape.of(2, 3, 4))),
                    ShapeException.class,
                    "QuantizedMatrix.int8: weights must be [out, in], got [2, 3, 4]");
            check(
                    () -> QuantizedMatrix.int4(weights, 0),
                    ArgumentException.class,
                    "QuantizedMatrix.int4: groupSize must be at least 1, usually 32, 64 or 128,"
                            + " got 0");
            check(
                    () -> QuantizedMatrix.bfloat16(scope.ofInts(1, 2)),
                    ArgumentException.class,
                    "QuantizedMatrix.bfloat16: weights must be float32, got int32 [2]; convert with"
                            + " toFloat()");
            for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY, 0x1.8p126f}) {
                Tensor spoilt = weights.copy();
                spoilt.set(bad, 2, 3);
                check(
                        () -> QuantizedMatrix.int8(spoilt),
                        ArgumentException.class,
                        "QuantizedMatrix.int8: weights must be finite and at most 2^126, got "
                                + bad
                                + " at [2, 3] of [6, 8]");
            }
            check(
                    () -> matrix.linear(scope.ones(Shape.of(2, 7))),
                    ShapeException.class,
                    "QuantizedMatrix.linear: x must be [..., 8], got [2, 7], for weights [6, 8]");
            check(
                    () -> matrix.linear(scope.scalar(1)),
                    ShapeException.class,
                    "QuantizedMatrix.linear: x must be [..., 8], got [], for weights [6, 8]");
            Tensor x = scope.ones(Shape.of(2, 8));
            check(
                    () -> matrix.linear(x, scope.ones(Shape.of(5)), FusedActivation.NONE),
                    ShapeException.class,
                    "QuantizedMatrix.linear: bias must be [6], got [5], for weights [6, 8]");
            check(
                    () ->
                            matrix.linear(
                                    x,
                                    scope.ones(Shape.of(6)),
                                    FusedActivation.NONE,
                                    scope.ones(Shape.of(6, 2))),
                    ShapeException.class,
                    "QuantizedMatrix.linear: out must be [2, 6], got [6, 2]");
            check(
                    () -> matrix.linear(1, x, 1, FusedActivation.NONE, null),
                    ArgumentException.class,
                    "QuantizedMatrix.linear: out is null, but it is updated; pass a tensor");
            Tensor both = scope.ones(Shape.of(2, 14));
            check(
                    () ->
                            matrix.linear(
                                    1,
                                    both.slice(1, 0, 8),
                                    1,
                                    FusedActivation.NONE,
                                    both.slice(1, 8, 14)),
                    ArgumentException.class,
                    "QuantizedMatrix.linear: out shares memory with x; pass an output of its own");
            check(
                    () ->
                            QuantizedMatrix.ofPacked(
                                    scope.ofInts(1, 2, 3),
                                    new QuantizedLayout(WeightType.BFLOAT16, 1, 2, 1, false)),
                    ShapeException.class,
                    "QuantizedMatrix.ofPacked: packed must be [64] for BFLOAT16 weights [1, 2],"
                            + " got [3]");
        }
    }

    @Test
    void weightsOfAClosedScopeAreRefused() {
        try (Scope outer = Scope.open()) {
            QuantizedMatrix matrix;
            try (Scope scope = Scope.open()) {
                matrix = QuantizedMatrix.int8(scope.ones(Shape.of(2, 2)));
            }
            check(
                    () -> matrix.linear(outer.ones(Shape.of(2))),
                    ScopeException.class,
                    "QuantizedMatrix.linear: a tensor is used after its scope was closed;"
                            + " keep(tensor) in an outer scope lets it live longer");
        }
    }

    private static void check(
            ThrowingCallable call, Class<? extends Exception> type, String message) {
        assertThatThrownBy(call).isInstanceOf(type).hasMessage(message);
    }
}
