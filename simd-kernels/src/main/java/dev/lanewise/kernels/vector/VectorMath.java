package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.scalar.ScalarMath.*;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.INT;

import static jdk.incubator.vector.FloatVector.broadcast;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link dev.lanewise.kernels.scalar.ScalarMath} on vectors: the same operations in the same order,
 * so the same bits; formulas and coefficients are explained there. Comparisons and blends stand for
 * the scalar conditions (the Vector API's float {@code max} and {@code min} cost six instructions
 * each).
 *
 * <p>Each method takes JDK operations only, never another method of ours, and stays below 325
 * bytecodes, above which C2 inlines nothing; a function with two polynomials therefore comes in two
 * methods, the second of which takes the result of the first. {@code package-info} has the reasons.
 */
final class VectorMath {
    private static final int SIGN = 0x80000000;

    /** Below, {@link #expShort} is 0. */
    static final float EXP_SHORT_MIN = -87f;

    // eʳ = 1 + r + r²·(S0 + S1·r + ...), |r| ≤ ln(2)/2; relative error 2⁻²³·²
    static final float S0 = 0x1.fffdfcp-2f;
    static final float S1 = 0x1.5557aep-3f;
    static final float S2 = 0x1.572a06p-5f;
    static final float S3 = 0x1.10627ap-7f;

    private VectorMath() {}

