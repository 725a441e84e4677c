package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.BYTES;
import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.ORDER;
import static dev.lanewise.kernels.vector.Lanes.horizontalSum;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;

/**
 * Matrix-vector products at the speed at which A can be read: four rows of A side by side, each
 * read from front to back. The bits of an element of y don't depend on the other rows.
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

    /** Four dot products, each in two chains over the even and the odd vectors. */
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
        long a1 = aAt + aRowBytes;
        long a2 = a1 + aRowBytes;
        long a3 = a2 + aRowBytes;
        FloatVector s0 = FloatVector.zero(FLOAT);
        FloatVector s1 = FloatVector.zero(FLOAT);
        FloatVector s2 = FloatVector.zero(FLOAT);
        FloatVector s3 = FloatVector.zero(FLOAT);
        FloatVector t0 = FloatVector.zero(FLOAT);
        FloatVector t1 = FloatVector.zero(FLOAT);
        FloatVector t2 = FloatVector.zero(FLOAT);
        FloatVector t3 = FloatVector.zero(FLOAT);
        int pairs = (int) (n / (2 * COUNT));
        long at = 0;
        for (int p = 0; p < pairs; p++) {
            FloatVector x0 = FloatVector.fromMemorySegment(FLOAT, x, xAt + at, ORDER);
            FloatVector x1 = FloatVector.fromMemorySegment(FLOAT, x, xAt + at + BYTES, ORDER);
            s0 = FloatVector.fromMemorySegment(FLOAT, a, aAt + at, ORDER).fma(x0, s0);
            s1 = FloatVector.fromMemorySegment(FLOAT, a, a1 + at, ORDER).fma(x0, s1);
            s2 = FloatVector.fromMemorySegment(FLOAT, a, a2 + at, ORDER).fma(x0, s2);
            s3 = FloatVector.fromMemorySegment(FLOAT, a, a3 + at, ORDER).fma(x0, s3);
            t0 = FloatVector.fromMemorySegment(FLOAT, a, aAt + at + BYTES, ORDER).fma(x1, t0);
            t1 = FloatVector.fromMemorySegment(FLOAT, a, a1 + at + BYTES, ORDER).fma(x1, t1);
            t2 = FloatVector.fromMemorySegment(FLOAT, a, a2 + at + BYTES, ORDER).fma(x1, t2);
            t3 = FloatVector.fromMemorySegment(FLOAT, a, a3 + at + BYTES, ORDER).fma(x1, t3);
            at += 2 * BYTES;
        }
        finish(a, aAt, x, xAt, at, n, horizontalSum(s0.add(t0)), alpha, beta, y, yAt);
        finish(a, a1, x, xAt, at, n, horizontalSum(s1.add(t1)), alpha, beta, y, yAt + 4);
        finish(a, a2, x, xAt, at, n, horizontalSum(s2.add(t2)), alpha, beta, y, yAt + 8);
        finish(a, a3, x, xAt, at, n, horizontalSum(s3.add(t3)), alpha, beta, y, yAt + 12);
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
        FloatVector s = FloatVector.zero(FLOAT);
        FloatVector t = FloatVector.zero(FLOAT);
        int pairs = (int) (n / (2 * COUNT));
        long at = 0;
        for (int p = 0; p < pairs; p++) {
            FloatVector x0 = FloatVector.fromMemorySegment(FLOAT, x, xAt + at, ORDER);
            FloatVector x1 = FloatVector.fromMemorySegment(FLOAT, x, xAt + at + BYTES, ORDER);
            s = FloatVector.fromMemorySegment(FLOAT, a, aAt + at, ORDER).fma(x0, s);
            t = FloatVector.fromMemorySegment(FLOAT, a, aAt + at + BYTES, ORDER).fma(x1, t);
            at += 2 * BYTES;
        }
        finish(a, aAt, x, xAt, at, n, horizontalSum(s.add(t)), alpha, beta, y, yAt);
    }

    /** Adds the products from byte {@code at} to the end of the row and stores the element of y. */
    private static void finish(
            MemorySegment a,
            long aAt,
            MemorySegment x,
            long xAt,
            long at,
            long n,
            float s,
            float alpha,
            float beta,
            MemorySegment y,
            long yAt) {
        for (; at < 4 * n; at += 4) {
            s =
                    Math.fma(
                            a.get(JAVA_FLOAT_UNALIGNED, aAt + at),
                            x.get(JAVA_FLOAT_UNALIGNED, xAt + at),
                            s);
        }
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
