package dev.lanewise.kernels.scalar;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.lanewise.kernels.Reduction;

import java.lang.foreign.MemorySegment;

/** Reductions as plain loops; sums are held in double and rounded once. */
final class ScalarReduction implements Reduction {
    @Override
    public float sum(MemorySegment x, long xOffset, long n) {
        double sum = 0;
        for (long i = 0; i < n; i++) {
            double value = x.getAtIndex(JAVA_FLOAT, xOffset + i);
            sum += value;
        }
        return (float) sum;
    }

    @Override
    public float sumOfSquares(MemorySegment x, long xOffset, long n) {
        double sum = 0;
        for (long i = 0; i < n; i++) {
            double value = x.getAtIndex(JAVA_FLOAT, xOffset + i);
            sum += value * value;
        }
        return (float) sum;
    }

    @Override
    public float sumOfAbsolutes(MemorySegment x, long xOffset, long n) {
        double sum = 0;
        for (long i = 0; i < n; i++) {
            double value = x.getAtIndex(JAVA_FLOAT, xOffset + i);
            sum += Math.abs(value);
        }
        return (float) sum;
    }

    @Override
    public float sumOfSquaredDifferences(MemorySegment x, long xOffset, long n, float center) {
        double sum = 0;
        for (long i = 0; i < n; i++) {
            double difference = (double) x.getAtIndex(JAVA_FLOAT, xOffset + i) - center;
            sum += difference * difference;
        }
        return (float) sum;
    }

    @Override
    public float dot(MemorySegment a, long aOffset, MemorySegment b, long bOffset, long n) {
        double sum = 0;
        for (long i = 0; i < n; i++) {
            sum +=
                    (double) a.getAtIndex(JAVA_FLOAT, aOffset + i)
                            * b.getAtIndex(JAVA_FLOAT, bOffset + i);
        }
        return (float) sum;
    }

    @Override
    public float maximum(MemorySegment x, long xOffset, long n) {
        return stridedMaximum(x, xOffset, 1, n);
    }

    @Override
    public float minimum(MemorySegment x, long xOffset, long n) {
        return stridedMinimum(x, xOffset, 1, n);
    }

    @Override
    public long argMax(MemorySegment x, long xOffset, long n) {
        return firstMaximum(x, xOffset, 1, n, 1f);
    }

    @Override
    public long argMin(MemorySegment x, long xOffset, long n) {
        return firstMaximum(x, xOffset, 1, n, -1f);
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
                    JAVA_FLOAT,
                    outOffset + r,
                    (float) stridedSum(x, xOffset + r * rowStride, 1, columns));
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
                    stridedMaximum(x, xOffset + r * rowStride, 1, columns));
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
                    stridedMinimum(x, xOffset + r * rowStride, 1, columns));
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
            out.setAtIndex(
                    JAVA_INT,
                    outOffset + r,
                    (int) firstMaximum(x, xOffset + r * rowStride, 1, columns, 1f));
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
            out.setAtIndex(
                    JAVA_INT,
                    outOffset + r,
                    (int) firstMaximum(x, xOffset + r * rowStride, 1, columns, -1f));
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
            storeMoments(
                    x,
                    xOffset + r * rowStride,
                    1,
                    columns,
                    mean,
                    meanOffset + r,
                    variance,
                    varianceOffset + r);
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
        for (long c = 0; c < columns; c++) {
            double sum = stridedSum(x, xOffset + c, rowStride, rows);
            if (beta != 0f) {
                sum += (double) beta * out.getAtIndex(JAVA_FLOAT, outOffset + c);
            }
            out.setAtIndex(JAVA_FLOAT, outOffset + c, (float) sum);
        }
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
        for (long c = 0; c < columns; c++) {
            out.setAtIndex(
                    JAVA_FLOAT, outOffset + c, stridedMaximum(x, xOffset + c, rowStride, rows));
        }
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
        for (long c = 0; c < columns; c++) {
            out.setAtIndex(
                    JAVA_FLOAT, outOffset + c, stridedMinimum(x, xOffset + c, rowStride, rows));
        }
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
        for (long c = 0; c < columns; c++) {
            out.setAtIndex(
                    JAVA_INT,
                    outOffset + c,
                    (int) firstMaximum(x, xOffset + c, rowStride, rows, 1f));
        }
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
        for (long c = 0; c < columns; c++) {
            out.setAtIndex(
                    JAVA_INT,
                    outOffset + c,
                    (int) firstMaximum(x, xOffset + c, rowStride, rows, -1f));
        }
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
        for (long c = 0; c < columns; c++) {
            storeMoments(
                    x,
                    xOffset + c,
                    rowStride,
                    rows,
                    mean,
                    meanOffset + c,
                    variance,
                    varianceOffset + c);
        }
    }

    private static double stridedSum(MemorySegment x, long offset, long stride, long n) {
        double sum = 0;
        for (long i = 0; i < n; i++) {
            sum += x.getAtIndex(JAVA_FLOAT, offset + i * stride);
        }
        return sum;
    }

    private static float stridedMaximum(MemorySegment x, long offset, long stride, long n) {
        float maximum = Float.NEGATIVE_INFINITY;
        for (long i = 0; i < n; i++) {
            maximum = Math.max(maximum, x.getAtIndex(JAVA_FLOAT, offset + i * stride));
        }
        return maximum;
    }

    private static float stridedMinimum(MemorySegment x, long offset, long stride, long n) {
        float minimum = Float.POSITIVE_INFINITY;
        for (long i = 0; i < n; i++) {
            minimum = Math.min(minimum, x.getAtIndex(JAVA_FLOAT, offset + i * stride));
        }
        return minimum;
    }

    /** The first index of a maximum of sign · x, or of a NaN; −1 where n = 0. */
    private static long firstMaximum(
            MemorySegment x, long offset, long stride, long n, float sign) {
        long best = n == 0 ? -1 : 0;
        for (long i = 1; i < n; i++) {
            float value = sign * x.getAtIndex(JAVA_FLOAT, offset + i * stride);
            float bestValue = sign * x.getAtIndex(JAVA_FLOAT, offset + best * stride);
            if (value > bestValue || Float.isNaN(value) && !Float.isNaN(bestValue)) {
                best = i;
            }
        }
        return best;
    }

    private static void storeMoments(
            MemorySegment x,
            long offset,
            long stride,
            long n,
            MemorySegment mean,
            long meanOffset,
            MemorySegment variance,
            long varianceOffset) {
        double center = stridedSum(x, offset, stride, n) / n;
        double squares = 0;
        for (long i = 0; i < n; i++) {
            double difference = x.getAtIndex(JAVA_FLOAT, offset + i * stride) - center;
            squares += difference * difference;
        }
        mean.setAtIndex(JAVA_FLOAT, meanOffset, (float) center);
        variance.setAtIndex(JAVA_FLOAT, varianceOffset, (float) (squares / n));
    }
}
