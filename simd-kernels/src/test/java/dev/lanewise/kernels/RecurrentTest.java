package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/**
 * LSTM and GRU against the formulas in double precision, their gradients against central
 * differences of those.
 */
class RecurrentTest {

    /** The sizes of a layer, and what it starts from. */
    private static final class Layer {
        final int gates;
        final int steps;
        final int batch;
        final int hidden;
        final float[] projections;
        final float[] weight;
        final float[] bias;
        final float[] h0;
        final float[] c0;

        /** The gradient of every h, and of the last state. */
        final float[] dOut;

        final float[] dH;
        final float[] dC;

        Layer(int gates, int steps, int batch, int hidden, long seed) {
            this.gates = gates;
            this.steps = steps;
            this.batch = batch;
            this.hidden = hidden;
            projections = values(seed, 1, steps * state() * gates, 1.5);
            weight = values(seed, 2, gates * hidden * hidden, 0.6);
            bias = values(seed, 3, gates * hidden, 0.5);
            h0 = values(seed, 4, state(), 1);
            c0 = values(seed, 5, state(), 1);
            dOut = values(seed, 6, steps * state(), 1);
            dH = values(seed, 7, state(), 1);
            dC = values(seed, 8, state(), 1);
        }

        private static float[] values(long seed, int key, int n, double range) {
            SplittableRandom random = new SplittableRandom(seed * 31 + key);
            float[] x = new float[n];
            for (int i = 0; i < n; i++) {
                x[i] = (float) (range * (2 * random.nextDouble() - 1));
            }
            return x;
        }

        int state() {
            return batch * hidden;
        }
    }

    /** What the formulas give. */
    private record States(double[] h, double[] c) {
        /** Σ dOut ∘ h + dH ∘ h(last) + dC ∘ c(last). */
        double loss(Layer layer) {
            float[] dOut = layer.dOut;
            double sum = 0;
            for (int i = 0; i < dOut.length; i++) {
                sum += dOut[i] * h[i];
            }
            int last = (layer.steps - 1) * layer.state();
            for (int i = 0; i < layer.state(); i++) {
                sum += layer.dH[i] * h[last + i];
                sum += c == null ? 0 : layer.dC[i] * c[last + i];
            }
            return sum;
        }
    }

    private static double sigmoid(double x) {
        return 1 / (1 + StrictMath.exp(-x));
    }

