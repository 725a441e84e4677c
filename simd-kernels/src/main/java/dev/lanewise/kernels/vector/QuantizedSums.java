package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.QuantizedLayout.LINE;
import static dev.lanewise.kernels.QuantizedLayout.PANEL;
import static dev.lanewise.kernels.vector.Lanes.BYTES;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.INT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;

import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.lanewise.kernels.QuantizedLayout;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

import java.lang.foreign.MemorySegment;

/**
 * The chains of one or two rows of A with a stretch of quantized lines, without scale: for the
 * columns of a panel whose weights lie in one vector of words of each line.
 *
 * <p>A word gives four columns (16 apart) by shifts and masks; a masked integer stays at the top of
 * its lane, which costs one operation less than bringing it down. All methods store four vectors of
 * sums per row at {@code sumsAt}, a quarter of the panel apart, a second row's a panel behind.
 */
final class QuantizedSums {
    /** The bytes of a line, and of a quarter of the panel's sums. */
    static final long LINE_BYTES = 4L * LINE;

    /** The bytes of the panel's sums for one row. */
    static final long ROW_BYTES = 4L * PANEL;

    private static final int TOP_8 = 0xff000000;
    private static final int TOP_4 = 0xf0000000;
    private static final int TOP_16 = 0xffff0000;

    private QuantizedSums() {}

    /**
     * The sums of all columns of a panel over {@code steps} lines (pairs of them for BFLOAT16).
     *
     * @param rows 1 or 2 rows of A, {@code aRowBytes} apart
     * @param lift the left shift that brings INT4 weights to the upper half of the word
     */
    static void lines(
            QuantizedLayout layout,
            int rows,
            MemorySegment packed,
            long linesAt,
            int lift,
            MemorySegment a,
            long aAt,
            long aRowBytes,
            long aStepBytes,
            int steps,
            MemorySegment work,
            long sumsAt) {
        long a1 = aAt + aRowBytes;
        for (long part = 0; part < LINE_BYTES; part += BYTES) {
            long at = linesAt + part;
            long out = sumsAt + part;
            if (rows == 1) {
                switch (layout.type()) {
                    case BFLOAT16 -> halves(packed, at, a, aAt, aStepBytes, steps, work, out);
                    case INT8 -> bytes(packed, at, a, aAt, aStepBytes, steps, work, out);
                    case INT4 -> nibbles(packed, at, lift, a, aAt, aStepBytes, steps, work, out);
                }
            } else {
                switch (layout.type()) {
                    case BFLOAT16 ->
                            halvesOfTwo(packed, at, a, aAt, a1, aStepBytes, steps, work, out);
                    case INT8 -> bytesOfTwo(packed, at, a, aAt, a1, aStepBytes, steps, work, out);
                    case INT4 ->
                            nibblesOfTwo(
                                    packed, at, lift, a, aAt, a1, aStepBytes, steps, work, out);
                }
            }
        }
    }

