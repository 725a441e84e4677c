package dev.lanewise.kernels;

import org.junit.jupiter.api.AfterEach;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Quantized weights of given formats, and calls of the kernels in exact-size segments. */
abstract class QuantizedProblems {
    static final double EPSILON = 0x1p-24;

    final Arena arena = Arena.ofShared();
    final SplittableRandom random = new SplittableRandom(20261122);

    static Stream<Kernels> backends() {
        return Bundles.all();
    }

    @AfterEach
    void close() {
        arena.close();
    }

    /** Every type, with groups that divide k and that don't. */
    static List<QuantizedLayout> layouts(long n, long k) {
        return List.of(
                new QuantizedLayout(WeightType.BFLOAT16, n, k, 1, false),
                new QuantizedLayout(WeightType.INT8, n, k, Math.max(k, 1), false),
                new QuantizedLayout(WeightType.INT8, n, k, 32, true),
                new QuantizedLayout(WeightType.INT4, n, k, 32, false),
                new QuantizedLayout(WeightType.INT4, n, k, 37, true),
                new QuantizedLayout(WeightType.INT4, n, k, Math.max(k, 1), false));
    }

    MemorySegment floats(long n) {
        return arena.allocate(4 * n, 4);
    }

    /** Uniform numbers in [−1, 1). */
    MemorySegment randoms(long n) {
        MemorySegment segment = floats(n);
        for (long i = 0; i < n; i++) {
            set(segment, i, (float) (2 * random.nextDouble() - 1));
        }
        return segment;
    }

    static float get(MemorySegment segment, long i) {
        return segment.getAtIndex(ValueLayout.JAVA_FLOAT, i);
    }

    static void set(MemorySegment segment, long i, float value) {
        segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
    }

    private MemorySegment scratch(long elements) {
        return arena.allocate(4 * Math.max(1, elements), 64);
    }

    /** W: [n, k], row-major, packed. */
    MemorySegment quantize(Kernels kernels, QuantizedLayout layout, MemorySegment w) {
        QuantizedGemm gemm = kernels.quantizedGemm();
        MemorySegment packed = floats(layout.size());
        MemorySegment work = scratch(gemm.quantizeWorkspaceSize(layout));
        gemm.quantize(w, 0, layout.k(), 1, layout, work, 0, packed, 0);
        return packed;
    }

    /** Ŵᵀ: [k, n], row-major. */
    MemorySegment dequantize(Kernels kernels, QuantizedLayout layout, MemorySegment packed) {
        MemorySegment out = floats(layout.n() * layout.k());
        kernels.quantizedGemm().dequantize(packed, 0, layout, out, 0, layout.n());
        return out;
    }

    /** f(A · Ŵᵀ + bias), A and the result row-major; no bias where {@code bias} is empty. */
    MemorySegment multiply(
            Kernels kernels,
            QuantizedLayout layout,
            MemorySegment a,
            long m,
            MemorySegment packed,
            MemorySegment bias,
            FusedActivation activation) {
        MemorySegment c = floats(m * layout.n());
        update(kernels, layout, a, m, packed, bias, 1, 0, activation, c);
        return c;
    }

    /** c = f(alpha · A · Ŵᵀ + beta · c + bias), A and c row-major. */
    void update(
            Kernels kernels,
            QuantizedLayout layout,
            MemorySegment a,
            long m,
            MemorySegment packed,
            MemorySegment bias,
            float alpha,
            float beta,
            FusedActivation activation,
            MemorySegment c) {
        QuantizedGemm gemm = kernels.quantizedGemm();
        MemorySegment work = scratch(gemm.workspaceSize(m, layout));
        gemm.gemm(
                a,
                0,
                layout.k(),
                1,
                packed,
                0,
                layout,
                0,
                bias.byteSize() == 0 ? BiasAxis.NONE : BiasAxis.COLUMNS,
                bias,
                0,
                m,
                layout.n(),
                alpha,
                beta,
                activation,
                work,
                0,
                c,
                0,
                layout.n());
    }
}
