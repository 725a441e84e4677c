package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.BYTES;
import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ODD_QUARTERS;
import static dev.lanewise.kernels.vector.Lanes.ORDER;
import static dev.lanewise.kernels.vector.Lanes.SWAP_1;
import static dev.lanewise.kernels.vector.Lanes.SWAP_2;
import static dev.lanewise.kernels.vector.Lanes.SWAP_4;
import static dev.lanewise.kernels.vector.Lanes.SWAP_8;
import static dev.lanewise.kernels.vector.Lanes.SWAP_HALVES;
import static dev.lanewise.kernels.vector.Lanes.SWAP_QUARTERS;
import static dev.lanewise.kernels.vector.Lanes.UPPER_HALF;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;

/**
 * Matrix-vector products at the speed at which A can be read: few rows of A side by side, each read
 * from front to back. The bits of an element of y don't depend on the other rows.
 */
final class VectorGemv {
    private VectorGemv() {}

    /** y = alpha · A · x + beta · y; offsets and strides in bytes. */
    static void gemv(
            MemorySegment a,
            long aAt,
            long aRowBytes,
            MemorySegment x,
            long xAt,
            long m,
            long n,
            float alpha,
            float beta,
            MemorySegment y,
            long yAt) {
        long i = 0;
        for (; i + 4 <= m; i += 4) {
            fourRows(a, aAt, aRowBytes, x, xAt, n, alpha, beta, y, yAt);
            aAt += 4 * aRowBytes;
            yAt += 16;
        }
        for (; i < m; i++) {
            oneRow(a, aAt, x, xAt, n, alpha, beta, y, yAt);
            aAt += aRowBytes;
            yAt += 4;
        }
    }

    /** Four dot products at once. */
    private static void fourRows(
            MemorySegment a,
            long aAt,
            long aRowBytes,
            MemorySegment x,
            long xAt,
            long n,
            float alpha,
            float beta,
            MemorySegment y,
            long yAt) {
        a = NATIVE.cast(a);
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        long a1 = aAt + aRowBytes;
        long a2 = a1 + aRowBytes;
        long a3 = a2 + aRowBytes;
        FloatVector s0 = FloatVector.zero(FLOAT);
        FloatVector s1 = FloatVector.zero(FLOAT);
        FloatVector s2 = FloatVector.zero(FLOAT);
        FloatVector s3 = FloatVector.zero(FLOAT);
        int vectors = (int) (n / COUNT);
        long at = 0;
        for (int p = 0; p < vectors; p++) {
            FloatVector x0 = FloatVector.fromMemorySegment(FLOAT, x, xAt + at, ORDER);
            s0 = FloatVector.fromMemorySegment(FLOAT, a, aAt + at, ORDER).fma(x0, s0);
            s1 = FloatVector.fromMemorySegment(FLOAT, a, a1 + at, ORDER).fma(x0, s1);
            s2 = FloatVector.fromMemorySegment(FLOAT, a, a2 + at, ORDER).fma(x0, s2);
            s3 = FloatVector.fromMemorySegment(FLOAT, a, a3 + at, ORDER).fma(x0, s3);
            at += BYTES;
        }
        // The four sums end in the first lanes of the first, third, second and fourth quarter. Each
        // addition halves the lanes that a sum is spread over, so that vectors merge in pairs.
        // Every sum has the order of oneRow.
        FloatVector s01 =
                s0.blend(s1, UPPER_HALF).add(s1.blend(s0, UPPER_HALF).rearrange(SWAP_HALVES));
        FloatVector s23 =
                s2.blend(s3, UPPER_HALF).add(s3.blend(s2, UPPER_HALF).rearrange(SWAP_HALVES));
        FloatVector sums =
                s01.blend(s23, ODD_QUARTERS)
                        .add(s23.blend(s01, ODD_QUARTERS).rearrange(SWAP_QUARTERS));
        sums = COUNT > 8 ? sums.add(sums.rearrange(SWAP_2)) : sums;
        sums = COUNT > 4 ? sums.add(sums.rearrange(SWAP_1)) : sums;
        float r0 = sums.lane(0);
        float r1 = sums.lane(COUNT / 2);
        float r2 = sums.lane(COUNT / 4);
        float r3 = sums.lane(COUNT / 2 + COUNT / 4);
        for (; at < 4 * n; at += 4) {
            float factor = x.get(JAVA_FLOAT_UNALIGNED, xAt + at);
            r0 = Math.fma(a.get(JAVA_FLOAT_UNALIGNED, aAt + at), factor, r0);
            r1 = Math.fma(a.get(JAVA_FLOAT_UNALIGNED, a1 + at), factor, r1);
            r2 = Math.fma(a.get(JAVA_FLOAT_UNALIGNED, a2 + at), factor, r2);
            r3 = Math.fma(a.get(JAVA_FLOAT_UNALIGNED, a3 + at), factor, r3);
        }
        store(r0, alpha, beta, y, yAt);
        store(r1, alpha, beta, y, yAt + 4);
        store(r2, alpha, beta, y, yAt + 8);
        store(r3, alpha, beta, y, yAt + 12);
    }

