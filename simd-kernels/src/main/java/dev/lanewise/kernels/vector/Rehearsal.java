package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.QuantizedGemm;
import dev.lanewise.kernels.QuantizedLayout;
import dev.lanewise.kernels.WeightType;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Runs one small call of each kind of vector operation, so that the JDK's classes behind them are
 * loaded before C2 compiles the first kernel.
 *
 * <p>C2 relies on the classes that exist: an interface with a single implementation, an abstract
 * class with a single subclass. When the first exponential, say, loads another one (a lambda, a
 * mask of ints, a segment over an array), all code that relied on it is thrown away, other kernels
 * included, and these start again in the interpreter, many times slower and boxing every vector,
 * whenever they are next called. After the rehearsal nothing that a kernel does loads a class.
 */
final class Rehearsal {
    /** A whole vector and a rest. */
    private static final int N = Lanes.COUNT + 1;

    private Rehearsal() {}

    static void run(Kernels kernels) {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment x = arena.allocate(ValueLayout.JAVA_FLOAT, 2L * N);
            MemorySegment out = arena.allocate(ValueLayout.JAVA_FLOAT, 2L * N);
            for (long i = 0; i < 2 * N; i++) {
                x.setAtIndex(ValueLayout.JAVA_FLOAT, i, 0.5f);
            }
            arithmetic(kernels, x, out);
            functions(kernels, x, out);
            reductions(kernels, x, out);
            integers(kernels, x, out);
            quantized(kernels, arena, x);
        }
    }

    /** One, two and three operands, with a scalar, with a choice. */
    private static void arithmetic(Kernels kernels, MemorySegment x, MemorySegment out) {
        kernels.arithmetic().add(x, 0, x, 0, N, out, 0);
        kernels.arithmetic().subtract(x, 0, x, 0, N, out, 0);
        kernels.arithmetic().multiplyAdd(x, 0, x, 0, x, 0, N, out, 0);
        kernels.arithmetic().maximumScalar(x, 0, N, 1, out, 0);
        kernels.arithmetic().negate(x, 0, N, out, 0);
        kernels.arithmetic().abs(x, 0, N, out, 0);
        kernels.arithmetic().sign(x, 0, N, out, 0);
        kernels.comparison().equal(x, 0, x, 0, N, out, 0);
        kernels.comparison().isNaN(x, 0, N, out, 0);
    }

    /** Among them those that go through integers, and through doubles. */
    private static void functions(Kernels kernels, MemorySegment x, MemorySegment out) {
        kernels.transcendental().exp(x, 0, N, out, 0);
        kernels.transcendental().log(x, 0, N, out, 0);
        kernels.transcendental().tanh(x, 0, N, out, 0);
        kernels.transcendental().erfc(x, 0, N, out, 0);
        kernels.transcendental().sin(x, 0, N, out, 0);
        kernels.transcendental().pow(x, 0, x, 0, N, out, 0);
        kernels.transcendental().sqrt(x, 0, N, out, 0);
        kernels.activation().gelu(x, 0, N, out, 0);
    }

    private static void reductions(Kernels kernels, MemorySegment x, MemorySegment out) {
        kernels.reduction().sum(x, 0, N);
        kernels.reduction().maximum(x, 0, N);
        kernels.reduction().argMax(x, 0, N);
        kernels.reduction().argMaxColumnsInt32(x, 0, N, 2, N, out, 0);
        kernels.gemm().gemv(x, 0, N, x, 0, 1, N, 1, 0, out, 0);
    }

    /** Other element types. */
    private static void integers(Kernels kernels, MemorySegment x, MemorySegment out) {
        kernels.data().floatToInt32(x, 0, N, out, 0);
        kernels.data().int32ToFloat(out, 0, N, out, 0);
        kernels.data().uint8ToFloat(x, 0, N, 1, 0, out, 0);
        kernels.random().uniform(1, 0, N, 0, 1, out, 0);
        kernels.random().normal(1, 0, 2 * N, 0, 1, out, 0);
    }

    private static void quantized(Kernels kernels, Arena arena, MemorySegment x) {
        QuantizedGemm gemm = kernels.quantizedGemm();
        for (WeightType type : WeightType.values()) {
            QuantizedLayout layout = new QuantizedLayout(type, N, 1, 1, false);
            MemorySegment work = arena.allocate(4 * gemm.quantizeWorkspaceSize(layout), 64);
            MemorySegment packed = arena.allocate(4 * layout.size(), 64);
            gemm.quantize(x, 0, 1, 1, layout, work, 0, packed, 0);
        }
    }
}
