package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Interleave.HIGH;
import static dev.lanewise.kernels.vector.Interleave.LOW;
import static dev.lanewise.kernels.vector.Interleave.ODD;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Copies between the planes of tensors and the arrays that the convolution tiles work on. */
final class Staging {
    private static final VectorSpecies<Float> FLOAT = Lanes.FLOAT;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT_UNALIGNED;

    /** Columns that are transposed together; a whole number of vectors of every width. */
    private static final int BLOCK = 64;

    private static final int BLOCK_ROW = 4 * BLOCK;

    /** Columns of 16 that four vectors hold. */
    private static final int COLUMNS_AT_ONCE = Lanes.COUNT / 4;

    /** Elements of scratch that {@link #transpose} needs. */
    static final int TRANSPOSE_SCRATCH = 4 * BLOCK_ROW + 64;

    private Staging() {}

    /**
     * Stages the channels of one group of one image, as {@link Correlation} describes, as far as
     * the rows firstRow to lastRow of its grid see them. Writes up to one vector behind the last
     * plane.
     */
    static void stage(
            Correlation c,
            int firstRow,
            int lastRow,
            MemorySegment source,
            long sourceOffset,
            MemorySegment work,
            long at) {
        int first = firstRow * c.advanceHeight;
        int last = c.lastStagedRow(lastRow);
        int sourcePlane = c.sourceHeight * c.sourceWidth;
        for (int channel = 0; channel < c.sourceChannels; channel++) {
            long plane = sourceOffset + (long) channel * sourcePlane;
            for (int phase = 0; phase < c.splitHeight * c.splitWidth; phase++) {
                long staged = at + (long) channel * c.channelSize() + (long) phase * c.planeSize;
                stagePlane(c, phase, first, last, source, plane, work, staged);
            }
        }
    }

    private static void stagePlane(
            Correlation c,
            int phase,
            int first,
            int last,
            MemorySegment source,
            long plane,
            MemorySegment work,
            long staged) {
        if (c.splitWidth == 1) {
            int skip = phase / c.splitWidth - c.top;
            stageRows(c, skip, first, last, source, plane, work, staged);
        } else {
            stageSplitRows(c, phase, first, last, source, plane, work, staged);
        }
        zero(work, staged + (long) last * c.pitch, c.left);
    }

    /** Of the rows skip, skip + splitHeight, ... of a plane those from first to last. */
    private static void stageRows(
            Correlation c,
            int skip,
            int first,
            int last,
            MemorySegment source,
            long plane,
            MemorySegment work,
            long staged) {
        source = NATIVE.cast(source);
        work = NATIVE.cast(work);
        int n = Math.min(c.sourceWidth, c.pitch - c.left);
        int whole = n / Lanes.COUNT * Lanes.COUNT;
        VectorMask<Float> rest = FLOAT.indexInRange(0, n - whole);
        FloatVector zero = FloatVector.zero(FLOAT);
        for (int i = first; i < last; i++) {
            int y = i * c.splitHeight + skip;
            long row = staged + (long) i * c.pitch;
            for (int j = 0; j < c.pitch; j += Lanes.COUNT) {
                zero.intoMemorySegment(work, (row + j) << 2, ORDER);
            }
            if (y < 0 || y >= c.sourceHeight) {
                continue;
            }
            long from = plane + (long) y * c.sourceWidth;
            long at = row + c.left;
            for (int j = 0; j < whole; j += Lanes.COUNT) {
                FloatVector.fromMemorySegment(FLOAT, source, (from + j) << 2, ORDER)
                        .intoMemorySegment(work, (at + j) << 2, ORDER);
            }
            if (whole < n) {
                FloatVector.fromMemorySegment(FLOAT, source, (from + whole) << 2, ORDER, rest)
                        .intoMemorySegment(work, (at + whole) << 2, ORDER);
            }
        }
    }

    private static void stageSplitRows(
            Correlation c,
            int phase,
            int first,
            int last,
            MemorySegment source,
            long plane,
            MemorySegment work,
            long staged) {
        int firstX = phase % c.splitWidth - c.left;
        for (int i = first; i < last; i++) {
            int y = i * c.splitHeight + phase / c.splitWidth - c.top;
            long row = staged + (long) i * c.pitch;
            zero(work, row, c.pitch);
            if (y >= 0 && y < c.sourceHeight) {
                long from = plane + (long) y * c.sourceWidth;
                copyEvery(source, from, c.sourceWidth, firstX, c.splitWidth, c.pitch, work, row);
            }
        }
    }

