package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.BYTES;
import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;
import static dev.lanewise.kernels.vector.Lanes.SWAP_1;
import static dev.lanewise.kernels.vector.Lanes.SWAP_2;
import static dev.lanewise.kernels.vector.Lanes.SWAP_4;
import static dev.lanewise.kernels.vector.Lanes.SWAP_8;
import static dev.lanewise.kernels.vector.Lanes.bound;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

import java.lang.foreign.MemorySegment;

/**
 * Layer normalization of rows in one pass over memory: while a row is written, the sums of the row
 * after the next are formed. So memory is read and written at the same time, a row lies in the
 * first-level cache when it is read again, and nothing waits for sums to be added up.
 *
 * <p>Both sums of a row, Σ d and Σ d², are of differences d from a pivot p, the mean of its first
 * vector. The variance is Σ d²/n − (Σ d/n)²; it loses a factor (μ − p)²/σ² of precision, about
 * 1/lanes as a rule and at most n/lanes. Until its lanes are added up, a sum waits in the output of
 * its row.
 *
 * <p>The loops go over slices of one size: C2 then checks the index once for all of them, not once
 * for each, which would take as long as half of a row of 768.
 */
final class LayerNormRows {
    /** Rows need as many columns, for their sums to wait in. */
    static final long MIN_COLUMNS = 2L * COUNT;

    /** The row that is summed is so many after the one that is written. */
    private static final long AHEAD = 2;

    private LayerNormRows() {}

    /**
     * {@link dev.lanewise.kernels.Normalization#layerNormRows} to another array: sums wait in rows
     * of the output whose input has not been read for the last time.
     */
    static void normalize(
            MemorySegment x,
            long xOffset,
            MemorySegment scale,
            long scaleOffset,
            MemorySegment shift,
            long shiftOffset,
            long rows,
            long columns,
            float epsilon,
            MemorySegment mean,
            long meanOffset,
            MemorySegment invStd,
            long invStdOffset,
            MemorySegment out,
            long outOffset) {
        long bound = bound(columns);
        long ahead = AHEAD * columns;
        for (long r = 0; r < Math.min(AHEAD, rows); r++) {
            long row = xOffset + r * columns;
            long outRow = outOffset + r * columns;
            float pivot = pivot(x, row);
            addUp(x, row, pivot, bound, out, outRow);
            finish(
                    x,
                    row,
                    pivot,
                    columns,
                    epsilon,
                    mean,
                    meanOffset + r,
                    invStd,
                    invStdOffset + r,
                    out,
                    outRow);
        }
        for (long r = 0; r < rows; r++) {
            long row = xOffset + r * columns;
            long outRow = outOffset + r * columns;
            float center = mean.getAtIndex(JAVA_FLOAT, meanOffset + r);
            float inverse = invStd.getAtIndex(JAVA_FLOAT, invStdOffset + r);
            long done = 0;
            if (r + AHEAD < rows) {
                float pivot = pivot(x, row + ahead);
                normalizeAndAddUp(
                        x,
                        row,
                        row + ahead,
                        scale,
                        scaleOffset,
                        shift,
                        shiftOffset,
                        bound,
                        center,
                        inverse,
                        pivot,
                        out,
                        outRow,
                        outRow + ahead);
                finish(
                        x,
                        row + ahead,
                        pivot,
                        columns,
                        epsilon,
                        mean,
                        meanOffset + r + AHEAD,
                        invStd,
                        invStdOffset + r + AHEAD,
                        out,
                        outRow + ahead);
                done = bound;
            }
            if (done < columns) {
                LayerNormRow.normalize(
                        x,
                        row + done,
                        scale,
                        scaleOffset + done,
                        shift,
                        shiftOffset + done,
                        columns - done,
                        center,
                        inverse,
                        out,
                        outRow + done);
            }
        }
    }

    /** The mean of the first vector of a row. */
    private static float pivot(MemorySegment x, long xOffset) {
        x = NATIVE.cast(x);
        FloatVector s = fromMemorySegment(FLOAT, x, xOffset << 2, ORDER);
        s = COUNT > 8 ? s.add(s.rearrange(SWAP_8)) : s;
        s = COUNT > 4 ? s.add(s.rearrange(SWAP_4)) : s;
        s = s.add(s.rearrange(SWAP_2));
        return s.add(s.rearrange(SWAP_1)).lane(0) / COUNT;
    }

