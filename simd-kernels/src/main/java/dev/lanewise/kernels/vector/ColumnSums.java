package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;

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
            for (; c + 2 * COUNT <= columns; c += 2 * COUNT) {
                addTwo(x, block + c, rowStride, height, factor, out, outOffset + c);
            }
            for (; c < columns; c += COUNT) {
                long lanes = columns - c;
                addOne(x, block + c, rowStride, height, lanes, factor, out, outOffset + c);
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
                long lanes = columns - c;
                addSquares(
                        x,
                        block + c,
                        rowStride,
                        height,
                        lanes,
                        mean,
                        meanOffset + c,
                        variance,
                        varianceOffset + c);
            }
        }
        divide(columns, rows, variance, varianceOffset);
    }

    private static void scale(long n, float beta, MemorySegment out, long outOffset) {
        out = NATIVE.cast(out);
        for (long c = 0; c < n; c += COUNT) {
            VectorMask<Float> mask = FLOAT.indexInRange(c, n);
            FloatVector old =
                    beta == 0f
                            ? FloatVector.zero(FLOAT)
                            : fromMemorySegment(FLOAT, out, outOffset + c << 2, ORDER, mask);
            old.mul(beta).intoMemorySegment(out, outOffset + c << 2, ORDER, mask);
        }
    }

    private static void divide(long n, long divisor, MemorySegment out, long outOffset) {
        out = NATIVE.cast(out);
        for (long c = 0; c < n; c += COUNT) {
            VectorMask<Float> mask = FLOAT.indexInRange(c, n);
            fromMemorySegment(FLOAT, out, outOffset + c << 2, ORDER, mask)
                    .div(divisor)
                    .intoMemorySegment(out, outOffset + c << 2, ORDER, mask);
        }
    }

    /** out = beta · out + the sums of a block of rows, one vector wide, of its first lanes. */
    private static void addOne(
            MemorySegment x,
            long xOffset,
            long rowStride,
            int rows,
            long lanes,
            float beta,
            MemorySegment out,
            long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        VectorMask<Float> mask = FLOAT.indexInRange(0, lanes);
        FloatVector total = FloatVector.zero(FLOAT);
        for (int start = 0; start < rows; start += SUBBLOCK) {
            int end = Math.min(rows, start + SUBBLOCK);
            FloatVector sum = FloatVector.zero(FLOAT);
            int r = start;
            for (; r + 4 <= end; r += 4) {
                FloatVector four = FloatVector.zero(FLOAT);
                for (int pair = 0; pair < 4; pair += 2) { // a loop: few loads, so C2 inlines all
                    long row = xOffset + (r + pair) * rowStride;
                    four =
                            fromMemorySegment(FLOAT, x, row << 2, ORDER, mask)
                                    .add(
                                            fromMemorySegment(
                                                    FLOAT, x, row + rowStride << 2, ORDER, mask))
                                    .add(four);
                }
                sum = four.add(sum);
            }
            for (; r < end; r++) {
                sum =
                        fromMemorySegment(FLOAT, x, xOffset + r * rowStride << 2, ORDER, mask)
                                .add(sum);
            }
            total = sum.add(total);
        }
        if (beta != 0f) {
            total =
                    fromMemorySegment(FLOAT, out, outOffset << 2, ORDER, mask)
                            .fma(FloatVector.broadcast(FLOAT, beta), total);
        }
        total.intoMemorySegment(out, outOffset << 2, ORDER, mask);
    }

    /** out = out + the sums of (x − center)² of a block of rows, one vector wide. */
    private static void addSquares(
            MemorySegment x,
            long xOffset,
            long rowStride,
            int rows,
            long lanes,
            MemorySegment centers,
            long centersOffset,
            MemorySegment out,
            long outOffset) {
        x = NATIVE.cast(x);
        centers = NATIVE.cast(centers);
        out = NATIVE.cast(out);
        VectorMask<Float> mask = FLOAT.indexInRange(0, lanes);
        FloatVector center = fromMemorySegment(FLOAT, centers, centersOffset << 2, ORDER, mask);
        FloatVector total = FloatVector.zero(FLOAT);
        for (int start = 0; start < rows; start += SUBBLOCK) {
            int end = Math.min(rows, start + SUBBLOCK);
            FloatVector sum = FloatVector.zero(FLOAT);
            int r = start;
            for (; r + 4 <= end; r += 4) {
                FloatVector four = FloatVector.zero(FLOAT);
                for (int pair = 0; pair < 4; pair += 2) {
                    long row = xOffset + (r + pair) * rowStride;
                    FloatVector first =
                            fromMemorySegment(FLOAT, x, row << 2, ORDER, mask).sub(center);
                    FloatVector second =
                            fromMemorySegment(FLOAT, x, row + rowStride << 2, ORDER, mask)
                                    .sub(center);
                    four = first.mul(first).add(second.mul(second)).add(four);
                }
                sum = four.add(sum);
            }
            for (; r < end; r++) {
                FloatVector difference =
                        fromMemorySegment(FLOAT, x, xOffset + r * rowStride << 2, ORDER, mask)
                                .sub(center);
                sum = difference.mul(difference).add(sum);
            }
            total = sum.add(total);
        }
        fromMemorySegment(FLOAT, out, outOffset << 2, ORDER, mask)
                .add(total)
                .intoMemorySegment(out, outOffset << 2, ORDER, mask);
    }

    /** out = beta · out + the sums of a block of rows, two vectors wide; more C2 won't inline. */
    private static void addTwo(
            MemorySegment x,
            long xOffset,
            long rowStride,
            int rows,
            float beta,
            MemorySegment out,
            long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        FloatVector total0 = FloatVector.zero(FLOAT);
        FloatVector total1 = total0;
        for (int start = 0; start < rows; start += SUBBLOCK) {
            int end = Math.min(rows, start + SUBBLOCK);
            FloatVector sum0 = FloatVector.zero(FLOAT);
            FloatVector sum1 = sum0;
            int r = start;
            for (; r + 4 <= end; r += 4) {
                long row = xOffset + r * rowStride;
                FloatVector first0 =
                        fromMemorySegment(FLOAT, x, row << 2, ORDER)
                                .add(fromMemorySegment(FLOAT, x, row + rowStride << 2, ORDER));
                FloatVector second0 =
                        fromMemorySegment(FLOAT, x, row + 2 * rowStride << 2, ORDER)
                                .add(fromMemorySegment(FLOAT, x, row + 3 * rowStride << 2, ORDER));
                sum0 = first0.add(second0).add(sum0);
                FloatVector first1 =
                        fromMemorySegment(FLOAT, x, row + COUNT << 2, ORDER)
                                .add(
                                        fromMemorySegment(
                                                FLOAT, x, row + COUNT + rowStride << 2, ORDER));
                FloatVector second1 =
                        fromMemorySegment(FLOAT, x, row + COUNT + 2 * rowStride << 2, ORDER)
                                .add(
                                        fromMemorySegment(
                                                FLOAT, x, row + COUNT + 3 * rowStride << 2, ORDER));
                sum1 = first1.add(second1).add(sum1);
            }
            for (; r < end; r++) {
                long row = xOffset + r * rowStride;
                sum0 = fromMemorySegment(FLOAT, x, row << 2, ORDER).add(sum0);
                sum1 = fromMemorySegment(FLOAT, x, row + COUNT << 2, ORDER).add(sum1);
            }
            total0 = sum0.add(total0);
            total1 = sum1.add(total1);
        }
        if (beta != 0f) {
            FloatVector betas = FloatVector.broadcast(FLOAT, beta);
            total0 = fromMemorySegment(FLOAT, out, outOffset << 2, ORDER).fma(betas, total0);
            total1 =
                    fromMemorySegment(FLOAT, out, outOffset + COUNT << 2, ORDER).fma(betas, total1);
        }
        total0.intoMemorySegment(out, outOffset << 2, ORDER);
        total1.intoMemorySegment(out, outOffset + COUNT << 2, ORDER);
    }
}