    /** Whole vectors of zeros: up to a vector more than n. */
    static void zero(MemorySegment work, long at, int n) {
        work = NATIVE.cast(work);
        FloatVector zero = FloatVector.zero(FLOAT);
        for (int i = 0; i < n; i += Lanes.COUNT) {
            zero.intoMemorySegment(work, (at + i) << 2, ORDER);
        }
    }

    /** Whole vectors are written, zeros behind n; nothing behind n is read. */
    static void copy(MemorySegment source, long from, int n, MemorySegment work, long at) {
        source = NATIVE.cast(source);
        work = NATIVE.cast(work);
        int i = 0;
        for (; i <= n - Lanes.COUNT; i += Lanes.COUNT) {
            FloatVector.fromMemorySegment(FLOAT, source, (from + i) << 2, ORDER)
                    .intoMemorySegment(work, (at + i) << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> rest = FLOAT.indexInRange(i, n);
            FloatVector.fromMemorySegment(FLOAT, source, (from + i) << 2, ORDER, rest)
                    .intoMemorySegment(work, (at + i) << 2, ORDER);
        }
    }

    /** Copies n elements, less than a vector. */
    static void copyPart(MemorySegment source, long from, int n, MemorySegment out, long at) {
        source = NATIVE.cast(source);
        out = NATIVE.cast(out);
        VectorMask<Float> part = FLOAT.indexInRange(0, n);
        FloatVector.fromMemorySegment(FLOAT, source, from << 2, ORDER, part)
                .intoMemorySegment(out, at << 2, ORDER, part);
    }

    /**
     * work[j] = source[firstX + j · step] where that lies in the row; whole vectors of it are
     * written, up to one behind n.
     */
    private static void copyEvery(
            MemorySegment source,
            long from,
            int width,
            int firstX,
            int step,
            int n,
            MemorySegment work,
            long at) {
        source = NATIVE.cast(source);
        work = NATIVE.cast(work);
        int j = firstX >= 0 ? 0 : (step - 1 - firstX) / step;
        int end = Math.min(n, Math.max(0, Math.ceilDiv(width - firstX, step)));
        if (step == 2) {
            int whole = (width - firstX - 2 * j) / (2 * Lanes.COUNT) * Lanes.COUNT;
            if (whole > 0) {
                storeEven(source, from + firstX + 2L * j, whole, work, at + j);
                j += whole;
            }
        }
        for (; j < end; j++) {
            float value = source.get(SCALAR, (from + firstX + (long) j * step) << 2);
            work.set(SCALAR, (at + j) << 2, value);
        }
    }

    /** Stores every second element of 2n, n being whole vectors, but not 0. */
    private static void storeEven(
            MemorySegment source, long from, int n, MemorySegment work, long at) {
        source = NATIVE.cast(source);
        work = NATIVE.cast(work);
        for (int i = 0; i < n; i += Lanes.COUNT) {
            long pair = from + 2L * i;
            FloatVector low = FloatVector.fromMemorySegment(FLOAT, source, pair << 2, ORDER);
            Interleave.even(
                            low,
                            FloatVector.fromMemorySegment(
                                    FLOAT, source, pair + Lanes.COUNT << 2, ORDER))
                    .intoMemorySegment(work, (at + i) << 2, ORDER);
        }
    }

    /** Copies the weights of n filters, each filter's terms side by side. They come in runs. */
    static void gatherFilters(
            MemorySegment weight,
            long from,
            int filterStride,
            int n,
            Correlation.Phase phase,
            long end,
            MemorySegment work,
            long at,
            int pitch) {
        int[] offsets = phase.weights();
        int run = phase.run();
        for (int t = 0; t < offsets.length; t += run) {
            for (int i = 0; i < n; i++) {
                long filter = from + (long) i * filterStride;
                long to = at + (long) i * pitch + t;
                copyRun(weight, filter + offsets[t], run, end, work, to);
            }
        }
    }

    private static void copyRun(
            MemorySegment weight, long from, int n, long end, MemorySegment work, long at) {
        weight = NATIVE.cast(weight);
        work = NATIVE.cast(work);
        if (n > 2 && from + n + Lanes.COUNT <= end) {
            for (int i = 0; i < n; i += Lanes.COUNT) {
                FloatVector.fromMemorySegment(FLOAT, weight, from + i << 2, ORDER)
                        .intoMemorySegment(work, (at + i) << 2, ORDER);
            }
            return;
        }
        for (int i = 0; i < n; i++) {
            work.set(SCALAR, (at + i) << 2, weight.get(SCALAR, (from + i) << 2));
        }
    }

    /**
     * work[c, r] = source[r, c], the source's rows {@code stride} apart, the result's {@code
     * pitch}, a multiple of 16; anything behind the last of the source's rows. {@code blockAt} is
     * scratch of {@link #TRANSPOSE_SCRATCH} elements.
     */
    static void transpose(
            MemorySegment source,
            long from,
            int stride,
            int rows,
            int columns,
            MemorySegment work,
            long blockAt,
            long at,
            int pitch) {
        long end = from + (long) (rows - 1) * stride + columns;
        for (int r = 0; r < rows; r += 16) {
            for (int c = 0; c < columns; c += BLOCK) {
                int n = Math.min(BLOCK, columns - c);
                for (int g = 0; g < 4; g++) {
                    Interleave.rows4(
                            source,
                            from + (long) Math.min(r + g, rows - 1) * stride + c,
                            from + (long) Math.min(r + g + 4, rows - 1) * stride + c,
                            from + (long) Math.min(r + g + 8, rows - 1) * stride + c,
                            from + (long) Math.min(r + g + 12, rows - 1) * stride + c,
                            n,
                            end,
                            work,
                            blockAt + (long) g * BLOCK_ROW);
                }
                merge(work, blockAt, n, at + (long) c * pitch + r, pitch);
            }
        }
    }

    /** Interleaves the four interleaved rows once more: 16 elements for each of n columns. */
    private static void merge(MemorySegment work, long blockAt, int n, long at, int pitch) {
        int whole = n / COLUMNS_AT_ONCE * COLUMNS_AT_ONCE;
        if (whole > 0) {
            mergeVectors(work, blockAt, whole, at, pitch);
        }
        for (int column = whole; column < n; column++) {
            for (int r = 0; r < 16; r++) {
                long from = blockAt + (r % 4) * BLOCK_ROW + 4L * column + r / 4;
                long to = at + (long) column * pitch + r;
                work.set(SCALAR, to << 2, work.get(SCALAR, from << 2));
            }
        }
    }

    /** Four vectors at a time, in JDK operations only: C2 inlines no more helpers in one loop. */
    private static void mergeVectors(MemorySegment work, long blockAt, int n, long at, int pitch) {
        work = NATIVE.cast(work);
        for (int i = 0; i < 4 * n; i += Lanes.COUNT) {
            FloatVector a = FloatVector.fromMemorySegment(FLOAT, work, blockAt + i << 2, ORDER);
            FloatVector b =
                    FloatVector.fromMemorySegment(FLOAT, work, blockAt + BLOCK_ROW + i << 2, ORDER);
            FloatVector c =
                    FloatVector.fromMemorySegment(
                            FLOAT, work, blockAt + 2 * BLOCK_ROW + i << 2, ORDER);
            FloatVector d =
                    FloatVector.fromMemorySegment(
                            FLOAT, work, blockAt + 3 * BLOCK_ROW + i << 2, ORDER);
            FloatVector lowAc = a.rearrange(LOW).blend(c.rearrange(LOW), ODD);
            FloatVector lowBd = b.rearrange(LOW).blend(d.rearrange(LOW), ODD);
            FloatVector highAc = a.rearrange(HIGH).blend(c.rearrange(HIGH), ODD);
            FloatVector highBd = b.rearrange(HIGH).blend(d.rearrange(HIGH), ODD);
            int first = 4 * i;
            lowAc.rearrange(LOW)
                    .blend(lowBd.rearrange(LOW), ODD)
                    .intoMemorySegment(work, place(at, first, pitch), ORDER);
            lowAc.rearrange(HIGH)
                    .blend(lowBd.rearrange(HIGH), ODD)
                    .intoMemorySegment(work, place(at, first + Lanes.COUNT, pitch), ORDER);
            highAc.rearrange(LOW)
                    .blend(highBd.rearrange(LOW), ODD)
                    .intoMemorySegment(work, place(at, first + 2 * Lanes.COUNT, pitch), ORDER);
            highAc.rearrange(HIGH)
                    .blend(highBd.rearrange(HIGH), ODD)
                    .intoMemorySegment(work, place(at, first + 3 * Lanes.COUNT, pitch), ORDER);
        }
    }

    /** The byte offset of an element of columns of 16, which become rows of {@code pitch}. */
    private static long place(long at, int element, int pitch) {
        return at + (long) (element / 16) * pitch + element % 16 << 2;
    }
}
