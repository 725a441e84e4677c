package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.Conv2dShape;

import java.util.Arrays;

/**
 * The geometry of one convolution or input gradient as a sum over shifted flat planes.
 *
 * <p>The source planes of an image are staged with a row pitch that leaves room for the zero
 * padding. A filter tap is then one constant distance in memory, and a run of output positions one
 * run of memory: {@code out[q] = Σ over t of w[t] · staged[table[t] + q]}, q = y · pitch + x.
 * Positions behind the end of a row compute sums that nobody stores. A stride of the forward
 * convolution splits the source into phases (every stride-th row and column; not so where pixels
 * are read one by one, {@link #forwardByPixels}), a stride of the input gradient splits the
 * destination: each {@link Phase} of it sees its own taps.
 *
 * <p>A 1x1 filter of stride 1 without padding reads the source in place; single pixels are read so
 * wherever there is no padding.
 */
final class Correlation {
    /**
     * The rows and columns (first, first + step, ...) of the destination that share their taps: the
     * byte offsets of the taps' inputs, and the offsets of their weights, which come in runs of
     * {@code run} consecutive ones.
     */
    record Phase(
            int firstRow,
            int firstColumn,
            int rows,
            int columns,
            int[] table,
            int[] weights,
            int run) {}

    /** Channels of a group that are summed. */
    final int sourceChannels;

    final int sourceHeight;
    final int sourceWidth;

    /** Row and column phases of the source; 1 where it is read without stride. */
    final int splitHeight;

    final int splitWidth;

    /** Rows and columns of a staged plane from one output to the next. */
    final int advanceHeight;

    final int advanceWidth;

    /** Zero rows above and zero columns left of the source in the staged planes. */
    final int top;

    final int left;

    /** Rows of a staged plane, elements from one to the next, and the elements of a plane. */
    final int rows;

    final int pitch;
    final int planeSize;

    /** Filters of a group: the rows of the product. */
    final int filters;

    final int outHeight;
    final int outWidth;

    /** Step between the destination's rows, and columns, of one phase. */
    final int stepHeight;

    final int stepWidth;

    /** Elements from one filter's weights to the next one's. */
    final int filterStride;

    /** Whether a filter's weights don't lie side by side in the order of the table. */
    final boolean gathersWeights;

    /** Rows of a phase, if it begins with the first row; {@link Conv2dShape#BAND} are a band. */
    final int gridRows;

    final int bands;

    /** Staged rows that the first row of the destination sees, less one. */
    private final int reach;

    final int groups;
    final boolean inPlace;

    /** Whether planes are read in place as one row each: theirs have no gaps between them. */
    final boolean wholePlanes;

    /** Whether {@link PlaneKernel} runs it. */
    final boolean singlePlane;

    final Phase[] phases;

    /** Taps of all phases. */
    final int terms;

    /** The table of a source that is read in place, for its copied last columns. */
    final int[] edgeTable;

