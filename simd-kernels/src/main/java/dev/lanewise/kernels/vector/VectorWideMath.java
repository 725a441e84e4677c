package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.scalar.ScalarWideMath.*;
import static dev.lanewise.kernels.vector.Lanes.BITS;
import static dev.lanewise.kernels.vector.Lanes.ORDER;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

import java.lang.foreign.MemorySegment;

/**
 * {@link dev.lanewise.kernels.scalar.ScalarWideMath} on vectors: half a vector of floats is widened
 * to a vector of doubles, and the result rounded once. The same operations in the same order, so
 * the same bits.
 */
final class VectorWideMath {
    /** Half vectors of floats. */
    static final VectorSpecies<Float> HALF =
            VectorSpecies.of(float.class, VectorShape.forBitSize(BITS / 2));

    private static final VectorSpecies<Double> DOUBLE =
            VectorSpecies.of(double.class, VectorShape.forBitSize(BITS));

    private static final VectorSpecies<Long> LONG =
            VectorSpecies.of(long.class, VectorShape.forBitSize(BITS));

    /** Floats in half a vector, doubles in a whole one. */
    static final int WIDE_COUNT = HALF.length();

    private VectorWideMath() {}

    static FloatVector loadHalf(MemorySegment segment, long index) {
        return FloatVector.fromMemorySegment(HALF, segment, index << 2, ORDER);
    }

    static void storeHalf(FloatVector vector, MemorySegment segment, long index) {
        vector.intoMemorySegment(segment, index << 2, ORDER);
    }

    private static DoubleVector widen(FloatVector x) {
        return (DoubleVector) x.convertShape(VectorOperators.F2D, DOUBLE, 0);
    }

    private static FloatVector narrow(DoubleVector x) {
        return (FloatVector) x.convertShape(VectorOperators.D2F, HALF, 0);
    }

    private static DoubleVector vector(double value) {
        return DoubleVector.broadcast(DOUBLE, value);
    }

    static FloatVector erfc(FloatVector x) {
        DoubleVector wide = widen(x);
        DoubleVector a = wide.abs();
        a = a.blend(ERFC_MAX, a.compare(VectorOperators.GT, ERFC_MAX));
        DoubleVector r = vector(1).div(a.add(W_SHIFT));
        DoubleVector q = a.sub(W_SHIFT).mul(r);
        DoubleVector g =
                vector(W10)
                        .fma(q, vector(W9))
                        .fma(q, vector(W8))
                        .fma(q, vector(W7))
                        .fma(q, vector(W6))
                        .fma(q, vector(W5))
                        .fma(q, vector(W4))
                        .fma(q, vector(W3))
                        .fma(q, vector(W2))
                        .fma(q, vector(W1))
                        .fma(q, vector(W0));
        DoubleVector y = g.mul(r).mul(expNegative(a.mul(a).neg()));
        return narrow(y.blend(vector(2).sub(y), wide.compare(VectorOperators.LT, 0)));
    }

    private static DoubleVector expNegative(DoubleVector x) {
        DoubleVector t = x.fma(vector(LOG2_E), vector(ROUND_BIASED));
        DoubleVector r = t.sub(ROUND_BIASED).fma(vector(-LN2), x);
        return vector(E7)
                .fma(r, vector(E6))
                .fma(r, vector(E5))
                .fma(r, vector(E4))
                .fma(r, vector(E3))
                .fma(r, vector(E2))
                .fma(r, vector(1))
                .fma(r, vector(1))
                .mul(powerOfTwo(t));
    }

    private static DoubleVector powerOfTwo(DoubleVector t) {
        return t.reinterpretAsLongs().lanewise(VectorOperators.LSHL, 52).reinterpretAsDoubles();
    }

    /** Whether sine and cosine of some lane need the scalar reduction. */
    static boolean isHuge(FloatVector x) {
        return x.abs().compare(VectorOperators.GE, HUGE_ANGLE).anyTrue();
    }

    static FloatVector sin(FloatVector x) {
        return sineOfQuadrant(x, 0);
    }

    static FloatVector cos(FloatVector x) {
        return sineOfQuadrant(x, 1);
    }

