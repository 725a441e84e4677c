package dev.lanewise.kernels.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Copies between the planes of tensors and the arrays that the convolution tiles work on. */
final class Staging {
    private static final VectorSpecies<Float> FLOAT = Lanes.FLOAT;
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT_UNALIGNED;

    private Staging() {}

    /**
     * Stages the channels of one group of one image, as {@link Correlation} describes. Writes up to
     * one vector behind the last plane.
     */
    static void stage(
            Correlation c, MemorySegment source, long sourceOffset, MemorySegment work, long at) {
        int sourcePlane = c.sourceHeight * c.sourceWidth;
        for (int channel = 0; channel < c.sourceChannels; channel++) {
            long plane = sourceOffset + (long) channel * sourcePlane;
            for (int phase = 0; phase < c.splitHeight * c.splitWidth; phase++) {
                long staged = at + (long) channel * c.channelSize() + (long) phase * c.planeSize;
                stagePlane(c, phase, source, plane, work, staged);
            }
        }
    }

    private static void stagePlane(
            Correlation c,
            int phase,
            MemorySegment source,
            long plane,
            MemorySegment work,
            long staged) {
        int firstX = phase % c.splitWidth - c.left;
        for (int i = 0; i < c.rows; i++) {
            int y = i * c.splitHeight + phase / c.splitWidth - c.top;
            long row = staged + (long) i * c.pitch;
            zero(work, row, c.pitch);
            if (y < 0 || y >= c.sourceHeight) {
                continue;
            }
            long from = plane + (long) y * c.sourceWidth;
            if (c.splitWidth == 1) {
                int n = Math.min(c.sourceWidth, c.pitch - c.left);
                copy(source, from, n, work, row + c.left);
            } else {
                copyEvery(source, from, c.sourceWidth, firstX, c.splitWidth, c.pitch, work, row);
            }
        }
        zero(work, staged + (long) c.rows * c.pitch, c.left);
    }

    /** Whole vectors of zeros: up to a vector more than n. */
    private static void zero(MemorySegment work, long at, int n) {
        FloatVector zero = FloatVector.zero(FLOAT);
        for (int i = 0; i < n; i += Lanes.COUNT) {
            zero.intoMemorySegment(work, (at + i) << 2, NATIVE);
        }
    }

    /** Whole vectors are written, zeros behind n; nothing behind n is read. */
    static void copy(MemorySegment source, long from, int n, MemorySegment work, long at) {
        int i = 0;
        for (; i <= n - Lanes.COUNT; i += Lanes.COUNT) {
            FloatVector.fromMemorySegment(FLOAT, source, (from + i) << 2, NATIVE)
                    .intoMemorySegment(work, (at + i) << 2, NATIVE);
        }
        if (i < n) {
            VectorMask<Float> rest = FLOAT.indexInRange(i, n);
            FloatVector.fromMemorySegment(FLOAT, source, (from + i) << 2, NATIVE, rest)
                    .intoMemorySegment(work, (at + i) << 2, NATIVE);
        }
    }

    /** work[j] = source[firstX + j · step] where that lies in the row. */
    private static void copyEvery(
            MemorySegment source,
            long from,
            int width,
            int firstX,
            int step,
            int n,
            MemorySegment work,
            long at) {
        int j = firstX >= 0 ? 0 : (step - 1 - firstX) / step;
        int end = Math.min(n, Math.max(0, Math.ceilDiv(width - firstX, step)));
        for (; j < end; j++) {
            float value = source.get(SCALAR, (from + firstX + (long) j * step) << 2);
            work.set(SCALAR, (at + j) << 2, value);
        }
    }

    /**
     * Columns {@code first} to {@code first + n} of the rows [rows, stride] side by side, each
     * padded to {@code pitch}.
     */
    static void copyColumns(
            MemorySegment source,
            long from,
            int rows,
            int stride,
            int n,
            int pitch,
            MemorySegment work,
            long at) {
        for (int i = 0; i < rows; i++) {
            copy(source, from + (long) i * stride, n, work, at + (long) i * pitch);
        }
    }

    /** Interleaves the weights of {@code valid} filters: packed[t, i], zero for the other rows. */
    static void packFilters(
            MemorySegment weight,
            long from,
            int filterStride,
            int valid,
            int rows,
            int[] offsets,
            MemorySegment work,
            long at) {
        for (int i = 0; i < rows; i++) {
            long filter = from + (long) i * filterStride;
            for (int t = 0; t < offsets.length; t++) {
                float value = i < valid ? weight.get(SCALAR, (filter + offsets[t]) << 2) : 0;
                work.set(SCALAR, (at + (long) t * rows + i) << 2, value);
            }
        }
    }

    /** work[c, r] = source[r, c], rows of {@code pitch}, zero behind the last one. */
    static void transpose(
            MemorySegment source,
            long from,
            int rows,
            int columns,
            MemorySegment work,
            long at,
            int pitch) {
        for (int c = 0; c < columns; c++) {
            long row = at + (long) c * pitch;
            for (int r = 0; r < rows; r++) {
                float value = source.get(SCALAR, (from + (long) r * columns + c) << 2);
                work.set(SCALAR, (row + r) << 2, value);
            }
            for (int r = rows; r < pitch; r++) {
                work.set(SCALAR, (row + r) << 2, 0);
            }
        }
    }
}
