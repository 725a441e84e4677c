package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.lanewise.kernels.vector.Correlation.Phase;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;

/**
 * Runs a {@link Correlation} over the images of a batch: for one image and group, a block of
 * filters passes over one tile of positions after the other.
 *
 * <p>The workspace holds a tile of results, the columns of the last tile of a source read in place,
 * and one staged group of one image. Where a filter's weights don't lie side by side in the order
 * of the table ({@link Correlation#gathersWeights}), they are packed so beforehand ({@link #pack}):
 * phase by phase, group by group, filter by filter.
 */
final class CorrelationKernel {
    /** The weights of a block of filters: they stay in the L2 cache while the tiles pass. */
    private static final int BLOCK_WEIGHTS = 96 * 1024;

    /** Positions of a tile of one filter, the longest. */
    private static final int ROW_TILE = TapTiles.ROW_WIDE * Lanes.COUNT;

    /** Elements of the result tile, and a vector that its last row may be over-read by. */
    private static final int RESULT = (4 * TapTiles.WIDE + 1) * Lanes.COUNT;

    private CorrelationKernel() {}

    static long workspaceSize(Correlation c) {
        return stagedAt(c) + c.stagedSize() + 2L * ROW_TILE;
    }

    private static long edgeAt() {
        return aligned(Math.max(RESULT, ROW_TILE + Lanes.COUNT));
    }

    private static long stagedAt(Correlation c) {
        long edge = c.inPlace ? (long) c.sourceChannels * ROW_TILE + Lanes.COUNT : 0;
        return edgeAt() + aligned(edge);
    }

    /** Elements of packed weights. */
    static long packedSize(Correlation c) {
        long size = 0;
        for (Phase phase : c.phases) {
            size += phaseSize(c, phase);
        }
        return size;
    }

    private static long phaseSize(Correlation c, Phase phase) {
        return aligned((long) c.groups * c.filters * gatheredPitch(phase));
    }

    /** Packs a range of the filters of all groups, {@code groupWeights} weights each. */
    static void pack(
            Correlation c,
            int firstFilter,
            int lastFilter,
            MemorySegment weight,
            long weightOffset,
            int groupWeights,
            MemorySegment packed,
            long packedOffset) {
        long end = weightOffset + (long) c.groups * groupWeights;
        long at = packedOffset;
        for (Phase phase : c.phases) {
            int pitch = gatheredPitch(phase);
            int filter = firstFilter;
            while (filter < lastFilter) {
                int g = filter / c.filters;
                int f = filter % c.filters;
                int n = Math.min(c.filters - f, lastFilter - filter);
                Staging.gatherFilters(
                        weight,
                        weightOffset + (long) g * groupWeights + (long) f * c.filterStride,
                        c.filterStride,
                        n,
                        phase,
                        end,
                        packed,
                        at + (long) filter * pitch,
                        pitch);
                filter += n;
            }
            at += phaseSize(c, phase);
        }
    }

    private static long aligned(long size) {
        return (size + 15) / 16 * 16;
    }

    /** The filters of a block: all of the group, or as many whole tiles as fit. */
    private static int blockRows(Correlation c) {
        int rows = TapTiles.rows(c.filters);
        long fitting = BLOCK_WEIGHTS / Math.max(1, c.terms) / rows * rows;
        return (int) Math.min(c.filters, Math.max(rows, fitting));
    }

    /**
     * out = the correlation, plus the bias per filter, rectified if asked.
     *
     * @param weight packed, where weights are gathered
     */
    static void run(
            Correlation c,
            MemorySegment source,
            long sourceOffset,
            MemorySegment weight,
            long weightOffset,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            boolean rectify,
            int firstBand,
            int lastBand,
            MemorySegment work,
            long workOffset,
            MemorySegment out,
            long outOffset) {
        if (firstBand >= lastBand) {
            return;
        }
        long sourceGroup = (long) c.sourceChannels * c.sourceHeight * c.sourceWidth;
        long outGroup = (long) c.filters * c.outHeight * c.outWidth;
        long staged = workOffset + stagedAt(c);
        long weights = weightOffset;
        for (Phase phase : c.phases) {
            int pitch = c.gathersWeights ? gatheredPitch(phase) : c.filterStride;
            for (int g = 0; g < c.groups; g++) {
                long filters = weights + (long) g * c.filters * pitch;
                for (int n = firstBand / c.bands; (long) n * c.bands < lastBand; n++) {
                    int firstRow = c.firstRow(n, firstBand);
                    int lastRow = c.lastRow(n, lastBand);
                    long image = (long) n * c.groups + g;
                    long from = sourceOffset + image * sourceGroup;
                    if (!c.inPlace) {
                        Staging.stage(c, firstRow, lastRow, source, from, work, staged);
                    }
                    group(
                            c,
                            phase,
                            firstRow,
                            lastRow,
                            c.inPlace ? source : work,
                            c.inPlace ? from : staged,
                            weight,
                            filters,
                            pitch,
                            hasBias,
                            bias,
                            biasOffset + (long) g * c.filters,
                            rectify,
                            work,
                            workOffset,
                            out,
                            outOffset + image * outGroup);
                }
            }
            weights += phaseSize(c, phase);
        }
    }

