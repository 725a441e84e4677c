package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.scalar.ScalarMath.*;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.INT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link dev.lanewise.kernels.scalar.ScalarMath} on vectors: the same operations in the same order,
 * so the same bits; formulas and coefficients are explained there. Small enough to be inlined into
 * the loops that call them. Comparisons and blends stand for the scalar conditions (the Vector
 * API's float {@code max} and {@code min} cost six instructions each).
 */
final class VectorMath {
    private static final int SIGN = 0x80000000;

    private VectorMath() {}

    static FloatVector vector(float value) {
        return FloatVector.broadcast(FLOAT, value);
    }

    static FloatVector exp(FloatVector x) {
        FloatVector t = x.fma(vector(LOG2_E), vector(ROUND_BIASED_TWICE));
        FloatVector y = scale(expPolynomial(reduce(x, t.sub(ROUND_BIASED_TWICE))), t);
        y = y.blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, EXP_MAX));
        return y.blend(0f, x.compare(VectorOperators.LT, EXP_MIN));
    }

    static FloatVector reduce(FloatVector x, FloatVector n) {
        return n.fma(vector(-LN2_LOW), n.fma(vector(-LN2), x));
    }

    static FloatVector expPolynomial(FloatVector r) {
        return expQuotient(r).fma(r, vector(1f)).fma(r, vector(1f));
    }

    static FloatVector expTail(FloatVector r) {
        return expQuotient(r).fma(r.mul(r), r);
    }

    private static FloatVector expQuotient(FloatVector r) {
        return vector(E4)
                .fma(r, vector(E3))
                .fma(r, vector(E2))
                .fma(r, vector(E1))
                .fma(r, vector(E0));
    }

    static FloatVector scale(FloatVector p, FloatVector t) {
        IntVector both = t.reinterpretAsInts();
        IntVector half = both.lanewise(VectorOperators.ASHR, 1);
        return p.mul(exponent(half)).mul(exponent(both.sub(half)));
    }

    static FloatVector powerOfTwo(FloatVector t) {
        return exponent(t.reinterpretAsInts());
    }

    private static FloatVector exponent(IntVector biased) {
        return biased.lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
    }

    static FloatVector expm1(FloatVector x) {
        FloatVector t = x.fma(vector(LOG2_E), vector(ROUND_BIASED - 1));
        FloatVector n = t.sub(ROUND_BIASED - 1);
        VectorMask<Float> one = n.compare(VectorOperators.EQ, 1f);
        FloatVector r = reduce(x, n);
        FloatVector q =
                vector(M5)
                        .fma(r, vector(M4))
                        .fma(r, vector(M3))
                        .fma(r, vector(M2))
                        .fma(r, vector(M1))
                        .fma(r, vector(M0));
        FloatVector v = q.fma(r.mul(r), r.blend(r.add(0.5f), one));
        FloatVector s = powerOfTwo(t);
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
        IntVector bits = x.blend(x.mul(0x1p23f), tiny).reinterpretAsInts();
        IntVector e = bits.sub(THREE_QUARTERS_BITS).lanewise(VectorOperators.ASHR, 23);
        FloatVector m = bits.sub(e.lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats();
        FloatVector n = toFloat(e).add(vector(0f).blend(-23f, tiny));
        FloatVector y = n.fma(vector(LN2), log1pPolynomial(m.sub(1f)));
        y = x.blend(y, x.compare(VectorOperators.LT, Float.POSITIVE_INFINITY));
        y = y.blend(Float.NaN, x.compare(VectorOperators.LT, 0f));
        return y.blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, 0f));
    }

    static FloatVector toFloat(IntVector x) {
        return (FloatVector) x.convert(VectorOperators.I2F, 0);
    }

    static FloatVector log1pPolynomial(FloatVector f) {
        return vector(L8)
                .fma(f, vector(L7))
                .fma(f, vector(L6))
                .fma(f, vector(L5))
                .fma(f, vector(L4))
                .fma(f, vector(L3))
                .fma(f, vector(L2))
                .fma(f, vector(L1))
                .fma(f, vector(L0))
                .fma(f.mul(f), f);
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
        FloatVector f = scaled.add(four.fma(vector(0.25f), vector(-1f)));
        FloatVector y = toFloat(e).fma(vector(LN2), log1pPolynomial(f));
        y = x.blend(y, x.compare(VectorOperators.LT, Float.POSITIVE_INFINITY));
        y = y.blend(Float.NaN, x.compare(VectorOperators.LT, -1f));
        y = y.blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, -1f));
        return y.blend(x, x.compare(VectorOperators.EQ, 0f));
    }

    static FloatVector tanh(FloatVector x) {
        FloatVector a = x.abs();
        FloatVector z = x.mul(x);
        FloatVector p =
                vector(T4)
                        .fma(z, vector(T3))
                        .fma(z, vector(T2))
                        .fma(z, vector(T1))
                        .fma(z, vector(T0));
        FloatVector small = p.mul(z).fma(x, x);
        FloatVector twice = limit(a, TANH_MAX).mul(2f);
        FloatVector t = twice.fma(vector(LOG2_E), vector(ROUND_BIASED));
        FloatVector r = t.sub(ROUND_BIASED).fma(vector(-LN2), twice);
        FloatVector s = powerOfTwo(t);
        FloatVector sum = expTail(r).fma(s, vector(1f)).add(s);
        FloatVector large = vector(1f).sub(vector(2f).div(sum));
        return small.blend(copySign(large, x), a.compare(VectorOperators.GE, TANH_SMALL));
    }

    static FloatVector limit(FloatVector a, float limit) {
        return a.reinterpretAsInts().min(Float.floatToRawIntBits(limit)).reinterpretAsFloats();
    }

    static FloatVector copySign(FloatVector y, FloatVector x) {
        return y.reinterpretAsInts().or(x.reinterpretAsInts().and(SIGN)).reinterpretAsFloats();
    }

    static FloatVector sigmoid(FloatVector x) {
        return overLogistic(vector(1f), atLeast(x, LOGISTIC_MIN));
    }

    static FloatVector silu(FloatVector x) {
        FloatVector y = atLeast(x, LOGISTIC_MIN);
        return overLogistic(y, y);
    }

    /** x &lt; low ? low : x. */
    static FloatVector atLeast(FloatVector x, float low) {
        return x.blend(low, x.compare(VectorOperators.LT, low));
    }

    /** x &gt; high ? high : x. */
    static FloatVector atMost(FloatVector x, float high) {
        return x.blend(high, x.compare(VectorOperators.GT, high));
    }

    static FloatVector overLogistic(FloatVector x, FloatVector u) {
        FloatVector z = atMost(u, LOGISTIC_MAX).neg();
        FloatVector t = z.fma(vector(LOG2_E), vector(ROUND_BIASED));
        FloatVector tail = expTail(reduce(z, t.sub(ROUND_BIASED)));
        IntVector both = t.reinterpretAsInts();
        IntVector first = both.min(ROUND_BIASED_64_BITS);
        FloatVector s = exponent(first);
        FloatVector rest = exponent(first.sub(both).add(127));
        FloatVector sum = s.add(1f);
        FloatVector low = vector(1f).sub(sum.sub(s));
        return x.div(tail.fma(s, low).add(sum)).mul(rest);
    }

    static FloatVector erf(FloatVector x) {
        FloatVector a = x.abs();
        FloatVector z = x.mul(x);
        FloatVector p =
                vector(F6)
                        .fma(z, vector(F5))
                        .fma(z, vector(F4))
                        .fma(z, vector(F3))
                        .fma(z, vector(F2))
                        .fma(z, vector(F1))
                        .fma(z, vector(F0));
        FloatVector small = p.fma(x, x);
        FloatVector b = limit(a, ERF_MAX);
        FloatVector h =
                vector(H6)
                        .fma(b, vector(H5))
                        .fma(b, vector(H4))
                        .fma(b, vector(H3))
                        .fma(b, vector(H2))
                        .fma(b, vector(H1))
                        .fma(b, vector(H0))
                        .fma(b, b.neg());
        FloatVector t = h.fma(vector(LOG2_E), vector(ROUND_BIASED));
        FloatVector r = reduce(h, t.sub(ROUND_BIASED));
        FloatVector large = powerOfTwo(t).neg().fma(expPolynomial(r), vector(1f));
        return small.blend(copySign(large, x), a.compare(VectorOperators.GT, ERF_SMALL));
    }

    static FloatVector sqrt(FloatVector x) {
        return x.sqrt();
    }

    static FloatVector rsqrt(FloatVector x) {
        return vector(1f).div(x.sqrt());
    }

    static FloatVector softplus(FloatVector x) {
        FloatVector e = exp(x.abs().neg());
        VectorMask<Float> big = e.compare(VectorOperators.GT, 0.5f);
        FloatVector f = e.blend(e.fma(vector(0.5f), vector(-0.5f)), big);
        FloatVector y = log1pPolynomial(f).add(vector(0f).blend(LN2, big));
        return y.blend(x.add(y), x.compare(VectorOperators.GT, 0f));
    }

    static FloatVector gelu(FloatVector x) {
        FloatVector t = limit(x.abs(), NORMAL_TAIL_MAX);
        FloatVector y = scaledNormalTail(t).mul(t);
        FloatVector s = t.mul(t);
        FloatVector low = t.fma(t, s.neg());
        FloatVector n = s.fma(vector(-0.5f * LOG2_E), vector(ROUND_BIASED_TWICE));
        FloatVector r = reduce(s.mul(-0.5f), n.sub(ROUND_BIASED_TWICE));
        r = low.fma(vector(-0.5f), r);
        y = scale(expPolynomial(r).mul(y), n);
        return x.blend(-0f, x.compare(VectorOperators.LT, 0f)).sub(y);
    }

    static FloatVector scaledNormalTail(FloatVector t) {
        FloatVector r = vector(1f).div(t.add(N_SHIFT));
        FloatVector q = t.sub(N_SHIFT).mul(r);
        return vector(N10)
                .fma(q, vector(N9))
                .fma(q, vector(N8))
                .fma(q, vector(N7))
                .fma(q, vector(N6))
                .fma(q, vector(N5))
                .fma(q, vector(N4))
                .fma(q, vector(N3))
                .fma(q, vector(N2))
                .fma(q, vector(N1))
                .fma(q, vector(N0))
                .mul(r);
    }
}
