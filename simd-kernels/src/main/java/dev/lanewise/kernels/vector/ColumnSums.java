package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.load;
import static dev.lanewise.kernels.vector.Lanes.store;
import static dev.lanewise.kernels.vector.Lanes.tail;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

import java.lang.foreign.MemorySegment;

/**
 * Sums down the columns of matrices, a lane for each column.
 *
 * <p>Rows are added in fours, in subblocks, in blocks, and blocks to the output, so that the error
 * stays within that of sums along rows, and a block of rows stays in the cache.
 */
final class ColumnSums {
    private static final int BLOCK = 128;
    private static final int SUBBLOCK = 16;

    private ColumnSums() {}

    /** out = beta · out + the sum of each column. */
    static void sum(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            long columns,
            float beta,
            MemorySegment out,
            long outOffset) {
        if (rows <= 0) {
            scale(columns, beta, out, outOffset);
        }
        for (long r = 0; r < rows; r += BLOCK) {
            int height = (int) Math.min(BLOCK, rows - r);
            long block = xOffset + r * rowStride;
            float factor = r == 0 ? beta : 1f;
            long c = 0;
            for (; c + 4 * COUNT <= columns; c += 4 * COUNT) {
                addFour(x, block + c, rowStride, height, factor, out, outOffset + c);
            }
            for (; c < columns; c += COUNT) {
                VectorMask<Float> mask = tail(c, columns);
                FloatVector total = sumOne(x, block + c, rowStride, height, mask);
                addTo(total, factor, out, outOffset + c, mask);
            }
        }
    }

    /** mean and biased variance of each column, in two passes. */
    static void moments(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            long columns,
            MemorySegment mean,
            long meanOffset,
            MemorySegment variance,
            long varianceOffset) {
        sum(x, xOffset, rowStride, rows, columns, 0f, mean, meanOffset);
        divide(columns, rows, mean, meanOffset);
        scale(columns, 0f, variance, varianceOffset);
        for (long r = 0; r < rows; r += BLOCK) {
            int height = (int) Math.min(BLOCK, rows - r);
            long block = xOffset + r * rowStride;
            for (long c = 0; c < columns; c += COUNT) {
                VectorMask<Float> mask = tail(c, columns);
                FloatVector center = load(mean, meanOffset + c, mask);
                FloatVector total = squaresOne(x, block + c, rowStride, height, center, mask);
                addTo(total, 1f, variance, varianceOffset + c, mask);
            }
        }
        divide(columns, rows, variance, varianceOffset);
    }

    private static void scale(long n, float beta, MemorySegment out, long outOffset) {
        for (long c = 0; c < n; c += COUNT) {
            VectorMask<Float> mask = tail(c, n);
            addTo(FloatVector.zero(FLOAT), beta, out, outOffset + c, mask);
        }
    }

    private static void divide(long n, long divisor, MemorySegment out, long outOffset) {
        for (long c = 0; c < n; c += COUNT) {
            VectorMask<Float> mask = tail(c, n);
            store(load(out, outOffset + c, mask).div(divisor), out, outOffset + c, mask);
        }
    }

    private static void addTo(
            FloatVector sum, float beta, MemorySegment out, long index, VectorMask<Float> mask) {
        if (beta == 0f) {
            store(sum, out, index, mask);
        } else {
            FloatVector old = load(out, index, mask);
            store(old.fma(FloatVector.broadcast(FLOAT, beta), sum), out, index, mask);
        }
    }

    /** The sums of a block of rows, one vector wide. */
    private static FloatVector sumOne(
            MemorySegment x, long xOffset, long rowStride, int rows, VectorMask<Float> mask) {
        FloatVector total = FloatVector.zero(FLOAT);
        for (int start = 0; start < rows; start += SUBBLOCK) {
            int end = Math.min(rows, start + SUBBLOCK);
            FloatVector sum = FloatVector.zero(FLOAT);
            int r = start;
            for (; r + 4 <= end; r += 4) {
                long row = xOffset + r * rowStride;
                FloatVector first = load(x, row, mask);
                FloatVector second = load(x, row + rowStride, mask);
                FloatVector third = load(x, row + 2 * rowStride, mask);
                FloatVector fourth = load(x, row + 3 * rowStride, mask);
                sum = sum.add(first.add(second).add(third.add(fourth)));
            }
            for (; r < end; r++) {
                sum = sum.add(load(x, xOffset + r * rowStride, mask));
            }
            total = total.add(sum);
        }
        return total;
    }

