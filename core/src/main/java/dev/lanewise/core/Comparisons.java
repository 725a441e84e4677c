package dev.lanewise.core;

import static dev.lanewise.core.Operands.KERNELS;

import dev.lanewise.core.ElementwiseLoops.Binary;
import dev.lanewise.core.ElementwiseLoops.BinaryKernel;
import dev.lanewise.core.ElementwiseLoops.ScalarKernel;
import dev.lanewise.core.ElementwiseLoops.TernaryKernel;
import dev.lanewise.core.ElementwiseLoops.UnaryKernel;
import dev.lanewise.kernels.Comparison;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Elementwise comparison with broadcasting: float32 tensors of 1 where the relation holds and 0
 * where not. IEEE semantics: NaN equals nothing, not even itself, and −0 equals +0. Operands are
 * both float32 or both int32.
 */
public final class Comparisons {
    private static final Comparison KERNEL = KERNELS.comparison();

    private static final Binary EQUAL =
            operation(
                    "equal",
                    KERNEL::equal,
                    KERNEL::equalScalar,
                    KERNEL::equalScalar,
                    Int32Loops::equal);
    private static final Binary NOT_EQUAL =
            operation("notEqual", KERNEL::notEqual, null, null, Int32Loops::notEqual);
    private static final Binary LESS =
            operation(
                    "less",
                    KERNEL::less,
                    KERNEL::lessScalar,
                    KERNEL::greaterScalar,
                    Int32Loops::less);
    private static final Binary LESS_OR_EQUAL =
            operation(
                    "lessOrEqual",
                    KERNEL::lessOrEqual,
                    KERNEL::lessOrEqualScalar,
                    KERNEL::greaterOrEqualScalar,
                    Int32Loops::lessOrEqual);

    // Made once: a method reference to an object is a new one in each call.
    private static final TernaryKernel SELECT = KERNEL::select;
    private static final UnaryKernel IS_NAN = KERNEL::isNaN;

    private Comparisons() {}

    private static Binary operation(
            String name,
            BinaryKernel kernel,
            ScalarKernel right,
            ScalarKernel left,
            BinaryKernel int32) {
        return new Binary(name, kernel, right, left, int32, ElementType.FLOAT32);
    }

    /** 1 where a = b, else 0. */
    public static Tensor equal(Tensor a, Tensor b) {
        return ElementwiseLoops.binary(EQUAL, a, b, null);
    }

    /** out = 1 where a = b, else 0; out may be a or b. */
    public static Tensor equal(Tensor a, Tensor b, Tensor out) {
        return ElementwiseLoops.binary(EQUAL, a, b, out);
    }

    /** 1 where a = s, else 0. */
    public static Tensor equal(Tensor a, float s) {
        return equal(a, s, null);
    }

    /** 1 where a = s, else 0; exact for an int32 tensor. */
    public static Tensor equal(Tensor a, int s) {
        return compare(EQUAL, a, s, false);
    }

    /** out = 1 where a = s, else 0; out may be a. */
    public static Tensor equal(Tensor a, float s, Tensor out) {
        return ElementwiseLoops.scalar("equal", EQUAL.rightScalar(), a, s, out);
    }

    /** 1 where a ≠ b, else 0. */
    public static Tensor notEqual(Tensor a, Tensor b) {
        return ElementwiseLoops.binary(NOT_EQUAL, a, b, null);
    }

    /** out = 1 where a ≠ b, else 0; out may be a or b. */
    public static Tensor notEqual(Tensor a, Tensor b, Tensor out) {
        return ElementwiseLoops.binary(NOT_EQUAL, a, b, out);
    }

    /** 1 where a &lt; b, else 0. */
    public static Tensor less(Tensor a, Tensor b) {
        return ElementwiseLoops.binary(LESS, a, b, null);
    }

    /** out = 1 where a &lt; b, else 0; out may be a or b. */
    public static Tensor less(Tensor a, Tensor b, Tensor out) {
        return ElementwiseLoops.binary(LESS, a, b, out);
    }

    /** 1 where a &lt; s, else 0. */
    public static Tensor less(Tensor a, float s) {
        return less(a, s, null);
    }

    /** 1 where a &lt; s, else 0; exact for an int32 tensor. */
    public static Tensor less(Tensor a, int s) {
        return compare(LESS, a, s, false);
    }