    /** The same sum for one row. */
    private static void oneRow(
            MemorySegment a,
            long aAt,
            MemorySegment x,
            long xAt,
            long n,
            float alpha,
            float beta,
            MemorySegment y,
            long yAt) {
        a = NATIVE.cast(a);
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        FloatVector s = FloatVector.zero(FLOAT);
        int vectors = (int) (n / COUNT);
        long at = 0;
        for (int p = 0; p < vectors; p++) {
            FloatVector x0 = FloatVector.fromMemorySegment(FLOAT, x, xAt + at, ORDER);
            s = FloatVector.fromMemorySegment(FLOAT, a, aAt + at, ORDER).fma(x0, s);
            at += BYTES;
        }
        s = COUNT > 8 ? s.add(s.rearrange(SWAP_8)) : s;
        s = COUNT > 4 ? s.add(s.rearrange(SWAP_4)) : s;
        s = s.add(s.rearrange(SWAP_2));
        float r = s.add(s.rearrange(SWAP_1)).lane(0);
        for (; at < 4 * n; at += 4) {
            float factor = x.get(JAVA_FLOAT_UNALIGNED, xAt + at);
            r = Math.fma(a.get(JAVA_FLOAT_UNALIGNED, aAt + at), factor, r);
        }
        store(r, alpha, beta, y, yAt);
    }

    /** y = alpha · s + beta · y for one element. */
    private static void store(float s, float alpha, float beta, MemorySegment y, long yAt) {
        float value =
                beta == 0f
                        ? alpha * s
                        : Math.fma(alpha, s, beta * y.get(JAVA_FLOAT_UNALIGNED, yAt));
        y.set(JAVA_FLOAT_UNALIGNED, yAt, value);
    }

    /** y = alpha · Aᵀ · x + beta · y; offsets and strides in bytes. */
    static void gemvTransposed(
            MemorySegment a,
            long aAt,
            long aRowBytes,
            MemorySegment x,
            long xAt,
            long m,
            long n,
            float alpha,
            float beta,
            MemorySegment y,
            long yAt) {
        if (beta != 1f) {
            scale(beta, n, y, yAt);
        }
        long i = 0;
        for (; i + 4 <= m; i += 4) {
            addFourRows(a, aAt, aRowBytes, x, xAt, n, alpha, y, yAt);
            aAt += 4 * aRowBytes;
            xAt += 16;
        }
        for (; i < m; i++) {
            addRow(a, aAt, alpha * x.get(JAVA_FLOAT_UNALIGNED, xAt), n, y, yAt);
            aAt += aRowBytes;
            xAt += 4;
        }
    }

    /** y = beta · y, unread where beta = 0. */
    private static void scale(float beta, long n, MemorySegment y, long yAt) {
        y = NATIVE.cast(y);
        FloatVector betas = FloatVector.broadcast(FLOAT, beta);
        FloatVector zero = FloatVector.zero(FLOAT);
        long whole = BYTES * (n / COUNT);
        long at = 0;
        if (beta == 0f) {
            for (; at < whole; at += BYTES) {
                zero.intoMemorySegment(y, yAt + at, ORDER);
            }
            for (; at < 4 * n; at += 4) {
                y.set(JAVA_FLOAT_UNALIGNED, yAt + at, 0f);
            }
            return;
        }
        for (; at < whole; at += BYTES) {
            FloatVector.fromMemorySegment(FLOAT, y, yAt + at, ORDER)
                    .mul(betas)
                    .intoMemorySegment(y, yAt + at, ORDER);
        }
        for (; at < 4 * n; at += 4) {
            y.set(JAVA_FLOAT_UNALIGNED, yAt + at, beta * y.get(JAVA_FLOAT_UNALIGNED, yAt + at));
        }
    }