    static FloatVector exp(FloatVector x) {
        FloatVector t = x.fma(broadcast(FLOAT, LOG2_E), broadcast(FLOAT, ROUND_BIASED_TWICE));
        FloatVector n = t.sub(ROUND_BIASED_TWICE);
        FloatVector r = n.fma(broadcast(FLOAT, -LN2_LOW), n.fma(broadcast(FLOAT, -LN2), x));
        FloatVector p =
                broadcast(FLOAT, E4)
                        .fma(r, broadcast(FLOAT, E3))
                        .fma(r, broadcast(FLOAT, E2))
                        .fma(r, broadcast(FLOAT, E1))
                        .fma(r, broadcast(FLOAT, E0))
                        .fma(r, broadcast(FLOAT, 1f))
                        .fma(r, broadcast(FLOAT, 1f));
        // 2^n in two factors, as n may be outside the exponents of normal numbers
        IntVector both = t.reinterpretAsInts();
        IntVector half = both.lanewise(VectorOperators.ASHR, 1);
        IntVector rest = both.sub(half);
        FloatVector y =
                p.mul(half.lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats())
                        .mul(rest.lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats());
        y = y.blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, EXP_MAX));
        return y.blend(0f, x.compare(VectorOperators.LT, EXP_MIN));
    }

    /**
     * eˣ for x up to 88, with a relative error of 2⁻²² and results below 2⁻¹²⁵ as 0: enough for a
     * softmax, at two thirds of the cost of {@link #exp}.
     */
    static FloatVector expShort(FloatVector x) {
        FloatVector t = x.fma(broadcast(FLOAT, LOG2_E), broadcast(FLOAT, ROUND_BIASED));
        FloatVector r = t.sub(ROUND_BIASED).fma(broadcast(FLOAT, -LN2), x);
        FloatVector p =
                broadcast(FLOAT, S3)
                        .fma(r, broadcast(FLOAT, S2))
                        .fma(r, broadcast(FLOAT, S1))
                        .fma(r, broadcast(FLOAT, S0))
                        .fma(r, broadcast(FLOAT, 1f))
                        .fma(r, broadcast(FLOAT, 1f));
        FloatVector power =
                t.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
        return p.mul(power).blend(0f, x.compare(VectorOperators.LT, EXP_SHORT_MIN));
    }

    static FloatVector expm1(FloatVector x) {
        FloatVector t = x.fma(broadcast(FLOAT, LOG2_E), broadcast(FLOAT, ROUND_BIASED - 1));
        FloatVector n = t.sub(ROUND_BIASED - 1);
        VectorMask<Float> one = n.compare(VectorOperators.EQ, 1f);
        FloatVector r = n.fma(broadcast(FLOAT, -LN2_LOW), n.fma(broadcast(FLOAT, -LN2), x));
        FloatVector q =
                broadcast(FLOAT, M5)
                        .fma(r, broadcast(FLOAT, M4))
                        .fma(r, broadcast(FLOAT, M3))
                        .fma(r, broadcast(FLOAT, M2))
                        .fma(r, broadcast(FLOAT, M1))
                        .fma(r, broadcast(FLOAT, M0));
        FloatVector v = q.fma(r.mul(r), r.blend(r.add(0.5f), one));
        FloatVector s =
                t.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
        FloatVector high = s.sub(0.5f);
        FloatVector low = s.sub(high).sub(0.5f);
        FloatVector y = v.fma(s, low).add(high).blend(v, one);
        y = y.add(y).blend(v, n.compare(VectorOperators.EQ, 0f));
        y = y.blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, EXP_MAX));
        y = y.blend(-1f, x.compare(VectorOperators.LT, EXPM1_MIN));
        return y.blend(x, x.compare(VectorOperators.EQ, 0f));
    }

    static FloatVector log(FloatVector x) {
        VectorMask<Float> tiny = x.compare(VectorOperators.LT, Float.MIN_NORMAL);
        FloatVector shift = broadcast(FLOAT, 0f).blend(-23f, tiny);
        IntVector bits = x.blend(x.mul(0x1p23f), tiny).reinterpretAsInts();
        IntVector e = bits.sub(THREE_QUARTERS_BITS).lanewise(VectorOperators.ASHR, 23);
        IntVector m = bits.sub(e.lanewise(VectorOperators.LSHL, 23));
        FloatVector f = m.reinterpretAsFloats().sub(1f);
        FloatVector p =
                broadcast(FLOAT, L8)
                        .fma(f, broadcast(FLOAT, L7))
                        .fma(f, broadcast(FLOAT, L6))
                        .fma(f, broadcast(FLOAT, L5))
                        .fma(f, broadcast(FLOAT, L4))
                        .fma(f, broadcast(FLOAT, L3))
                        .fma(f, broadcast(FLOAT, L2))
                        .fma(f, broadcast(FLOAT, L1))
                        .fma(f, broadcast(FLOAT, L0))
                        .fma(f.mul(f), f);
        FloatVector y =
                ((FloatVector) e.convert(VectorOperators.I2F, 0))
                        .add(shift)
                        .fma(broadcast(FLOAT, LN2), p);
        y = x.blend(y, x.compare(VectorOperators.LT, Float.POSITIVE_INFINITY));
        y = y.blend(Float.NaN, x.compare(VectorOperators.LT, 0f));
        return y.blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, 0f));
    }

    static FloatVector log1p(FloatVector x) {
        IntVector bits = x.add(1f).reinterpretAsInts();
        IntVector e = bits.sub(THREE_QUARTERS_BITS).lanewise(VectorOperators.ASHR, 23);
        IntVector shift = e.lanewise(VectorOperators.LSHL, 23);
        FloatVector scaled = x.reinterpretAsInts().sub(shift).reinterpretAsFloats();
        FloatVector four =
                IntVector.broadcast(INT, Float.floatToRawIntBits(4f))
                        .sub(shift)
                        .reinterpretAsFloats();
        FloatVector f = scaled.add(four.fma(broadcast(FLOAT, 0.25f), broadcast(FLOAT, -1f)));
        FloatVector p =
                broadcast(FLOAT, L8)
                        .fma(f, broadcast(FLOAT, L7))
                        .fma(f, broadcast(FLOAT, L6))
                        .fma(f, broadcast(FLOAT, L5))
                        .fma(f, broadcast(FLOAT, L4))
                        .fma(f, broadcast(FLOAT, L3))
                        .fma(f, broadcast(FLOAT, L2))
                        .fma(f, broadcast(FLOAT, L1))
                        .fma(f, broadcast(FLOAT, L0))
                        .fma(f.mul(f), f);
        FloatVector y =
                ((FloatVector) e.convert(VectorOperators.I2F, 0)).fma(broadcast(FLOAT, LN2), p);
        y = x.blend(y, x.compare(VectorOperators.LT, Float.POSITIVE_INFINITY));
        y = y.blend(Float.NaN, x.compare(VectorOperators.LT, -1f));
        y = y.blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, -1f));
        return y.blend(x, x.compare(VectorOperators.EQ, 0f));
    }

    /** tanh |x| where |x| is not small. */
    static FloatVector tanhLarge(FloatVector x) {
        IntVector limited = x.abs().reinterpretAsInts().min(Float.floatToRawIntBits(TANH_MAX));
        FloatVector twice = limited.reinterpretAsFloats().mul(2f);
        FloatVector t = twice.fma(broadcast(FLOAT, LOG2_E), broadcast(FLOAT, ROUND_BIASED));
        FloatVector r = t.sub(ROUND_BIASED).fma(broadcast(FLOAT, -LN2), twice);
        FloatVector s =
                t.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
        FloatVector tail =
                broadcast(FLOAT, E4)
                        .fma(r, broadcast(FLOAT, E3))
                        .fma(r, broadcast(FLOAT, E2))
                        .fma(r, broadcast(FLOAT, E1))
                        .fma(r, broadcast(FLOAT, E0))
                        .fma(r.mul(r), r);
        FloatVector sum = tail.fma(s, broadcast(FLOAT, 1f)).add(s);
        return broadcast(FLOAT, 1f).sub(broadcast(FLOAT, 2f).div(sum));
    }

    /** tanh x, where large is {@link #tanhLarge} x. */
    static FloatVector tanh(FloatVector x, FloatVector large) {
        FloatVector a = x.abs();
        FloatVector z = x.mul(x);
        FloatVector p =
                broadcast(FLOAT, T4)
                        .fma(z, broadcast(FLOAT, T3))
                        .fma(z, broadcast(FLOAT, T2))
                        .fma(z, broadcast(FLOAT, T1))
                        .fma(z, broadcast(FLOAT, T0));
        FloatVector small = p.mul(z).fma(a, a);
        FloatVector y = small.blend(large, a.compare(VectorOperators.GE, TANH_SMALL));
        IntVector sign = x.reinterpretAsInts().and(SIGN);
        return y.reinterpretAsInts().or(sign).reinterpretAsFloats();
    }

    /**
     * x / (1 + e⁻ᵘ): sigmoid u where x = 1, silu u where x = u; u below LOGISTIC_MIN counts as
     * that.
     */
    static FloatVector overLogistic(FloatVector x, FloatVector u) {
        FloatVector atLeast = u.blend(LOGISTIC_MIN, u.compare(VectorOperators.LT, LOGISTIC_MIN));
        FloatVector z =
                atLeast.blend(LOGISTIC_MAX, u.compare(VectorOperators.GT, LOGISTIC_MAX)).neg();
        FloatVector t = z.fma(broadcast(FLOAT, LOG2_E), broadcast(FLOAT, ROUND_BIASED));
        FloatVector n = t.sub(ROUND_BIASED);
        FloatVector r = n.fma(broadcast(FLOAT, -LN2_LOW), n.fma(broadcast(FLOAT, -LN2), z));
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
        return x.div(tail.fma(s, low).add(sum)).mul(rest);
    }

    /** erf x, where large is {@link #erfLarge} x. */
    static FloatVector erf(FloatVector x, FloatVector large) {
        FloatVector a = x.abs();
        FloatVector z = x.mul(x);
        FloatVector p =
                broadcast(FLOAT, F6)
                        .fma(z, broadcast(FLOAT, F5))
                        .fma(z, broadcast(FLOAT, F4))
                        .fma(z, broadcast(FLOAT, F3))
                        .fma(z, broadcast(FLOAT, F2))
                        .fma(z, broadcast(FLOAT, F1))
                        .fma(z, broadcast(FLOAT, F0));
        FloatVector small = p.fma(a, a);
        FloatVector y = small.blend(large, a.compare(VectorOperators.GT, ERF_SMALL));
        IntVector sign = x.reinterpretAsInts().and(SIGN);
        return y.reinterpretAsInts().or(sign).reinterpretAsFloats();
    }

    /** erf |x| where |x| is not small. */
    static FloatVector erfLarge(FloatVector x) {
        IntVector limited = x.abs().reinterpretAsInts().min(Float.floatToRawIntBits(ERF_MAX));
        FloatVector a = limited.reinterpretAsFloats();
        FloatVector h =
                broadcast(FLOAT, H6)
                        .fma(a, broadcast(FLOAT, H5))
                        .fma(a, broadcast(FLOAT, H4))
                        .fma(a, broadcast(FLOAT, H3))
                        .fma(a, broadcast(FLOAT, H2))
                        .fma(a, broadcast(FLOAT, H1))
                        .fma(a, broadcast(FLOAT, H0))
                        .fma(a, a.neg());
        FloatVector t = h.fma(broadcast(FLOAT, LOG2_E), broadcast(FLOAT, ROUND_BIASED));
        FloatVector n = t.sub(ROUND_BIASED);
        FloatVector r = n.fma(broadcast(FLOAT, -LN2_LOW), n.fma(broadcast(FLOAT, -LN2), h));
        FloatVector p =
                broadcast(FLOAT, E4)
                        .fma(r, broadcast(FLOAT, E3))
                        .fma(r, broadcast(FLOAT, E2))
                        .fma(r, broadcast(FLOAT, E1))
                        .fma(r, broadcast(FLOAT, E0))
                        .fma(r, broadcast(FLOAT, 1f))
                        .fma(r, broadcast(FLOAT, 1f));
        FloatVector s =
                t.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
        return s.neg().fma(p, broadcast(FLOAT, 1f));
    }

    /** ln(1 + eˣ), where e = e^−|x|. */
    static FloatVector softplus(FloatVector x, FloatVector e) {
        VectorMask<Float> big = e.compare(VectorOperators.GT, 0.5f);
        FloatVector f = e.blend(e.fma(broadcast(FLOAT, 0.5f), broadcast(FLOAT, -0.5f)), big);
        FloatVector p =
                broadcast(FLOAT, L8)
                        .fma(f, broadcast(FLOAT, L7))
                        .fma(f, broadcast(FLOAT, L6))
                        .fma(f, broadcast(FLOAT, L5))
                        .fma(f, broadcast(FLOAT, L4))
                        .fma(f, broadcast(FLOAT, L3))
                        .fma(f, broadcast(FLOAT, L2))
                        .fma(f, broadcast(FLOAT, L1))
                        .fma(f, broadcast(FLOAT, L0))
                        .fma(f.mul(f), f);
        FloatVector y = p.add(broadcast(FLOAT, 0f).blend(LN2, big));
        return y.blend(x.add(y), x.compare(VectorOperators.GT, 0f));
    }
}
