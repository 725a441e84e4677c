package dev.lanewise.kernels.table;

import dev.lanewise.kernels.Kernels;

import java.lang.foreign.MemorySegment;
import java.util.function.Function;

/** Rows of kernels of the common elementwise forms, on hostile values; one flop per element. */
final class Elementwise {
    private Elementwise() {}

    /** out = f(a). */
    @FunctionalInterface
    interface Unary<F> {
        void run(
                F family, MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset);
    }

    /** out = f(a, s). */
    @FunctionalInterface
    interface UnaryScalar<F> {
        void run(
                F family,
                MemorySegment a,
                long aOffset,
                long n,
                float s,
                MemorySegment out,
                long outOffset);
    }

    /** out = f(a, b). */
    @FunctionalInterface
    interface Binary<F> {
        void run(
                F family,
                MemorySegment a,
                long aOffset,
                MemorySegment b,
                long bOffset,
                long n,
                MemorySegment out,
                long outOffset);
    }

    static <F> KernelRow unary(
            String family, String method, Function<Kernels, F> of, Unary<F> kernel) {
        return KernelRow.of(
                        family,
                        method,
                        (kernels, n, memory) -> {
                            F implementation = of.apply(kernels);
                            KernelArray a = memory.hostile(n);
                            KernelArray out = memory.output(n);
                            return () ->
                                    kernel.run(
                                            implementation,
                                            a.segment(),
                                            a.offset(),
                                            n,
                                            out.segment(),
                                            out.offset());
                        })
                .flops(n -> n);
    }

    static <F> KernelRow unaryScalar(
            String family, String method, Function<Kernels, F> of, float s, UnaryScalar<F> kernel) {
        return KernelRow.of(
                        family,
                        method,
                        (kernels, n, memory) -> {
                            F implementation = of.apply(kernels);
                            KernelArray a = memory.hostile(n);
                            KernelArray out = memory.output(n);
                            return () ->
                                    kernel.run(
                                            implementation,
                                            a.segment(),
                                            a.offset(),
                                            n,
                                            s,
                                            out.segment(),
                                            out.offset());
                        })
                .flops(n -> n);
    }

    static <F> KernelRow binary(
            String family, String method, Function<Kernels, F> of, Binary<F> kernel) {
        return KernelRow.of(
                        family,
                        method,
                        (kernels, n, memory) -> {
                            F implementation = of.apply(kernels);
                            KernelArray a = memory.hostile(n);
                            KernelArray b = memory.hostile(n);
                            KernelArray out = memory.output(n);
                            return () ->
                                    kernel.run(
                                            implementation,
                                            a.segment(),
                                            a.offset(),
                                            b.segment(),
                                            b.offset(),
                                            n,
                                            out.segment(),
                                            out.offset());
                        })
                .flops(n -> n);
    }
}
