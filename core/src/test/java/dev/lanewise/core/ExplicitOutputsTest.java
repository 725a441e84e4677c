package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;

import dev.lanewise.core.testing.NoLeaks;
import dev.lanewise.kernels.FusedActivation;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Operations with an explicit output, on one thread, make no garbage once compiled. */
@ExtendWith(NoLeaks.class)
class ExplicitOutputsTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int CALLS = 100;

    /** Long enough for a loaded machine: C2 has to compile the kernels below an operation. */
    private static final long SECONDS = 30;

    @Test
    void smallOperationsAllocateNothing() {
        check(20, 70, 90, 9);
    }

    /** Work that several threads would share. */
    @Test
    void largeOperationsAllocateNothing() {
        check(900, 100, 300, 40);
    }

    /** One thread takes whole what several share. */
    @Test
    void threadsDoNotChangeBits() {
        try (Scope scope = Scope.open()) {
            Shape shape = Shape.of(3 * Parallel.ELEMENTS + 13);
            RandomStream random = new RandomStream(5);
            Tensor x = scope.randn(shape, random);
            Tensor y = scope.randn(shape, random);
            Map<String, UnaryOperator<Tensor>> calls = new LinkedHashMap<>();
            calls.put("add", out -> Elementwise.add(x, y, out));
            calls.put("number", out -> Elementwise.divide(3, x, out));
            calls.put("clamp", out -> Elementwise.clamp(x, -1, 1, out));
            calls.put("multiplyAdd", out -> Elementwise.multiplyAdd(x, y, x, out));
            calls.put("axpy", out -> Elementwise.axpy(x, 0.3f, Copies.copy(y, out)));
            calls.put("axpby", out -> Elementwise.axpby(x, 0.3f, 0.7f, Copies.copy(y, out)));
            calls.put("tanh", out -> Transcendentals.tanh(x, out));
            calls.put("pow", out -> Transcendentals.pow(x, 3, out));
            calls.put("elu", out -> Activations.elu(x, 0.5f, out));
            calls.put("geluGradient", out -> Activations.geluGradient(x, y, out));
            calls.forEach(
                    (name, call) -> {
                        Tensor alone = call.apply(scope.empty(shape));
                        try (var _ = Workers.usingAll()) {
                            Tensor shared = call.apply(scope.empty(shape));
                            assertThat(shared.contentEquals(alone)).as(name).isTrue();
                        }
                    });
        }
    }

    /** Matrices [m, k] and [k, n], and images of 16 channels of size x size. */
    private static void check(long m, long k, long n, long size) {
        try (Scope scope = Scope.open()) {
            Map<String, Runnable> calls = new LinkedHashMap<>();
            addElementwise(calls, scope, Shape.of(m, k));
            addProducts(calls, scope, m, k, n);
            addRows(calls, scope, Shape.of(m, k));
            addImages(calls, scope, size);
            // What the JIT has learned from runs on several threads must not matter.
            try (var _ = Workers.usingAll()) {
                calls.values().forEach(ExplicitOutputsTest::runOften);
            }
            Map<String, Long> bytes = new LinkedHashMap<>();
            calls.forEach((name, call) -> bytes.put(name, steadyBytes(call)));
            assertThat(bytes).allSatisfy((name, count) -> assertThat(count).as(name).isZero());
        }
    }

    private static void addElementwise(Map<String, Runnable> calls, Scope scope, Shape shape) {
        RandomStream random = new RandomStream(1);
        Tensor x = scope.randn(shape, random);
        Tensor y = scope.randn(shape, random);
        Tensor z = scope.randn(shape, random);
        calls.put("add", () -> Elementwise.add(x, y, z));
        calls.put("add in place", () -> Elementwise.add(z, y, z));
        calls.put("number", () -> Elementwise.multiply(x, 0.5f, z));
        calls.put("maximum", () -> Elementwise.maximum(x, y, z));
        calls.put("clamp", () -> Elementwise.clamp(x, -1, 1, z));
        calls.put("multiplyAdd", () -> Elementwise.multiplyAdd(x, y, z, z));
        calls.put("axpy", () -> Elementwise.axpy(x, 0.01f, z));
        calls.put("less", () -> Comparisons.less(x, y, z));
        calls.put("exp", () -> Transcendentals.exp(x, z));
        calls.put("pow", () -> Transcendentals.pow(x, 2, z));
        calls.put("gelu", () -> Activations.gelu(x, z));
        calls.put("leakyRelu", () -> Activations.leakyRelu(x, 0.1f, z));
        calls.put("reluGradient", () -> Activations.reluGradient(x, y, z));
        Tensor ints = scope.empty(shape, ElementType.INT32);
        calls.put("where", () -> Comparisons.where(x, x, y, z));
        ElementwiseChain chain = ElementwiseChain.identity().multiply(0.5f).addOperand().silu();
        ElementwiseChain longer = chain.multiplyByOperand();
        Tensor bias = scope.randn(Shape.of(shape.size(-1)), random);
        calls.put("chain", () -> chain.applyInto(x, bias, z));
        calls.put("chain of operands", () -> longer.applyInto(x, bias, y, z));
        calls.put("copy", () -> Copies.copy(x, z));
        calls.put("cast", () -> Copies.cast(x, ints));
    }

    private static void addProducts(
            Map<String, Runnable> calls, Scope scope, long m, long k, long n) {
        RandomStream random = new RandomStream(2);
        FusedActivation relu = FusedActivation.RELU;
        Tensor x = scope.randn(Shape.of(m, k), random);
        Tensor b = scope.randn(Shape.of(k, n), random);
        Tensor weight = scope.randn(Shape.of(n, k), random);
        Tensor bias = scope.randn(Shape.of(n), random);
        Tensor y = scope.zeros(Shape.of(m, n));
        PackedMatrix packed = PackedMatrix.ofWeight(weight);
        QuantizedMatrix quantized = QuantizedMatrix.int8(weight, 32);
        calls.put("matmul", () -> MatMul.matmul(x, b, y));
        calls.put("gemm", () -> MatMul.gemm(0.1f, x, b, 0.5f, bias, relu, y));
        calls.put("linear", () -> MatMul.linear(x, weight, bias, relu, y));
        calls.put("updating linear", () -> MatMul.linear(0.1f, x, weight, 0.5f, relu, y));
        calls.put("packed linear", () -> packed.linear(x, bias, relu, y));
        calls.put("quantized linear", () -> quantized.linear(x, bias, relu, y));
    }

    private static void addRows(Map<String, Runnable> calls, Scope scope, Shape shape) {
        RandomStream random = new RandomStream(3);
        Tensor x = scope.randn(shape, random);
        Tensor z = scope.empty(shape);
        Tensor scale = scope.ones(Shape.of(shape.size(-1)));
        Tensor mean = scope.empty(Shape.of(shape.size(0)));
        Tensor deviation = scope.empty(Shape.of(shape.size(0)));
        Tensor dy = scope.randn(shape, random);
        Tensor y = Softmaxes.softmax(x, -1);
        Tensor logY = Softmaxes.logSoftmax(x, -1);
        calls.put("softmax", () -> Softmaxes.softmax(x, -1, z));
        calls.put("softmaxGradient", () -> Softmaxes.softmaxGradient(y, dy, -1, z));
        calls.put("logSoftmax", () -> Softmaxes.logSoftmax(x, -1, z));
        calls.put("logSoftmaxGradient", () -> Softmaxes.logSoftmaxGradient(logY, dy, -1, z));
        calls.put(
                "layerNorm",
                () -> Normalizations.layerNorm(x, scale, scale, 1e-5f, mean, deviation, z));
        calls.put("rmsNorm", () -> RmsNormalizations.rmsNorm(x, scale, 1e-5f, deviation, z));
    }

    private static void addImages(Map<String, Runnable> calls, Scope scope, long size) {
        RandomStream random = new RandomStream(4);
        FusedActivation relu = FusedActivation.RELU;
        Tensor images = scope.randn(Shape.of(4, 16, size, size), random);
        Tensor filter = scope.randn(Shape.of(16, 16, 3, 3), random);
        Tensor features = scope.empty(Shape.of(4, 16, size, size));
        Tensor shift = scope.randn(Shape.of(16), random);
        Conv2dOptions options = Conv2dOptions.of(1, 1);
        ConvTranspose2dOptions transposed = ConvTranspose2dOptions.of(1, 1, 0);
        PackedFilters filters = PackedFilters.of(filter, options, size, size);
        PackedTransposedFilters back = PackedTransposedFilters.of(filter, transposed, size, size);
        calls.put("packed conv2d", () -> filters.conv2d(images, shift, relu, features));
        calls.put(
                "packed convTranspose2d",
                () -> back.convTranspose2d(images, shift, relu, features));
        calls.put(
                "channelAffine",
                () -> Normalizations.channelAffine(images, shift, shift, features));
    }

    private static void runOften(Runnable call) {
        for (int i = 0; i < 3 * CALLS; i++) {
            call.run();
        }
    }

    /** The bytes of a call in the first round without any, or in the last one there is time for. */
    private static long steadyBytes(Runnable call) {
        long deadline = System.nanoTime() + SECONDS * 1_000_000_000;
        long bytes;
        do {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < CALLS; i++) {
                call.run();
            }
            bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
        } while (bytes != 0 && System.nanoTime() < deadline);
        return bytes / CALLS;
    }
}