    /** Rows of one group of one image, a block of filters at a time. */
    private static void group(
            Correlation c,
            Phase phase,
            int firstRow,
            int lastRow,
            MemorySegment x,
            long xOffset,
            MemorySegment weight,
            long weightOffset,
            int pitch,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            boolean rectify,
            MemorySegment work,
            long workOffset,
            MemorySegment out,
            long outOffset) {
        if (c.singlePlane) {
            PlaneKernel.run(
                    c,
                    firstRow,
                    lastRow,
                    x,
                    xOffset,
                    weight,
                    weightOffset,
                    pitch,
                    hasBias,
                    bias,
                    biasOffset,
                    rectify,
                    out,
                    outOffset);
            return;
        }
        int blockRows = blockRows(c);
        for (int first = 0; first < c.filters; first += blockRows) {
            block(
                    c,
                    phase,
                    firstRow,
                    lastRow,
                    first,
                    Math.min(first + blockRows, c.filters),
                    x,
                    xOffset,
                    weight,
                    weightOffset + (long) first * pitch,
                    pitch,
                    hasBias,
                    bias,
                    biasOffset,
                    rectify,
                    work,
                    workOffset,
                    out,
                    outOffset);
        }
    }

    /** Elements from one gathered filter to the next: its terms, and a vector. */
    private static int gatheredPitch(Phase phase) {
        return phase.table().length + Lanes.COUNT;
    }

    /** Filters first to last over the positions of some rows, a tile of positions at a time. */
    private static void block(
            Correlation c,
            Phase phase,
            int firstRow,
            int lastRow,
            int first,
            int last,
            MemorySegment x,
            long xOffset,
            MemorySegment w,
            long wOffset,
            int wStride,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            boolean rectify,
            MemorySegment work,
            long workOffset,
            MemorySegment out,
            long outOffset) {
        int rows = TapTiles.rows(c.filters);
        int end = c.lastPosition(phase, lastRow, c.pitch);
        int planeEnd = c.lastPosition(phase, c.gridRows, c.pitch);
        for (int q = c.firstPosition(firstRow, c.pitch); q < end; ) {
            int vectors =
                    rows == 1
                            ? TapTiles.ROW_WIDE
                            : Math.min(TapTiles.WIDE, Math.ceilDiv(end - q, Lanes.COUNT));
            int n = vectors * Lanes.COUNT;
            boolean edge = c.inPlace && q + n > planeEnd;
            if (edge) {
                edgeColumns(c, x, xOffset + q, planeEnd - q, work, workOffset + edgeAt());
            }
            MemorySegment tileX = edge ? work : x;
            long tileAt = edge ? workOffset + edgeAt() : xOffset + q;
            int[] table = edge ? c.edgeTable : phase.table();
            for (int f = first; f < last; f += rows) {
                int valid = Math.min(rows, last - f);
                TapTiles.run(
                        rows,
                        vectors,
                        w,
                        (wOffset + (long) (f - first) * wStride) << 2,
                        (long) wStride << 2,
                        valid,
                        tileX,
                        tileAt << 2,
                        table,
                        work,
                        workOffset << 2);
                storeTile(
                        c,
                        phase,
                        f,
                        valid,
                        q,
                        n,
                        end,
                        hasBias,
                        bias,
                        biasOffset,
                        rectify,
                        work,
                        workOffset,
                        out,
                        outOffset);
            }
            q += n;
        }
    }