    private static void bytes(
            MemorySegment packed,
            long at,
            MemorySegment a,
            long aAt,
            long aStepBytes,
            int steps,
            MemorySegment sums,
            long sumsAt) {
        packed = NATIVE.cast(packed);
        a = NATIVE.cast(a);
        sums = NATIVE.cast(sums);
        FloatVector s0 = FloatVector.zero(FLOAT);
        FloatVector s1 = FloatVector.zero(FLOAT);
        FloatVector s2 = FloatVector.zero(FLOAT);
        FloatVector s3 = FloatVector.zero(FLOAT);
        for (int p = 0; p < steps; p++) {
            IntVector v = IntVector.fromMemorySegment(INT, packed, at, ORDER);
            FloatVector x = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, aAt));
            s0 = ((FloatVector) v.lanewise(LSHL, 24).convert(I2F, 0)).fma(x, s0);
            s1 = ((FloatVector) v.lanewise(LSHL, 16).and(TOP_8).convert(I2F, 0)).fma(x, s1);
            s2 = ((FloatVector) v.lanewise(LSHL, 8).and(TOP_8).convert(I2F, 0)).fma(x, s2);
            s3 = ((FloatVector) v.and(TOP_8).convert(I2F, 0)).fma(x, s3);
            at += LINE_BYTES;
            aAt += aStepBytes;
        }
        s0.intoMemorySegment(sums, sumsAt, ORDER);
        s1.intoMemorySegment(sums, sumsAt + LINE_BYTES, ORDER);
        s2.intoMemorySegment(sums, sumsAt + 2 * LINE_BYTES, ORDER);
        s3.intoMemorySegment(sums, sumsAt + 3 * LINE_BYTES, ORDER);
    }

    private static void bytesOfTwo(
            MemorySegment packed,
            long at,
            MemorySegment a,
            long aAt,
            long a1,
            long aStepBytes,
            int steps,
            MemorySegment sums,
            long sumsAt) {
        packed = NATIVE.cast(packed);
        a = NATIVE.cast(a);
        sums = NATIVE.cast(sums);
        FloatVector s0 = FloatVector.zero(FLOAT);
        FloatVector s1 = FloatVector.zero(FLOAT);
        FloatVector s2 = FloatVector.zero(FLOAT);
        FloatVector s3 = FloatVector.zero(FLOAT);
        FloatVector t0 = FloatVector.zero(FLOAT);
        FloatVector t1 = FloatVector.zero(FLOAT);
        FloatVector t2 = FloatVector.zero(FLOAT);
        FloatVector t3 = FloatVector.zero(FLOAT);
        for (int p = 0; p < steps; p++) {
            IntVector v = IntVector.fromMemorySegment(INT, packed, at, ORDER);
            FloatVector x = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, aAt));
            FloatVector y = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, a1));
            FloatVector w0 = (FloatVector) v.lanewise(LSHL, 24).convert(I2F, 0);
            FloatVector w1 = (FloatVector) v.lanewise(LSHL, 16).and(TOP_8).convert(I2F, 0);
            FloatVector w2 = (FloatVector) v.lanewise(LSHL, 8).and(TOP_8).convert(I2F, 0);
            FloatVector w3 = (FloatVector) v.and(TOP_8).convert(I2F, 0);
            s0 = w0.fma(x, s0);
            t0 = w0.fma(y, t0);
            s1 = w1.fma(x, s1);
            t1 = w1.fma(y, t1);
            s2 = w2.fma(x, s2);
            t2 = w2.fma(y, t2);
            s3 = w3.fma(x, s3);
            t3 = w3.fma(y, t3);
            at += LINE_BYTES;
            aAt += aStepBytes;
            a1 += aStepBytes;
        }
        s0.intoMemorySegment(sums, sumsAt, ORDER);
        s1.intoMemorySegment(sums, sumsAt + LINE_BYTES, ORDER);
        s2.intoMemorySegment(sums, sumsAt + 2 * LINE_BYTES, ORDER);
        s3.intoMemorySegment(sums, sumsAt + 3 * LINE_BYTES, ORDER);
        t0.intoMemorySegment(sums, sumsAt + ROW_BYTES, ORDER);
        t1.intoMemorySegment(sums, sumsAt + ROW_BYTES + LINE_BYTES, ORDER);
        t2.intoMemorySegment(sums, sumsAt + ROW_BYTES + 2 * LINE_BYTES, ORDER);
        t3.intoMemorySegment(sums, sumsAt + ROW_BYTES + 3 * LINE_BYTES, ORDER);
    }

    private static void nibbles(
            MemorySegment packed,
            long at,
            int lift,
            MemorySegment a,
            long aAt,
            long aStepBytes,
            int steps,
            MemorySegment sums,
            long sumsAt) {
        packed = NATIVE.cast(packed);
        a = NATIVE.cast(a);
        sums = NATIVE.cast(sums);
        FloatVector s0 = FloatVector.zero(FLOAT);
        FloatVector s1 = FloatVector.zero(FLOAT);
        FloatVector s2 = FloatVector.zero(FLOAT);
        FloatVector s3 = FloatVector.zero(FLOAT);
        for (int p = 0; p < steps; p++) {
            IntVector v = IntVector.fromMemorySegment(INT, packed, at, ORDER).lanewise(LSHL, lift);
            FloatVector x = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, aAt));
            s0 = ((FloatVector) v.lanewise(LSHL, 12).and(TOP_4).convert(I2F, 0)).fma(x, s0);
            s1 = ((FloatVector) v.lanewise(LSHL, 8).and(TOP_4).convert(I2F, 0)).fma(x, s1);
            s2 = ((FloatVector) v.lanewise(LSHL, 4).and(TOP_4).convert(I2F, 0)).fma(x, s2);
            s3 = ((FloatVector) v.and(TOP_4).convert(I2F, 0)).fma(x, s3);
            at += LINE_BYTES;
            aAt += aStepBytes;
        }
        s0.intoMemorySegment(sums, sumsAt, ORDER);
        s1.intoMemorySegment(sums, sumsAt + LINE_BYTES, ORDER);
        s2.intoMemorySegment(sums, sumsAt + 2 * LINE_BYTES, ORDER);
        s3.intoMemorySegment(sums, sumsAt + 3 * LINE_BYTES, ORDER);
    }

    private static void nibblesOfTwo(
            MemorySegment packed,
            long at,
            int lift,
            MemorySegment a,
            long aAt,
            long a1,
            long aStepBytes,
            int steps,
            MemorySegment sums,
            long sumsAt) {
        packed = NATIVE.cast(packed);
        a = NATIVE.cast(a);
        sums = NATIVE.cast(sums);
        FloatVector s0 = FloatVector.zero(FLOAT);
        FloatVector s1 = FloatVector.zero(FLOAT);
        FloatVector s2 = FloatVector.zero(FLOAT);
        FloatVector s3 = FloatVector.zero(FLOAT);
        FloatVector t0 = FloatVector.zero(FLOAT);
        FloatVector t1 = FloatVector.zero(FLOAT);
        FloatVector t2 = FloatVector.zero(FLOAT);
        FloatVector t3 = FloatVector.zero(FLOAT);
        for (int p = 0; p < steps; p++) {
            IntVector v = IntVector.fromMemorySegment(INT, packed, at, ORDER).lanewise(LSHL, lift);
            FloatVector x = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, aAt));
            FloatVector y = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, a1));
            FloatVector w0 = (FloatVector) v.lanewise(LSHL, 12).and(TOP_4).convert(I2F, 0);
            FloatVector w1 = (FloatVector) v.lanewise(LSHL, 8).and(TOP_4).convert(I2F, 0);
            FloatVector w2 = (FloatVector) v.lanewise(LSHL, 4).and(TOP_4).convert(I2F, 0);
            FloatVector w3 = (FloatVector) v.and(TOP_4).convert(I2F, 0);
            s0 = w0.fma(x, s0);
            t0 = w0.fma(y, t0);
            s1 = w1.fma(x, s1);
            t1 = w1.fma(y, t1);
            s2 = w2.fma(x, s2);
            t2 = w2.fma(y, t2);
            s3 = w3.fma(x, s3);
            t3 = w3.fma(y, t3);
            at += LINE_BYTES;
            aAt += aStepBytes;
            a1 += aStepBytes;
        }
        s0.intoMemorySegment(sums, sumsAt, ORDER);
        s1.intoMemorySegment(sums, sumsAt + LINE_BYTES, ORDER);
        s2.intoMemorySegment(sums, sumsAt + 2 * LINE_BYTES, ORDER);
        s3.intoMemorySegment(sums, sumsAt + 3 * LINE_BYTES, ORDER);
        t0.intoMemorySegment(sums, sumsAt + ROW_BYTES, ORDER);
        t1.intoMemorySegment(sums, sumsAt + ROW_BYTES + LINE_BYTES, ORDER);
        t2.intoMemorySegment(sums, sumsAt + ROW_BYTES + 2 * LINE_BYTES, ORDER);
        t3.intoMemorySegment(sums, sumsAt + ROW_BYTES + 3 * LINE_BYTES, ORDER);
    }

    private static void halves(
            MemorySegment packed,
            long at,
            MemorySegment a,
            long aAt,
            long aStepBytes,
            int steps,
            MemorySegment sums,
            long sumsAt) {
        packed = NATIVE.cast(packed);
        a = NATIVE.cast(a);
        sums = NATIVE.cast(sums);
        FloatVector s0 = FloatVector.zero(FLOAT);
        FloatVector s1 = FloatVector.zero(FLOAT);
        FloatVector s2 = FloatVector.zero(FLOAT);
        FloatVector s3 = FloatVector.zero(FLOAT);
        for (int p = 0; p < steps; p++) {
            IntVector v = IntVector.fromMemorySegment(INT, packed, at, ORDER);
            IntVector u = IntVector.fromMemorySegment(INT, packed, at + LINE_BYTES, ORDER);
            FloatVector x = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, aAt));
            s0 = v.lanewise(LSHL, 16).reinterpretAsFloats().fma(x, s0);
            s1 = v.and(TOP_16).reinterpretAsFloats().fma(x, s1);
            s2 = u.lanewise(LSHL, 16).reinterpretAsFloats().fma(x, s2);
            s3 = u.and(TOP_16).reinterpretAsFloats().fma(x, s3);
            at += 2 * LINE_BYTES;
            aAt += aStepBytes;
        }
        s0.intoMemorySegment(sums, sumsAt, ORDER);
        s1.intoMemorySegment(sums, sumsAt + LINE_BYTES, ORDER);
        s2.intoMemorySegment(sums, sumsAt + 2 * LINE_BYTES, ORDER);
        s3.intoMemorySegment(sums, sumsAt + 3 * LINE_BYTES, ORDER);
    }

    private static void halvesOfTwo(
            MemorySegment packed,
            long at,
            MemorySegment a,
            long aAt,
            long a1,
            long aStepBytes,
            int steps,
            MemorySegment sums,
            long sumsAt) {
        packed = NATIVE.cast(packed);
        a = NATIVE.cast(a);
        sums = NATIVE.cast(sums);
        FloatVector s0 = FloatVector.zero(FLOAT);
        FloatVector s1 = FloatVector.zero(FLOAT);
        FloatVector s2 = FloatVector.zero(FLOAT);
        FloatVector s3 = FloatVector.zero(FLOAT);
        FloatVector t0 = FloatVector.zero(FLOAT);
        FloatVector t1 = FloatVector.zero(FLOAT);
        FloatVector t2 = FloatVector.zero(FLOAT);
        FloatVector t3 = FloatVector.zero(FLOAT);
        for (int p = 0; p < steps; p++) {
            IntVector v = IntVector.fromMemorySegment(INT, packed, at, ORDER);
            IntVector u = IntVector.fromMemorySegment(INT, packed, at + LINE_BYTES, ORDER);
            FloatVector x = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, aAt));
            FloatVector y = FloatVector.broadcast(FLOAT, a.get(JAVA_FLOAT_UNALIGNED, a1));
            FloatVector w0 = v.lanewise(LSHL, 16).reinterpretAsFloats();
            FloatVector w1 = v.and(TOP_16).reinterpretAsFloats();
            FloatVector w2 = u.lanewise(LSHL, 16).reinterpretAsFloats();
            FloatVector w3 = u.and(TOP_16).reinterpretAsFloats();
            s0 = w0.fma(x, s0);
            t0 = w0.fma(y, t0);
            s1 = w1.fma(x, s1);
            t1 = w1.fma(y, t1);
            s2 = w2.fma(x, s2);
            t2 = w2.fma(y, t2);
            s3 = w3.fma(x, s3);
            t3 = w3.fma(y, t3);
            at += 2 * LINE_BYTES;
            aAt += aStepBytes;
            a1 += aStepBytes;
        }
        s0.intoMemorySegment(sums, sumsAt, ORDER);
        s1.intoMemorySegment(sums, sumsAt + LINE_BYTES, ORDER);
        s2.intoMemorySegment(sums, sumsAt + 2 * LINE_BYTES, ORDER);
        s3.intoMemorySegment(sums, sumsAt + 3 * LINE_BYTES, ORDER);
        t0.intoMemorySegment(sums, sumsAt + ROW_BYTES, ORDER);
        t1.intoMemorySegment(sums, sumsAt + ROW_BYTES + LINE_BYTES, ORDER);
        t2.intoMemorySegment(sums, sumsAt + ROW_BYTES + 2 * LINE_BYTES, ORDER);
        t3.intoMemorySegment(sums, sumsAt + ROW_BYTES + 3 * LINE_BYTES, ORDER);
    }
}
