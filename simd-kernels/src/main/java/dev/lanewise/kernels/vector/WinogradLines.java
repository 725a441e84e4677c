package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.Winograd.P;
import static dev.lanewise.kernels.Winograd.P2;
import static dev.lanewise.kernels.Winograd.P3;
import static dev.lanewise.kernels.Winograd.PRODUCT;
import static dev.lanewise.kernels.Winograd.Q;
import static dev.lanewise.kernels.Winograd.Q2;
import static dev.lanewise.kernels.Winograd.Q3;
import static dev.lanewise.kernels.Winograd.SUM;
import static dev.lanewise.kernels.Winograd.W0;
import static dev.lanewise.kernels.Winograd.WP;
import static dev.lanewise.kernels.Winograd.WP_ODD;
import static dev.lanewise.kernels.Winograd.WQ;
import static dev.lanewise.kernels.Winograd.WQ_ODD;
import static dev.lanewise.kernels.vector.Lanes.BYTES;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;

import dev.lanewise.kernels.Winograd;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;

/**
 * The one-dimensional transforms of {@link Winograd} over vectors of channels, from one scratch
 * array to another of the same segment. Offsets and steps are in bytes; {@code bytes} is a whole
 * number of vectors. Each method runs {@code lines} lines of so many bytes, {@code fromStep} and
 * {@code toStep} apart.
 */
final class WinogradLines {
    private WinogradLines() {}

    /** Bᵀ d: the inputs at d0 to d5, the six results {@code pitch} apart. */
    static void input(
            MemorySegment work,
            long d0,
            long d1,
            long d2,
            long d3,
            long d4,
            long d5,
            long fromStep,
            long to,
            long pitch,
            long toStep,
            int lines,
            int bytes) {
        work = NATIVE.cast(work);
        FloatVector sum = FloatVector.broadcast(FLOAT, -SUM);
        FloatVector product = FloatVector.broadcast(FLOAT, PRODUCT);
        FloatVector minusP2 = FloatVector.broadcast(FLOAT, -P2);
        FloatVector minusQ2 = FloatVector.broadcast(FLOAT, -Q2);
        FloatVector p = FloatVector.broadcast(FLOAT, P);
        FloatVector q = FloatVector.broadcast(FLOAT, Q);
        for (int line = 0; line < lines; line++) {
            long shift = line * fromStep;
            long at = to + line * toStep;
            for (int i = 0; i < bytes; i += (int) BYTES) {
                FloatVector x0 = FloatVector.fromMemorySegment(FLOAT, work, d0 + shift + i, ORDER);
                FloatVector x1 = FloatVector.fromMemorySegment(FLOAT, work, d1 + shift + i, ORDER);
                FloatVector x2 = FloatVector.fromMemorySegment(FLOAT, work, d2 + shift + i, ORDER);
                FloatVector x3 = FloatVector.fromMemorySegment(FLOAT, work, d3 + shift + i, ORDER);
                FloatVector x4 = FloatVector.fromMemorySegment(FLOAT, work, d4 + shift + i, ORDER);
                FloatVector x5 = FloatVector.fromMemorySegment(FLOAT, work, d5 + shift + i, ORDER);
                FloatVector even = x2.fma(minusQ2, x4);
                FloatVector odd = x1.fma(minusQ2, x3).mul(p);
                even.add(odd).intoMemorySegment(work, at + pitch + i, ORDER);
                even.sub(odd).intoMemorySegment(work, at + 2 * pitch + i, ORDER);
                FloatVector even2 = x2.fma(minusP2, x4);
                FloatVector odd2 = x1.fma(minusP2, x3).mul(q);
                even2.add(odd2).intoMemorySegment(work, at + 3 * pitch + i, ORDER);
                even2.sub(odd2).intoMemorySegment(work, at + 4 * pitch + i, ORDER);
                x0.fma(product, x2.fma(sum, x4)).intoMemorySegment(work, at + i, ORDER);
                x1.fma(product, x3.fma(sum, x5)).intoMemorySegment(work, at + 5 * pitch + i, ORDER);
            }
        }
    }

