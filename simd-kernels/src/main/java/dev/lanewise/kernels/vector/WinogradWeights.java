package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.Winograd;
import dev.lanewise.kernels.Winograd.Geometry;

import java.lang.foreign.MemorySegment;

/**
 * Transforms 3x3 filters into 36 matrices [channel, filter], packed as {@link VectorGemm} packs the
 * right operand.
 */
final class WinogradWeights {
    private static final int TAPS = 9;

    private WinogradWeights() {}

    /** Elements of one packed matrix. */
    static long matrixSize(Geometry g) {
        return (long) g.channels() * padded(g.filters());
    }

    /** The scratch elements that {@link #pack} needs. */
    static long workspaceSize(Geometry g) {
        // two blocks of a transpose are whole ones, behind the last row
        return (long) (TAPS * g.channels() + Lanes.COUNT + 2 * TAPS) * padded(g.filters());
    }

    private static int padded(int filters) {
        return GemmBlocking.roundUp(filters, GemmTile.COLUMNS);
    }

    /**
     * Packs a range of channels of weight: [filter, channel, 3, 3], or, flipped, [channel, filter,
     * 3, 3] turned by half a turn; offsets in elements.
     */
    static void pack(
            Geometry g,
            boolean flipped,
            int firstChannel,
            int lastChannel,
            MemorySegment weight,
            long weightOffset,
            MemorySegment work,
            long workOffset,
            MemorySegment packed,
            long packedOffset) {
        int count = lastChannel - firstChannel;
        int filters = g.filters();
        int row = padded(filters);
        long rowBytes = 4L * row;
        long taps = 4 * workOffset;
        long half = taps + (TAPS * (long) count + Lanes.COUNT) * rowBytes;
        if (row > filters) {
            Staging.zero(work, workOffset, TAPS * count * row);
        }
        if (flipped) {
            tapsOfFlipped(g, firstChannel, lastChannel, weight, weightOffset, work, taps, rowBytes);
        } else {
            BlockTranspose.matrix(
                    weight,
                    4 * (weightOffset + (long) TAPS * firstChannel),
                    4L * TAPS * g.channels(),
                    filters,
                    TAPS * count,
                    work,
                    taps,
                    rowBytes);
        }
        for (int c = firstChannel; c < lastChannel; c++) {
            long from = taps + (c - firstChannel) * TAPS * rowBytes;
            channel(c, g, flipped, work, from, half, packed, packedOffset);
        }
    }

    /** taps[c, tap, f] = weight[c, f, tap]: for each c of a range a transpose of [f, tap]. */
    private static void tapsOfFlipped(
            Geometry g,
            int firstChannel,
            int lastChannel,
            MemorySegment weight,
            long weightOffset,
            MemorySegment work,
            long taps,
            long rowBytes) {
        int filters = g.filters();
        long end = 4 * (weightOffset + (long) g.channels() * filters * TAPS);
        for (int c = firstChannel; c < lastChannel; c++) {
            long to = taps + (c - firstChannel) * TAPS * rowBytes;
            for (int f = 0; f < filters; f += Lanes.COUNT) {
                long from = 4 * (weightOffset + ((long) c * filters + f) * TAPS);
                int rows = Math.min(Lanes.COUNT, filters - f);
                long read = from + 4L * (TAPS * (Lanes.COUNT - 1) + whole());
                if (rows == Lanes.COUNT && read <= end) {
                    // what a block reads behind the taps lands in the next channel's rows, before
                    // these are written
                    for (int t = 0; t < TAPS; t += Lanes.COUNT) {
                        BlockTranspose.run(
                                weight,
                                from + 4L * t,
                                4L * TAPS,
                                work,
                                to + t * rowBytes + 4L * f,
                                rowBytes);
                    }
                } else {
                    BlockTranspose.small(
                            weight, from, 4L * TAPS, rows, TAPS, work, to + 4L * f, rowBytes);
                }
            }
        }
    }

    /** The taps, rounded up to whole vectors. */
    private static int whole() {
        return GemmBlocking.roundUp(TAPS, Lanes.COUNT);
    }

    /** One channel's row of each matrix: down the columns, then along the rows of a filter. */
    private static void channel(
            int c,
            Geometry g,
            boolean flipped,
            MemorySegment work,
            long taps,
            long half,
            MemorySegment packed,
            long packedOffset) {
        int row = padded(g.filters());
        long rowBytes = 4L * row;
        long first = flipped ? 2 : 0;
        long last = 2 - first;
        // half[i, s, f]: 3 columns of the filter side by side
        WinogradLines.weight(
                work,
                taps + 3 * first * rowBytes,
                taps + 3 * rowBytes,
                taps + 3 * last * rowBytes,
                0,
                work,
                half,
                3 * rowBytes,
                0,
                1,
                3 * row * Float.BYTES);
        int depth = VectorGemm.DEPTH;
        int block = c / depth * depth;
        long panelBytes = 4L * GemmTile.COLUMNS * Math.min(depth, g.channels() - block);
        long to = 4 * (packedOffset + (long) block * row + (long) (c - block) * GemmTile.COLUMNS);
        long pitch = 4 * matrixSize(g);
        for (int i = 0; i < Winograd.WINDOW; i++) {
            long from = half + 3 * i * rowBytes;
            WinogradLines.weight(
                    work,
                    from + first * rowBytes,
                    from + rowBytes,
                    from + last * rowBytes,
                    4L * GemmTile.COLUMNS,
                    packed,
                    to + Winograd.WINDOW * i * pitch,
                    pitch,
                    panelBytes,
                    row / GemmTile.COLUMNS,
                    GemmTile.COLUMNS * Float.BYTES);
        }
    }
}
