package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.testing.NoLeaks;
import dev.lanewise.core.testing.Property;
import dev.lanewise.kernels.FusedActivation;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.Arrays;

@ExtendWith(NoLeaks.class)
class MatMulTest {

    /** a × b by NumPy's rules, element by element. */
    private static Nd product(Nd a, Nd b) {
        Nd left = a.sizes().length == 1 ? new Nd(new long[] {1, a.sizes()[0]}, a.values()) : a;
        Nd right = b.sizes().length == 1 ? new Nd(new long[] {b.sizes()[0], 1}, b.values()) : b;
        int lr = left.sizes().length;
        int rr = right.sizes().length;
        long k = left.sizes()[lr - 1];
        Shape batch =
                Shape.broadcast(
                        Shape.of(Arrays.copyOf(left.sizes(), lr - 2)),
                        Shape.of(Arrays.copyOf(right.sizes(), rr - 2)));
        Shape shape =
                batch.inserting(-1, left.sizes()[lr - 2]).inserting(-1, right.sizes()[rr - 1]);
        Nd out = Nd.empty(shape.toArray());
        for (int i = 0; i < out.values().length; i++) {
            long[] aIndex = out.index(i);
            long[] bIndex = aIndex.clone();
            int last = aIndex.length - 1;
            double sum = 0;
            for (long p = 0; p < k; p++) {
                aIndex[last] = p;
                bIndex[last - 1] = p;
                sum += at(left, aIndex) * at(right, bIndex);
            }
            out.values()[i] = sum;
        }
        Shape result = shape;
        result = b.sizes().length == 1 ? result.without(-1) : result;
        result = a.sizes().length == 1 ? result.without(b.sizes().length == 1 ? -1 : -2) : result;
        return new Nd(result.toArray(), out.values());
    }

    /** Batch axes broadcast; the last two are sizes of the matrix even where they are 1. */
    private static double at(Nd x, long[] index) {
        int skipped = index.length - x.sizes().length;
        long place = 0;
        for (int axis = 0; axis < x.sizes().length; axis++) {
            boolean batch = axis < x.sizes().length - 2;
            long i = batch && x.sizes()[axis] == 1 ? 0 : index[axis + skipped];
            place = place * x.sizes()[axis] + i;
        }
        return x.values()[(int) place];
    }

    @Test
    void allRanksLayoutsAndBatches() {
        Property.check(
                500,
                draw -> {
                    try (Scope _ = Scope.open()) {
                        int m = draw.size(0, 40);
                        int n = draw.size(0, 40);
                        int k = draw.size(0, 40);
                        Shape batch = Nd.shape(draw, 2, 3);
                        Shape left = Nd.narrower(draw, batch).inserting(-1, m).inserting(-1, k);
                        Shape right = Nd.narrower(draw, batch).inserting(-1, k).inserting(-1, n);
                        if (draw.between(0, 5) == 5) {
                            left = Shape.of(k);
                        }
                        if (draw.between(0, 5) == 5) {
                            right = Shape.of(k);
                        }
                        // Whole numbers: every partial sum is exact.
                        Tensor a = Nd.wholes(draw, left, 5);
                        Tensor b = Nd.wholes(draw, right, 5);
                        Nd expected = product(Nd.of(a), Nd.of(b));
                        expected.check(a.matmul(b));
                        assertThat(MatMul.resultShape(left, right)).isEqualTo(expected.shape());
                        Tensor out = Nd.layOut(draw, expected.shape(), ElementType.FLOAT32);
                        out.fill(Float.NaN);
                        assertThat(MatMul.matmul(a, b, out)).isSameAs(out);
                        expected.check(out);
                        Nd twice = expected.map(x -> x + 2 * x);
                        twice.check(MatMul.gemm(2, a, b, 1, out));
                        if (left.rank() > 1 && right.rank() > 1) {
                            Tensor at = a.transpose().contiguous().transpose();
                            Tensor bt = b.transpose().contiguous().transpose();
                            expected.check(at.matmul(b));
                            expected.check(a.matmul(bt));
                            expected.check(at.matmul(bt));
                        }
                    }
                });
    }

    @Test
    void randomDataIsWithinTheErrorBound() {
        Property.check(
                60,
                draw -> {
                    try (Scope _ = Scope.open()) {
                        int m = draw.between(1, 90);
                        int n = draw.between(1, 90);
                        int k = draw.between(1, 700);
                        Tensor a = Nd.random(draw, Shape.of(m, k), 1);
                        Tensor b = Nd.random(draw, Shape.of(k, n), 1);
                        double bound = (k + 2) * 0x1p-24 * k;
                        product(Nd.of(a), Nd.of(b)).check(a.matmul(b), 0, bound / 10);
                    }
                });
    }

