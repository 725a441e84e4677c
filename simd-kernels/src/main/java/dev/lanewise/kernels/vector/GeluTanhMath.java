package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.scalar.ScalarActivationMath.*;
import static dev.lanewise.kernels.scalar.ScalarMath.*;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;

import static jdk.incubator.vector.FloatVector.broadcast;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@code geluTanh} of {@link dev.lanewise.kernels.scalar.ScalarActivationMath} on vectors, in three
 * steps: the same operations in the same order, so the same bits. The rules of {@link VectorMath}
 * on inlining hold here too; what two steps repeat, C2 computes once.
 */
final class GeluTanhMath {
    private GeluTanhMath() {}

    /** n + ROUND_BIASED, where e⁻ᵘ = 2ⁿ·eʳ and u = y·(A + B·y²). */
    static FloatVector exponent(FloatVector y) {
        FloatVector v = y.blend(GELU_TANH_FULL, y.compare(VectorOperators.GT, GELU_TANH_FULL));
        FloatVector cubic =
                v.mul(v).fma(broadcast(FLOAT, GELU_TANH_B), broadcast(FLOAT, GELU_TANH_A_HIGH));
        return v.mul(cubic).fma(broadcast(FLOAT, -LOG2_E), broadcast(FLOAT, ROUND_BIASED));
    }

    /** r, where t is {@link #exponent} y. */
    static FloatVector reduced(FloatVector y, FloatVector t) {
        FloatVector v = y.blend(GELU_TANH_FULL, y.compare(VectorOperators.GT, GELU_TANH_FULL));
        FloatVector z = v.mul(v);
        FloatVector b = broadcast(FLOAT, GELU_TANH_B);
        FloatVector cubic = z.fma(b, broadcast(FLOAT, GELU_TANH_A_HIGH));
        FloatVector high = v.mul(cubic);
        FloatVector lost =
                v.fma(v, z.neg())
                        .fma(
                                b,
                                z.fma(
                                        broadcast(FLOAT, GELU_TANH_B_LOW),
                                        broadcast(FLOAT, GELU_TANH_A_LOW)));
        FloatVector cubicLow = z.fma(b, broadcast(FLOAT, GELU_TANH_A_HIGH).sub(cubic)).add(lost);
        FloatVector low = v.fma(cubicLow, v.fma(cubic, high.neg()));
        FloatVector n = t.sub(ROUND_BIASED);
        return n.fma(broadcast(FLOAT, -LN2_LOW), n.fma(broadcast(FLOAT, -LN2), high.neg()))
                .sub(low);
    }

    /**
     * y / (1 + 2ⁿ·eʳ) for t = n + ROUND_BIASED: the second half of {@link VectorMath#overLogistic},
     * once more because a helper calls no other.
     */
    static FloatVector overPower(FloatVector y, FloatVector t, FloatVector r) {
        FloatVector tail =
                broadcast(FLOAT, E4)
                        .fma(r, broadcast(FLOAT, E3))
                        .fma(r, broadcast(FLOAT, E2))
                        .fma(r, broadcast(FLOAT, E1))
                        .fma(r, broadcast(FLOAT, E0))
                        .fma(r.mul(r), r);
        IntVector both = t.reinterpretAsInts();
        IntVector first = both.min(ROUND_BIASED_64_BITS);
        FloatVector s = first.lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
        FloatVector rest =
                first.sub(both).add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
        FloatVector sum = s.add(1f);
        FloatVector low = broadcast(FLOAT, 1f).sub(sum.sub(s));
        return y.div(tail.fma(s, low).add(sum)).mul(rest);
    }
}
