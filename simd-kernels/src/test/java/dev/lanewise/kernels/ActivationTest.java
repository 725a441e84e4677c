package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/** Activations against double-precision formulas, gradients against their central differences. */
class ActivationTest {
    private static final float SLOPE = 0.2f;

    /**
     * An activation with its gradient.
     *
     * @param name the function
     * @param formula in double
     * @param forward the kernel, or null where it has an ULP test of its own
     * @param gradient the kernel
     * @param fromOutput whether the gradient takes y = f(x) instead of x
     * @param kinks where f has no derivative
     */
    record Case(
            String name,
            DoubleUnaryOperator formula,
            Forward forward,
            Gradient gradient,
            boolean fromOutput,
            double... kinks) {
        @Override
        public String toString() {
            return name;
        }
    }

    @FunctionalInterface
    interface Forward {
        void run(Kernels kernels, MemorySegment x, long n, MemorySegment out);
    }

    @FunctionalInterface
    interface Gradient {
        void run(Activation family, MemorySegment x, MemorySegment dy, long n, MemorySegment dx);
    }

    static List<Case> cases() {
        return List.of(
                new Case(
                        "relu",
                        x -> Math.max(x, 0),
                        (k, x, n, o) -> k.activation().relu(x, 0, n, o, 0),
                        (f, x, dy, n, dx) -> f.reluGradient(x, 0, dy, 0, n, dx, 0),
                        false,
                        0),
                new Case(
                        "leakyRelu",
                        x -> x > 0 ? x : (double) SLOPE * x,
                        (k, x, n, o) -> k.activation().leakyRelu(x, 0, n, SLOPE, o, 0),
                        (f, x, dy, n, dx) -> f.leakyReluGradient(x, 0, dy, 0, n, SLOPE, dx, 0),
                        false,
                        0),
                new Case(
                        "elu",
                        x -> x > 0 ? x : (double) SLOPE * StrictMath.expm1(x),
                        (k, x, n, o) -> k.activation().elu(x, 0, n, SLOPE, o, 0),
                        (f, x, dy, n, dx) -> f.eluGradient(x, 0, dy, 0, n, SLOPE, dx, 0),
                        false,
                        0),
                new Case(
                        "selu",
                        ReferenceFunctions::selu,
                        (k, x, n, o) -> k.activation().selu(x, 0, n, o, 0),
                        (f, x, dy, n, dx) -> f.seluGradient(x, 0, dy, 0, n, dx, 0),
                        false,
                        0),
                new Case(
                        "gelu",
                        ReferenceFunctions::gelu,
                        (k, x, n, o) -> k.activation().gelu(x, 0, n, o, 0),
                        (f, x, dy, n, dx) -> f.geluGradient(x, 0, dy, 0, n, dx, 0),
                        false),
                new Case(
                        "geluTanh",
                        x ->
                                0.5
                                        * x
                                        * (1
                                                + StrictMath.tanh(
                                                        Math.sqrt(2 / Math.PI)
                                                                * (x + 0.044715 * x * x * x))),
                        (k, x, n, o) -> k.activation().geluTanh(x, 0, n, o, 0),
                        (f, x, dy, n, dx) -> f.geluTanhGradient(x, 0, dy, 0, n, dx, 0),
                        false),
                new Case(
                        "silu",
                        ReferenceFunctions::silu,
                        (k, x, n, o) -> k.activation().silu(x, 0, n, o, 0),
                        (f, x, dy, n, dx) -> f.siluGradient(x, 0, dy, 0, n, dx, 0),
                        false),
                new Case(
                        "softplus",
                        ReferenceFunctions::softplus,
                        (k, x, n, o) -> k.activation().softplus(x, 0, n, o, 0),
                        (f, x, dy, n, dx) -> f.softplusGradient(x, 0, dy, 0, n, dx, 0),
                        false),
                new Case(
                        "hardTanh",
                        x -> Math.min(Math.max(x, -1), 1),
                        (k, x, n, o) -> k.activation().hardTanh(x, 0, n, o, 0),
                        (f, x, dy, n, dx) -> f.hardTanhGradient(x, 0, dy, 0, n, dx, 0),
                        false,
                        -1,
                        1),
                new Case(
                        "hardSigmoid",
                        ActivationTest::hardSigmoid,
                        (k, x, n, o) -> k.activation().hardSigmoid(x, 0, n, o, 0),
                        (f, x, dy, n, dx) -> f.hardSigmoidGradient(x, 0, dy, 0, n, dx, 0),
                        false,
                        -3,
                        3),
                new Case(
                        "hardSwish",
                        x -> x * hardSigmoid(x),
                        (k, x, n, o) -> k.activation().hardSwish(x, 0, n, o, 0),
                        (f, x, dy, n, dx) -> f.hardSwishGradient(x, 0, dy, 0, n, dx, 0),
                        false,
                        -3,
                        3),
                new Case(
                        "sigmoid",
                        ReferenceFunctions::sigmoid,
                        (k, x, n, o) -> k.transcendental().sigmoid(x, 0, n, o, 0),
                        (f, y, dy, n, dx) -> f.sigmoidGradient(y, 0, dy, 0, n, dx, 0),
                        true),
                new Case(
                        "tanh",
                        StrictMath::tanh,
                        (k, x, n, o) -> k.transcendental().tanh(x, 0, n, o, 0),
                        (f, y, dy, n, dx) -> f.tanhGradient(y, 0, dy, 0, n, dx, 0),
                        true));
    }

