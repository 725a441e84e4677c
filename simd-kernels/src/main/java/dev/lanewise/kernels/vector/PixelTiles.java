package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.BYTES;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;

/**
 * The register tiles of convolution with lanes along the filters: {@code sum[i, k] = Σ over t of
 * x[positions[q + i] + table[t]] · w[t, k]} for {@link #PIXELS} pixels i and a few vectors of
 * filters k.
 *
 * <p>The inputs are read one by one wherever they lie, so strides cost nothing and no lane is
 * wasted at the end of a row; the weights are packed ({@link PixelWeights}). Each sum is one chain
 * of fused multiply-adds in ascending t from 0. Offsets, and the entries of both tables, are in
 * bytes.
 */
final class PixelTiles {
    /** Pixels of a tile. */
    static final int PIXELS = 6;

    /** Vectors along the filters in the wide tile: 4 where there are 32 registers. */
    static final int WIDE = Lanes.BITS == 512 ? 4 : 2;

    /** Vectors along the filters in the narrow tile. */
    static final int NARROW = 2;

    private PixelTiles() {}

    /**
     * Computes one tile of {@code vectors} ({@link #WIDE} or {@link #NARROW}) vectors.
     *
     * @param pixelBytes distance of the sums of two pixels
     */
    static void run(
            int vectors,
            MemorySegment x,
            long xAt,
            int[] positions,
            int q,
            int[] table,
            MemorySegment w,
            long wAt,
            MemorySegment sum,
            long sumAt,
            long pixelBytes) {
        if (vectors == 4) {
            tile6x4(x, xAt, positions, q, table, w, wAt, sum, sumAt, pixelBytes);
        } else {
            tile6x2(x, xAt, positions, q, table, w, wAt, sum, sumAt, pixelBytes);
        }
    }