    /** out = 1 where a &lt; s, else 0; out may be a. */
    public static Tensor less(Tensor a, float s, Tensor out) {
        return ElementwiseLoops.scalar("less", LESS.rightScalar(), a, s, out);
    }

    /** 1 where a ≤ b, else 0. */
    public static Tensor lessOrEqual(Tensor a, Tensor b) {
        return ElementwiseLoops.binary(LESS_OR_EQUAL, a, b, null);
    }

    /** out = 1 where a ≤ b, else 0; out may be a or b. */
    public static Tensor lessOrEqual(Tensor a, Tensor b, Tensor out) {
        return ElementwiseLoops.binary(LESS_OR_EQUAL, a, b, out);
    }

    /** 1 where a ≤ s, else 0. */
    public static Tensor lessOrEqual(Tensor a, float s) {
        return lessOrEqual(a, s, null);
    }

    /** 1 where a ≤ s, else 0; exact for an int32 tensor. */
    public static Tensor lessOrEqual(Tensor a, int s) {
        return compare(LESS_OR_EQUAL, a, s, false);
    }

    /** out = 1 where a ≤ s, else 0; out may be a. */
    public static Tensor lessOrEqual(Tensor a, float s, Tensor out) {
        return ElementwiseLoops.scalar("lessOrEqual", LESS_OR_EQUAL.rightScalar(), a, s, out);
    }

    /** 1 where a &gt; b, else 0. */
    public static Tensor greater(Tensor a, Tensor b) {
        return ElementwiseLoops.binary(LESS, b, a, null);
    }

    /** out = 1 where a &gt; b, else 0; out may be a or b. */
    public static Tensor greater(Tensor a, Tensor b, Tensor out) {
        return ElementwiseLoops.binary(LESS, b, a, out);
    }

    /** 1 where a &gt; s, else 0. */
    public static Tensor greater(Tensor a, float s) {
        return greater(a, s, null);
    }

    /** 1 where a &gt; s, else 0; exact for an int32 tensor. */
    public static Tensor greater(Tensor a, int s) {
        return compare(LESS, a, s, true);
    }

    /** out = 1 where a &gt; s, else 0; out may be a. */
    public static Tensor greater(Tensor a, float s, Tensor out) {
        return ElementwiseLoops.scalar("greater", LESS.leftScalar(), a, s, out);
    }

    /** 1 where a ≥ b, else 0. */
    public static Tensor greaterOrEqual(Tensor a, Tensor b) {
        return ElementwiseLoops.binary(LESS_OR_EQUAL, b, a, null);
    }

    /** out = 1 where a ≥ b, else 0; out may be a or b. */
    public static Tensor greaterOrEqual(Tensor a, Tensor b, Tensor out) {
        return ElementwiseLoops.binary(LESS_OR_EQUAL, b, a, out);
    }

    /** 1 where a ≥ s, else 0. */
    public static Tensor greaterOrEqual(Tensor a, float s) {
        return greaterOrEqual(a, s, null);
    }

    /** 1 where a ≥ s, else 0; exact for an int32 tensor. */
    public static Tensor greaterOrEqual(Tensor a, int s) {
        return compare(LESS_OR_EQUAL, a, s, true);
    }

    /** out = 1 where a ≥ s, else 0; out may be a. */
    public static Tensor greaterOrEqual(Tensor a, float s, Tensor out) {
        return ElementwiseLoops.scalar("greaterOrEqual", LESS_OR_EQUAL.leftScalar(), a, s, out);
    }

    /** An int or float tensor against a number; {@code swapped} puts the number first. */
    private static Tensor compare(Binary op, Tensor a, int s, boolean swapped) {
        Tensor out = Operands.result(op.name(), a.shape());
        try (Scope scratch = Scope.open()) {
            Tensor number =
                    a.type() == ElementType.INT32
                            ? scratch.ofInts(new int[] {s}, Shape.SCALAR)
                            : scratch.scalar(s);
            return swapped
                    ? ElementwiseLoops.binary(op, number, a, out)
                    : ElementwiseLoops.binary(op, a, number, out);
        }
    }

    /** 1 where a is NaN, else 0. */
    public static Tensor isNaN(Tensor a) {
        return isNaN(a, null);
    }

    /** out = 1 where a is NaN, else 0; out may be a. */
    public static Tensor isNaN(Tensor a, Tensor out) {
        return ElementwiseLoops.unary("isNaN", IS_NAN, a, out);
    }

