package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.BYTES;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;

import dev.lanewise.kernels.vector.Correlation.Phase;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;

/**
 * Runs a {@link PixelPlan} over the images of a batch: for one image and group, a panel of filters
 * passes over one chunk of pixels after the other.
 *
 * <p>The sums of a chunk, filters side by side, are finished in scratch and stored transposed. The
 * columns of a strided destination that belong to several phases are computed together, so that
 * they already lie in the order of the destination's rows.
 */
final class PixelKernel {
    private PixelKernel() {}

    /**
     * out = the correlation, plus the bias per filter, rectified if asked.
     *
     * @param packed weights as {@link PixelWeights} packs them
     */
    static void run(
            PixelPlan plan,
            MemorySegment source,
            long sourceOffset,
            MemorySegment packed,
            long packedOffset,
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
        Correlation c = plan.correlation;
        if (firstBand >= lastBand) {
            return;
        }
        long sourceGroup = (long) c.sourceChannels * c.sourceHeight * c.sourceWidth;
        long outGroup = (long) c.filters * c.outHeight * c.outWidth;
        long staged = workOffset + plan.stagedAt;
        for (int n = firstBand / c.bands; (long) n * c.bands < lastBand; n++) {
            int firstRow = c.firstRow(n, firstBand);
            int lastRow = c.lastRow(n, lastBand);
            for (int g = 0; g < c.groups; g++) {
                long image = (long) n * c.groups + g;
                long from = sourceOffset + image * sourceGroup;
                if (!c.inPlace) {
                    Staging.stage(c, firstRow, lastRow, source, from, work, staged);
                }
                group(
                        plan,
                        firstRow,
                        lastRow,
                        g,
                        c.inPlace ? source : work,
                        c.inPlace ? from : staged,
                        packed,
                        packedOffset,
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
    }

    /** Rows of one group of one image: their phases together, a panel of filters at a time. */
    private static void group(
            PixelPlan plan,
            int firstRow,
            int lastRow,
            int group,
            MemorySegment x,
            long xOffset,
            MemorySegment packed,
            long packedOffset,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            boolean rectify,
            MemorySegment work,
            long workOffset,
            MemorySegment out,
            long outOffset) {
        Correlation c = plan.correlation;
        int phases = c.phases.length == 1 ? 1 : c.stepWidth;
        long plane = (long) c.outHeight * c.outWidth;
        long weights = packedOffset;
        for (int first = 0; first < c.phases.length; first += phases) {
            for (int f = 0; f < c.filters; f += PixelPlan.PANEL) {
                int filters = Math.min(PixelPlan.PANEL, c.filters - f);
                if (hasBias) {
                    Staging.copy(bias, biasOffset + f, filters, work, workOffset);
                }
                panel(
                        plan,
                        firstRow,
                        lastRow,
                        first,
                        phases,
                        filters,
                        x,
                        xOffset,
                        packed,
                        weights,
                        (long) group * plan.paddedFilters + f,
                        hasBias,
                        rectify,
                        work,
                        workOffset,
                        out,
                        outOffset + f * plane);
            }
            for (int p = first; p < first + phases; p++) {
                weights += (long) c.groups * plan.paddedFilters * c.phases[p].table().length;
            }
        }
    }

    /**
     * A panel over the pixels of some rows of some phases.
     *
     * @param weights the first phase's packed weights
     * @param filterAt packed filters before the panel
     */
    private static void panel(
            PixelPlan plan,
            int firstRow,
            int lastRow,
            int first,
            int phases,
            int filters,
            MemorySegment x,
            long xOffset,
            MemorySegment packed,
            long weights,
            long filterAt,
            boolean hasBias,
            boolean rectify,
            MemorySegment work,
            long workOffset,
            MemorySegment out,
            long outOffset) {
        Correlation c = plan.correlation;
        int lanes = PixelPlan.padded(filters);
        long sums = workOffset + plan.sumsAt;
        int end = c.lastPosition(c.phases[first], lastRow, plan.columns);
        for (int q = c.firstPosition(firstRow, plan.columns); q < end; ) {
            int n = end - q < plan.chunk + Lanes.COUNT ? end - q : plan.chunk;
            long at = weights;
            for (int p = 0; p < phases; p++) {
                Phase phase = c.phases[first + p];
                int terms = phase.table().length;
                chunk(
                        plan,
                        phase,
                        lanes,
                        q,
                        n,
                        x,
                        xOffset,
                        packed,
                        at + filterAt * terms,
                        work,
                        sums + (long) p * lanes,
                        phases);
                at += (long) c.groups * plan.paddedFilters * terms;
            }
            if (hasBias) {
                float lowest = rectify ? 0 : Float.NEGATIVE_INFINITY;
                addBias(work, workOffset << 2, lowest, sums << 2, n * phases, lanes);
            } else if (rectify) {
                rectify(work, sums << 2, n * phases * lanes);
            }
            if (plan.flat) {
                store(c, filters, lanes, n, work, sums, out, outOffset + q);
            } else {
                long turned = workOffset + plan.turnedAt;
                storeSteps(plan, first, filters, lanes, q, n, work, sums, turned, out, outOffset);
            }
            q += n;
        }
    }

    /** The sums of n pixels from q on; between two of them lie those of the other phases. */
    private static void chunk(
            PixelPlan plan,
            Phase phase,
            int lanes,
            int q,
            int n,
            MemorySegment x,
            long xOffset,
            MemorySegment packed,
            long weights,
            MemorySegment work,
            long sums,
            int phases) {
        int vectors = lanes / Lanes.COUNT;
        long pixel = (long) lanes * phases << 2;
        long at = sums << 2;
        for (int i = q; i < q + n; i += PixelTiles.PIXELS) {
            PixelTiles.run(
                    vectors,
                    x,
                    xOffset << 2,
                    plan.positions,
                    i,
                    phase.table(),
                    packed,
                    weights << 2,
                    work,
                    at,
                    pixel);
            at += PixelTiles.PIXELS * pixel;
        }
    }

    /** sums = max(sums + bias, lowest), n rows of lanes; offsets in bytes. */
    private static void addBias(
            MemorySegment work, long biasAt, float lowest, long sumsAt, int n, int lanes) {
        work = NATIVE.cast(work);
        long rowBytes = (long) lanes << 2;
        for (long lane = 0; lane < rowBytes; lane += BYTES) {
            FloatVector bias = FloatVector.fromMemorySegment(FLOAT, work, biasAt + lane, ORDER);
            long at = sumsAt + lane;
            for (int i = 0; i < n; i++) {
                FloatVector.fromMemorySegment(FLOAT, work, at, ORDER)
                        .add(bias)
                        .max(lowest)
                        .intoMemorySegment(work, at, ORDER);
                at += rowBytes;
            }
        }
    }

    /** sums = max(sums, 0), n whole vectors. */
    private static void rectify(MemorySegment work, long at, int n) {
        work = NATIVE.cast(work);
        for (int i = 0; i < n; i += Lanes.COUNT) {
            FloatVector.fromMemorySegment(FLOAT, work, at, ORDER)
                    .max(0f)
                    .intoMemorySegment(work, at, ORDER);
            at += BYTES;
        }
    }

    /** Stores n pixels that lie side by side in the destination. */
    private static void store(
            Correlation c,
            int filters,
            int lanes,
            int n,
            MemorySegment work,
            long sums,
            MemorySegment out,
            long outOffset) {
        long plane = (long) c.outHeight * c.outWidth;
        BlockTranspose.matrix(
                work, sums << 2, (long) lanes << 2, n, filters, out, outOffset << 2, plane << 2);
    }

    /** Stores n pixels of each phase to the parts of the rows that they fill. */
    private static void storeSteps(
            PixelPlan plan,
            int first,
            int filters,
            int lanes,
            int q,
            int n,
            MemorySegment work,
            long sums,
            long turned,
            MemorySegment out,
            long outOffset) {
        Correlation c = plan.correlation;
        int step = c.stepWidth;
        int pitch = plan.rowElements();
        BlockTranspose.matrix(
                work,
                sums << 2,
                (long) lanes << 2,
                n * step,
                filters,
                work,
                turned << 2,
                (long) pitch << 2);
        long plane = (long) c.outHeight * c.outWidth;
        int row = plan.columns * step;
        for (int i = 0; i < n * step; ) {
            int y = (q * step + i) / row;
            int column = q * step + i - y * row;
            int outputs = Math.min(n * step - i, c.outWidth - column);
            long to = c.phases[first].firstRow() + (long) y * c.stepHeight;
            long at = outOffset + to * c.outWidth + column;
            for (int f = 0; f < filters; f++) {
                copy(work, turned + (long) f * pitch + i, outputs, out, at + f * plane);
            }
            i += row - column;
        }
    }

    /** Copies n elements; neither reads nor writes are beyond them. */
    private static void copy(MemorySegment work, long from, int n, MemorySegment out, long at) {
        if (n < Lanes.COUNT) {
            Staging.copyPart(work, from, n, out, at);
            return;
        }
        work = NATIVE.cast(work);
        out = NATIVE.cast(out);
        for (int i = 0; i < n; i += Lanes.COUNT) {
            int j = Math.min(i, n - Lanes.COUNT);
            FloatVector.fromMemorySegment(FLOAT, work, (from + j) << 2, ORDER)
                    .intoMemorySegment(out, (at + j) << 2, ORDER);
        }
    }
}
