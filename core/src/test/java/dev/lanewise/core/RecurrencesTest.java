package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.core.testing.NoLeaks;
import dev.lanewise.kernels.FusedActivation;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers against the same step by step from tensor operations; gradients against differences. */
@ExtendWith(NoLeaks.class)
class RecurrencesTest {

    /** A layer's tensors in the current scope. */
    private static final class Layer {
        final int gates;
        final boolean reverse;
        final Tensor x;
        final Tensor weightIh;
        final Tensor weightHh;
        final Tensor biasIh;
        final Tensor biasHh;
        final Tensor h0;
        final Tensor c0;

        Layer(int gates, boolean reverse, long steps, long batch, long features, long hidden) {
            this.gates = gates;
            this.reverse = reverse;
            x = random(1, steps, batch, features);
            weightIh = random(2, gates * hidden, features);
            weightHh = random(3, gates * hidden, hidden);
            biasIh = random(4, gates * hidden);
            biasHh = random(5, gates * hidden);
            h0 = random(6, batch, hidden);
            c0 = random(7, batch, hidden);
        }

        private static Tensor random(long key, long... sizes) {
            return Scope.current().uniform(Shape.of(sizes), -0.7f, 0.7f, new RandomStream(key));
        }

        Tensor dOut() {
            return random(8, x.size(0), x.size(1), h0.size(1));
        }

        Recurrences.Steps run() {
            long hidden = h0.size(1);
            var steps = Recurrences.Steps.create(x.size(0), x.size(1), gates, hidden);
            Tensor packed = Recurrences.pack(weightHh, gates);
            if (gates == 4) {
                Recurrences.lstm(x, weightIh, packed, biasIh, biasHh, h0, c0, reverse, steps);
            } else {
                Recurrences.gru(x, weightIh, packed, biasIh, biasHh, h0, reverse, steps);
            }
            return steps;
        }

        Recurrences.Gradients gradients(Recurrences.Steps steps) {
            long hidden = h0.size(1);
            var into = Recurrences.Gradients.create(x.size(0), x.size(1), x.size(2), gates, hidden);
            gradients(steps, into);
            return into;
        }

        void gradients(Recurrences.Steps steps, Recurrences.Gradients into) {
            if (gates == 4) {
                Recurrences.lstmGradient(
                        x, weightIh, weightHh, h0, c0, reverse, steps, dOut(), into);
            } else {
                Tensor products = Operands.result("test", steps.gates().shape());
                Recurrences.gruGradient(
                        x, weightIh, weightHh, h0, reverse, steps, dOut(), products, into);
            }
        }

        /** Σ dOut ∘ output. */
        double loss() {
            try (Scope _ = Scope.open()) {
                float[] h = run().output().toArray();
                float[] d = dOut().toArray();
                double sum = 0;
                for (int i = 0; i < h.length; i++) {
                    sum += (double) h[i] * d[i];
                }
                return sum;
            }
        }
    }

    private static Tensor part(Tensor a, int gate, long hidden) {
        return a.slice(1, gate * hidden, (gate + 1) * hidden);
    }

    /** The output by the formulas, one tensor operation after another. */
    private static Tensor stepByStep(Layer l) {
        long hidden = l.h0.size(1);
        Tensor out = Operands.result("test", Shape.of(l.x.size(0), l.x.size(1), hidden));
        Tensor h = l.h0;
        Tensor c = l.c0;
        for (long i = 0; i < l.x.size(0); i++) {
            long t = l.reverse ? l.x.size(0) - 1 - i : i;
            Tensor x = MatMul.linear(l.x.select(0, t), l.weightIh, l.biasIh, FusedActivation.NONE);
            Tensor p = MatMul.linear(h, l.weightHh, l.biasHh, FusedActivation.NONE);
            if (l.gates == 4) {
                Tensor a = Elementwise.add(x, p);
                Tensor kept = Transcendentals.sigmoid(part(a, 1, hidden)).multiply(c);
                Tensor news =
                        Transcendentals.sigmoid(part(a, 0, hidden))
                                .multiply(Transcendentals.tanh(part(a, 2, hidden)));
                c = kept.add(news);
                h = Transcendentals.sigmoid(part(a, 3, hidden)).multiply(Transcendentals.tanh(c));
            } else {
                Tensor both = Transcendentals.sigmoid(Elementwise.add(x, p));
                Tensor r = part(both, 0, hidden);
                Tensor z = part(both, 1, hidden);
                Tensor n =
                        Transcendentals.tanh(
                                part(x, 2, hidden).add(r.multiply(part(p, 2, hidden))));
                h = n.add(z.multiply(h.subtract(n)));
            }
            Copies.copy(h, out.select(0, t));
        }
        return out;
    }

