package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Every function of one float that has a stated error bound, with a reference in double precision.
 */
public final class ReferenceFunctions {

    /**
     * A kernel, what it should compute, and its bound in ULP of the correctly rounded result.
     *
     * @param name the kernel's name, and the exponent of a power
     * @param kernel evaluates an array
     * @param reference the function in double
     * @param bound the largest error, as the contract states it
     */
    public record Reference(
            String name, ArrayFunction kernel, DoubleUnaryOperator reference, double bound) {

        @Override
        public String toString() {
            return name;
        }
    }

    /** Evaluates n elements of x. */
    @FunctionalInterface
    public interface ArrayFunction {
        void run(Kernels kernels, MemorySegment x, long n, MemorySegment out);
    }

    @FunctionalInterface
    private interface Unary<F> {
        void run(F family, MemorySegment x, long xOffset, long n, MemorySegment out, long o);
    }

    private ReferenceFunctions() {}

    /** All of them, in the order of the contract. */
    public static List<Reference> all() {
        Stream<Reference> functions =
                Stream.of(
                        transcendental("exp", Transcendental::exp, StrictMath::exp, 0.9),
                        transcendental("expm1", Transcendental::expm1, StrictMath::expm1, 1.1),
                        transcendental("log", Transcendental::log, StrictMath::log, 0.96),
                        transcendental("log1p", Transcendental::log1p, StrictMath::log1p, 1.3),
                        transcendental("tanh", Transcendental::tanh, StrictMath::tanh, 1.3),
                        transcendental(
                                "sigmoid",
                                Transcendental::sigmoid,
                                ReferenceFunctions::sigmoid,
                                1.7),
                        transcendental("erf", Transcendental::erf, ReferenceFunctions::erf, 1.02),
                        transcendental(
                                "erfc", Transcendental::erfc, ReferenceFunctions::erfc, 0.52),
                        transcendental("sin", Transcendental::sin, StrictMath::sin, 0.51),
                        transcendental("cos", Transcendental::cos, StrictMath::cos, 0.51),
                        transcendental("sqrt", Transcendental::sqrt, StrictMath::sqrt, 0.5),
                        transcendental(
                                "rsqrt", Transcendental::rsqrt, x -> 1 / StrictMath.sqrt(x), 1.5),
                        activation("gelu", Activation::gelu, ReferenceFunctions::gelu, 0.52),
                        activation(
                                "geluTanh",
                                Activation::geluTanh,
                                ReferenceFunctions::geluTanh,
                                1.98),
                        activation("silu", Activation::silu, ReferenceFunctions::silu, 1.8),
                        activation(
                                "softplus",
                                Activation::softplus,
                                ReferenceFunctions::softplus,
                                1.7),
                        activation("selu", Activation::selu, ReferenceFunctions::selu, 2));
        return Stream.concat(
                        Stream.concat(functions, Stream.of(elu(1), elu(0.3f))),
                        Stream.of(2f, -1f, 0.5f, 3f, -2.5f, 1.37f, 40.1f)
                                .map(ReferenceFunctions::power))
                .toList();
    }

    private static Reference elu(float alpha) {
        return new Reference(
                "elu " + alpha,
                (kernels, x, n, out) -> kernels.activation().elu(x, 0, n, alpha, out, 0),
                x -> x > 0 ? x : alpha * StrictMath.expm1(x),
                2);
    }

    private static Reference power(float y) {
        return new Reference(
                "pow " + y,
                (kernels, x, n, out) -> kernels.transcendental().powScalar(x, 0, n, y, out, 0),
                x -> StrictMath.pow(x, y),
                0.51);
    }

    private static Reference transcendental(
            String name,
            Unary<Transcendental> kernel,
            DoubleUnaryOperator reference,
            double bound) {
        return of(name, Kernels::transcendental, kernel, reference, bound);
    }

    private static Reference activation(
            String name, Unary<Activation> kernel, DoubleUnaryOperator reference, double bound) {
        return of(name, Kernels::activation, kernel, reference, bound);
    }

    private static <F> Reference of(
            String name,
            Function<Kernels, F> family,
            Unary<F> kernel,
            DoubleUnaryOperator reference,
            double bound) {
        return new Reference(
                name,
                (kernels, x, n, out) -> kernel.run(family.apply(kernels), x, 0, n, out, 0),
                reference,
                bound);
    }

    static double sigmoid(double x) {
        return 1 / (1 + StrictMath.exp(-x));
    }

    /** x·sigmoid(x), 0 at −∞. */
    static double silu(double x) {
        return x == Double.NEGATIVE_INFINITY ? -0.0 : x * sigmoid(x);
    }

    static double softplus(double x) {
        return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
    }

    static double selu(double x) {
        double scale = 1.0507009873554805;
        return x > 0 ? scale * x : scale * 1.6732632423543772 * StrictMath.expm1(x);
    }

    /** x·Φ(x), 0 at −∞. */
    static double gelu(double x) {
        return x == Double.NEGATIVE_INFINITY ? -0.0 : x * normal(x);
    }

    /** The tanh form of {@link #gelu}, 0 at −∞. */
    static double geluTanh(double x) {
        double u = 2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
        return x == Double.NEGATIVE_INFINITY ? -0.0 : x * sigmoid(u);
    }

    /** Φ(x). */
    static double normal(double x) {
        return 0.5 * erfc(-x / Math.sqrt(2));
    }

    /** erf x by its series of positive terms, 2/√π·e^(−x²)·Σ 2ⁿx²ⁿ⁺¹/(1·3·...·(2n + 1)). */
    static double erf(double x) {
        if (Math.abs(x) > 3) {
            return Math.signum(x) * (1 - erfc(Math.abs(x)));
        }
        double term = x;
        double sum = x;
        for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.sqrt(Math.PI) * StrictMath.exp(-x * x) * sum;
    }

    /**
     * erfc x: 1 − erf x up to 1, beyond it by the continued fraction e^(−x²)/√π / (x + (1/2)/(x +
     * 1/(x + (3/2)/(x + ...)))), from the tail.
     */
    static double erfc(double x) {
        if (x < 1 || Double.isNaN(x)) {
            return 1 - erf(x);
        }
        double fraction = x;
        for (int k = (int) (20 + 400 / Math.min(x * x, 400)); k > 0; k--) {
            fraction = x + 0.5 * k / fraction;
        }
        return StrictMath.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
    }
}