    private static double hardSigmoid(double x) {
        return Math.min(Math.max(x / 6 + 0.5, 0), 1);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void forwardFollowsTheFormula(Case activation) {
        int n = 4001;
        for (Kernels kernels : List.of(Kernels.scalar(), Kernels.active())) {
            try (Arena arena = Arena.ofShared()) {
                MemorySegment x = grid(arena, n);
                MemorySegment out = arena.allocate(4L * n, 64);
                activation.forward().run(kernels, x, n, out);
                for (int i = 0; i < n; i++) {
                    double input = x.getAtIndex(JAVA_FLOAT, i);
                    double expected = activation.formula().applyAsDouble(input);
                    assertThat((double) out.getAtIndex(JAVA_FLOAT, i))
                            .as("%s(%s) on %s", activation, input, kernels.backend())
                            .isCloseTo(expected, offset(2e-7 * Math.abs(expected) + 1.5e-7));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradientIsTheDerivative(Case activation) {
        int n = 4001;
        for (Kernels kernels : List.of(Kernels.scalar(), Kernels.active())) {
            try (Arena arena = Arena.ofShared()) {
                MemorySegment x = grid(arena, n);
                MemorySegment dy = arena.allocate(4L * n, 64);
                for (int i = 0; i < n; i++) {
                    dy.setAtIndex(JAVA_FLOAT, i, (i % 7 - 3) * 0.75f);
                }
                MemorySegment point = x;
                if (activation.fromOutput()) {
                    point = arena.allocate(4L * n, 64);
                    activation.forward().run(kernels, x, n, point);
                }
                MemorySegment dx = arena.allocate(4L * n, 64);
                activation.gradient().run(kernels.activation(), point, dy, n, dx);
                for (int i = 0; i < n; i++) {
                    double at = x.getAtIndex(JAVA_FLOAT, i);
                    if (isKink(activation, at)) {
                        continue;
                    }
                    double expected = dy.getAtIndex(JAVA_FLOAT, i) * slope(activation, at);
                    assertThat((double) dx.getAtIndex(JAVA_FLOAT, i))
                            .as("%s'(%s) on %s", activation, at, kernels.backend())
                            .isCloseTo(expected, offset(1e-6));
                }
                activation.gradient().run(kernels.activation(), point, dy, n, dy);
                assertThat(dy.mismatch(dx)).as("in place").isEqualTo(-1);
            }
        }
    }

    private static boolean isKink(Case activation, double x) {
        for (double kink : activation.kinks()) {
            if (Math.abs(x - kink) < 1e-4) {
                return true;
            }
        }
        return false;
    }

    private static double slope(Case activation, double x) {
        double h = 1e-5;
        DoubleUnaryOperator f = activation.formula();
        return (f.applyAsDouble(x + h) - f.applyAsDouble(x - h)) / (2 * h);
    }

    private static MemorySegment grid(Arena arena, int n) {
        MemorySegment x = arena.allocate(4L * n, 64);
        for (int i = 0; i < n; i++) {
            x.setAtIndex(JAVA_FLOAT, i, (i - n / 2) * 0.0063f);
        }
        return x;
    }

    @Test
    void kinksTakeTheFlatSide() {
        float[] at = {0f, -0f, -1f, 1f, -3f, 3f};
        assertThat(gradients(at, (f, x, dy, n, dx) -> f.reluGradient(x, 0, dy, 0, n, dx, 0)))
                .startsWith(0f, 0f);
        assertThat(
                        gradients(
                                at,
                                (f, x, dy, n, dx) ->
                                        f.leakyReluGradient(x, 0, dy, 0, n, SLOPE, dx, 0)))
                .startsWith(SLOPE, SLOPE);
        assertThat(gradients(at, (f, x, dy, n, dx) -> f.hardTanhGradient(x, 0, dy, 0, n, dx, 0)))
                .containsExactly(1f, 1f, 0f, 0f, 0f, 0f);
        assertThat(gradients(at, (f, x, dy, n, dx) -> f.hardSigmoidGradient(x, 0, dy, 0, n, dx, 0)))
                .endsWith(0f, 0f);
        assertThat(gradients(at, (f, x, dy, n, dx) -> f.hardSwishGradient(x, 0, dy, 0, n, dx, 0)))
                .endsWith(0f, 1f);
    }

    @Test
    void gradientsKeepTheirLimitsAtInfinity() {
        float[] at = {1f / 0f, -1f / 0f, 3e38f, -3e38f, Float.NaN};
        for (Case activation : cases()) {
            if (activation.fromOutput()
                    || activation.name().equals("leakyRelu")
                    || activation.name().equals("selu")) {
                continue;
            }
            boolean bounded =
                    activation.name().startsWith("hardTanh")
                            || activation.name().equals("hardSigmoid");
            float high = bounded ? 0f : 1f;
            float[] slopes = gradients(at, activation.gradient());
            for (int i = 0; i < 4; i++) {
                float limit = at[i] > 0 ? high : 0f;
                assertThat(slopes[i])
                        .as("%s'(%s)", activation, at[i])
                        .isEqualTo(limit, offset(1e-30f));
            }
        }
    }

    @Test
    void relusPassNaNAndDropNegativeZero() {
        float[] at = {Float.NaN, -0f, -1f / 0f, 1f / 0f};
        assertThat(values(at, (f, x, dy, n, out) -> f.relu(x, 0, n, out, 0)))
                .containsExactly(Float.NaN, 0f, 0f, 1f / 0f);
        assertThat(values(at, (f, x, dy, n, out) -> f.hardTanh(x, 0, n, out, 0)))
                .containsExactly(Float.NaN, -0f, -1f, 1f);
        assertThat(values(at, (f, x, dy, n, out) -> f.heaviside(x, 0, n, out, 0)))
                .containsExactly(0f, 1f, 0f, 1f);
        assertThat(values(at, (f, x, dy, n, out) -> f.hardSwish(x, 0, n, out, 0)))
                .containsExactly(Float.NaN, -0f, 0f, 1f / 0f);
    }

    private static float[] gradients(float[] at, Gradient gradient) {
        return values(at, gradient);
    }

    /** The results for these inputs, dy = 1; both backends must agree on them. */
    private static float[] values(float[] at, Gradient function) {
        float[] scalar = values(Kernels.scalar(), at, function);
        assertThat(values(Kernels.active(), at, function)).isEqualTo(scalar);
        return scalar;
    }

    /** Padded to several vectors, so that the vector code and not only its tail is asked. */
    private static float[] values(Kernels kernels, float[] at, Gradient function) {
        int n = 64;
        try (Arena arena = Arena.ofShared()) {
            MemorySegment x = arena.allocate(4L * n, 64);
            MemorySegment dy = arena.allocate(4L * n, 64);
            MemorySegment dx = arena.allocate(4L * n, 64);
            for (int i = 0; i < n; i++) {
                x.setAtIndex(JAVA_FLOAT, i, i < at.length ? at[i] : 0.5f);
                dy.setAtIndex(JAVA_FLOAT, i, 1f);
            }
            function.run(kernels.activation(), x, dy, n, dx);
            float[] result = new float[at.length];
            for (int i = 0; i < result.length; i++) {
                result[i] = dx.getAtIndex(JAVA_FLOAT, i);
            }
            return result;
        }
    }
}
