package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.table.KernelArray;
import dev.lanewise.kernels.table.KernelMemory;
import dev.lanewise.kernels.table.KernelMemory.Placement;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import java.lang.foreign.MemorySegment;

/** Comparisons on every pair of special values and on random ones, against Java's operators. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.lanewise.kernels.Bundles#all")
class ComparisonTest {
    private static final float[] VALUES = {
        Float.NEGATIVE_INFINITY,
        -1,
        -Float.MIN_VALUE,
        -0f,
        0f,
        Float.MIN_VALUE,
        1,
        2,
        Float.POSITIVE_INFINITY,
        Float.NaN
    };

    private final Comparison kernels;

    ComparisonTest(Kernels bundle) {
        kernels = bundle.comparison();
    }

    private interface Kernel {
        void run(
                MemorySegment a,
                long aOffset,
                MemorySegment b,
                long bOffset,
                long n,
                MemorySegment out,
                long outOffset);
    }

    private interface ScalarKernel {
        void run(MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset);
    }

    private interface Relation {
        boolean holds(double a, double b);
    }

    @Test
    void arrays() {
        check(kernels::equal, (a, b) -> a == b);
        check(kernels::notEqual, (a, b) -> a != b);
        check(kernels::less, (a, b) -> a < b);
        check(kernels::lessOrEqual, (a, b) -> a <= b);
    }

    @Test
    void arrayAndNumber() {
        check(kernels::equalScalar, (a, b) -> a == b);
        check(kernels::lessScalar, (a, b) -> a < b);
        check(kernels::lessOrEqualScalar, (a, b) -> a <= b);
        check(kernels::greaterScalar, (a, b) -> a > b);
        check(kernels::greaterOrEqualScalar, (a, b) -> a >= b);
        check((a, i, n, s, out, o) -> kernels.isNaN(a, i, n, out, o), (a, b) -> a != a);
    }

    @Test
    void selectTakesFalseOnlyAtZero() {
        int n = VALUES.length;
        try (KernelMemory memory = new KernelMemory(Placement.EXACT, 5)) {
            KernelArray condition = memory.output(n);
            KernelArray a = memory.input(n);
            KernelArray b = memory.input(n);
            KernelArray out = memory.output(n);
            fill(condition, 0);
            kernels.select(
                    condition.segment(),
                    condition.offset(),
                    a.segment(),
                    a.offset(),
                    b.segment(),
                    b.offset(),
                    n,
                    out.segment(),
                    out.offset());
            for (int i = 0; i < n; i++) {
                assertThat(out.get(i)).isEqualTo(VALUES[i] == 0 ? b.get(i) : a.get(i));
            }
            memory.checkCanaries("select");
        }
    }

    private static void check(Kernel kernel, Relation relation) {
        for (int n : Bundles.SIZES) {
            for (int shift = 0; shift < VALUES.length; shift++) {
                try (KernelMemory memory = new KernelMemory(Placement.EXACT, n)) {
                    KernelArray a = memory.output(n);
                    KernelArray b = memory.output(n);
                    KernelArray out = shift == 0 ? a : shift == 1 ? b : memory.output(n);
                    fill(a, 0);
                    fill(b, shift);
                    kernel.run(
                            a.segment(),
                            a.offset(),
                            b.segment(),
                            b.offset(),
                            n,
                            out.segment(),
                            out.offset());
                    for (int i = 0; i < n; i++) {
                        assertThat(out.get(i))
                                .as("%s and %s", value(i, 0), value(i, shift))
                                .isEqualTo(relation.holds(value(i, 0), value(i, shift)) ? 1 : 0);
                    }
                    memory.checkCanaries("comparison");
                }
            }
        }
    }

    private static void check(ScalarKernel kernel, Relation relation) {
        for (int n : Bundles.SIZES) {
            for (float s : VALUES) {
                try (KernelMemory memory = new KernelMemory(Placement.EXACT, n)) {
                    KernelArray a = memory.output(n);
                    KernelArray out = s == 1 ? a : memory.output(n);
                    fill(a, 0);
                    kernel.run(a.segment(), a.offset(), n, s, out.segment(), out.offset());
                    for (int i = 0; i < n; i++) {
                        assertThat(out.get(i))
                                .as("%s and %s", value(i, 0), s)
                                .isEqualTo(relation.holds(value(i, 0), s) ? 1 : 0);
                    }
                    memory.checkCanaries("comparison");
                }
            }
        }
    }

    private static float value(int i, int shift) {
        return VALUES[(i + shift) % VALUES.length];
    }

    private static void fill(KernelArray array, int shift) {
        for (int i = 0; i < array.count(); i++) {
            array.set(i, value(i, shift));
        }
    }
}