    /** 6 pixels, 4 vectors of filters. */
    private static void tile6x4(
            MemorySegment x,
            long xAt,
            int[] positions,
            int q,
            int[] table,
            MemorySegment w,
            long wAt,
            MemorySegment sum,
            long sumAt,
            long pixelBytes) {
        x = NATIVE.cast(x);
        w = NATIVE.cast(w);
        sum = NATIVE.cast(sum);
        long x0At = xAt + positions[q];
        long x1At = xAt + positions[q + 1];
        long x2At = xAt + positions[q + 2];
        long x3At = xAt + positions[q + 3];
        long x4At = xAt + positions[q + 4];
        long x5At = xAt + positions[q + 5];
        FloatVector c00 = FloatVector.zero(FLOAT);
        FloatVector c01 = FloatVector.zero(FLOAT);
        FloatVector c02 = FloatVector.zero(FLOAT);
        FloatVector c03 = FloatVector.zero(FLOAT);
        FloatVector c10 = FloatVector.zero(FLOAT);
        FloatVector c11 = FloatVector.zero(FLOAT);
        FloatVector c12 = FloatVector.zero(FLOAT);
        FloatVector c13 = FloatVector.zero(FLOAT);
        FloatVector c20 = FloatVector.zero(FLOAT);
        FloatVector c21 = FloatVector.zero(FLOAT);
        FloatVector c22 = FloatVector.zero(FLOAT);
        FloatVector c23 = FloatVector.zero(FLOAT);
        FloatVector c30 = FloatVector.zero(FLOAT);
        FloatVector c31 = FloatVector.zero(FLOAT);
        FloatVector c32 = FloatVector.zero(FLOAT);
        FloatVector c33 = FloatVector.zero(FLOAT);
        FloatVector c40 = FloatVector.zero(FLOAT);
        FloatVector c41 = FloatVector.zero(FLOAT);
        FloatVector c42 = FloatVector.zero(FLOAT);
        FloatVector c43 = FloatVector.zero(FLOAT);
        FloatVector c50 = FloatVector.zero(FLOAT);
        FloatVector c51 = FloatVector.zero(FLOAT);
        FloatVector c52 = FloatVector.zero(FLOAT);
        FloatVector c53 = FloatVector.zero(FLOAT);
        for (int t = 0; t < table.length; t++) {
            long tap = table[t];
            FloatVector w0 = FloatVector.fromMemorySegment(FLOAT, w, wAt, ORDER);
            FloatVector w1 = FloatVector.fromMemorySegment(FLOAT, w, wAt + BYTES, ORDER);
            FloatVector w2 = FloatVector.fromMemorySegment(FLOAT, w, wAt + 2 * BYTES, ORDER);
            FloatVector w3 = FloatVector.fromMemorySegment(FLOAT, w, wAt + 3 * BYTES, ORDER);
            FloatVector x0 = FloatVector.broadcast(FLOAT, x.get(JAVA_FLOAT_UNALIGNED, x0At + tap));
            c00 = x0.fma(w0, c00);
            c01 = x0.fma(w1, c01);
            c02 = x0.fma(w2, c02);
            c03 = x0.fma(w3, c03);
            FloatVector x1 = FloatVector.broadcast(FLOAT, x.get(JAVA_FLOAT_UNALIGNED, x1At + tap));
            c10 = x1.fma(w0, c10);
            c11 = x1.fma(w1, c11);
            c12 = x1.fma(w2, c12);
            c13 = x1.fma(w3, c13);
            FloatVector x2 = FloatVector.broadcast(FLOAT, x.get(JAVA_FLOAT_UNALIGNED, x2At + tap));
            c20 = x2.fma(w0, c20);
            c21 = x2.fma(w1, c21);
            c22 = x2.fma(w2, c22);
            c23 = x2.fma(w3, c23);
            FloatVector x3 = FloatVector.broadcast(FLOAT, x.get(JAVA_FLOAT_UNALIGNED, x3At + tap));
            c30 = x3.fma(w0, c30);
            c31 = x3.fma(w1, c31);
            c32 = x3.fma(w2, c32);
            c33 = x3.fma(w3, c33);
            FloatVector x4 = FloatVector.broadcast(FLOAT, x.get(JAVA_FLOAT_UNALIGNED, x4At + tap));
            c40 = x4.fma(w0, c40);
            c41 = x4.fma(w1, c41);
            c42 = x4.fma(w2, c42);
            c43 = x4.fma(w3, c43);
            FloatVector x5 = FloatVector.broadcast(FLOAT, x.get(JAVA_FLOAT_UNALIGNED, x5At + tap));
            c50 = x5.fma(w0, c50);
            c51 = x5.fma(w1, c51);
            c52 = x5.fma(w2, c52);
            c53 = x5.fma(w3, c53);
            wAt += 4 * BYTES;
        }
        c00.intoMemorySegment(sum, sumAt, ORDER);
        c01.intoMemorySegment(sum, sumAt + BYTES, ORDER);
        c02.intoMemorySegment(sum, sumAt + 2 * BYTES, ORDER);
        c03.intoMemorySegment(sum, sumAt + 3 * BYTES, ORDER);
        sumAt += pixelBytes;
        c10.intoMemorySegment(sum, sumAt, ORDER);
        c11.intoMemorySegment(sum, sumAt + BYTES, ORDER);
        c12.intoMemorySegment(sum, sumAt + 2 * BYTES, ORDER);
        c13.intoMemorySegment(sum, sumAt + 3 * BYTES, ORDER);
        sumAt += pixelBytes;
        c20.intoMemorySegment(sum, sumAt, ORDER);
        c21.intoMemorySegment(sum, sumAt + BYTES, ORDER);
        c22.intoMemorySegment(sum, sumAt + 2 * BYTES, ORDER);
        c23.intoMemorySegment(sum, sumAt + 3 * BYTES, ORDER);
        sumAt += pixelBytes;
        c30.intoMemorySegment(sum, sumAt, ORDER);
        c31.intoMemorySegment(sum, sumAt + BYTES, ORDER);
        c32.intoMemorySegment(sum, sumAt + 2 * BYTES, ORDER);
        c33.intoMemorySegment(sum, sumAt + 3 * BYTES, ORDER);
        sumAt += pixelBytes;
        c40.intoMemorySegment(sum, sumAt, ORDER);
        c41.intoMemorySegment(sum, sumAt + BYTES, ORDER);
        c42.intoMemorySegment(sum, sumAt + 2 * BYTES, ORDER);
        c43.intoMemorySegment(sum, sumAt + 3 * BYTES, ORDER);
        sumAt += pixelBytes;
        c50.intoMemorySegment(sum, sumAt, ORDER);
        c51.intoMemorySegment(sum, sumAt + BYTES, ORDER);
        c52.intoMemorySegment(sum, sumAt + 2 * BYTES, ORDER);
        c53.intoMemorySegment(sum, sumAt + 3 * BYTES, ORDER);
    }

