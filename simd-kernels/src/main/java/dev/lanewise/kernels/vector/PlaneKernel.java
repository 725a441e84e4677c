package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.lanewise.kernels.Conv2dShape;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;

/**
 * A {@link Correlation} of 3x3 filters over a single plane, step by step: depthwise convolution,
 * its input gradient, and images of one channel.
 *
 * <p>A strip of two vectors of columns walks through the rows of the staged plane. Each input row
 * is loaded once, at its three shifts, and goes into the sums of the three output rows that see it;
 * the oldest of them is then whole and is stored where it belongs, so that nothing is copied
 * afterwards. A mirrored correlation (the input gradient) walks from the last row to the first:
 * that keeps the order of each sum.
 */
final class PlaneKernel {
    private PlaneKernel() {}

    /** Whether the passes of this geometry, of this many summed channels, are run here. */
    static boolean applies(Conv2dShape s, int sourceChannels, int outWidth) {
        boolean threeByThree = s.kernelHeight() == 3 && s.kernelWidth() == 3;
        boolean dense = (s.strideHeight() | s.strideWidth() | s.dilationHeight()) == 1;
        return threeByThree && dense && sourceChannels == 1 && outWidth >= COUNT;
    }

    /**
     * out = all filters of one group over its plane, rows firstRow to lastRow, plus the bias per
     * filter, rectified if asked.
     *
     * @param filterPitch elements from one filter's weights to the next one's
     */
    static void run(
            Correlation c,
            int firstRow,
            int lastRow,
            MemorySegment x,
            long xOffset,
            MemorySegment weight,
            long weightOffset,
            int filterPitch,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            boolean rectify,
            MemorySegment out,
            long outOffset) {
        int[] table = c.phases[0].table();
        long columnStep = table[1] - table[0];
        long rowStep = table[3] - table[0];
        int start = rowStep > 0 ? firstRow : lastRow - 1;
        long source = (xOffset + (long) start * c.pitch << 2) + table[0];
        long outStep = (rowStep > 0 ? c.outWidth : -c.outWidth) << 2;
        float lowest = rectify ? 0 : Float.NEGATIVE_INFINITY;
        int last = c.outWidth - COUNT;
        for (int f = 0; f < c.filters; f++) {
            // Minus zero is what adds nothing, also to minus zero.
            float b = hasBias ? bias.get(JAVA_FLOAT_UNALIGNED, biasOffset + f << 2) : -0f;
            long plane = outOffset + ((long) f * c.outHeight + start) * c.outWidth << 2;
            for (int column = 0; column < c.outWidth; column += 2 * COUNT) {
                int left = Math.min(column, last);
                strip(
                        lastRow - firstRow,
                        x,
                        source + 4L * left,
                        4L * (Math.min(column + COUNT, last) - left),
                        rowStep,
                        columnStep,
                        weight,
                        weightOffset + (long) f * filterPitch << 2,
                        b,
                        lowest,
                        out,
                        plane + 4L * left,
                        outStep);
            }
        }
    }

    /**
     * All rows of two vectors of columns, {@code second} bytes apart (they may overlap). The first
     * two rows that are stored have not seen all inputs; the third one replaces them.
     */
    private static void strip(
            int rows,
            MemorySegment x,
            long xAt,
            long second,
            long rowStep,
            long columnStep,
            MemorySegment w,
            long wAt,
            float bias,
            float lowest,
            MemorySegment out,
            long outAt,
            long outStep) {
        x = NATIVE.cast(x);
        w = NATIVE.cast(w);
        out = NATIVE.cast(out);
        FloatVector w00 = FloatVector.broadcast(FLOAT, w.get(JAVA_FLOAT_UNALIGNED, wAt));
        FloatVector w01 = FloatVector.broadcast(FLOAT, w.get(JAVA_FLOAT_UNALIGNED, wAt + 4));
        FloatVector w02 = FloatVector.broadcast(FLOAT, w.get(JAVA_FLOAT_UNALIGNED, wAt + 8));
        FloatVector w10 = FloatVector.broadcast(FLOAT, w.get(JAVA_FLOAT_UNALIGNED, wAt + 12));
        FloatVector w11 = FloatVector.broadcast(FLOAT, w.get(JAVA_FLOAT_UNALIGNED, wAt + 16));
        FloatVector w12 = FloatVector.broadcast(FLOAT, w.get(JAVA_FLOAT_UNALIGNED, wAt + 20));
        FloatVector w20 = FloatVector.broadcast(FLOAT, w.get(JAVA_FLOAT_UNALIGNED, wAt + 24));
        FloatVector w21 = FloatVector.broadcast(FLOAT, w.get(JAVA_FLOAT_UNALIGNED, wAt + 28));
        FloatVector w22 = FloatVector.broadcast(FLOAT, w.get(JAVA_FLOAT_UNALIGNED, wAt + 32));
        FloatVector none = FloatVector.zero(FLOAT);
        FloatVector older0 = FloatVector.zero(FLOAT);
        FloatVector newer0 = FloatVector.zero(FLOAT);
        FloatVector older1 = FloatVector.zero(FLOAT);
        FloatVector newer1 = FloatVector.zero(FLOAT);
        for (int row = -2; row < rows; row++) {
            FloatVector left = FloatVector.fromMemorySegment(FLOAT, x, xAt, ORDER);
            FloatVector middle = FloatVector.fromMemorySegment(FLOAT, x, xAt + columnStep, ORDER);
            FloatVector right =
                    FloatVector.fromMemorySegment(FLOAT, x, xAt + 2 * columnStep, ORDER);
            right.fma(w22, middle.fma(w21, left.fma(w20, older0)))
                    .add(bias)
                    .max(lowest)
                    .intoMemorySegment(out, outAt, ORDER);
            older0 = right.fma(w12, middle.fma(w11, left.fma(w10, newer0)));
            newer0 = right.fma(w02, middle.fma(w01, left.fma(w00, none)));
            long at = xAt + second;
            left = FloatVector.fromMemorySegment(FLOAT, x, at, ORDER);
            middle = FloatVector.fromMemorySegment(FLOAT, x, at + columnStep, ORDER);
            right = FloatVector.fromMemorySegment(FLOAT, x, at + 2 * columnStep, ORDER);
            right.fma(w22, middle.fma(w21, left.fma(w20, older1)))
                    .add(bias)
                    .max(lowest)
                    .intoMemorySegment(out, outAt + second, ORDER);
            older1 = right.fma(w12, middle.fma(w11, left.fma(w10, newer1)));
            newer1 = right.fma(w02, middle.fma(w01, left.fma(w00, none)));
            xAt += rowStep;
            outAt += row < 0 ? 0 : outStep;
        }
    }
}