    /**
     * Aᵀ m, plus the vectors at bias: the products at m0 to m5, the four results {@code pitch}
     * apart.
     */
    static void output(
            MemorySegment work,
            long m0,
            long m1,
            long m2,
            long m3,
            long m4,
            long m5,
            long bias,
            long fromStep,
            long to,
            long pitch,
            long toStep,
            int lines,
            int bytes) {
        work = NATIVE.cast(work);
        FloatVector p = FloatVector.broadcast(FLOAT, P);
        FloatVector q = FloatVector.broadcast(FLOAT, Q);
        FloatVector p2 = FloatVector.broadcast(FLOAT, P2);
        FloatVector q2 = FloatVector.broadcast(FLOAT, Q2);
        FloatVector p3 = FloatVector.broadcast(FLOAT, P3);
        FloatVector q3 = FloatVector.broadcast(FLOAT, Q3);
        for (int line = 0; line < lines; line++) {
            long shift = line * fromStep;
            long at = to + line * toStep;
            for (int i = 0; i < bytes; i += (int) BYTES) {
                FloatVector x0 = FloatVector.fromMemorySegment(FLOAT, work, m0 + shift + i, ORDER);
                FloatVector x1 = FloatVector.fromMemorySegment(FLOAT, work, m1 + shift + i, ORDER);
                FloatVector x2 = FloatVector.fromMemorySegment(FLOAT, work, m2 + shift + i, ORDER);
                FloatVector x3 = FloatVector.fromMemorySegment(FLOAT, work, m3 + shift + i, ORDER);
                FloatVector x4 = FloatVector.fromMemorySegment(FLOAT, work, m4 + shift + i, ORDER);
                FloatVector x5 = FloatVector.fromMemorySegment(FLOAT, work, m5 + shift + i, ORDER);
                FloatVector b = FloatVector.fromMemorySegment(FLOAT, work, bias + i, ORDER);
                FloatVector s = x1.add(x2);
                FloatVector d = x1.sub(x2);
                FloatVector t = x3.add(x4);
                FloatVector e = x3.sub(x4);
                x0.add(b).add(s.add(t)).intoMemorySegment(work, at + i, ORDER);
                d.fma(p, e.fma(q, b)).intoMemorySegment(work, at + pitch + i, ORDER);
                s.fma(p2, t.fma(q2, b)).intoMemorySegment(work, at + 2 * pitch + i, ORDER);
                d.fma(p3, e.fma(q3, x5.add(b))).intoMemorySegment(work, at + 3 * pitch + i, ORDER);
            }
        }
    }

    /** G w: the weights at w0 to w2, the six results {@code pitch} apart. */
    static void weight(
            MemorySegment from,
            long w0,
            long w1,
            long w2,
            long fromStep,
            MemorySegment into,
            long to,
            long pitch,
            long toStep,
            int lines,
            int bytes) {
        from = NATIVE.cast(from);
        into = NATIVE.cast(into);
        for (int line = 0; line < lines; line++) {
            long shift = line * fromStep;
            long at = to + line * toStep;
            for (int i = 0; i < bytes; i += (int) BYTES) {
                FloatVector x0 = FloatVector.fromMemorySegment(FLOAT, from, w0 + shift + i, ORDER);
                FloatVector x1 = FloatVector.fromMemorySegment(FLOAT, from, w1 + shift + i, ORDER);
                FloatVector x2 = FloatVector.fromMemorySegment(FLOAT, from, w2 + shift + i, ORDER);
                x0.mul(W0).intoMemorySegment(into, at + i, ORDER);
                FloatVector even = x2.fma(FloatVector.broadcast(FLOAT, P2), x0).mul(WP);
                FloatVector odd = x1.mul(WP_ODD);
                even.add(odd).intoMemorySegment(into, at + pitch + i, ORDER);
                even.sub(odd).intoMemorySegment(into, at + 2 * pitch + i, ORDER);
                FloatVector even2 = x2.fma(FloatVector.broadcast(FLOAT, Q2), x0).mul(WQ);
                FloatVector odd2 = x1.mul(WQ_ODD);
                even2.add(odd2).intoMemorySegment(into, at + 3 * pitch + i, ORDER);
                even2.sub(odd2).intoMemorySegment(into, at + 4 * pitch + i, ORDER);
                x2.intoMemorySegment(into, at + 5 * pitch + i, ORDER);
            }
        }
    }
}