    private static void addFourRows(
            MemorySegment a,
            long aAt,
            long aRowBytes,
            MemorySegment x,
            long xAt,
            long n,
            float alpha,
            MemorySegment y,
            long yAt) {
        a = NATIVE.cast(a);
        x = NATIVE.cast(x);
        y = NATIVE.cast(y);
        long a1 = aAt + aRowBytes;
        long a2 = a1 + aRowBytes;
        long a3 = a2 + aRowBytes;
        float f0 = alpha * x.get(JAVA_FLOAT_UNALIGNED, xAt);
        float f1 = alpha * x.get(JAVA_FLOAT_UNALIGNED, xAt + 4);
        float f2 = alpha * x.get(JAVA_FLOAT_UNALIGNED, xAt + 8);
        float f3 = alpha * x.get(JAVA_FLOAT_UNALIGNED, xAt + 12);
        FloatVector x0 = FloatVector.broadcast(FLOAT, f0);
        FloatVector x1 = FloatVector.broadcast(FLOAT, f1);
        FloatVector x2 = FloatVector.broadcast(FLOAT, f2);
        FloatVector x3 = FloatVector.broadcast(FLOAT, f3);
        int vectors = (int) (n / COUNT);
        long at = 0;
        for (int j = 0; j < vectors; j++) {
            FloatVector s = FloatVector.fromMemorySegment(FLOAT, y, yAt + at, ORDER);
            s = FloatVector.fromMemorySegment(FLOAT, a, aAt + at, ORDER).fma(x0, s);
            s = FloatVector.fromMemorySegment(FLOAT, a, a1 + at, ORDER).fma(x1, s);
            s = FloatVector.fromMemorySegment(FLOAT, a, a2 + at, ORDER).fma(x2, s);
            s = FloatVector.fromMemorySegment(FLOAT, a, a3 + at, ORDER).fma(x3, s);
            s.intoMemorySegment(y, yAt + at, ORDER);
            at += BYTES;
        }
        for (; at < 4 * n; at += 4) {
            float s = y.get(JAVA_FLOAT_UNALIGNED, yAt + at);
            s = Math.fma(a.get(JAVA_FLOAT_UNALIGNED, aAt + at), f0, s);
            s = Math.fma(a.get(JAVA_FLOAT_UNALIGNED, a1 + at), f1, s);
            s = Math.fma(a.get(JAVA_FLOAT_UNALIGNED, a2 + at), f2, s);
            s = Math.fma(a.get(JAVA_FLOAT_UNALIGNED, a3 + at), f3, s);
            y.set(JAVA_FLOAT_UNALIGNED, yAt + at, s);
        }
    }

    private static void addRow(
            MemorySegment a, long aAt, float factor, long n, MemorySegment y, long yAt) {
        a = NATIVE.cast(a);
        y = NATIVE.cast(y);
        FloatVector factors = FloatVector.broadcast(FLOAT, factor);
        int vectors = (int) (n / COUNT);
        long at = 0;
        for (int j = 0; j < vectors; j++) {
            FloatVector s = FloatVector.fromMemorySegment(FLOAT, y, yAt + at, ORDER);
            FloatVector.fromMemorySegment(FLOAT, a, aAt + at, ORDER)
                    .fma(factors, s)
                    .intoMemorySegment(y, yAt + at, ORDER);
            at += BYTES;
        }
        for (; at < 4 * n; at += 4) {
            float s = y.get(JAVA_FLOAT_UNALIGNED, yAt + at);
            s = Math.fma(a.get(JAVA_FLOAT_UNALIGNED, aAt + at), factor, s);
            y.set(JAVA_FLOAT_UNALIGNED, yAt + at, s);
        }
    }
}
