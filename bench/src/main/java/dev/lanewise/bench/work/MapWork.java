package dev.lanewise.bench.work;

import dev.lanewise.kernels.Kernels;

import java.lang.foreign.Arena;
import java.util.Locale;

/**
 * A function of each of n elements.
 *
 * @param function which
 * @param n elements
 */
public record MapWork(Function function, int n) implements Work {

    /** The functions that peers have too. */
    public enum Function {
        /** a + b. */
        ADD(1),
        /** max(a, 0). */
        RELU(1),
        /** eᵃ. */
        EXP(22),
        /** tanh a. */
        TANH(34),
        /** 1 / (1 + e⁻ᵃ). */
        SIGMOID(34),
        /** a · Φ(a). */
        GELU(54);

        /** Floating-point operations per element: those of the kernel table. */
        private final int flops;

        Function(int flops) {
            this.flops = flops;
        }
    }

    @Override
    public String id() {
        return function.toString().toLowerCase(Locale.ROOT) + "/" + n;
    }

    @Override
    public double flops() {
        return (double) function.flops * n;
    }

    @Override
    public double bytes() {
        return (function == Function.ADD ? 12.0 : 8.0) * n;
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
        return switch (function) {
            case ADD -> () -> kernels.arithmetic().add(data.a(), 0, data.b(), 0, n, data.out(), 0);
            case RELU -> () -> kernels.activation().relu(data.a(), 0, n, data.out(), 0);
            case EXP -> () -> kernels.transcendental().exp(data.a(), 0, n, data.out(), 0);
            case TANH -> () -> kernels.transcendental().tanh(data.a(), 0, n, data.out(), 0);
            case SIGMOID -> () -> kernels.transcendental().sigmoid(data.a(), 0, n, data.out(), 0);
            case GELU -> () -> kernels.activation().gelu(data.a(), 0, n, data.out(), 0);
        };
    }
}