    @Test
    void transposedOperandsAreNotCopied() {
        try (Scope scope = Scope.open()) {
            Tensor a = scope.ones(Shape.of(64, 32));
            Tensor b = scope.ones(Shape.of(64, 32));
            Tensor out = scope.empty(Shape.of(64, 64));
            MatMul.matmul(a, b.transpose(), out);
            assertThat(out.toArray()).containsOnly(32);
        }
    }

    @Test
    void linearAddsBiasAndActivation() {
        Property.check(
                200,
                draw -> {
                    try (Scope _ = Scope.open()) {
                        int in = draw.size(0, 40);
                        int outs = draw.size(0, 40);
                        Shape rows = Nd.shape(draw, 2, 9);
                        Tensor x = Nd.wholes(draw, rows.inserting(-1, in), 3);
                        Tensor weight = Nd.wholes(draw, Shape.of(outs, in), 3);
                        Tensor bias = Nd.wholes(draw, Shape.of(outs), 9);
                        Nd plain = product(Nd.of(x), Nd.of(weight.transpose()));
                        Nd biased = Nd.zip(plain, Nd.of(bias), Double::sum);
                        Nd relu = biased.map(v -> Math.max(v, 0));
                        plain.check(MatMul.linear(x, weight, FusedActivation.NONE));
                        biased.check(MatMul.linear(x, weight, bias, FusedActivation.NONE));
                        Tensor out = Nd.layOut(draw, relu.shape(), ElementType.FLOAT32);
                        relu.check(MatMul.linear(x, weight, bias, FusedActivation.RELU, out));
                        Nd tanh = biased.map(Math::tanh);
                        tanh.check(
                                MatMul.linear(x, weight, bias, FusedActivation.TANH), 1e-6, 1e-7);
                    }
                });
    }

    @Test
    void anyNumberOfThreadsGivesTheSameBits() {
        Property.check(
                25,
                draw -> {
                    try (Scope _ = Scope.open()) {
                        int m = draw.oneOf(1, 2, 17, 130, 257, 400);
                        int n = draw.oneOf(1, 2, 17, 130, 257, 400);
                        int k = draw.oneOf(130, 300, 700);
                        int batch = draw.between(1, 4);
                        Tensor a = Nd.random(draw, Shape.of(batch, m, k), 1);
                        Tensor b =
                                draw.flip()
                                        ? Nd.random(draw, Shape.of(k, n), 1)
                                        : Nd.random(draw, Shape.of(batch, k, n), 1);
                        Tensor one = a.matmul(b);
                        try (var _ = Workers.using(2)) {
                            assertThat(a.matmul(b).contentEquals(one)).isTrue();
                        }
                        try (var _ = Workers.usingAll()) {
                            assertThat(a.matmul(b).contentEquals(one)).isTrue();
                        }
                    }
                });
    }

    @Test
    void errorsNameTheSizesThatDiffer() {
        try (Scope scope = Scope.open()) {
            Tensor a = scope.zeros(Shape.of(512, 256));
            check(
                    () -> a.matmul(scope.zeros(Shape.of(128, 64))),
                    "matmul: inner sizes differ, 256 and 128: [512, 256] x [128, 64]");
            check(
                    () -> a.matmul(scope.zeros(Shape.of(128))),
                    "matmul: inner sizes differ, 256 and 128: [512, 256] x [128]");
            check(
                    () -> a.matmul(scope.scalar(1)),
                    "matmul: needs at least one axis on both sides: [512, 256] x []");
            check(
                    () -> scope.zeros(Shape.of(2, 3, 4)).matmul(scope.zeros(Shape.of(5, 4, 3))),
                    "matmul: batches don't broadcast, [2] and [5]: [2, 3, 4] x [5, 4, 3]");
            check(
                    () -> MatMul.linear(a, scope.zeros(Shape.of(10, 255)), FusedActivation.NONE),
                    "linear: x must be [..., in] and weight [out, in]: [512, 256] and [10, 255]");
            check(
                    () ->
                            MatMul.linear(
                                    a,
                                    scope.zeros(Shape.of(10, 256)),
                                    scope.zeros(Shape.of(9)),
                                    FusedActivation.NONE),
                    "linear: bias must be [10], got [9], for weight [10, 256]");
            Tensor square = scope.zeros(Shape.of(8, 8));
            assertThatThrownBy(() -> MatMul.matmul(square, square, square))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessage("matmul: out shares memory with a; pass an output of its own");
            assertThatThrownBy(() -> a.matmul(scope.ofInts(1).expand(Shape.of(256, 2))))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessageStartingWith("matmul: b must be float32, got int32");
        }
    }

    private static void check(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(ShapeException.class).hasMessage(message);
    }
}
