package dev.lanewise.core;

import static dev.lanewise.core.Operands.KERNELS;

import dev.lanewise.core.ElementwiseLoops.Binary;
import dev.lanewise.core.ElementwiseLoops.BinaryKernel;
import dev.lanewise.core.ElementwiseLoops.TernaryKernel;
import dev.lanewise.core.ElementwiseLoops.UnaryKernel;
import dev.lanewise.kernels.Arithmetic;

import java.lang.foreign.MemorySegment;

/**
 * Elementwise arithmetic with broadcasting: shapes are aligned at their last axes, and sizes must
 * be equal or one of them 1.
 *
 * <p>All layouts are allowed. Forms with {@code out} write there and return it; it must have the
 * result's shape, and may be an operand itself. Operands are float32; {@code add}, {@code
 * subtract}, {@code multiply}, {@code maximum} and {@code minimum} also take two int32 tensors
 * (sums and products wrap around). {@code maximum} and {@code minimum} follow {@link
 * Math#max(float, float)}: NaN wins. Several operations on large tensors take less time as an
 * {@link ElementwiseChain}.
 */
public final class Elementwise {
    private static final Arithmetic KERNEL = KERNELS.arithmetic();

    // Made once: a method reference to an object is a new one in each call.
    static final UnaryKernel NEGATE = KERNEL::negate;
    static final UnaryKernel ABS = KERNEL::abs;
    static final UnaryKernel SIGN = KERNEL::sign;
    static final UnaryKernel SQUARE = KERNEL::square;
    static final UnaryKernel RECIPROCAL = KERNEL::reciprocal;
    private static final TernaryKernel MULTIPLY_ADD = KERNEL::multiplyAdd;

    static final Binary ADD =
            new Binary("add", KERNEL::add, KERNEL::addScalar, KERNEL::addScalar, Int32Loops::add);
    static final Binary SUBTRACT =
            new Binary(
                    "subtract",
                    KERNEL::subtract,
                    (a, ao, n, s, out, oo) -> KERNEL.addScalar(a, ao, n, -s, out, oo),
                    KERNEL::subtractFromScalar,
                    Int32Loops::subtract);
    static final Binary MULTIPLY =
            new Binary(
                    "multiply",
                    KERNEL::multiply,
                    KERNEL::multiplyScalar,
                    KERNEL::multiplyScalar,
                    Int32Loops::multiply);
    static final Binary DIVIDE =
            new Binary(
                    "divide", KERNEL::divide, KERNEL::divideScalar, KERNEL::divideIntoScalar, null);
    static final Binary MAXIMUM =
            new Binary(
                    "maximum",
                    KERNEL::maximum,
                    KERNEL::maximumScalar,
                    KERNEL::maximumScalar,
                    Int32Loops::maximum);
    static final Binary MINIMUM =
            new Binary(
                    "minimum",
                    KERNEL::minimum,
                    KERNEL::minimumScalar,
                    KERNEL::minimumScalar,
                    Int32Loops::minimum);

    private Elementwise() {}

    /** a + b, broadcast. */
    public static Tensor add(Tensor a, Tensor b) {
        return ElementwiseLoops.binary(ADD, a, b, null);
    }

    /** out = a + b, broadcast; out may be a or b. */
    public static Tensor add(Tensor a, Tensor b, Tensor out) {
        return ElementwiseLoops.binary(ADD, a, b, out);
    }

    /** a + s. */
    public static Tensor add(Tensor a, float s) {
        return ElementwiseLoops.scalar("add", ADD.rightScalar(), a, s, null);
    }

    /** out = a + s; out may be a. */
    public static Tensor add(Tensor a, float s, Tensor out) {
        return ElementwiseLoops.scalar("add", ADD.rightScalar(), a, s, out);
    }

    /** a − b, broadcast. */
    public static Tensor subtract(Tensor a, Tensor b) {
        return ElementwiseLoops.binary(SUBTRACT, a, b, null);
    }

    /** out = a − b, broadcast; out may be a or b. */
    public static Tensor subtract(Tensor a, Tensor b, Tensor out) {
        return ElementwiseLoops.binary(SUBTRACT, a, b, out);
    }

    /** a − s. */
    public static Tensor subtract(Tensor a, float s) {
        return ElementwiseLoops.scalar("subtract", SUBTRACT.rightScalar(), a, s, null);
    }

    /** out = a − s; out may be a. */
    public static Tensor subtract(Tensor a, float s, Tensor out) {
        return ElementwiseLoops.scalar("subtract", SUBTRACT.rightScalar(), a, s, out);
    }

    /** s − a. */
    public static Tensor subtract(float s, Tensor a) {
        return ElementwiseLoops.scalar("subtract", SUBTRACT.leftScalar(), a, s, null);
    }

