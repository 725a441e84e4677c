package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.scalar.ScalarWideMath.*;
import static dev.lanewise.kernels.vector.Lanes.BITS;
import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;

import static jdk.incubator.vector.DoubleVector.broadcast;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link dev.lanewise.kernels.scalar.ScalarWideMath} on vectors: the lower half of a vector of
 * floats is widened to a vector of doubles, and the result rounded once. The same operations in the
 * same order, so the same bits.
 */
final class VectorWideMath {
    static final VectorSpecies<Double> DOUBLE =
            VectorSpecies.of(double.class, VectorShape.forBitSize(BITS));

    private static final VectorSpecies<Long> LONG =
            VectorSpecies.of(long.class, VectorShape.forBitSize(BITS));

    /** Floats in half a vector, doubles in a whole one. */
    static final int WIDE_COUNT = COUNT / 2;

    /**
     * The lower half of the lanes. Half a vector is a whole one under this mask, not one of a
     * smaller species: with a second species in the JVM, C2's profiles no longer name one class,
     * and it boxes vectors in kernels that have nothing to do with it.
     */
    static final VectorMask<Float> LOWER = FLOAT.indexInRange(0, WIDE_COUNT);

    private VectorWideMath() {}

    /**
     * How many of n elements go in vectors of doubles: whole ones, but none where a vector has two
     * lanes, for C2 compiles several of their operations to calls that allocate.
     */
    static long wideBound(long n) {
        return WIDE_COUNT > 2 ? n & -WIDE_COUNT : 0;
    }

    static DoubleVector widen(FloatVector x) {
        return (DoubleVector) x.convertShape(VectorOperators.F2D, DOUBLE, 0);
    }

    static DoubleVector limit(DoubleVector a) {
        return a.blend(ERFC_MAX, a.compare(VectorOperators.GT, ERFC_MAX));
    }

    static DoubleVector erfcPositive(DoubleVector a, DoubleVector e) {
        DoubleVector r = broadcast(DOUBLE, 1).div(a.add(W_SHIFT));
        DoubleVector q = a.sub(W_SHIFT).mul(r);
        return broadcast(DOUBLE, W10)
                .fma(q, broadcast(DOUBLE, W9))
                .fma(q, broadcast(DOUBLE, W8))
                .fma(q, broadcast(DOUBLE, W7))
                .fma(q, broadcast(DOUBLE, W6))
                .fma(q, broadcast(DOUBLE, W5))
                .fma(q, broadcast(DOUBLE, W4))
                .fma(q, broadcast(DOUBLE, W3))
                .fma(q, broadcast(DOUBLE, W2))
                .fma(q, broadcast(DOUBLE, W1))
                .fma(q, broadcast(DOUBLE, W0))
                .mul(r)
                .mul(e);
    }

    static DoubleVector expNegative(DoubleVector x) {
        DoubleVector t = x.fma(broadcast(DOUBLE, LOG2_E), broadcast(DOUBLE, ROUND_BIASED));
        DoubleVector r = t.sub(ROUND_BIASED).fma(broadcast(DOUBLE, -LN2), x);
        return broadcast(DOUBLE, E7)
                .fma(r, broadcast(DOUBLE, E6))
                .fma(r, broadcast(DOUBLE, E5))
                .fma(r, broadcast(DOUBLE, E4))
                .fma(r, broadcast(DOUBLE, E3))
                .fma(r, broadcast(DOUBLE, E2))
                .fma(r, broadcast(DOUBLE, 1))
                .fma(r, broadcast(DOUBLE, 1))
                .mul(
                        t.reinterpretAsLongs()
                                .lanewise(VectorOperators.LSHL, 52)
                                .reinterpretAsDoubles());
    }

    /** sin(wide + quarters · π/2). */
    static FloatVector sine(DoubleVector wide, int quarters) {
        DoubleVector t = wide.fma(broadcast(DOUBLE, TWO_OVER_PI), broadcast(DOUBLE, ROUND));
        DoubleVector n = t.sub(ROUND);
        DoubleVector r =
                n.fma(broadcast(DOUBLE, -HALF_PI_LOW), n.fma(broadcast(DOUBLE, -HALF_PI), wide));
        LongVector quadrant = t.reinterpretAsLongs().add(quarters);
        DoubleVector z = r.mul(r);
        DoubleVector s =
                broadcast(DOUBLE, S3)
                        .fma(z, broadcast(DOUBLE, S2))
                        .fma(z, broadcast(DOUBLE, S1))
                        .fma(z, broadcast(DOUBLE, S0))
                        .fma(z, broadcast(DOUBLE, 1))
                        .mul(r);
        DoubleVector c =
                broadcast(DOUBLE, C4)
                        .fma(z, broadcast(DOUBLE, C3))
                        .fma(z, broadcast(DOUBLE, C2))
                        .fma(z, broadcast(DOUBLE, -0.5))
                        .fma(z, broadcast(DOUBLE, 1));
        VectorMask<Double> odd = quadrant.and(1).compare(VectorOperators.NE, 0).cast(DOUBLE);
        LongVector sign = quadrant.and(2).lanewise(VectorOperators.LSHL, 62);
        LongVector y = s.blend(c, odd).reinterpretAsLongs();
        return (FloatVector)
                y.lanewise(VectorOperators.XOR, sign)
                        .reinterpretAsDoubles()
                        .convertShape(VectorOperators.D2F, FLOAT, 0);
    }

    /** 2^(log2 · power). */
    static FloatVector pow(DoubleVector log2, DoubleVector power) {
        DoubleVector p = log2.mul(power);
        p = p.blend(POW_LIMIT, p.compare(VectorOperators.GT, POW_LIMIT));
        p = p.blend(-POW_LIMIT, p.compare(VectorOperators.LT, -POW_LIMIT));
        DoubleVector t = p.add(ROUND_BIASED);
        LongVector exponent = t.reinterpretAsLongs().lanewise(VectorOperators.LSHL, 52);
        DoubleVector r = p.sub(t.sub(ROUND_BIASED));
        return (FloatVector)
                broadcast(DOUBLE, X7)
                        .fma(r, broadcast(DOUBLE, X6))
                        .fma(r, broadcast(DOUBLE, X5))
                        .fma(r, broadcast(DOUBLE, X4))
                        .fma(r, broadcast(DOUBLE, X3))
                        .fma(r, broadcast(DOUBLE, X2))
                        .fma(r, broadcast(DOUBLE, X1))
                        .fma(r, broadcast(DOUBLE, 1))
                        .mul(exponent.reinterpretAsDoubles())
                        .blend(1, power.compare(VectorOperators.EQ, 0))
                        .convertShape(VectorOperators.D2F, FLOAT, 0);
    }

    /** log₂ x for x without sign. */
    static DoubleVector log2(DoubleVector x) {
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
                broadcast(DOUBLE, G5)
                        .fma(z, broadcast(DOUBLE, G4))
                        .fma(z, broadcast(DOUBLE, G3))
                        .fma(z, broadcast(DOUBLE, G2))
                        .fma(z, broadcast(DOUBLE, G1))
                        .fma(z, broadcast(DOUBLE, G0))
                        .fma(s, n);
        y = x.blend(y, x.compare(VectorOperators.LT, Double.POSITIVE_INFINITY));
        return y.blend(Double.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, 0));
    }
}