    private Correlation(Conv2dShape s, boolean forward, boolean split) {
        int groupIn = s.inChannels() / s.groups();
        int groupOut = s.outChannels() / s.groups();
        int kernel = s.kernelHeight() * s.kernelWidth();
        groups = s.groups();
        gathersWeights = !forward;
        boolean unpadded = (s.padTop() | s.padBottom() | s.padLeft() | s.padRight()) == 0;
        boolean pointwise = kernel == 1 && s.strideHeight() == 1 && s.strideWidth() == 1;
        inPlace = unpadded && (pointwise || forward && !split);
        int reachY = (s.kernelHeight() - 1) * s.dilationHeight();
        int reachX = (s.kernelWidth() - 1) * s.dilationWidth();
        if (forward) {
            sourceChannels = groupIn;
            sourceHeight = s.inHeight();
            sourceWidth = s.inWidth();
            filters = groupOut;
            outHeight = s.outHeight();
            outWidth = s.outWidth();
            filterStride = groupIn * kernel;
            splitHeight = split ? s.strideHeight() : 1;
            splitWidth = split ? s.strideWidth() : 1;
            advanceHeight = s.strideHeight() / splitHeight;
            advanceWidth = s.strideWidth() / splitWidth;
            stepHeight = 1;
            stepWidth = 1;
            top = s.padTop();
            left = s.padLeft();
            rows = (outHeight - 1) * advanceHeight + reachY / splitHeight + 1;
        } else {
            sourceChannels = groupOut;
            sourceHeight = s.outHeight();
            sourceWidth = s.outWidth();
            filters = groupIn;
            outHeight = s.inHeight();
            outWidth = s.inWidth();
            filterStride = kernel;
            splitHeight = 1;
            splitWidth = 1;
            advanceHeight = 1;
            advanceWidth = 1;
            stepHeight = s.strideHeight();
            stepWidth = s.strideWidth();
            top = Math.max(0, Math.ceilDiv(reachY - s.padTop(), stepHeight));
            left = Math.max(0, Math.ceilDiv(reachX - s.padLeft(), stepWidth));
            rows = top + (outHeight - 1 + s.padTop()) / stepHeight + 1;
        }
        wholePlanes = inPlace && split == forward;
        gridRows = Math.ceilDiv(outHeight, stepHeight);
        bands = Math.ceilDiv(gridRows, Conv2dShape.BAND);
        reach = forward ? reachY / splitHeight : top + (stepHeight - 1 + s.padTop()) / stepHeight;
        singlePlane = split == forward && PlaneKernel.applies(s, sourceChannels, outWidth);
        int width =
                forward
                        ? (outWidth - 1) * advanceWidth + reachX / splitWidth + 1
                        : left + (outWidth - 1 + s.padLeft()) / stepWidth + 1;
        int right = width - left - sourceWidth;
        if (inPlace && forward && !split) {
            pitch = sourceWidth;
        } else if (wholePlanes) {
            pitch = outHeight * outWidth;
        } else if (splitWidth == 1 && right >= 0) {
            // The zeros left of a row also serve as those right of the row before it.
            int columns = Math.ceilDiv(outWidth, stepWidth);
            pitch = Math.max(sourceWidth + Math.max(left, right), columns);
        } else {
            pitch = width;
        }
        planeSize =
                inPlace
                        ? sourceHeight * sourceWidth
                        : Math.addExact(Math.multiplyExact(rows, pitch), left);
        Math.multiplyExact(Math.multiplyExact(channelSize(), sourceChannels), Float.BYTES);
        phases = forward ? forwardPhases(s, split) : gradientPhases(s);
        int sum = 0;
        for (Phase phase : phases) {
            sum += phase.table().length;
        }
        terms = sum;
        edgeTable = new int[inPlace && pointwise ? sourceChannels : 0];
        for (int t = 0; t < edgeTable.length; t++) {
            edgeTable[t] = t * TapTiles.ROW_WIDE * Lanes.COUNT * Float.BYTES;
        }
    }

    /** The forward convolution: filters are output channels. */
    static Correlation forward(Conv2dShape shape) {
        return new Correlation(shape, true, true);
    }

    /** The forward convolution over whole planes, for {@link PixelKernel}. */
    static Correlation forwardByPixels(Conv2dShape shape) {
        return new Correlation(shape, true, false);
    }

    /** The input gradient: filters are input channels, summed are output channels. */
    static Correlation inputGradient(Conv2dShape shape) {
        return new Correlation(shape, false, false);
    }

    /** The first row, of the grid, of this image that the range of bands covers. */
    int firstRow(int image, int firstBand) {
        return Math.max(0, firstBand - image * bands) * Conv2dShape.BAND;
    }

    /** The end of the rows of this image that the range of bands covers. */
    int lastRow(int image, int lastBand) {
        return (int) Math.min((lastBand - (long) image * bands) * Conv2dShape.BAND, gridRows);
    }

