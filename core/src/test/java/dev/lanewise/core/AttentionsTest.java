package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.core.testing.NoLeaks;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attention of tensors against the same from whole matrices. */
@ExtendWith(NoLeaks.class)
class AttentionsTest {
    private static final float HIDDEN = Float.NEGATIVE_INFINITY;

    private static Tensor random(long key, long... sizes) {
        return Scope.current().uniform(Shape.of(sizes), -1, 1, new RandomStream(key));
    }

    /** [N, L, heads, Dh] seen as [N, heads, L, Dh]. */
    private static Tensor sideBySide(long key, long n, long heads, long rows, long features) {
        return random(key, n, rows, heads, features).transpose(1, 2);
    }

    /** Masks as a bias of 0 and −∞. */
    private static Tensor mask(Shape shape, boolean causal, int[] lengths) {
        Tensor mask = Scope.current().zeros(shape);
        long queries = shape.size(2);
        long keys = shape.size(3);
        for (long n = 0; n < shape.size(0); n++) {
            for (long i = 0; i < queries; i++) {
                for (long j = 0; j < keys; j++) {
                    boolean hidden =
                            causal && j > keys - queries + i
                                    || lengths != null && j >= lengths[(int) n];
                    for (long head = 0; hidden && head < shape.size(1); head++) {
                        mask.set(HIDDEN, n, head, i, j);
                    }
                }
            }
        }
        return mask;
    }

    private static Tensor repeatHeads(Tensor k, long heads) {
        long n = k.size(0);
        long keyHeads = k.size(1);
        return k.unsqueeze(2)
                .expand(Shape.of(n, keyHeads, heads / keyHeads, k.size(2), k.size(3)))
                .contiguous()
                .reshape(n, heads, k.size(2), k.size(3));
    }

    @ParameterizedTest
    @CsvSource({
        "2, 3, 3, 5, 5, 8, true, false",
        "1, 4, 2, 70, 70, 16, true, false",
        "3, 2, 1, 6, 33, 20, false, true",
        "2, 2, 2, 1, 40, 64, true, true",
        "2, 6, 2, 300, 300, 8, false, true",
    })
    void agreesWithWholeMatrices(
            long n,
            long heads,
            long keyHeads,
            long queries,
            long keys,
            long features,
            boolean causal,
            boolean padded) {
        try (Scope scope = Scope.open()) {
            Tensor q = sideBySide(1, n, heads, queries, features);
            Tensor k = sideBySide(2, n, keyHeads, keys, features);
            Tensor v = random(3, n, keyHeads, keys, features);
            Tensor dOut = sideBySide(4, n, heads, queries, features);
            int[] lengths = null;
            AttentionOptions options = AttentionOptions.standard();
            options = causal ? options.causal() : options;
            if (padded) {
                lengths = new int[(int) n];
                for (int i = 0; i < n; i++) {
                    lengths[i] = (int) (keys - 3 * i);
                }
                options = options.lengths(scope.ofInts(lengths));
            }
            var attended = Attentions.attention(q, k, v, options);

            Tensor allK = repeatHeads(k, heads);
            Tensor allV = repeatHeads(v, heads);
            float scale = (float) (1 / Math.sqrt(features));
            Tensor scores = MatMul.matmul(Elementwise.multiply(q, scale), allK.transpose());
            Tensor masked = Elementwise.add(scores, mask(scores.shape(), causal, lengths));
            Tensor p = Softmaxes.softmax(masked, -1);
            close("out", MatMul.matmul(p, allV), attended.output(), 1e-5);

            Tensor dP = MatMul.matmul(dOut, allV.transpose());
            Tensor dS = Elementwise.multiply(Softmaxes.softmaxGradient(p, dP, -1), scale);
            Tensor dK = shared(MatMul.matmul(dS.transpose(), q), keyHeads);
            Tensor dV = shared(MatMul.matmul(p.transpose(), dOut), keyHeads);
            Tensor dQOut = sideBySide(5, n, heads, queries, features);
            Tensor dKOut = sideBySide(6, n, keyHeads, keys, features);
            Tensor dVOut = random(7, n, keyHeads, keys, features);
            Attentions.gradient(q, k, v, options, attended, dOut, dQOut, dKOut, dVOut);
            close("dQ", MatMul.matmul(dS, allK), dQOut, 2e-5);
            close("dK", dK, dKOut, 5e-5);
            close("dV", dV, dVOut, 5e-5);
        }
    }

    /** The sum over the heads that share one. */
    private static Tensor shared(Tensor x, long keyHeads) {
        long group = x.size(1) / keyHeads;
        Tensor parts = x.reshape(x.size(0), keyHeads, group, x.size(2), x.size(3));
        return Reductions.sum(parts, 2, false);
    }

    private static void close(String what, Tensor expected, Tensor actual, double by) {
        float[] e = expected.contiguous().toArray();
        float[] a = actual.contiguous().toArray();
        assertThat(a).hasSameSizeAs(e);
        for (int i = 0; i < e.length; i++) {
            assertThat((double) a[i]).as("%s %d", what, i).isCloseTo(e[i], within(by));
        }
    }

