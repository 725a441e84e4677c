package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.table.KernelArray;
import dev.lanewise.kernels.table.KernelMemory;
import dev.lanewise.kernels.table.KernelMemory.Placement;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import java.lang.foreign.MemorySegment;
import java.math.BigDecimal;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/**
 * Elementwise arithmetic against double precision rounded once, which for one operation on floats
 * is correct rounding; on hostile values, out of place and in place.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.lanewise.kernels.Bundles#all")
class ArithmeticTest {
    private static final float S = 0.7f;
    private final Arithmetic kernels;

    ArithmeticTest(Kernels bundle) {
        kernels = bundle.arithmetic();
    }

    private interface Unary {
        void run(MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset);
    }

    private interface UnaryScalar {
        void run(MemorySegment a, long aOffset, long n, float s, MemorySegment out, long outOffset);
    }

    private interface Binary {
        void run(
                MemorySegment a,
                long aOffset,
                MemorySegment b,
                long bOffset,
                long n,
                MemorySegment out,
                long outOffset);
    }

    @Test
    void binaryOperations() {
        check(kernels::add, (a, b) -> a + b);
        check(kernels::subtract, (a, b) -> a - b);
        check(kernels::multiply, (a, b) -> a * b);
        check(kernels::divide, (a, b) -> a / b);
        check(kernels::maximum, ArithmeticTest::larger);
        check(kernels::minimum, (a, b) -> -larger(-a, -b));
    }

    @Test
    void scalarOperations() {
        check(kernels::addScalar, a -> a + S);
        check(kernels::subtractFromScalar, a -> S - a);
        check(kernels::multiplyScalar, a -> a * S);
        check(kernels::divideScalar, a -> a / S);
        check(kernels::divideIntoScalar, a -> S / a);
        check(kernels::maximumScalar, a -> larger(a, S));
        check(kernels::minimumScalar, a -> -larger(-a, -S));
    }

    @Test
    void unaryOperations() {
        check(kernels::negate, a -> -a);
        check(kernels::abs, a -> a <= 0 ? 0 - a : a);
        check(kernels::sign, a -> a > 0 ? 1 : a < 0 ? -1 : a);
        check(kernels::square, a -> a * a);
        check(kernels::reciprocal, a -> 1 / a);
        check(
                (a, aOffset, n, out, outOffset) ->
                        kernels.clamp(a, aOffset, n, -2, 3, out, outOffset),
                a -> a < -2 ? -2 : a > 3 ? 3 : a);
    }

    @Test
    void multiplyAddRoundsOnce() {
        for (int n : Bundles.SIZES) {
            try (KernelMemory memory = new KernelMemory(Placement.GUARDED, n)) {
                KernelArray a = memory.input(n);
                KernelArray b = memory.input(n);
                KernelArray c = memory.input(n, -1e-3, 1e-3);
                KernelArray out = memory.output(n);
                kernels.multiplyAdd(
                        a.segment(),
                        a.offset(),
                        b.segment(),
                        b.offset(),
                        c.segment(),
                        c.offset(),
                        n,
                        out.segment(),
                        out.offset());
                for (int i = 0; i < n; i++) {
                    assertThat(out.get(i)).isEqualTo(fused(a.get(i), b.get(i), c.get(i)));
                }
                memory.checkCanaries("multiplyAdd");
            }
        }
    }

    @Test
    void axpyAndAxpby() {
        for (int n : Bundles.SIZES) {
            for (float beta : new float[] {1, -0.3f, 0}) {
                try (KernelMemory memory = new KernelMemory(Placement.GUARDED, n)) {
                    KernelArray x = memory.input(n);
                    KernelArray y = beta == 0 ? memory.output(n) : memory.updated(n, -1, 1);
                    float[] before = new float[n];
                    for (int i = 0; i < n; i++) {
                        before[i] = y.get(i);
                    }
                    if (beta == 1) {
                        kernels.axpy(x.segment(), x.offset(), n, S, y.segment(), y.offset());
                    } else {
                        kernels.axpby(x.segment(), x.offset(), n, S, beta, y.segment(), y.offset());
                    }
                    for (int i = 0; i < n; i++) {
                        float expected =
                                beta == 0 ? S * x.get(i) : fused(S, x.get(i), beta * before[i]);
                        assertThat(y.get(i))
                                .as("beta %s, %d of %d", beta, i, n)
                                .isEqualTo(expected);
                    }
                    memory.checkCanaries("axpby");
                }
            }
        }
    }

    private static float fused(float a, float b, float c) {
        return new BigDecimal(a).multiply(new BigDecimal(b)).add(new BigDecimal(c)).floatValue();
    }

    /** The larger one, NaN if one is, +0 of both zeros. */
    private static double larger(double a, double b) {
        if (a != a || b != b) {
            return Double.NaN;
        }
        return a == 0 && b == 0 ? a + b : a > b ? a : b;
    }

    private static void check(Binary kernel, DoubleBinaryOperator reference) {
        for (int n : Bundles.SIZES) {
            for (int alias = 0; alias < 3; alias++) {
                try (KernelMemory memory = new KernelMemory(Placement.GUARDED, n)) {
                    KernelArray a = memory.hostile(n);
                    KernelArray b = memory.hostile(n);
                    KernelArray out = alias == 0 ? memory.output(n) : alias == 1 ? a : b;
                    float[] expected = new float[n];
                    for (int i = 0; i < n; i++) {
                        expected[i] = (float) reference.applyAsDouble(a.get(i), b.get(i));
                    }
                    kernel.run(
                            a.segment(),
                            a.offset(),
                            b.segment(),
                            b.offset(),
                            n,
                            out.segment(),
                            out.offset());
                    compare(expected, out, memory);
                }
            }
        }
    }

    private static void check(UnaryScalar kernel, DoubleUnaryOperator reference) {
        check((a, i, n, out, o) -> kernel.run(a, i, n, S, out, o), reference);
    }

    private static void check(Unary kernel, DoubleUnaryOperator reference) {
        for (int n : Bundles.SIZES) {
            for (boolean inPlace : new boolean[] {false, true}) {
                try (KernelMemory memory = new KernelMemory(Placement.GUARDED, n)) {
                    KernelArray a = memory.hostile(n);
                    KernelArray out = inPlace ? a : memory.output(n);
                    float[] expected = new float[n];
                    for (int i = 0; i < n; i++) {
                        expected[i] = (float) reference.applyAsDouble(a.get(i));
                    }
                    kernel.run(a.segment(), a.offset(), n, out.segment(), out.offset());
                    compare(expected, out, memory);
                }
            }
        }
    }

    private static void compare(float[] expected, KernelArray out, KernelMemory memory) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(out.get(i))
                    .as("element %d of %d", i, expected.length)
                    .isEqualTo(Float.valueOf(expected[i]));
        }
        memory.checkCanaries("kernel");
    }
}