    /**
     * a where the condition is not 0, else b; all three broadcast. A NaN condition is true. The
     * condition is float32, a and b are both float32 or both int32.
     */
    public static Tensor where(Tensor condition, Tensor a, Tensor b) {
        return where(condition, a, b, null);
    }

    /** out = a where the condition is not 0, else b; out may be an operand. */
    public static Tensor where(Tensor condition, Tensor a, Tensor b, Tensor out) {
        Operands.checkFloat("where", "the condition", condition);
        if (a.type() != b.type()) {
            throw new ArgumentException(
                    "where: a and b must be of one type, got %s %s and %s %s; convert with toFloat() or toInt()"
                            .formatted(a.type(), a.shape(), b.type(), b.shape()));
        }
        // The kernel moves 32 bits, whatever they mean.
        return ElementwiseLoops.ternary("where", SELECT, condition, a, b, out, a.type());
    }

    /**
     * Whether |a − b| ≤ atol + rtol · |b| for all elements; infinities must be equal, and a NaN is
     * close to nothing. Works on float32 tensors of the same shape.
     *
     * @throws ShapeException if the shapes differ
     */
    public static boolean allClose(Tensor a, Tensor b, float rtol, float atol) {
        return allClose(a, b, rtol, atol, false);
    }

    /** {@link #allClose(Tensor, Tensor, float, float)} where NaN may also be close to NaN. */
    public static boolean allClose(Tensor a, Tensor b, float rtol, float atol, boolean equalNaN) {
        Operands.checkFloat("allClose", "a", a);
        Operands.checkFloat("allClose", "b", b);
        if (!a.shape().equals(b.shape())) {
            throw new ShapeException(
                    "allClose: shapes differ: %s and %s".formatted(a.shape(), b.shape()));
        }
        double absolute = atol;
        double relative = rtol;
        return all(
                "allClose",
                a,
                b,
                (x, i, y, j) ->
                        isClose(
                                x.getAtIndex(ValueLayout.JAVA_FLOAT, i),
                                y.getAtIndex(ValueLayout.JAVA_FLOAT, j),
                                relative,
                                absolute,
                                equalNaN));
    }

    private static boolean isClose(float x, float y, double rtol, double atol, boolean equalNaN) {
        // Equality first, for infinities.
        return x == y
                || Math.abs((double) x - y) <= atol + rtol * Math.abs(y) && !Float.isInfinite(y)
                || equalNaN && Float.isNaN(x) && Float.isNaN(y);
    }

    private interface Pair {
        boolean test(MemorySegment x, long i, MemorySegment y, long j);
    }

    /** Whether a condition holds for all pairs of elements of tensors of one shape. */
    private static boolean all(String name, Tensor a, Tensor b, Pair condition) {
        Operands.hold(name, a, b);
        try {
            MemorySegment x = a.storage.segment();
            MemorySegment y = b.storage.segment();
            Rows rows =
                    new Rows(a.shape(), a.layout(), b.layout())
                            .shift(0, a.storage.base())
                            .shift(1, b.storage.base());
            boolean[] holds = {true};
            rows.forEach(
                    offsets -> {
                        for (long i = 0; i < rows.length && holds[0]; i++) {
                            holds[0] =
                                    condition.test(
                                            x,
                                            offsets[0] + i * rows.stride(0),
                                            y,
                                            offsets[1] + i * rows.stride(1));
                        }
                    });
            return holds[0];
        } finally {
            Operands.release(a, b);
        }
    }

    /**
     * Whether two tensors have the same type, shape and bits; any NaN equals any NaN here, and −0
     * differs from +0.
     */
    public static boolean contentEquals(Tensor a, Tensor b) {
        if (a.type() != b.type() || !a.shape().equals(b.shape())) {
            return false;
        }
        return a.type() == ElementType.FLOAT32
                ? all(
                        "contentEquals",
                        a,
                        b,
                        (x, i, y, j) ->
                                Float.floatToIntBits(x.getAtIndex(ValueLayout.JAVA_FLOAT, i))
                                        == Float.floatToIntBits(
                                                y.getAtIndex(ValueLayout.JAVA_FLOAT, j)))
                : all(
                        "contentEquals",
                        a,
                        b,
                        (x, i, y, j) ->
                                x.getAtIndex(ValueLayout.JAVA_INT, i)
                                        == y.getAtIndex(ValueLayout.JAVA_INT, j));
    }
}
