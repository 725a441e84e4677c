package dev.lanewise.kernels.vector;

import java.util.Arrays;

/**
 * A {@link Correlation} as {@link PixelKernel} computes it: where its pixels lie, how its filters
 * are cut into panels, and what scratch it needs.
 *
 * <p>A grid of positions is shared by all phases of the destination. Filters are packed in panels
 * of {@link #PANEL}, a rest of at most {@link #NARROW} in a narrow one: for each panel {@code
 * [taps, filters]}, the panels of a group, the groups of a phase, then the next phase.
 */
final class PixelPlan {
    /** Filters of a panel. */
    static final int PANEL = PixelTiles.WIDE * Lanes.COUNT;

    /** Filters of a narrow panel. */
    static final int NARROW = PixelTiles.NARROW * Lanes.COUNT;

    /**
     * Pixels that are computed before they are finished and stored: their sums stay in the first
     * cache, and a panel of weights stays in the second.
     */
    private static final int CHUNK = 48;

    final Correlation correlation;

    /** The byte offset of each pixel in a staged plane; the last is repeated for a whole tile. */
    final int[] positions;

    /** Pixels in a row of the grid. */
    final int columns;

    /** Pixels of a chunk; its last one may be longer by less than a vector. */
    final int chunk;

    /** Whether the outputs of a grid are one run of memory. */
    final boolean flat;

    /** Filters of a group as packed. */
    final int paddedFilters;

    final long packedSize;

    /** Where scratch begins: the bias of a panel is first. */
    final int sumsAt;

    final int turnedAt;
    final int stagedAt;
    final long workspaceSize;

    PixelPlan(Correlation c) {
        correlation = c;
        columns = c.phases[0].columns();
        int pixels = Math.multiplyExact(c.phases[0].rows(), columns);
        int[] grid = new int[pixels + PixelTiles.PIXELS - 1];
        for (int p = 0; p < pixels; p++) {
            int row = p / columns * c.advanceHeight;
            grid[p] = (row * c.pitch + p % columns * c.advanceWidth) * Float.BYTES;
        }
        Arrays.fill(grid, pixels, grid.length, pixels == 0 ? 0 : grid[pixels - 1]);
        positions = grid;
        flat = c.phases.length == 1;
        int tile = PixelTiles.PIXELS;
        chunk = Math.max(1, CHUNK / c.stepWidth / tile) * tile;
        paddedFilters = padded(c.filters);
        packedSize = (long) c.groups * paddedFilters * c.terms;
        int most = rowElements();
        sumsAt = PANEL;
        turnedAt = sumsAt + most * PANEL;
        stagedAt = turnedAt + (flat ? 0 : most * PANEL);
        // Tiles at the end of a phase's grid may read, and ignore, a row behind the last plane.
        workspaceSize = stagedAt + c.stagedSize() + (c.inPlace ? 0 : c.pitch + 4 * Lanes.COUNT);
    }

    /** Elements from one filter of a stored chunk to the next: its outputs, and some to spare. */
    int rowElements() {
        return (chunk + Lanes.COUNT + PixelTiles.PIXELS) * correlation.stepWidth;
    }

    /** The panels of all groups, for each phase; the last one of a group may be narrow. */
    int panels() {
        return correlation.groups * panelsOfGroup();
    }

    int panelsOfGroup() {
        return Math.ceilDiv(correlation.filters, PANEL);
    }

    /** Whole panels, and a narrow one for a rest that it holds. */
    static int padded(int filters) {
        int whole = filters / PANEL * PANEL;
        int rest = filters - whole;
        return rest == 0 ? whole : rest <= NARROW ? whole + NARROW : whole + PANEL;
    }
}