    @ParameterizedTest
    @CsvSource({
        "4, false, 5, 1, 6, 10",
        "4, true, 4, 3, 5, 17",
        "4, false, 3, 50, 7, 9",
        "4, true, 7, 29, 8, 170",
        "4, false, 9, 29, 8, 300",
        "4, true, 9, 29, 8, 300",
        "3, false, 5, 1, 6, 10",
        "3, true, 4, 3, 5, 17",
        "3, false, 3, 50, 7, 9",
        "3, true, 9, 33, 8, 170",
        "3, false, 9, 33, 8, 170",
    })
    void agreesWithStepByStep(
            int gates, boolean reverse, long steps, long batch, long features, long hidden) {
        try (Scope _ = Scope.open()) {
            Layer layer = new Layer(gates, reverse, steps, batch, features, hidden);
            float[] expected = stepByStep(layer).toArray();
            float[] actual = layer.run().output().toArray();
            float error = 1e-6f + 1e-7f * hidden; // sums over hidden units, in another order
            for (int i = 0; i < expected.length; i++) {
                assertThat(actual[i]).as("%d", i).isCloseTo(expected[i], within(error));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "4, false, 3, 2, 4, 5",
        "4, true, 3, 4, 2, 3",
        "4, false, 1, 1, 2, 3",
        "3, false, 3, 2, 4, 5",
        "3, true, 3, 4, 2, 3",
        "3, false, 1, 1, 2, 3",
    })
    void gradientsAgreeWithDifferences(
            int gates, boolean reverse, long steps, long batch, long features, long hidden) {
        try (Scope _ = Scope.open()) {
            Layer l = new Layer(gates, reverse, steps, batch, features, hidden);
            var g = l.gradients(l.run());
            check("dX", l, l.x, g.dX());
            check("dWeightIh", l, l.weightIh, g.dWeightIh());
            check("dWeightHh", l, l.weightHh, g.dWeightHh());
            check("dBiasIh", l, l.biasIh, g.dBiasIh());
            check("dBiasHh", l, l.biasHh, g.dBiasHh());
            check("dH0", l, l.h0, g.dH0());
            if (gates == 4) {
                check("dC0", l, l.c0, g.dC0());
            }
        }
    }

    /** Central differences in float: the step is large, so the tolerance is. */
    private static void check(String what, Layer layer, Tensor operand, Tensor gradient) {
        Tensor flat = operand.reshape(operand.elements());
        float[] expected = gradient.toArray();
        for (int i = 0; i < expected.length; i++) {
            float value = flat.at(i);
            flat.set(value + 0x1p-7f, i);
            double up = layer.loss();
            flat.set(value - 0x1p-7f, i);
            double down = layer.loss();
            flat.set(value, i);
            assertThat((up - down) * 0x1p6)
                    .as("%s %d", what, i)
                    .isCloseTo(expected[i], within(1e-3));
        }
    }

    @ParameterizedTest
    @CsvSource({"4, 60, 70", "4, 53, 170", "3, 53, 170", "4, 25, 300"})
    void threadsChangeNoBit(int gates, long batch, long hidden) {
        try (Scope _ = Scope.open()) {
            Layer layer = new Layer(gates, false, 6, batch, 20, hidden);
            var one = layer.run();
            float[] output = one.output().toArray();
            float[] gradient = layer.gradients(one).dWeightHh().toArray();
            try (var _ = Workers.usingAll()) {
                var all = layer.run();
                assertThat(all.output().toArray()).isEqualTo(output);
                assertThat(layer.gradients(all).dWeightHh().toArray()).isEqualTo(gradient);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"4, 1", "4, 6", "3, 1", "3, 6"})
    void biasesThatWouldBroadcastAreRefused(int gates, long elements) {
        try (Scope scope = Scope.open()) {
            Layer l = new Layer(gates, false, 3, 2, 5, 6);
            Tensor wrong = scope.zeros(Shape.of(elements));
            String text = "must be [%d], got [%d]".formatted(gates * 6, elements);
            assertThatThrownBy(() -> runWith(l, wrong, l.biasHh))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageContaining("biasIh " + text);
            assertThatThrownBy(() -> runWith(l, l.biasIh, wrong))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageContaining("biasHh " + text);
            Tensor row = l.biasIh.view(Shape.of(1, gates * 6));
            assertThatThrownBy(() -> runWith(l, l.biasIh, row))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageContaining("got [1, %d]".formatted(gates * 6));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 3})
    void noBiasIsABiasOfZeros(int gates) {
        try (Scope scope = Scope.open()) {
            Layer l = new Layer(gates, false, 3, 2, 5, 6);
            Tensor zeros = scope.zeros(Shape.of(gates * 6));
            float[] neither = outputWith(l, zeros, zeros);
            var steps = Recurrences.Steps.create(3, 2, gates, 6);
            Tensor packed = Recurrences.pack(l.weightHh, gates);
            long live = Scope.liveBytes();
            if (gates == 4) {
                Recurrences.lstm(l.x, l.weightIh, packed, null, null, l.h0, l.c0, false, steps);
            } else {
                Recurrences.gru(l.x, l.weightIh, packed, null, null, l.h0, false, steps);
            }
            assertThat(Scope.liveBytes()).isEqualTo(live);
            assertThat(steps.output().toArray()).isEqualTo(neither);
            assertThat(outputWith(l, l.biasIh, null)).isEqualTo(outputWith(l, l.biasIh, zeros));
            assertThat(outputWith(l, null, l.biasHh)).isEqualTo(outputWith(l, zeros, l.biasHh));
            assertThat(outputWith(l, l.biasIh, null)).isNotEqualTo(neither);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 3})
    void gradientsOfBiasesMayBeLeftOut(int gates) {
        try (Scope scope = Scope.open()) {
            Layer l = new Layer(gates, false, 3, 2, 5, 6);
            var all = l.gradients(l.run());
            var into =
                    new Recurrences.Gradients(
                            scope.empty(l.x.shape()),
                            scope.empty(l.weightIh.shape()),
                            scope.empty(l.weightHh.shape()),
                            null,
                            null,
                            scope.zeros(l.h0.shape()),
                            scope.zeros(l.c0.shape()));
            l.gradients(l.run(), into);
            assertThat(into.dX().contentEquals(all.dX())).isTrue();
            assertThat(into.dWeightIh().contentEquals(all.dWeightIh())).isTrue();
            assertThat(into.dWeightHh().contentEquals(all.dWeightHh())).isTrue();
        }
    }

    private static float[] outputWith(Layer l, Tensor biasIh, Tensor biasHh) {
        return runWith(l, biasIh, biasHh).output().toArray();
    }

    private static Recurrences.Steps runWith(Layer l, Tensor biasIh, Tensor biasHh) {
        var steps = Recurrences.Steps.create(3, 2, l.gates, 6);
        Tensor packed = Recurrences.pack(l.weightHh, l.gates);
        if (l.gates == 4) {
            Recurrences.lstm(l.x, l.weightIh, packed, biasIh, biasHh, l.h0, l.c0, false, steps);
        } else {
            Recurrences.gru(l.x, l.weightIh, packed, biasIh, biasHh, l.h0, false, steps);
        }
        return steps;
    }

    @Test
    void whatIsLeftBehindSharesNoMemoryWithOperands() {
        try (Scope scope = Scope.open()) {
            Tensor buffer = scope.uniform(Shape.of(11, 29, 680), -1, 1, new RandomStream(9));
            Layer l = new Layer(4, false, 7, 29, 680, 170);
            var made = Recurrences.Steps.create(7, 29, 4, 170);
            Tensor gates = buffer.slice(0, 4, 11);
            var steps = new Recurrences.Steps(made.output(), made.cells(), gates);
            Tensor packed = Recurrences.pack(l.weightHh, 4);
            Tensor x = buffer.slice(0, 0, 7);
            assertThatThrownBy(
                            () ->
                                    Recurrences.lstm(
                                            x,
                                            l.weightIh,
                                            packed,
                                            l.biasIh,
                                            l.biasHh,
                                            l.h0,
                                            l.c0,
                                            false,
                                            steps))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessageContaining("lstm: steps.gates shares memory with x");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 3})
    void gradientsShareNoMemoryWithAnythingElse(int gates) {
        try (Scope _ = Scope.open()) {
            Layer l = new Layer(gates, false, 3, 2, 6, 6);
            var steps = l.run();
            var g = Recurrences.Gradients.create(3, 2, 6, gates, 6);
            Tensor dX = g.dX();
            Tensor dIh = g.dWeightIh();
            Tensor dHh = g.dWeightHh();
            assertRefused(l, steps, "dX shares memory with x", l.x, dIh, dHh, g.dH0());
            assertRefused(
                    l, steps, "output shares memory with dX", steps.output(), dIh, dHh, g.dH0());
            assertRefused(
                    l, steps, "dWeightHh shares memory with dWeightIh", dX, dIh, dIh, g.dH0());
            assertRefused(l, steps, "dH0 shares memory with h0", dX, dIh, dHh, l.h0);
        }
    }

    private static void assertRefused(
            Layer l,
            Recurrences.Steps steps,
            String text,
            Tensor dX,
            Tensor dWeightIh,
            Tensor dWeightHh,
            Tensor dH0) {
        Tensor dC0 = Scope.current().zeros(l.c0.shape());
        var into = new Recurrences.Gradients(dX, dWeightIh, dWeightHh, null, null, dH0, dC0);
        assertThatThrownBy(() -> l.gradients(steps, into))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining(text);
    }

    @Test
    void saysWhatDoesNotFit() {
        try (Scope _ = Scope.open()) {
            Layer l = new Layer(4, false, 3, 2, 5, 6);
            var steps = Recurrences.Steps.create(3, 2, 4, 6);
            assertThatThrownBy(() -> Recurrences.pack(l.weightHh, 3))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageContaining("weightHh of 3 gates must be [3·H, H], got [24, 6]");
            assertThatThrownBy(
                            () ->
                                    Recurrences.lstm(
                                            l.x,
                                            l.weightIh,
                                            l.weightHh,
                                            l.biasIh,
                                            l.biasHh,
                                            l.h0,
                                            l.c0,
                                            false,
                                            steps))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageContaining(
                            "packedHh must be what Recurrences.pack makes of [24, 6]");
            Tensor packed = Recurrences.pack(l.weightHh, 4);
            var short1 = Recurrences.Steps.create(2, 2, 4, 6);
            assertThatThrownBy(
                            () ->
                                    Recurrences.lstm(
                                            l.x,
                                            l.weightIh,
                                            packed,
                                            l.biasIh,
                                            l.biasHh,
                                            l.h0,
                                            l.c0,
                                            false,
                                            short1))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageContaining("output must be [3, 2, 6], got [2, 2, 6]");
        }
    }
}
