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

/** Operations with an explicit output, in one piece of work, make no garbage once compiled. */
@ExtendWith(NoLeaks.class)
class ExplicitOutputsTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int CALLS = 200;

    /** Long enough for a loaded machine: C2 has to compile the kernels below an operation. */
    private static final long SECONDS = 30;

    @Test
    void operationsWithOutputsAllocateNothing() {
        try (Scope scope = Scope.open()) {
            RandomStream random = new RandomStream(1);
            FusedActivation relu = FusedActivation.RELU;
            Tensor x = scope.randn(Shape.of(20, 70), random);
            Tensor b = scope.randn(Shape.of(70, 90), random);
            Tensor weight = scope.randn(Shape.of(90, 70), random);
            Tensor bias = scope.randn(Shape.of(90), random);
            Tensor y = scope.zeros(Shape.of(20, 90));
            Tensor image = scope.randn(Shape.of(1, 16, 9, 10), random);
            Tensor filter = scope.randn(Shape.of(16, 16, 3, 3), random);
            Tensor features = scope.empty(Shape.of(1, 16, 9, 10));
            Tensor shift = scope.randn(Shape.of(16), random);
            Conv2dOptions options = Conv2dOptions.of(1, 1);
            PackedMatrix packed = PackedMatrix.ofWeight(weight);
            QuantizedMatrix quantized = QuantizedMatrix.int8(weight, 32);
            PackedFilters filters = PackedFilters.of(filter, options, 9, 10);

            Tensor large = scope.randn(Shape.of(1000, 90), random);
            ElementwiseChain chain = ElementwiseChain.identity().multiply(0.5f).addOperand().silu();
            ElementwiseChain longer = chain.multiplyByOperand();

            Map<String, Runnable> calls = new LinkedHashMap<>();
            calls.put("add", () -> Elementwise.add(x, x, x));
            calls.put("gelu", () -> Activations.gelu(y, y));
            calls.put("chain", () -> chain.applyInto(y, bias, y));
            calls.put("chain of several pieces", () -> longer.applyInto(large, bias, large, large));
            calls.put("softmax", () -> Softmaxes.softmax(y, -1, y));
            calls.put("matmul", () -> MatMul.matmul(x, b, y));
            calls.put("gemm", () -> MatMul.gemm(0.1f, x, b, 0.5f, bias, relu, y));
            calls.put("linear", () -> MatMul.linear(x, weight, bias, relu, y));
            calls.put("updating linear", () -> MatMul.linear(0.1f, x, weight, 0.5f, relu, y));
            calls.put("packed linear", () -> packed.linear(x, bias, relu, y));
            calls.put("quantized linear", () -> quantized.linear(x, bias, relu, y));
            calls.put("packed conv2d", () -> filters.conv2d(image, shift, relu, features));
            Map<String, Long> bytes = new LinkedHashMap<>();
            calls.forEach((name, call) -> bytes.put(name, steadyBytes(call)));
            assertThat(bytes).allSatisfy((name, count) -> assertThat(count).as(name).isZero());
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
