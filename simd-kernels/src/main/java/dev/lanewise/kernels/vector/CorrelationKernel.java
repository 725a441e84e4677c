package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.vector.Correlation.Phase;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Runs a {@link Correlation} over the images of a batch, one image, group and tile at a time.
 *
 * <p>The workspace holds a tile of results, the columns of the last partial tile of a source read
 * in place, the interleaved filters (all of them, if they fit a part of the L2 cache, else one
 * panel), and one staged group of one image.
 */
final class CorrelationKernel {
    private static final VectorSpecies<Float> FLOAT = Lanes.FLOAT;
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT_UNALIGNED;

    /** Interleaved filters up to this many elements are kept for the whole call. */
    private static final int RESIDENT_WEIGHTS = 96 * 1024;

    /** Positions of a full tile. */
    private static final int TILE = TapTiles.WIDE * Lanes.COUNT;

    private static final int ROW_TILE = TapTiles.ROW_WIDE * Lanes.COUNT;

    /** Elements of the result tile; a vector more, which its last row may be over-read by. */
    private static final int RESULT = 4 * TILE + 16;

    private CorrelationKernel() {}

    static long workspaceSize(Correlation c) {
        return stagedAt(c) + c.stagedSize() + 2L * ROW_TILE;
    }

    private static long edgeAt() {
        return (RESULT + 15) / 16 * 16;
    }

    private static long filtersAt(Correlation c) {
        return edgeAt() + (c.inPlace ? (long) c.sourceChannels * ROW_TILE + 16 : 0);
    }

    private static long stagedAt(Correlation c) {
        long filters = resident(c) ? residentSize(c) : panelSize(c);
        return (filtersAt(c) + filters + 15) / 16 * 16;
    }

    private static long residentSize(Correlation c) {
        int rows = TapTiles.rows(c.filters);
        return (long) Math.ceilDiv(c.filters, rows) * rows * c.groups * c.terms;
    }

    private static long panelSize(Correlation c) {
        return (long) TapTiles.rows(c.filters) * c.terms;
    }

    private static boolean resident(Correlation c) {
        return residentSize(c) <= RESIDENT_WEIGHTS;
    }

    /** out = the correlation, plus the bias per filter, rectified if asked. */
    static void run(
            Correlation c,
            MemorySegment source,
            long sourceOffset,
            MemorySegment weight,
            long weightOffset,
            int groupWeights,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            boolean rectify,
            int firstImage,
            int lastImage,
            MemorySegment work,
            long workOffset,
            MemorySegment out,
            long outOffset) {
        int sourcePlane = c.sourceHeight * c.sourceWidth;
        int outPlane = c.outHeight * c.outWidth;
        long staged = workOffset + stagedAt(c);
        long filters = workOffset + filtersAt(c);
        boolean resident = resident(c);
        for (Phase phase : c.phases) {
            if (resident) {
                packAll(c, phase, weight, weightOffset, groupWeights, work, filters);
            }
            for (int n = firstImage; n < lastImage; n++) {
                for (int g = 0; g < c.groups; g++) {
                    long image = (long) n * c.groups + g;
                    long from = sourceOffset + image * c.sourceChannels * sourcePlane;
                    long to = outOffset + image * c.filters * outPlane;
                    long b = biasOffset + (long) g * c.filters;
                    if (!c.inPlace) {
                        Staging.stage(c, source, from, work, staged);
                    }
                    MemorySegment x = c.inPlace ? source : work;
                    long xOffset = c.inPlace ? from : staged;
                    if (resident) {
                        long w =
                                filters
                                        + g
                                                * residentSize(c)
                                                / c.groups
                                                / c.terms
                                                * phaseTerms(phase);
                        tilesOuter(
                                c,
                                phase,
                                x,
                                xOffset,
                                w,
                                hasBias,
                                bias,
                                b,
                                rectify,
                                work,
                                workOffset,
                                out,
                                to);
                    } else {
                        long w = weightOffset + (long) g * groupWeights;
                        panelsOuter(
                                c,
                                phase,
                                x,
                                xOffset,
                                weight,
                                w,
                                hasBias,
                                bias,
                                b,
                                rectify,
                                work,
                                workOffset,
                                out,
                                to);
                    }
                }
            }
        }
    }

    private static long phaseTerms(Phase phase) {
        return phase.table().length;
    }

    private static void packAll(
            Correlation c,
            Phase phase,
            MemorySegment weight,
            long weightOffset,
            int groupWeights,
            MemorySegment work,
            long at) {
        int rows = TapTiles.rows(c.filters);
        for (int g = 0; g < c.groups; g++) {
            for (int f = 0; f < c.filters; f += rows) {
                long from = weightOffset + (long) g * groupWeights + (long) f * c.filterStride;
                int valid = Math.min(rows, c.filters - f);
                Staging.packFilters(
                        weight, from, c.filterStride, valid, rows, phase.weights(), work, at);
                at += rows * phaseTerms(phase);
            }
        }
    }

    /** Few weights: a tile of positions stays in the L1 cache while all filters pass. */
    private static void tilesOuter(
            Correlation c,
            Phase phase,
            MemorySegment x,
            long xOffset,
            long filters,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            boolean rectify,
            MemorySegment work,
            long workOffset,
            MemorySegment out,
            long outOffset) {
        int rows = TapTiles.rows(c.filters);
        int end = phase.positions(c.pitch);
        for (int q = 0; q < end; ) {
            int n = tileLength(rows, end - q);
            boolean edge = c.inPlace && q + n > end;
            if (edge) {
                edgeColumns(c, x, xOffset + q, end - q, work, workOffset);
            }
            long w = filters;
            for (int f = 0; f < c.filters; f += rows) {
                int valid = Math.min(rows, c.filters - f);
                product(c, phase, rows, n, edge, x, xOffset + q, w, work, workOffset);
                storeTile(
                        c,
                        phase,
                        f,
                        valid,
                        q,
                        n,
                        hasBias,
                        bias,
                        biasOffset,
                        rectify,
                        work,
                        workOffset,
                        out,
                        outOffset);
                w += rows * phaseTerms(phase);
            }
            q += n;
        }
    }