    /** out = s − a; out may be a. */
    public static Tensor subtract(float s, Tensor a, Tensor out) {
        return ElementwiseLoops.scalar("subtract", SUBTRACT.leftScalar(), a, s, out);
    }

    /** a · b, broadcast. */
    public static Tensor multiply(Tensor a, Tensor b) {
        return ElementwiseLoops.binary(MULTIPLY, a, b, null);
    }

    /** out = a · b, broadcast; out may be a or b. */
    public static Tensor multiply(Tensor a, Tensor b, Tensor out) {
        return ElementwiseLoops.binary(MULTIPLY, a, b, out);
    }

    /** a · s. */
    public static Tensor multiply(Tensor a, float s) {
        return ElementwiseLoops.scalar("multiply", MULTIPLY.rightScalar(), a, s, null);
    }

    /** out = a · s; out may be a. */
    public static Tensor multiply(Tensor a, float s, Tensor out) {
        return ElementwiseLoops.scalar("multiply", MULTIPLY.rightScalar(), a, s, out);
    }

    /** a / b, broadcast. */
    public static Tensor divide(Tensor a, Tensor b) {
        return ElementwiseLoops.binary(DIVIDE, a, b, null);
    }

    /** out = a / b, broadcast; out may be a or b. */
    public static Tensor divide(Tensor a, Tensor b, Tensor out) {
        return ElementwiseLoops.binary(DIVIDE, a, b, out);
    }

    /** a / s. */
    public static Tensor divide(Tensor a, float s) {
        return ElementwiseLoops.scalar("divide", DIVIDE.rightScalar(), a, s, null);
    }

    /** out = a / s; out may be a. */
    public static Tensor divide(Tensor a, float s, Tensor out) {
        return ElementwiseLoops.scalar("divide", DIVIDE.rightScalar(), a, s, out);
    }

    /** s / a. */
    public static Tensor divide(float s, Tensor a) {
        return ElementwiseLoops.scalar("divide", DIVIDE.leftScalar(), a, s, null);
    }

    /** out = s / a; out may be a. */
    public static Tensor divide(float s, Tensor a, Tensor out) {
        return ElementwiseLoops.scalar("divide", DIVIDE.leftScalar(), a, s, out);
    }

    /** max(a, b), broadcast. */
    public static Tensor maximum(Tensor a, Tensor b) {
        return ElementwiseLoops.binary(MAXIMUM, a, b, null);
    }

    /** out = max(a, b), broadcast; out may be a or b. */
    public static Tensor maximum(Tensor a, Tensor b, Tensor out) {
        return ElementwiseLoops.binary(MAXIMUM, a, b, out);
    }

    /** max(a, s). */
    public static Tensor maximum(Tensor a, float s) {
        return ElementwiseLoops.scalar("maximum", MAXIMUM.rightScalar(), a, s, null);
    }

    /** out = max(a, s); out may be a. */
    public static Tensor maximum(Tensor a, float s, Tensor out) {
        return ElementwiseLoops.scalar("maximum", MAXIMUM.rightScalar(), a, s, out);
    }

    /** min(a, b), broadcast. */
    public static Tensor minimum(Tensor a, Tensor b) {
        return ElementwiseLoops.binary(MINIMUM, a, b, null);
    }

    /** out = min(a, b), broadcast; out may be a or b. */
    public static Tensor minimum(Tensor a, Tensor b, Tensor out) {
        return ElementwiseLoops.binary(MINIMUM, a, b, out);
    }

    /** min(a, s). */
    public static Tensor minimum(Tensor a, float s) {
        return ElementwiseLoops.scalar("minimum", MINIMUM.rightScalar(), a, s, null);
    }

    /** out = min(a, s); out may be a. */
    public static Tensor minimum(Tensor a, float s, Tensor out) {
        return ElementwiseLoops.scalar("minimum", MINIMUM.rightScalar(), a, s, out);
    }

    /** −x, elementwise. */
    public static Tensor negate(Tensor x) {
        return ElementwiseLoops.unary("negate", NEGATE, x, null);
    }

    /** out = −x, elementwise; out may be x. */
    public static Tensor negate(Tensor x, Tensor out) {
        return ElementwiseLoops.unary("negate", NEGATE, x, out);
    }

    /** |x|, elementwise. */
    public static Tensor abs(Tensor x) {
        return ElementwiseLoops.unary("abs", ABS, x, null);
    }

    /** out = |x|, elementwise; out may be x. */
    public static Tensor abs(Tensor x, Tensor out) {
        return ElementwiseLoops.unary("abs", ABS, x, out);
    }

    /** −1, 1, or x itself where it is ±0 or NaN, elementwise. */
    public static Tensor sign(Tensor x) {
        return ElementwiseLoops.unary("sign", SIGN, x, null);
    }

    /** out = −1, 1, or x itself where it is ±0 or NaN, elementwise; out may be x. */
    public static Tensor sign(Tensor x, Tensor out) {
        return ElementwiseLoops.unary("sign", SIGN, x, out);
    }

