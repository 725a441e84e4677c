package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/** Optimizer updates over several steps against the published formulas in double precision. */
class OptimizerUpdateTest {
    private static final int N = 37;
    private static final int STEPS = 12;
    private static final double RATE = 0.05;

    private final SplittableRandom random = new SplittableRandom(7);
    private final double[] w = uniform();
    private final double[] m = new double[N];
    private final double[] v = new double[N];
    private final double[] u = new double[N];

    private double[] uniform() {
        double[] values = new double[N];
        for (int i = 0; i < N; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return values;
    }

    /** One step of the reference; changes w, m and v. */
    private interface Reference {
        void step(double[] g, int t);
    }

    /** One step of the kernel on segments g, m, v, w. */
    private interface Kernel {
        void step(MemorySegment g, MemorySegment m, MemorySegment v, MemorySegment w, int t);
    }

    private void check(Reference reference, Kernel kernel) {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment gs = arena.allocate(4 * N, 64);
            MemorySegment ms = arena.allocate(4 * N, 64);
            MemorySegment vs = arena.allocate(4 * N, 64);
            MemorySegment ws = arena.allocate(4 * N, 64);
            for (int i = 0; i < N; i++) {
                ws.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) w[i]);
            }
            double[] before = w.clone();
            for (int t = 1; t <= STEPS; t++) {
                double[] g = uniform();
                for (int i = 0; i < N; i++) {
                    gs.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) g[i]);
                }
                reference.step(g, t);
                kernel.step(gs, ms, vs, ws, t);
                for (int i = 0; i < N; i++) {
                    assertThat((double) ws.getAtIndex(ValueLayout.JAVA_FLOAT, i))
                            .as("step %d, element %d", t, i)
                            .isCloseTo(w[i], within(2e-6 * t));
                }
            }
            assertThat(w).isNotEqualTo(before);
        }
    }

    private static OptimizerUpdate kernels() {
        return Kernels.active().optimizer();
    }

    @Test
    void sgd() {
        check(
                (g, t) -> {
                    for (int i = 0; i < N; i++) {
                        w[i] -= RATE * (g[i] + 0.1 * w[i]);
                    }
                },
                (g, ms, vs, ws, t) -> kernels().sgd(g, 0, N, (float) RATE, 0.1f, ws, 0));
    }

    @ParameterizedTest
    @CsvSource({"0, false", "0, true", "0.3, false"})
    void momentum(float dampening, boolean nesterov) {
        check(
                (g, t) -> {
                    for (int i = 0; i < N; i++) {
                        double decayed = g[i] + 0.01 * w[i];
                        v[i] = 0.9 * v[i] + (1 - dampening) * decayed;
                        w[i] -= RATE * (nesterov ? decayed + 0.9 * v[i] : v[i]);
                    }
                },
                (g, ms, vs, ws, t) ->
                        kernels()
                                .momentum(
                                        g,
                                        0,
                                        N,
                                        (float) RATE,
                                        0.01f,
                                        0.9f,
                                        dampening,
                                        nesterov,
                                        vs,
                                        0,
                                        ws,
                                        0));
    }

    @ParameterizedTest
    @CsvSource({"0, false", "0.1, false", "0.1, true"})
    void adam(float decay, boolean decoupled) {
        check(
                (g, t) -> {
                    for (int i = 0; i < N; i++) {
                        double gradient = decoupled ? g[i] : g[i] + decay * w[i];
                        if (decoupled) {
                            w[i] *= 1 - RATE * decay;
                        }
                        m[i] = 0.9 * m[i] + 0.1 * gradient;
                        v[i] = 0.99 * v[i] + 0.01 * gradient * gradient;
                        double mean = m[i] / (1 - Math.pow(0.9, t));
                        double square = v[i] / (1 - Math.pow(0.99, t));
                        w[i] -= RATE * mean / (Math.sqrt(square) + 1e-8);
                    }
                },
                (g, ms, vs, ws, t) ->
                        kernels()
                                .adam(
                                        g,
                                        0,
                                        N,
                                        (float) RATE,
                                        decay,
                                        decoupled,
                                        0.9f,
                                        0.99f,
                                        1e-8f,
                                        (float) (1 - Math.pow(0.9, t)),
                                        (float) (1 - Math.pow(0.99, t)),
                                        ms,
                                        0,
                                        vs,
                                        0,
                                        ws,
                                        0));
    }

    @Test
    void rmsProp() {
        check(
                (g, t) -> {
                    for (int i = 0; i < N; i++) {
                        double gradient = g[i] + 0.01 * w[i];
                        v[i] = 0.9 * v[i] + 0.1 * gradient * gradient;
                        w[i] -= RATE * gradient / (Math.sqrt(v[i]) + 1e-5);
                    }
                },
                (g, ms, vs, ws, t) ->
                        kernels().rmsProp(g, 0, N, (float) RATE, 0.01f, 0.9f, 1e-5f, vs, 0, ws, 0));
    }

    @Test
    void adagrad() {
        check(
                (g, t) -> {
                    for (int i = 0; i < N; i++) {
                        double gradient = g[i] + 0.01 * w[i];
                        v[i] += gradient * gradient;
                        w[i] -= RATE * gradient / (Math.sqrt(v[i]) + 1e-5);
                    }
                },
                (g, ms, vs, ws, t) ->
                        kernels().adagrad(g, 0, N, (float) RATE, 0.01f, 1e-5f, vs, 0, ws, 0));
    }

    @ParameterizedTest
    @CsvSource({"false, 0.9", "true, 0.9", "true, 0"})
    void rmsPropMomentum(boolean centered, float momentum) {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment mean = arena.allocate(4 * N, 64);
            check(
                    (g, t) -> {
                        for (int i = 0; i < N; i++) {
                            double gradient = g[i] + 0.01 * w[i];
                            v[i] = 0.9 * v[i] + 0.1 * gradient * gradient;
                            u[i] = 0.9 * u[i] + 0.1 * gradient;
                            double variance = centered ? v[i] - u[i] * u[i] : v[i];
                            m[i] = momentum * m[i] + gradient / (Math.sqrt(variance) + 0.1);
                            w[i] -= 0.01f * m[i];
                        }
                    },
                    (g, ms, vs, ws, t) ->
                            kernels()
                                    .rmsPropMomentum(
                                            g, 0, N, 0.01f, 0.01f, 0.9f, 0.1f, momentum, centered,
                                            vs, 0, mean, 0, ms, 0, ws, 0));
        }
    }

    @Test
    void adadelta() {
        check(
                (g, t) -> {
                    for (int i = 0; i < N; i++) {
                        double gradient = g[i] + 0.01 * w[i];
                        v[i] = 0.9 * v[i] + 0.1 * gradient * gradient;
                        double step = Math.sqrt(m[i] + 1e-4) / Math.sqrt(v[i] + 1e-4) * gradient;
                        m[i] = 0.9 * m[i] + 0.1 * step * step;
                        w[i] -= RATE * step;
                    }
                },
                (g, ms, vs, ws, t) ->
                        kernels()
                                .adadelta(
                                        g,
                                        0,
                                        N,
                                        (float) RATE,
                                        0.01f,
                                        0.9f,
                                        1e-4f,
                                        vs,
                                        0,
                                        ms,
                                        0,
                                        ws,
                                        0));
    }

    @Test
    void lion() {
        check(
                (g, t) -> {
                    for (int i = 0; i < N; i++) {
                        double sign = Math.signum(0.9 * m[i] + 0.1 * g[i]);
                        w[i] = (1 - RATE * 0.1) * w[i] - RATE * sign;
                        m[i] = 0.99 * m[i] + 0.01 * g[i];
                    }
                },
                (g, ms, vs, ws, t) ->
                        kernels().lion(g, 0, N, (float) RATE, 0.1f, 0.9f, 0.99f, ms, 0, ws, 0));
    }

    @Test
    void theSignOfZeroIsZeroInLion() {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment zeros = arena.allocate(4 * N, 64);
            MemorySegment weights = arena.allocate(4 * N, 64);
            kernels().lion(zeros, 0, N, 0.5f, 0, 0.9f, 0.99f, zeros, 0, weights, 0);
            for (int i = 0; i < N; i++) {
                assertThat(weights.getAtIndex(ValueLayout.JAVA_FLOAT, i)).isZero();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0.1, false", "0.1, true"})
    void amsGrad(float decay, boolean decoupled) {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment largest = arena.allocate(4 * N, 64);
            check(
                    (g, t) -> {
                        for (int i = 0; i < N; i++) {
                            double gradient = decoupled ? g[i] : g[i] + decay * w[i];
                            w[i] *= decoupled ? 1 - RATE * decay : 1;
                            m[i] = 0.9 * m[i] + 0.1 * gradient;
                            v[i] = 0.8 * v[i] + 0.2 * gradient * gradient;
                            u[i] = Math.max(u[i], v[i]);
                            double mean = m[i] / (1 - Math.pow(0.9, t));
                            double root = Math.sqrt(u[i] / (1 - Math.pow(0.8, t)));
                            w[i] -= RATE * mean / (root + 1e-8);
                        }
                    },
                    (g, ms, vs, ws, t) ->
                            kernels()
                                    .amsGrad(
                                            g,
                                            0,
                                            N,
                                            (float) RATE,
                                            decay,
                                            decoupled,
                                            0.9f,
                                            0.8f,
                                            1e-8f,
                                            (float) (1 - Math.pow(0.9, t)),
                                            (float) (1 - Math.pow(0.8, t)),
                                            ms,
                                            0,
                                            vs,
                                            0,
                                            largest,
                                            0,
                                            ws,
                                            0));
        }
    }

    @Test
    void adamMixed() {
        check(
                (g, t) -> {
                    for (int i = 0; i < N; i++) {
                        double gradient = g[i] + 0.01 * w[i];
                        m[i] = 0.9 * m[i] + 0.1 * gradient;
                        v[i] = 0.8 * v[i] + 0.2 * gradient * gradient;
                        double step = 0.02 * gradient + 0.03 * m[i];
                        w[i] = 0.99 * w[i] - step / (1.5 * Math.sqrt(v[i]) + 0.01);
                    }
                },
                (g, ms, vs, ws, t) ->
                        kernels()
                                .adamMixed(
                                        g, 0, N, 0.01f, 0.99f, 0.9f, 0.8f, 0.02f, 0.03f, 1.5f,
                                        0.01f, ms, 0, vs, 0, ws, 0));
    }
}