    /** The sums of (x − center)² of a block of rows, one vector wide. */
    private static FloatVector squaresOne(
            MemorySegment x,
            long xOffset,
            long rowStride,
            int rows,
            FloatVector center,
            VectorMask<Float> mask) {
        FloatVector total = FloatVector.zero(FLOAT);
        for (int start = 0; start < rows; start += SUBBLOCK) {
            int end = Math.min(rows, start + SUBBLOCK);
            FloatVector sum = FloatVector.zero(FLOAT);
            int r = start;
            for (; r + 4 <= end; r += 4) {
                long row = xOffset + r * rowStride;
                FloatVector first = square(load(x, row, mask).sub(center));
                FloatVector second = square(load(x, row + rowStride, mask).sub(center));
                FloatVector third = square(load(x, row + 2 * rowStride, mask).sub(center));
                FloatVector fourth = square(load(x, row + 3 * rowStride, mask).sub(center));
                sum = sum.add(first.add(second).add(third.add(fourth)));
            }
            for (; r < end; r++) {
                sum = sum.add(square(load(x, xOffset + r * rowStride, mask).sub(center)));
            }
            total = total.add(sum);
        }
        return total;
    }

    private static FloatVector square(FloatVector value) {
        return value.mul(value);
    }

    /** out = beta · out + the sums of a block of rows, four vectors wide. */
    private static void addFour(
            MemorySegment x,
            long xOffset,
            long rowStride,
            int rows,
            float beta,
            MemorySegment out,
            long outOffset) {
        FloatVector total0 = FloatVector.zero(FLOAT);
        FloatVector total1 = total0;
        FloatVector total2 = total0;
        FloatVector total3 = total0;
        for (int start = 0; start < rows; start += SUBBLOCK) {
            int end = Math.min(rows, start + SUBBLOCK);
            FloatVector sum0 = FloatVector.zero(FLOAT);
            FloatVector sum1 = sum0;
            FloatVector sum2 = sum0;
            FloatVector sum3 = sum0;
            int r = start;
            for (; r + 4 <= end; r += 4) {
                long row = xOffset + r * rowStride;
                sum0 = sum0.add(fourRows(x, row, rowStride));
                sum1 = sum1.add(fourRows(x, row + COUNT, rowStride));
                sum2 = sum2.add(fourRows(x, row + 2 * COUNT, rowStride));
                sum3 = sum3.add(fourRows(x, row + 3 * COUNT, rowStride));
            }
            for (; r < end; r++) {
                long row = xOffset + r * rowStride;
                sum0 = sum0.add(load(x, row));
                sum1 = sum1.add(load(x, row + COUNT));
                sum2 = sum2.add(load(x, row + 2 * COUNT));
                sum3 = sum3.add(load(x, row + 3 * COUNT));
            }
            total0 = total0.add(sum0);
            total1 = total1.add(sum1);
            total2 = total2.add(sum2);
            total3 = total3.add(sum3);
        }
        if (beta != 0f) {
            FloatVector betas = FloatVector.broadcast(FLOAT, beta);
            total0 = load(out, outOffset).fma(betas, total0);
            total1 = load(out, outOffset + COUNT).fma(betas, total1);
            total2 = load(out, outOffset + 2 * COUNT).fma(betas, total2);
            total3 = load(out, outOffset + 3 * COUNT).fma(betas, total3);
        }
        store(total0, out, outOffset);
        store(total1, out, outOffset + COUNT);
        store(total2, out, outOffset + 2 * COUNT);
        store(total3, out, outOffset + 3 * COUNT);
    }

    private static FloatVector fourRows(MemorySegment x, long row, long rowStride) {
        FloatVector first = load(x, row).add(load(x, row + rowStride));
        return first.add(load(x, row + 2 * rowStride).add(load(x, row + 3 * rowStride)));
    }
}
