package dev.lanewise.samples;

import dev.lanewise.core.Scope;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.WarmUp;
import dev.lanewise.nn.Layer;
import dev.lanewise.nn.autograd.Variable;

import java.time.Duration;
import java.util.Arrays;

/**
 * How long a model takes to answer for one input, on the caller's thread.
 *
 * @param p50Micros half of the calls are at most this long, in microseconds
 * @param p99Micros 99 of 100 calls are
 * @param steady whether the JIT had nothing left to do before
 */
record Latency(double p50Micros, double p99Micros, boolean steady) {
    private static final Duration WARM_UP = Duration.ofSeconds(6);

    /** A call records nothing, but makes objects for its operations. */
    private static final long HEAP_BYTES = 1 << 16;

    private static final int CALLS = 2_000;

    /** Measures after a warm-up; {@code input} is a batch of one. */
    static Latency of(Layer model, Tensor input) {
        boolean steady =
                WarmUp.of(() -> call(model, input))
                        .limit(WARM_UP)
                        .allowBytes(HEAP_BYTES)
                        .run()
                        .steady();
        double[] micros = new double[CALLS];
        for (int i = 0; i < CALLS; i++) {
            micros[i] = call(model, input) * 1e-3;
        }
        Arrays.sort(micros);
        return new Latency(micros[CALLS / 2], micros[CALLS * 99 / 100], steady);
    }

    private static long call(Layer model, Tensor input) {
        long start = System.nanoTime();
        try (Scope _ = Scope.open()) {
            model.forward(Variable.of(input));
        }
        return System.nanoTime() - start;
    }
}
