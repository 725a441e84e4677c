package dev.lanewise.kernels.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.lanewise.kernels.Reduction;

import java.lang.foreign.MemorySegment;

/**
 * Reductions on vectors: of arrays and rows along the lanes ({@link Sums}, {@link Extrema}), of
 * columns with a lane for each ({@link ColumnSums}, {@link ColumnExtrema}).
 */
final class VectorReduction implements Reduction {
    @Override
    public float sum(MemorySegment x, long xOffset, long n) {
        return Sums.sum(x, xOffset, n);
    }

    @Override
    public float sumOfSquares(MemorySegment x, long xOffset, long n) {
        return Sums.squares(x, xOffset, n);
    }

    @Override
    public float sumOfAbsolutes(MemorySegment x, long xOffset, long n) {
        return Sums.absolutes(x, xOffset, n);
    }

    @Override
    public float sumOfSquaredDifferences(MemorySegment x, long xOffset, long n, float center) {
        return Sums.squaredDifferences(x, xOffset, n, center);
    }

    @Override
    public float dot(MemorySegment a, long aOffset, MemorySegment b, long bOffset, long n) {
        return Sums.dot(a, aOffset, b, bOffset, n);
    }

    @Override
    public float maximum(MemorySegment x, long xOffset, long n) {
        return Extrema.maximum(x, xOffset, n, 1f);
    }

    @Override
    public float minimum(MemorySegment x, long xOffset, long n) {
        return Extrema.maximum(x, xOffset, n, -1f);
    }

    @Override
    public long argMax(MemorySegment x, long xOffset, long n) {
        return Extrema.firstMaximum(x, xOffset, n, 1f);
    }

    @Override
    public long argMin(MemorySegment x, long xOffset, long n) {
        return Extrema.firstMaximum(x, xOffset, n, -1f);
    }

    @Override
    public void sumRows(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset) {
        for (long r = 0; r < rows; r++) {
            out.setAtIndex(
                    JAVA_FLOAT, outOffset + r, Sums.sum(x, xOffset + r * rowStride, columns));
        }
    }

    @Override
    public void maximumRows(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset) {
        for (long r = 0; r < rows; r++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + r,
                    Extrema.maximum(x, xOffset + r * rowStride, columns, 1f));
        }
    }

    @Override
    public void minimumRows(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset) {
        for (long r = 0; r < rows; r++) {
            out.setAtIndex(
                    JAVA_FLOAT,
                    outOffset + r,
                    Extrema.maximum(x, xOffset + r * rowStride, columns, -1f));
        }
    }

    @Override
    public void argMaxRowsInt32(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset) {
        for (long r = 0; r < rows; r++) {
            long index = Extrema.firstMaximum(x, xOffset + r * rowStride, columns, 1f);
            out.setAtIndex(JAVA_INT, outOffset + r, (int) index);
        }
    }

    @Override
    public void argMinRowsInt32(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset) {
        for (long r = 0; r < rows; r++) {
            long index = Extrema.firstMaximum(x, xOffset + r * rowStride, columns, -1f);
            out.setAtIndex(JAVA_INT, outOffset + r, (int) index);
        }
    }

    @Override
    public void meanAndVarianceRows(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            long columns,
            MemorySegment mean,
            long meanOffset,
            MemorySegment variance,
            long varianceOffset) {
        for (long r = 0; r < rows; r++) {
            long row = xOffset + r * rowStride;
            float center = Sums.sum(x, row, columns) / columns;
            float squares = Sums.squaredDifferences(x, row, columns, center);
            mean.setAtIndex(JAVA_FLOAT, meanOffset + r, center);
            variance.setAtIndex(JAVA_FLOAT, varianceOffset + r, squares / columns);
        }
    }

    @Override
    public void sumColumns(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            long columns,
            float beta,
            MemorySegment out,
            long outOffset) {
        ColumnSums.sum(x, xOffset, rowStride, rows, columns, beta, out, outOffset);
    }

    @Override
    public void maximumColumns(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset) {
        ColumnExtrema.maximum(x, xOffset, rowStride, rows, columns, 1f, out, outOffset);
    }

    @Override
    public void minimumColumns(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset) {
        ColumnExtrema.maximum(x, xOffset, rowStride, rows, columns, -1f, out, outOffset);
    }

    @Override
    public void argMaxColumnsInt32(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset) {
        ColumnExtrema.firstMaximum(x, xOffset, rowStride, rows, columns, 1f, out, outOffset);
    }

    @Override
    public void argMinColumnsInt32(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset) {
        ColumnExtrema.firstMaximum(x, xOffset, rowStride, rows, columns, -1f, out, outOffset);
    }

    @Override
    public void meanAndVarianceColumns(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            long columns,
            MemorySegment mean,
            long meanOffset,
            MemorySegment variance,
            long varianceOffset) {
        ColumnSums.moments(
                x, xOffset, rowStride, rows, columns, mean, meanOffset, variance, varianceOffset);
    }
}