    /** x², elementwise. */
    public static Tensor square(Tensor x) {
        return ElementwiseLoops.unary("square", SQUARE, x, null);
    }

    /** out = x², elementwise; out may be x. */
    public static Tensor square(Tensor x, Tensor out) {
        return ElementwiseLoops.unary("square", SQUARE, x, out);
    }

    /** 1 / x, elementwise. */
    public static Tensor reciprocal(Tensor x) {
        return ElementwiseLoops.unary("reciprocal", RECIPROCAL, x, null);
    }

    /** out = 1 / x, elementwise; out may be x. */
    public static Tensor reciprocal(Tensor x, Tensor out) {
        return ElementwiseLoops.unary("reciprocal", RECIPROCAL, x, out);
    }

    /** min(max(x, low), high); NaN stays NaN. */
    public static Tensor clamp(Tensor x, float low, float high) {
        return clamp(x, low, high, null);
    }

    /**
     * out = min(max(x, low), high); NaN stays NaN; out may be x.
     *
     * @throws ArgumentException if low is above high, or either is NaN
     */
    public static Tensor clamp(Tensor x, float low, float high, Tensor out) {
        checkBounds(low, high);
        if (!ElementwiseLoops.isWhole(x, out)) {
            return ElementwiseLoops.unary("clamp", clamping(low, high), x, out);
        }
        Operands.checkFloat("clamp", "x", x);
        Operands.checkOut("clamp", out, x.shape(), ElementType.FLOAT32);
        Operands.hold("clamp", x, out);
        try {
            KERNEL.clamp(
                    x.storage.segment(),
                    x.offset(),
                    x.elements(),
                    low,
                    high,
                    out.storage.segment(),
                    out.offset());
        } finally {
            Operands.release(x, out);
        }
        return out;
    }

    /** The kernel that clamps to these bounds, checked. */
    static UnaryKernel clamping(float low, float high) {
        checkBounds(low, high);
        return (a, ao, n, y, yo) -> KERNEL.clamp(a, ao, n, low, high, y, yo);
    }

    private static void checkBounds(float low, float high) {
        if (!(low <= high)) {
            throw new ArgumentException(
                    "clamp: low must not be above high, got " + low + " and " + high);
        }
    }

    /** a · b + c, rounded once, broadcast. */
    public static Tensor multiplyAdd(Tensor a, Tensor b, Tensor c) {
        return ElementwiseLoops.ternary("multiplyAdd", MULTIPLY_ADD, a, b, c, null);
    }

    /** out = a · b + c, rounded once, broadcast; out may be an operand. */
    public static Tensor multiplyAdd(Tensor a, Tensor b, Tensor c, Tensor out) {
        return ElementwiseLoops.ternary("multiplyAdd", MULTIPLY_ADD, a, b, c, out);
    }

    /** y = alpha · x + y in place, rounded once; x broadcasts to y. Returns y. */
    public static Tensor axpy(Tensor x, float alpha, Tensor y) {
        return axpby(x, alpha, 1, y);
    }

    /**
     * y = alpha · x + beta · y in place; x broadcasts to y. With beta = 0, y is not read. Returns
     * y.
     */
    public static Tensor axpby(Tensor x, float alpha, float beta, Tensor y) {
        if (x.shape().equals(y.shape()) && ElementwiseLoops.isWhole(x, y)) {
            return wholeAxpby(x, alpha, beta, y);
        }
        BinaryKernel kernel =
                (a, ao, b, bo, n, out, oo) -> {
                    // b is a scratch copy of y where y has gaps.
                    if (bo != oo || !b.equals(out)) {
                        KERNELS.data().copy(b, bo, n, out, oo);
                    }
                    if (beta == 1) {
                        KERNEL.axpy(a, ao, n, alpha, out, oo);
                    } else {
                        KERNEL.axpby(a, ao, n, alpha, beta, out, oo);
                    }
                };
        return ElementwiseLoops.binary(
                new Binary("axpby", kernel, null, null, null), x.expand(y.shape()), y, y);
    }

    private static Tensor wholeAxpby(Tensor x, float alpha, float beta, Tensor y) {
        Operands.checkFloat("axpby", "x", x);
        Operands.checkOut("axpby", y, x.shape(), ElementType.FLOAT32);
        Operands.hold("axpby", x, y);
        try {
            MemorySegment in = x.storage.segment();
            MemorySegment out = y.storage.segment();
            if (beta == 1) {
                KERNEL.axpy(in, x.offset(), x.elements(), alpha, out, y.offset());
            } else {
                KERNEL.axpby(in, x.offset(), x.elements(), alpha, beta, out, y.offset());
            }
        } finally {
            Operands.release(x, y);
        }
        return y;
    }
}