    /** The end of the staged rows that rows of the grid before {@code lastRow} see. */
    int lastStagedRow(int lastRow) {
        return Math.min((lastRow - 1) * advanceHeight + reach + 1, rows);
    }

    /** The flat position, with this pitch, at which a row of the grid begins. */
    int firstPosition(int row, int pitch) {
        return row * (wholePlanes ? outWidth : pitch);
    }

    /** The flat position, with this pitch, behind the last column of a phase before a row. */
    int lastPosition(Phase phase, int lastRow, int pitch) {
        if (wholePlanes) {
            return lastRow * outWidth;
        }
        int end = Math.min(lastRow, phase.rows());
        return end == 0 || phase.columns() == 0 ? 0 : (end - 1) * pitch + phase.columns();
    }

    /** Elements of one staged channel. */
    int channelSize() {
        return Math.multiplyExact(planeSize, splitHeight * splitWidth);
    }

    /** Elements of the staged channels of one group, without slack. */
    long stagedSize() {
        return inPlace ? 0 : (long) sourceChannels * channelSize();
    }

    private Phase[] forwardPhases(Conv2dShape s, boolean split) {
        int kernel = s.kernelHeight() * s.kernelWidth();
        int[] table = new int[sourceChannels * kernel];
        int[] weights = new int[table.length];
        for (int t = 0; t < table.length; t++) {
            int y = t % kernel / s.kernelWidth() * s.dilationHeight();
            int x = t % s.kernelWidth() * s.dilationWidth();
            int phase = y % splitHeight * splitWidth + x % splitWidth;
            int at = t / kernel * channelSize() + phase * planeSize;
            table[t] = (at + y / splitHeight * pitch + x / splitWidth) * Float.BYTES;
            weights[t] = t;
        }
        return new Phase[] {
            wholePlanes
                    ? new Phase(0, 0, 1, pitch, table, weights, table.length)
                    : new Phase(0, 0, outHeight, outWidth, table, weights, table.length)
        };
    }

    private Phase[] gradientPhases(Conv2dShape s) {
        Phase[] result = new Phase[stepHeight * stepWidth];
        for (int p = 0; p < result.length; p++) {
            result[p] = gradientPhase(s, p / stepWidth, p % stepWidth);
        }
        return result;
    }

    private Phase gradientPhase(Conv2dShape s, int firstRow, int firstColumn) {
        int kernel = s.kernelHeight() * s.kernelWidth();
        int weightsPerFilter = s.weightsPerChannel();
        int[] table = new int[sourceChannels * kernel];
        int[] weights = new int[table.length];
        int n = 0;
        for (int t = 0; t < table.length; t++) {
            int r = t % kernel / s.kernelWidth();
            int y = firstRow + s.padTop() - r * s.dilationHeight();
            int x = firstColumn + s.padLeft() - t % s.kernelWidth() * s.dilationWidth();
            if (y % stepHeight == 0 && x % stepWidth == 0) {
                int at = t / kernel * channelSize();
                int row = top + y / stepHeight;
                table[n] = (at + row * pitch + left + x / stepWidth) * Float.BYTES;
                weights[n++] = t / kernel * weightsPerFilter + t % kernel;
            }
        }
        int[] usedTable = Arrays.copyOf(table, n);
        int[] usedWeights = Arrays.copyOf(weights, n);
        if (wholePlanes) {
            return new Phase(0, 0, 1, pitch, usedTable, usedWeights, 1);
        }
        int phaseRows = Math.max(0, Math.ceilDiv(outHeight - firstRow, stepHeight));
        int phaseColumns = Math.max(0, Math.ceilDiv(outWidth - firstColumn, stepWidth));
        int run = stepHeight == 1 && stepWidth == 1 ? kernel : 1;
        return new Phase(
                firstRow, firstColumn, phaseRows, phaseColumns, usedTable, usedWeights, run);
    }
}