    @Test
    void takesABias() {
        try (Scope _ = Scope.open()) {
            Tensor q = random(1, 2, 3, 10, 8);
            Tensor k = random(2, 2, 3, 12, 8);
            Tensor v = random(3, 2, 3, 12, 8);
            Tensor bias = random(4, 3, 1, 12);
            AttentionOptions options = AttentionOptions.standard().scale(0.5f).bias(bias);
            Tensor scores =
                    Elementwise.add(
                            Elementwise.multiply(MatMul.matmul(q, k.transpose()), 0.5f), bias);
            Tensor expected = MatMul.matmul(Softmaxes.softmax(scores, -1), v);
            close("out", expected, Attentions.attention(q, k, v, options).output(), 1e-5);
        }
    }

    /** Biases that broadcast along keys, or are not contiguous along them. */
    @ParameterizedTest
    @ValueSource(strings = {"number", "head", "query", "all queries", "transposed", "expanded"})
    void takesABiasOfAnyLayout(String kind) {
        try (Scope scope = Scope.open()) {
            Tensor q = random(1, 2, 3, 10, 8);
            Tensor k = random(2, 2, 3, 12, 8);
            Tensor v = random(3, 2, 3, 12, 8);
            Tensor bias =
                    switch (kind) {
                        case "number" -> scope.full(Shape.SCALAR, 0.7f);
                        case "head" -> random(4, 3, 1, 1);
                        case "query" -> random(4, 10, 1);
                        case "all queries" -> random(4, 2, 3, 10, 1);
                        case "transposed" -> random(4, 3, 12, 10).transpose(1, 2);
                        default -> random(4, 1, 3, 1, 1).expand(Shape.of(2, 3, 10, 12));
                    };
            AttentionOptions options = AttentionOptions.standard().scale(0.5f).bias(bias);
            Tensor scores =
                    Elementwise.add(
                            Elementwise.multiply(MatMul.matmul(q, k.transpose()), 0.5f), bias);
            Tensor expected = MatMul.matmul(Softmaxes.softmax(scores, -1), v);
            var attended = Attentions.attention(q, k, v, options);
            close("out", expected, attended.output(), 1e-5);
            Tensor sums =
                    Transcendentals.log(Reductions.sum(Transcendentals.exp(scores), 3, false));
            close("logSumExp", sums, attended.logSumExp(), 1e-5);
            if (kind.equals("all queries")) {
                assertThatThrownBy(
                                () ->
                                        Attentions.attention(
                                                q, k, v, options, bias.reshape(2, 3, 10), q))
                        .isInstanceOf(ArgumentException.class)
                        .hasMessageContaining("out shares memory with bias");
            }
        }
    }

    @Test
    void threadsChangeNoBit() {
        try (Scope _ = Scope.open()) {
            Tensor q = sideBySide(1, 2, 3, 600, 32);
            Tensor k = sideBySide(2, 2, 3, 600, 32);
            Tensor v = sideBySide(3, 2, 3, 600, 32);
            AttentionOptions options = AttentionOptions.standard().causal();
            var one = Attentions.attention(q, k, v, options);
            Tensor[] grads = new Tensor[6];
            for (int i = 0; i < 6; i++) {
                grads[i] = random(9, 2, 3, 600, 32);
            }
            Attentions.gradient(q, k, v, options, one, q, grads[0], grads[1], grads[2]);
            try (var _ = Workers.usingAll()) {
                var all = Attentions.attention(q, k, v, options);
                assertThat(all.output().toArray()).isEqualTo(one.output().toArray());
                assertThat(all.logSumExp().toArray()).isEqualTo(one.logSumExp().toArray());
                Attentions.gradient(q, k, v, options, one, q, grads[3], grads[4], grads[5]);
            }
            for (int i = 0; i < 3; i++) {
                assertThat(grads[i + 3].toArray()).isEqualTo(grads[i].toArray());
            }
        }
    }

    @Test
    void saysWhatDoesNotFit() {
        try (Scope scope = Scope.open()) {
            Tensor q = random(1, 2, 4, 5, 8);
            Tensor k = random(2, 2, 3, 6, 8);
            AttentionOptions standard = AttentionOptions.standard();
            assertThatThrownBy(() -> Attentions.attention(q, k, k, standard))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageContaining("4 heads can't share 3 heads of keys")
                    .hasMessageContaining("[2, 4, 5, 8] and [2, 3, 6, 8]");
            Tensor narrow = random(2, 2, 4, 6, 7);
            assertThatThrownBy(() -> Attentions.attention(q, narrow, narrow, standard))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageContaining("differ in N or Dh");
            Tensor fit = random(2, 2, 4, 6, 8);
            Tensor lengths = scope.ofInts(6, 7);
            assertThatThrownBy(() -> Attentions.attention(q, fit, fit, standard.lengths(lengths)))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessageContaining("length 7 of batch element 1");
            Tensor sum = random(2, 2, 4, 5);
            assertThatThrownBy(() -> Attentions.attention(q, fit, fit, standard, sum, q))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessageContaining("out shares memory with q");
        }
    }
}