    private static double[] doubles(float[] x) {
        double[] result = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            result[i] = x[i];
        }
        return result;
    }

    private static double product(Layer layer, int unit, double[] h, int from) {
        float[] weight = layer.weight;
        double sum = 0;
        for (int u = 0; u < layer.hidden; u++) {
            sum += weight[unit * layer.hidden + u] * h[from + u];
        }
        return sum;
    }

    private static double[] before(double[] first, double[] all, int step, int state) {
        double[] result = new double[state];
        System.arraycopy(step == 0 ? first : all, Math.max(0, step - 1) * state, result, 0, state);
        return result;
    }

    private static States lstm(Layer layer, double[] x, double[] h0, double[] c0) {
        int hidden = layer.hidden;
        int state = layer.state();
        double[] h = new double[layer.steps * state];
        double[] c = new double[layer.steps * state];
        for (int t = 0; t < layer.steps; t++) {
            double[] hBefore = before(h0, h, t, state);
            double[] cBefore = before(c0, c, t, state);
            for (int row = 0; row < layer.batch; row++) {
                for (int u = 0; u < hidden; u++) {
                    double[] a = new double[4];
                    for (int gate = 0; gate < 4; gate++) {
                        int unit = gate * hidden + u;
                        a[gate] =
                                x[(t * layer.batch + row) * 4 * hidden + unit]
                                        + product(layer, unit, hBefore, row * hidden);
                    }
                    int at = t * state + row * hidden + u;
                    c[at] =
                            sigmoid(a[1]) * cBefore[row * hidden + u]
                                    + sigmoid(a[0]) * StrictMath.tanh(a[2]);
                    h[at] = sigmoid(a[3]) * StrictMath.tanh(c[at]);
                }
            }
        }
        return new States(h, c);
    }

    /** {@code b}: what is added to the products, [steps, batch, 3 · hidden]. */
    private static States gru(Layer layer, double[] x, double[] b, double[] h0) {
        int hidden = layer.hidden;
        int state = layer.state();
        double[] h = new double[layer.steps * state];
        for (int t = 0; t < layer.steps; t++) {
            double[] hBefore = before(h0, h, t, state);
            for (int row = 0; row < layer.batch; row++) {
                for (int u = 0; u < hidden; u++) {
                    int line = (t * layer.batch + row) * 3 * hidden;
                    double[] p = new double[3];
                    for (int gate = 0; gate < 3; gate++) {
                        int unit = gate * hidden + u;
                        p[gate] = b[line + unit] + product(layer, unit, hBefore, row * hidden);
                    }
                    double r = sigmoid(x[line + u] + p[0]);
                    double z = sigmoid(x[line + hidden + u] + p[1]);
                    double n = StrictMath.tanh(x[line + 2 * hidden + u] + r * p[2]);
                    h[t * state + row * hidden + u] = (1 - z) * n + z * hBefore[row * hidden + u];
                }
            }
        }
        return new States(h, null);
    }

    private static double[] biases(Layer layer) {
        float[] bias = layer.bias;
        double[] b = new double[layer.steps * layer.batch * bias.length];
        for (int i = 0; i < b.length; i++) {
            b[i] = bias[i % bias.length];
        }
        return b;
    }

    private interface Loss {
        double of(double[] x);
    }

    /** Central differences in every element. */
    private static double[] gradient(double[] x, Loss loss) {
        double[] result = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            double value = x[i];
            x[i] = value + 1e-5;
            double up = loss.of(x);
            x[i] = value - 1e-5;
            double down = loss.of(x);
            x[i] = value;
            result[i] = (up - down) / 2e-5;
        }
        return result;
    }

    /** The results of the kernels; backwards in time, and with gaps in the output, if asked. */
    private static final class Run {
        final float[] h;
        final float[] c;
        final float[] dGates;
        final float[] dProducts;
        final float[] dH;
        final float[] dC;

        Run(Kernels kernels, Layer l, boolean reverse, int gap) {
            Recurrent recurrent = kernels.recurrent();
            long state = l.state();
            long row = l.hidden + gap;
            long sign = reverse ? -1 : 1;
            long last = reverse ? l.steps - 1 : 0;
            long gateStep = state * l.gates;
            long outStep = l.batch * row;
            try (Arena arena = Arena.ofShared()) {
                MemorySegment gates = arena.allocate(4 * l.steps * gateStep);
                MemorySegment dOut = arena.allocate(4 * l.steps * outStep);
                for (int t = 0; t < l.steps; t++) {
                    long place = last + sign * t;
                    MemorySegment.copy(
                            l.projections,
                            (int) (t * gateStep),
                            gates,
                            JAVA_FLOAT,
                            4 * place * gateStep,
                            (int) gateStep);
                    for (int i = 0; i < l.batch; i++) {
                        MemorySegment.copy(
                                l.dOut,
                                (t * l.batch + i) * l.hidden,
                                dOut,
                                JAVA_FLOAT,
                                4 * (place * outStep + i * row),
                                l.hidden);
                    }
                }
                MemorySegment weight = arena.allocateFrom(JAVA_FLOAT, l.weight);
                MemorySegment packed =
                        arena.allocate(4 * recurrent.packedSize(l.gates, l.hidden), 64);
                recurrent.packWeight(weight, 0, l.gates, l.hidden, packed, 0);
                MemorySegment bias = arena.allocateFrom(JAVA_FLOAT, l.bias);
                MemorySegment h0 = arena.allocateFrom(JAVA_FLOAT, l.h0);
                MemorySegment c0 = arena.allocateFrom(JAVA_FLOAT, l.c0);
                MemorySegment dh = arena.allocateFrom(JAVA_FLOAT, l.dH);
                MemorySegment dc = arena.allocateFrom(JAVA_FLOAT, l.dC);
                MemorySegment cells = arena.allocate(4 * l.steps * state);
                MemorySegment out = arena.allocate(4 * l.steps * outStep);
                MemorySegment products = arena.allocate(4 * l.steps * gateStep);
                MemorySegment workspace =
                        arena.allocate(
                                4 * recurrent.workspaceSize(l.gates, l.batch, l.hidden) + 64, 64);
                long g = last * gateStep;
                long s = last * state;
                long o = last * outStep;
                if (l.gates == 4) {
                    recurrent.lstm(
                            packed,
                            0,
                            h0,
                            0,
                            c0,
                            0,
                            l.steps,
                            l.batch,
                            l.hidden,
                            workspace,
                            0,
                            gates,
                            g,
                            sign * gateStep,
                            cells,
                            s,
                            sign * state,
                            out,
                            o,
                            sign * outStep,
                            row);
                    recurrent.lstmGradient(
                            gates,
                            g,
                            sign * gateStep,
                            weight,
                            0,
                            c0,
                            0,
                            cells,
                            s,
                            sign * state,
                            dOut,
                            o,
                            sign * outStep,
                            row,
                            l.steps,
                            l.batch,
                            l.hidden,
                            workspace,
                            0,
                            gates,
                            g,
                            sign * gateStep,
                            dh,
                            0,
                            dc,
                            0);
                } else {
                    recurrent.gru(
                            packed,
                            0,
                            bias,
                            0,
                            h0,
                            0,
                            l.steps,
                            l.batch,
                            l.hidden,
                            workspace,
                            0,
                            gates,
                            g,
                            sign * gateStep,
                            cells,
                            s,
                            sign * state,
                            out,
                            o,
                            sign * outStep,
                            row);
                    recurrent.gruGradient(
                            gates,
                            g,
                            sign * gateStep,
                            cells,
                            s,
                            sign * state,
                            weight,
                            0,
                            h0,
                            0,
                            out,
                            o,
                            sign * outStep,
                            row,
                            dOut,
                            o,
                            sign * outStep,
                            row,
                            l.steps,
                            l.batch,
                            l.hidden,
                            workspace,
                            0,
                            gates,
                            g,
                            sign * gateStep,
                            products,
                            g,
                            sign * gateStep,
                            dh,
                            0);
                }
                h = steps(l, out, reverse, row, l.hidden);
                c = steps(l, cells, reverse, l.hidden, l.hidden);
                dGates = steps(l, gates, reverse, l.gates * l.hidden, l.gates * l.hidden);
                dProducts = steps(l, products, reverse, l.gates * l.hidden, l.gates * l.hidden);
                dH = dh.toArray(JAVA_FLOAT);
                dC = dc.toArray(JAVA_FLOAT);
            }
        }

        /** The rows in the order of the steps, without gaps. */
        private static float[] steps(
                Layer l, MemorySegment x, boolean reverse, long row, int columns) {
            float[] result = new float[l.steps * l.batch * columns];
            for (int t = 0; t < l.steps; t++) {
                long place = reverse ? l.steps - 1 - t : t;
                for (int i = 0; i < l.batch; i++) {
                    MemorySegment.copy(
                            x,
                            JAVA_FLOAT,
                            4 * (place * l.batch + i) * row,
                            result,
                            (t * l.batch + i) * columns,
                            columns);
                }
            }
            return result;
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1", "4, 1, 5", "3, 2, 17", "3, 3, 4", "2, 7, 16", "2, 4, 33"})
    void lstmFollowsTheFormulas(int steps, int batch, int hidden) {
        Layer layer = new Layer(4, steps, batch, hidden, 9);
        double[] x = doubles(layer.projections);
        double[] h0 = doubles(layer.h0);
        double[] c0 = doubles(layer.c0);
        States expected = lstm(layer, x, h0, c0);
        double[] dX = gradient(x, v -> lstm(layer, v, h0, c0).loss(layer));
        double[] dH = gradient(h0, v -> lstm(layer, x, v, c0).loss(layer));
        double[] dC = gradient(c0, v -> lstm(layer, x, h0, v).loss(layer));
        Bundles.all()
                .forEach(
                        kernels -> {
                            Run run = new Run(kernels, layer, false, 0);
                            close(kernels, "h", expected.h, run.h, 1e-5);
                            close(kernels, "c", expected.c, run.c, 1e-5);
                            close(kernels, "dGates", dX, run.dGates, 1e-4);
                            close(kernels, "dH", dH, run.dH, 1e-4);
                            close(kernels, "dC", dC, run.dC, 1e-4);
                        });
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1", "4, 1, 5", "3, 2, 17", "3, 3, 4", "2, 7, 16", "2, 4, 33"})
    void gruFollowsTheFormulas(int steps, int batch, int hidden) {
        Layer layer = new Layer(3, steps, batch, hidden, 10);
        double[] x = doubles(layer.projections);
        double[] b = biases(layer);
        double[] h0 = doubles(layer.h0);
        States expected = gru(layer, x, b, h0);
        double[] dX = gradient(x, v -> gru(layer, v, b, h0).loss(layer));
        double[] dB = gradient(b, v -> gru(layer, x, v, h0).loss(layer));
        double[] dH = gradient(h0, v -> gru(layer, x, b, v).loss(layer));
        Bundles.all()
                .forEach(
                        kernels -> {
                            Run run = new Run(kernels, layer, false, 0);
                            close(kernels, "h", expected.h, run.h, 1e-5);
                            close(kernels, "dGates", dX, run.dGates, 1e-4);
                            close(kernels, "dProducts", dB, run.dProducts, 1e-4);
                            close(kernels, "dH", dH, run.dH, 1e-4);
                        });
    }

    private static void close(
            Kernels kernels, String what, double[] expected, float[] actual, double by) {
        assertThat(actual).hasSize(expected.length);
        for (int i = 0; i < actual.length; i++) {
            if (!(Math.abs(expected[i] - actual[i]) <= by * (1 + Math.abs(expected[i])))) {
                throw new AssertionError(
                        "%s %s %d: expected %g, got %g"
                                .formatted(kernels.backend(), what, i, expected[i], actual[i]));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"4, 1", "4, 5", "3, 1", "3, 5"})
    void readsBackwardsAndWritesIntoWiderRows(int gates, int batch) {
        Layer layer = new Layer(gates, 4, batch, 19, 2);
        Bundles.all()
                .forEach(
                        kernels -> {
                            Run plain = new Run(kernels, layer, false, 0);
                            Run other = new Run(kernels, layer, true, 19);
                            assertThat(other.h).isEqualTo(plain.h);
                            assertThat(other.c).isEqualTo(plain.c);
                            assertThat(other.dGates).isEqualTo(plain.dGates);
                            assertThat(other.dH).isEqualTo(plain.dH);
                            assertThat(other.dC).isEqualTo(plain.dC);
                        });
    }

    /** A row's result does not depend on the rows beside it, past the few that go one by one. */
    @Test
    void batchesMayBeCut() {
        int few = Kernels.active().recurrent().fewRows();
        Layer one = new Layer(4, 1, few + 1, 20, 3);
        Layer many = new Layer(4, 1, 5 * (few + 1), 20, 3);
        Run first = new Run(Kernels.active(), one, false, 0);
        Run all = new Run(Kernels.active(), many, false, 0);
        for (int i = 0; i < first.h.length; i++) {
            assertThat(all.h[i]).isEqualTo(first.h[i]);
            assertThat(all.c[i]).isEqualTo(first.c[i]);
        }
    }
}