    /** 6 pixels, 2 vectors of filters. */
    private static void tile6x2(
            MemorySegment x,
            long xAt,
            int[] positions,
            int q,
            int[] table,
            MemorySegment w,
            long wAt,
            MemorySegment sum,
            long sumAt,
            long pixelBytes) {
        x = NATIVE.cast(x);
        w = NATIVE.cast(w);
        sum = NATIVE.cast(sum);
        long x0At = xAt + positions[q];
        long x1At = xAt + positions[q + 1];
        long x2At = xAt + positions[q + 2];
        long x3At = xAt + positions[q + 3];
        long x4At = xAt + positions[q + 4];
        long x5At = xAt + positions[q + 5];
        FloatVector c00 = FloatVector.zero(FLOAT);
        FloatVector c01 = FloatVector.zero(FLOAT);
        FloatVector c10 = FloatVector.zero(FLOAT);
        FloatVector c11 = FloatVector.zero(FLOAT);
        FloatVector c20 = FloatVector.zero(FLOAT);
        FloatVector c21 = FloatVector.zero(FLOAT);
        FloatVector c30 = FloatVector.zero(FLOAT);
        FloatVector c31 = FloatVector.zero(FLOAT);
        FloatVector c40 = FloatVector.zero(FLOAT);
        FloatVector c41 = FloatVector.zero(FLOAT);
        FloatVector c50 = FloatVector.zero(FLOAT);
        FloatVector c51 = FloatVector.zero(FLOAT);
        for (int t = 0; t < table.length; t++) {
            long tap = table[t];
            FloatVector w0 = FloatVector.fromMemorySegment(FLOAT, w, wAt, ORDER);
            FloatVector w1 = FloatVector.fromMemorySegment(FLOAT, w, wAt + BYTES, ORDER);
            FloatVector x0 = FloatVector.broadcast(FLOAT, x.get(JAVA_FLOAT_UNALIGNED, x0At + tap));
            c00 = x0.fma(w0, c00);
            c01 = x0.fma(w1, c01);
            FloatVector x1 = FloatVector.broadcast(FLOAT, x.get(JAVA_FLOAT_UNALIGNED, x1At + tap));
            c10 = x1.fma(w0, c10);
            c11 = x1.fma(w1, c11);
            FloatVector x2 = FloatVector.broadcast(FLOAT, x.get(JAVA_FLOAT_UNALIGNED, x2At + tap));
            c20 = x2.fma(w0, c20);
            c21 = x2.fma(w1, c21);
            FloatVector x3 = FloatVector.broadcast(FLOAT, x.get(JAVA_FLOAT_UNALIGNED, x3At + tap));
            c30 = x3.fma(w0, c30);
            c31 = x3.fma(w1, c31);
            FloatVector x4 = FloatVector.broadcast(FLOAT, x.get(JAVA_FLOAT_UNALIGNED, x4At + tap));
            c40 = x4.fma(w0, c40);
            c41 = x4.fma(w1, c41);
            FloatVector x5 = FloatVector.broadcast(FLOAT, x.get(JAVA_FLOAT_UNALIGNED, x5At + tap));
            c50 = x5.fma(w0, c50);
            c51 = x5.fma(w1, c51);
            wAt += 2 * BYTES;
        }
        c00.intoMemorySegment(sum, sumAt, ORDER);
        c01.intoMemorySegment(sum, sumAt + BYTES, ORDER);
        sumAt += pixelBytes;
        c10.intoMemorySegment(sum, sumAt, ORDER);
        c11.intoMemorySegment(sum, sumAt + BYTES, ORDER);
        sumAt += pixelBytes;
        c20.intoMemorySegment(sum, sumAt, ORDER);
        c21.intoMemorySegment(sum, sumAt + BYTES, ORDER);
        sumAt += pixelBytes;
        c30.intoMemorySegment(sum, sumAt, ORDER);
        c31.intoMemorySegment(sum, sumAt + BYTES, ORDER);
        sumAt += pixelBytes;
        c40.intoMemorySegment(sum, sumAt, ORDER);
        c41.intoMemorySegment(sum, sumAt + BYTES, ORDER);
        sumAt += pixelBytes;
        c50.intoMemorySegment(sum, sumAt, ORDER);
        c51.intoMemorySegment(sum, sumAt + BYTES, ORDER);
    }
}