    /** Σ d and Σ d² of the whole vectors of a row, lane by lane, to the first two of its output. */
    private static void addUp(
            MemorySegment x,
            long xOffset,
            float pivot,
            long bound,
            MemorySegment out,
            long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        FloatVector pivots = FloatVector.broadcast(FLOAT, pivot);
        FloatVector sum = FloatVector.zero(FLOAT);
        FloatVector squares = sum;
        for (long i = 0; i < bound; i += COUNT) {
            FloatVector d = fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER).sub(pivots);
            sum = d.add(sum);
            squares = d.fma(d, squares);
        }
        sum.intoMemorySegment(out, outOffset << 2, ORDER);
        squares.intoMemorySegment(out, outOffset + COUNT << 2, ORDER);
    }

    /** {@link LayerNormRow#normalize} for one row and {@link #addUp} for another. */
    private static void normalizeAndAddUp(
            MemorySegment x,
            long row,
            long next,
            MemorySegment scale,
            long scaleOffset,
            MemorySegment shift,
            long shiftOffset,
            long bound,
            float center,
            float inverse,
            float pivot,
            MemorySegment out,
            long outRow,
            long outNext) {
        x = NATIVE.cast(x);
        scale = NATIVE.cast(scale);
        shift = NATIVE.cast(shift);
        out = NATIVE.cast(out);
        long bytes = bound << 2;
        MemorySegment xs = NATIVE.cast(x.asSlice(row << 2, bytes));
        MemorySegment nexts = NATIVE.cast(x.asSlice(next << 2, bytes));
        MemorySegment scales = NATIVE.cast(scale.asSlice(scaleOffset << 2, bytes));
        MemorySegment shifts = NATIVE.cast(shift.asSlice(shiftOffset << 2, bytes));
        MemorySegment outs = NATIVE.cast(out.asSlice(outRow << 2, bytes));
        FloatVector centers = FloatVector.broadcast(FLOAT, center);
        FloatVector inverses = FloatVector.broadcast(FLOAT, inverse);
        FloatVector pivots = FloatVector.broadcast(FLOAT, pivot);
        FloatVector sum = FloatVector.zero(FLOAT);
        FloatVector squares = sum;
        for (long i = 0; i < bytes; i += BYTES) {
            FloatVector factor = fromMemorySegment(FLOAT, scales, i, ORDER);
            FloatVector term = fromMemorySegment(FLOAT, shifts, i, ORDER);
            FloatVector y = fromMemorySegment(FLOAT, xs, i, ORDER).sub(centers);
            FloatVector d = fromMemorySegment(FLOAT, nexts, i, ORDER).sub(pivots);
            sum = d.add(sum);
            squares = d.fma(d, squares);
            y.mul(inverses).fma(factor, term).intoMemorySegment(outs, i, ORDER);
        }
        sum.intoMemorySegment(out, outNext << 2, ORDER);
        squares.intoMemorySegment(out, outNext + COUNT << 2, ORDER);
    }

    /** Mean and 1/√(variance + epsilon) from the sums in the output and the rest of a row. */
    private static void finish(
            MemorySegment x,
            long xOffset,
            float pivot,
            long columns,
            float epsilon,
            MemorySegment mean,
            long meanOffset,
            MemorySegment invStd,
            long invStdOffset,
            MemorySegment out,
            long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        FloatVector s = fromMemorySegment(FLOAT, out, outOffset << 2, ORDER);
        FloatVector q = fromMemorySegment(FLOAT, out, outOffset + COUNT << 2, ORDER);
        long bound = bound(columns);
        if (bound < columns) {
            VectorMask<Float> tail = FLOAT.indexInRange(bound, columns);
            FloatVector d =
                    fromMemorySegment(FLOAT, x, xOffset + bound << 2, ORDER, tail).sub(pivot, tail);
            s = d.add(s);
            q = d.fma(d, q);
        }
        s = COUNT > 8 ? s.add(s.rearrange(SWAP_8)) : s;
        q = COUNT > 8 ? q.add(q.rearrange(SWAP_8)) : q;
        s = COUNT > 4 ? s.add(s.rearrange(SWAP_4)) : s;
        q = COUNT > 4 ? q.add(q.rearrange(SWAP_4)) : q;
        s = s.add(s.rearrange(SWAP_2));
        q = q.add(q.rearrange(SWAP_2));
        double offset = (double) s.add(s.rearrange(SWAP_1)).lane(0) / columns;
        double squares = (double) q.add(q.rearrange(SWAP_1)).lane(0) / columns;
        double variance = Math.max(squares - offset * offset, 0);
        mean.setAtIndex(JAVA_FLOAT, meanOffset, (float) (pivot + offset));
        invStd.setAtIndex(JAVA_FLOAT, invStdOffset, (float) (1 / Math.sqrt(variance + epsilon)));
    }
}