    /** The last columns of a source read in place, so that whole vectors may be read. */
    private static void edgeColumns(
            Correlation c, MemorySegment x, long from, int n, MemorySegment work, long at) {
        for (int i = 0; i < c.sourceChannels; i++) {
            Staging.copy(x, from + (long) i * c.pitch, n, work, at + (long) i * ROW_TILE);
        }
    }

    /** Stores the valid ones, before end, of a tile of n positions from q on, row by row. */
    private static void storeTile(
            Correlation c,
            Phase phase,
            int filter,
            int valid,
            int q,
            int n,
            int end,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            boolean rectify,
            MemorySegment work,
            long workOffset,
            MemorySegment out,
            long outOffset) {
        long outPlane = (long) c.outHeight * c.outWidth;
        float lowest = rectify ? 0 : Float.NEGATIVE_INFINITY;
        for (int i = 0; i < valid; i++) {
            float b = hasBias ? bias.get(JAVA_FLOAT_UNALIGNED, (biasOffset + filter + i) << 2) : 0;
            long tile = workOffset + (long) i * n;
            if (hasBias || rectify) {
                finish(work, tile, n, hasBias, b, lowest);
            }
            long plane = outOffset + (filter + i) * outPlane;
            if (c.stepHeight == 1 && c.stepWidth == 1) {
                storeRows(c, phase, q, Math.min(q + n, end), end, work, tile, out, plane);
            } else {
                storeSteps(c, phase, q, Math.min(q + n, end), work, tile, out, plane);
            }
        }
    }

    /** values = max(values + bias, lowest). */
    private static void finish(
            MemorySegment work, long at, int n, boolean hasBias, float bias, float lowest) {
        work = NATIVE.cast(work);
        for (int i = 0; i < n; i += Lanes.COUNT) {
            FloatVector sum = FloatVector.fromMemorySegment(FLOAT, work, (at + i) << 2, ORDER);
            (hasBias ? sum.add(bias) : sum)
                    .max(lowest)
                    .intoMemorySegment(work, (at + i) << 2, ORDER);
        }
    }

    /**
     * Copies positions q to end to rows without gaps. Whole vectors as long as they stay before
     * {@code last}: what they write behind a row is written again, rightly, with the rows after it.
     */
    private static void storeRows(
            Correlation c,
            Phase phase,
            int q,
            int end,
            int last,
            MemorySegment work,
            long tile,
            MemorySegment out,
            long plane) {
        work = NATIVE.cast(work);
        out = NATIVE.cast(out);
        int gap = c.pitch - phase.columns();
        long planeEnd = plane + last - (long) last / c.pitch * gap;
        int row = q / c.pitch * c.pitch;
        long at = plane + (long) (q / c.pitch) * c.outWidth + (q - row);
        for (int from = q; from < end; ) {
            int to = Math.min(row + phase.columns(), end);
            int i = from;
            for (; i < to && at + Lanes.COUNT <= planeEnd; i += Lanes.COUNT) {
                FloatVector.fromMemorySegment(FLOAT, work, (tile + i - q) << 2, ORDER)
                        .intoMemorySegment(out, at << 2, ORDER);
                at += Lanes.COUNT;
            }
            for (; i < to; i++) {
                float value = work.get(JAVA_FLOAT_UNALIGNED, (tile + i - q) << 2);
                out.set(JAVA_FLOAT_UNALIGNED, at << 2, value);
                at++;
            }
            at += to - i;
            row += c.pitch;
            from = row;
        }
    }

    /** Copies positions q to end to every step-th row and column. */
    private static void storeSteps(
            Correlation c,
            Phase phase,
            int q,
            int end,
            MemorySegment work,
            long tile,
            MemorySegment out,
            long plane) {
        int y = q / c.pitch;
        for (int from = q; from < end; ) {
            int row = y * c.pitch;
            int to = Math.min(row + phase.columns(), end);
            long first = (long) (phase.firstRow() + y * c.stepHeight) * c.outWidth;
            long at = plane + first + phase.firstColumn() + (long) (from - row) * c.stepWidth;
            for (int i = from; i < to; i++) {
                float value = work.get(JAVA_FLOAT_UNALIGNED, (tile + i - q) << 2);
                out.set(JAVA_FLOAT_UNALIGNED, at << 2, value);
                at += c.stepWidth;
            }
            y++;
            from = row + c.pitch;
        }
    }
}