    private static FloatVector sineOfQuadrant(FloatVector x, int quarters) {
        DoubleVector wide = widen(x);
        DoubleVector t = wide.fma(vector(TWO_OVER_PI), vector(ROUND));
        DoubleVector n = t.sub(ROUND);
        DoubleVector r = n.fma(vector(-HALF_PI_LOW), n.fma(vector(-HALF_PI), wide));
        LongVector quadrant = t.reinterpretAsLongs().add(quarters);
        DoubleVector z = r.mul(r);
        DoubleVector s =
                vector(S3)
                        .fma(z, vector(S2))
                        .fma(z, vector(S1))
                        .fma(z, vector(S0))
                        .fma(z, vector(1))
                        .mul(r);
        DoubleVector c =
                vector(C4)
                        .fma(z, vector(C3))
                        .fma(z, vector(C2))
                        .fma(z, vector(-0.5))
                        .fma(z, vector(1));
        VectorMask<Double> odd = quadrant.and(1).compare(VectorOperators.NE, 0).cast(DOUBLE);
        LongVector sign = quadrant.and(2).lanewise(VectorOperators.LSHL, 62);
        LongVector y = s.blend(c, odd).reinterpretAsLongs();
        return narrow(y.lanewise(VectorOperators.XOR, sign).reinterpretAsDoubles());
    }

    static FloatVector pow(FloatVector x, FloatVector y) {
        DoubleVector wide = widen(x);
        DoubleVector power = widen(y);
        DoubleVector base = wide.abs();
        DoubleVector p = log2(base).mul(power);
        p = p.blend(POW_LIMIT, p.compare(VectorOperators.GT, POW_LIMIT));
        p = p.blend(-POW_LIMIT, p.compare(VectorOperators.LT, -POW_LIMIT));
        DoubleVector t = p.add(ROUND_BIASED);
        DoubleVector r = p.sub(t.sub(ROUND_BIASED));
        DoubleVector result =
                vector(X7)
                        .fma(r, vector(X6))
                        .fma(r, vector(X5))
                        .fma(r, vector(X4))
                        .fma(r, vector(X3))
                        .fma(r, vector(X2))
                        .fma(r, vector(X1))
                        .fma(r, vector(1))
                        .mul(powerOfTwo(t));
        VectorMask<Double> negative =
                wide.reinterpretAsLongs().compare(VectorOperators.LT, 0).cast(DOUBLE);
        DoubleVector n = power.abs();
        n = n.blend(0, n.compare(VectorOperators.GE, 0x1p25));
        VectorMask<Double> integer = isInteger(n);
        VectorMask<Double> odd = integer.andNot(isInteger(n.mul(0.5)));
        VectorMask<Double> extreme =
                base.compare(VectorOperators.EQ, 0)
                        .or(base.compare(VectorOperators.EQ, Double.POSITIVE_INFINITY));
        result = result.blend(result.neg(), negative.and(odd));
        result = result.blend(Double.NaN, negative.andNot(integer.or(extreme)));
        return narrow(result.blend(1, power.compare(VectorOperators.EQ, 0)));
    }

    private static VectorMask<Double> isInteger(DoubleVector n) {
        return n.add(ROUND).sub(ROUND).compare(VectorOperators.EQ, n);
    }

    private static DoubleVector log2(DoubleVector x) {
        LongVector bits = x.reinterpretAsLongs();
        LongVector k = bits.sub(LOG_BIAS).lanewise(VectorOperators.LSHR, 52);
        DoubleVector m =
                bits.sub(k.lanewise(VectorOperators.LSHL, 52))
                        .add(0x4000000000000000L)
                        .reinterpretAsDoubles();
        DoubleVector n =
                k.or(LongVector.broadcast(LONG, TWO_52_BITS))
                        .reinterpretAsDoubles()
                        .sub(0x1p52 + 1024);
        DoubleVector s = m.sub(1).div(m.add(1));
        DoubleVector z = s.mul(s);
        DoubleVector y =
                vector(G5)
                        .fma(z, vector(G4))
                        .fma(z, vector(G3))
                        .fma(z, vector(G2))
                        .fma(z, vector(G1))
                        .fma(z, vector(G0))
                        .fma(s, n);
        y = x.blend(y, x.compare(VectorOperators.LT, Double.POSITIVE_INFINITY));
        return y.blend(Double.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, 0));
    }
}
