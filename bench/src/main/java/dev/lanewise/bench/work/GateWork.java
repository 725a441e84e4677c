package dev.lanewise.bench.work;

import dev.lanewise.kernels.Kernels;

import java.lang.foreign.Arena;

/**
 * A gate, sigmoid(a · {@value #SCALE} + {@value #SHIFT}) · b, of n elements: four kernels, each
 * over whole arrays.
 *
 * @param n elements
 */
public record GateWork(int n) implements Work {
    /** What the first input is multiplied by. */
    public static final float SCALE = 1.7f;

    /** What is added to that. */
    public static final float SHIFT = 0.3f;

    @Override
    public String id() {
        return "gate/" + n;
    }

    @Override
    public double bytes() {
        return 12.0 * n;
    }

    @Override
    public boolean isElementwise() {
        return true;
    }

    @Override
    public Data allocate(Arena arena) {
        return Data.of(arena, n, n, n);
    }

    @Override
    public Runnable prepare(Kernels kernels, Data data, Arena arena) {
        return () -> {
            kernels.arithmetic().multiplyScalar(data.a(), 0, n, SCALE, data.out(), 0);
            kernels.arithmetic().addScalar(data.out(), 0, n, SHIFT, data.out(), 0);
            kernels.transcendental().sigmoid(data.out(), 0, n, data.out(), 0);
            kernels.arithmetic().multiply(data.out(), 0, data.b(), 0, n, data.out(), 0);
        };
    }
}