    /** Many weights: a panel of them is interleaved and stays in the cache for all positions. */
    private static void panelsOuter(
            Correlation c,
            Phase phase,
            MemorySegment x,
            long xOffset,
            MemorySegment weight,
            long weightOffset,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            boolean rectify,
            MemorySegment work,
            long workOffset,
            MemorySegment out,
            long outOffset) {
        int rows = TapTiles.rows(c.filters);
        int end = phase.positions(c.pitch);
        long filters = workOffset + filtersAt(c);
        for (int f = 0; f < c.filters; f += rows) {
            int valid = Math.min(rows, c.filters - f);
            long from = weightOffset + (long) f * c.filterStride;
            Staging.packFilters(
                    weight, from, c.filterStride, valid, rows, phase.weights(), work, filters);
            for (int q = 0; q < end; ) {
                int n = tileLength(rows, end - q);
                boolean edge = c.inPlace && q + n > end;
                if (edge && f == 0) {
                    edgeColumns(c, x, xOffset + q, end - q, work, workOffset);
                }
                product(c, phase, rows, n, edge, x, xOffset + q, filters, work, workOffset);
                storeTile(
                        c,
                        phase,
                        f,
                        valid,
                        q,
                        n,
                        hasBias,
                        bias,
                        biasOffset,
                        rectify,
                        work,
                        workOffset,
                        out,
                        outOffset);
                q += n;
            }
        }
    }

    private static int tileLength(int rows, int left) {
        return rows == 1 ? ROW_TILE : left <= Lanes.COUNT ? Lanes.COUNT : TILE;
    }

    private static void edgeColumns(
            Correlation c, MemorySegment x, long from, int n, MemorySegment work, long workOffset) {
        Staging.copyColumns(
                x, from, c.sourceChannels, c.pitch, n, ROW_TILE, work, workOffset + edgeAt());
    }

    private static void product(
            Correlation c,
            Phase phase,
            int rows,
            int n,
            boolean edge,
            MemorySegment x,
            long xOffset,
            long filters,
            MemorySegment work,
            long workOffset) {
        int vectors = n / Lanes.COUNT;
        if (edge) {
            long at = (workOffset + edgeAt()) << 2;
            TapTiles.run(rows, vectors, work, filters << 2, work, at, c.edgeTable, workOffset << 2);
        } else {
            TapTiles.run(
                    rows,
                    vectors,
                    work,
                    filters << 2,
                    x,
                    xOffset << 2,
                    phase.table(),
                    workOffset << 2);
        }
    }

    /** Stores the valid positions of a tile, row by row of the destination. */
    private static void storeTile(
            Correlation c,
            Phase phase,
            int filter,
            int valid,
            int q,
            int n,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            boolean rectify,
            MemorySegment work,
            long workOffset,
            MemorySegment out,
            long outOffset) {
        int outPlane = c.outHeight * c.outWidth;
        int columns = phase.columns();
        int end = Math.min(q + n, phase.positions(c.pitch));
        float lowest = rectify ? 0 : Float.NEGATIVE_INFINITY;
        int firstY = q / c.pitch;
        for (int i = 0; i < valid; i++) {
            float b = hasBias ? bias.get(SCALAR, (biasOffset + filter + i) << 2) : 0;
            long plane = outOffset + (long) (filter + i) * outPlane + phase.firstColumn();
            long tile = workOffset + (long) i * n - q;
            int y = firstY;
            int from = q;
            while (from < end) {
                int row = y * c.pitch;
                int to = Math.min(row + columns, end);
                long at =
                        plane
                                + (long) (phase.firstRow() + y * c.stepHeight) * c.outWidth
                                + (long) (from - row) * c.stepWidth;
                storeRun(work, tile + from, to - from, hasBias, b, lowest, out, at, c.stepWidth);
                y++;
                from = row + c.pitch;
            }
        }
    }

    private static void storeRun(
            MemorySegment work,
            long from,
            int n,
            boolean hasBias,
            float bias,
            float lowest,
            MemorySegment out,
            long at,
            int step) {
        if (step == 1) {
            int i = 0;
            for (; i <= n - Lanes.COUNT; i += Lanes.COUNT) {
                result(work, from + i, hasBias, bias, lowest)
                        .intoMemorySegment(out, (at + i) << 2, NATIVE);
            }
            if (i < n) {
                VectorMask<Float> rest = FLOAT.indexInRange(i, n);
                result(work, from + i, hasBias, bias, lowest)
                        .intoMemorySegment(out, (at + i) << 2, NATIVE, rest);
            }
            return;
        }
        for (int i = 0; i < n; i++) {
            float sum = work.get(SCALAR, (from + i) << 2);
            float value = Math.max(hasBias ? sum + bias : sum, lowest);
            out.set(SCALAR, (at + (long) i * step) << 2, value);
        }
    }

    private static FloatVector result(
            MemorySegment work, long from, boolean hasBias, float bias, float lowest) {
        FloatVector sum = FloatVector.fromMemorySegment(FLOAT, work, from << 2, NATIVE);
        return (hasBias ? sum.add(bias) : sum).max(lowest);
    }
}
