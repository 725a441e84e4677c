package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.QuantizedLayout.PANEL;
import static dev.lanewise.kernels.vector.Lanes.BYTES;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;
import static dev.lanewise.kernels.vector.QuantizedSums.LINE_BYTES;
import static dev.lanewise.kernels.vector.QuantizedSums.ROW_BYTES;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.lanewise.kernels.QuantizedGemm;
import dev.lanewise.kernels.QuantizedLayout;
import dev.lanewise.kernels.WeightType;
import dev.lanewise.kernels.scalar.ScalarQuantizedGemm;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;

/**
 * The product of one or two rows of A with a panel of quantized weights, read once from front to
 * back.
 *
 * <p>Scratch of {@link #SIZE} floats: the totals of two rows, then their sums over a stretch of
 * steps.
 */
final class QuantizedRows {
    /** The scratch of a call, in floats. */
    static final int SIZE = 4 * PANEL;

    private QuantizedRows() {}

    /**
     * Leaves the products in the totals at {@code workAt}; offsets and strides in bytes.
     *
     * @param rows 1 or 2
     * @param groupSumsAt the sums of each row of A over the groups, row after row; of no meaning
     *     without offsets
     */
    static void multiply(
            QuantizedLayout layout,
            int rows,
            MemorySegment packed,
            long panelAt,
            MemorySegment a,
            long aAt,
            long aRowBytes,
            long aStepBytes,
            MemorySegment work,
            long workAt,
            long groupSumsAt) {
        clear(rows, work, workAt);
        boolean scaled = layout.type().isInteger();
        long groups = layout.groups();
        for (long g = 0; g < groups; g++) {
            int steps = layout.steps(g);
            long groupAt = panelAt + 4 * layout.groupPlace(g);
            long linesAt = groupAt + 4L * layout.headerSize();
            long aGroup = aAt + g * layout.groupSize() * aStepBytes;
            boolean halves = layout.type() == WeightType.INT4;
            int lower = halves ? layout.lines(steps) : steps;
            long scaleAt = scaled ? groupAt : -1;
            stretch(
                    layout,
                    rows,
                    packed,
                    linesAt,
                    scaleAt,
                    halves ? 16 : 0,
                    a,
                    aGroup,
                    aRowBytes,
                    aStepBytes,
                    lower,
                    work,
                    workAt);
            stretch(
                    layout,
                    rows,
                    packed,
                    linesAt,
                    scaleAt,
                    0,
                    a,
                    aGroup + lower * aStepBytes,
                    aRowBytes,
                    aStepBytes,
                    steps - lower,
                    work,
                    workAt);
            if (layout.hasOffsets()) {
                for (int i = 0; i < rows; i++) {
                    float sum = work.get(JAVA_FLOAT_UNALIGNED, groupSumsAt + 4 * (i * groups + g));
                    addOffsets(packed, groupAt + ROW_BYTES, sum, work, workAt + i * ROW_BYTES);
                }
            }
        }
    }

    /** Steps that share their scales, cut into chains. */
    private static void stretch(
            QuantizedLayout layout,
            int rows,
            MemorySegment packed,
            long linesAt,
            long scaleAt,
            int lift,
            MemorySegment a,
            long aAt,
            long aRowBytes,
            long aStepBytes,
            int steps,
            MemorySegment work,
            long workAt) {
        long stepBytes = layout.type() == WeightType.BFLOAT16 ? 2 * LINE_BYTES : LINE_BYTES;
        long sumsAt = workAt + 2 * ROW_BYTES;
        for (int from = 0; from < steps; from += QuantizedGemm.CHAIN) {
            QuantizedSums.lines(
                    layout,
                    rows,
                    packed,
                    linesAt + from * stepBytes,
                    lift,
                    a,
                    aAt + from * aStepBytes,
                    aRowBytes,
                    aStepBytes,
                    Math.min(QuantizedGemm.CHAIN, steps - from),
                    work,
                    sumsAt);
            if (scaleAt >= 0) {
                for (int i = 0; i < rows; i++) {
                    addScaled(
                            packed, scaleAt, work, sumsAt + i * ROW_BYTES, workAt + i * ROW_BYTES);
                }
            } else {
                add(rows, work, sumsAt, workAt);
            }
        }
    }

    private static void clear(int rows, MemorySegment work, long workAt) {
        work = NATIVE.cast(work);
        FloatVector zero = FloatVector.zero(FLOAT);
        for (long x = 0; x < rows * ROW_BYTES; x += BYTES) {
            zero.intoMemorySegment(work, workAt + x, ORDER);
        }
    }

    /** totals = fma(scale, sums, totals). */
    private static void addScaled(
            MemorySegment packed, long scaleAt, MemorySegment work, long sumsAt, long totalsAt) {
        packed = NATIVE.cast(packed);
        work = NATIVE.cast(work);
        for (long x = 0; x < ROW_BYTES; x += BYTES) {
            FloatVector s = FloatVector.fromMemorySegment(FLOAT, work, sumsAt + x, ORDER);
            FloatVector t = FloatVector.fromMemorySegment(FLOAT, work, totalsAt + x, ORDER);
            FloatVector.fromMemorySegment(FLOAT, packed, scaleAt + x, ORDER)
                    .fma(s, t)
                    .intoMemorySegment(work, totalsAt + x, ORDER);
        }
    }

    /** totals += sums. */
    private static void add(int rows, MemorySegment work, long sumsAt, long totalsAt) {
        work = NATIVE.cast(work);
        for (long x = 0; x < rows * ROW_BYTES; x += BYTES) {
            FloatVector s = FloatVector.fromMemorySegment(FLOAT, work, sumsAt + x, ORDER);
            FloatVector.fromMemorySegment(FLOAT, work, totalsAt + x, ORDER)
                    .add(s)
                    .intoMemorySegment(work, totalsAt + x, ORDER);
        }
    }

    /** totals = fma(offset, sum, totals). */
    private static void addOffsets(
            MemorySegment packed, long offsetsAt, float sum, MemorySegment work, long totalsAt) {
        packed = NATIVE.cast(packed);
        work = NATIVE.cast(work);
        FloatVector sums = FloatVector.broadcast(FLOAT, sum);
        for (long x = 0; x < ROW_BYTES; x += BYTES) {
            FloatVector t = FloatVector.fromMemorySegment(FLOAT, work, totalsAt + x, ORDER);
            FloatVector.fromMemorySegment(FLOAT, packed, offsetsAt + x, ORDER)
                    .fma(sums, t)
                    .intoMemorySegment(work, totalsAt + x, ORDER);
        }
    }

    /** The sums of A over the groups, for rows and strides in elements. */
    static void groupSums(
            QuantizedLayout layout,
            MemorySegment a,
            long aOffset,
            long aRowStride,
            long aColumnStride,
            long m,
            MemorySegment work,
            long groupSumsAt) {
        long groups = layout.groups();
        for (long i = 0; i < m; i++) {
            for (long g = 0; g < groups; g++) {
                long first = aOffset + i * aRowStride + g * layout.groupSize() * aColumnStride;
                float sum = ScalarQuantizedGemm.sum(a, first, aColumnStride, layout.steps(g));
                work.set(JAVA_FLOAT_UNALIGNED, groupSumsAt + 4 * (i * groups + g), sum);
            }
        }
    }
}
