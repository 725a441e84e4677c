package dev.lanewise.kernels.scalar;

import static dev.lanewise.kernels.scalar.ProductBlock.COLUMNS;
import static dev.lanewise.kernels.scalar.ProductBlock.DEPTH;
import static dev.lanewise.kernels.scalar.ProductBlock.ROWS;
import static dev.lanewise.kernels.scalar.ProductBlock.copyIn;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.lanewise.kernels.BiasAxis;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.Gemm;

import java.lang.foreign.MemorySegment;

/**
 * Matrix products as plain loops: block by block of C, each summed in the arrays of a {@link
 * ProductBlock}, whatever the strides.
 */
public final class ScalarGemm implements Gemm {
    /** The length of the blocks along k, the same for every backend and width. */
    public static final int DEPTH_BLOCK = 1024;

    @Override
    public void gemm(
            MemorySegment a,
            long aOffset,
            long aRowStride,
            long aColumnStride,
            MemorySegment b,
            long bOffset,
            long bRowStride,
            long bColumnStride,
            BiasAxis biasAxis,
            MemorySegment bias,
            long biasOffset,
            long m,
            long n,
            long k,
            float alpha,
            float beta,
            FusedActivation activation,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment c,
            long cOffset,
            long cRowStride) {
        for (long i = 0; i < m; i += ROWS) {
            int rows = (int) Math.min(ROWS, m - i);
            for (long j = 0; j < n; j += COLUMNS) {
                int columns = (int) Math.min(COLUMNS, n - j);
                long cBlock = cOffset + i * cRowStride + j;
                for (long p = 0; p < k; p += DEPTH_BLOCK) {
                    sum(
                            a,
                            aOffset + i * aRowStride + p * aColumnStride,
                            aRowStride,
                            aColumnStride,
                            b,
                            bOffset + p * bRowStride + j * bColumnStride,
                            bRowStride,
                            bColumnStride,
                            rows,
                            columns,
                            (int) Math.min(DEPTH_BLOCK, k - p));
                    store(rows, columns, alpha, p == 0 ? beta : 1f, c, cBlock, cRowStride);
                }
            }
        }
        for (long i = 0; i < m; i++) {
            long cRow = cOffset + i * cRowStride;
            if (k == 0) {
                scaleRow(beta, n, c, cRow);
            }
            switch (biasAxis) {
                case NONE -> {}
                case COLUMNS -> addRow(bias, biasOffset, n, c, cRow);
                case ROWS -> addValue(get(bias, biasOffset + i), n, c, cRow);
            }
            activation.apply(ScalarKernels.bundle(), c, cRow, n);
        }
    }

    /** The sums of one block of C over one depth block. */
    private static void sum(
            MemorySegment a,
            long aOffset,
            long aRowStride,
            long aColumnStride,
            MemorySegment b,
            long bOffset,
            long bRowStride,
            long bColumnStride,
            int rows,
            int columns,
            int k) {
        ProductBlock block = ProductBlock.ofThread();
        block.clear(rows, columns);
        for (int p = 0; p < k; p += DEPTH) {
            int depth = Math.min(DEPTH, k - p);
            for (int i = 0; i < rows; i++) {
                long aRow = aOffset + i * aRowStride + p * aColumnStride;
                copyIn(a, aRow, aColumnStride, depth, block.left[i], 0);
            }
            for (int q = 0; q < depth; q++) {
                copyIn(
                        b,
                        bOffset + (p + q) * bRowStride,
                        bColumnStride,
                        columns,
                        block.right[q],
                        0);
            }
            block.multiply(rows, depth, columns);
        }
    }

    /** C block = alpha · sums + beta · C block; with beta = 0, C is not read. */
    private static void store(
            int rows,
            int columns,
            float alpha,
            float beta,
            MemorySegment c,
            long cOffset,
            long cRowStride) {
        ProductBlock block = ProductBlock.ofThread();
        for (int i = 0; i < rows; i++) {
            float[] sums = block.sums[i];
            long row = cOffset + i * cRowStride;
            for (int j = 0; j < columns; j++) {
                float s = sums[j];
                set(
                        c,
                        row + j,
                        beta == 0f ? alpha * s : Math.fma(alpha, s, beta * get(c, row + j)));
            }
        }
    }

    /** C row = beta · C row; beta = 0 clears it unread. */
    private static void scaleRow(float beta, long n, MemorySegment c, long cOffset) {
        for (long j = 0; j < n; j++) {
            set(c, cOffset + j, beta == 0f ? 0f : beta * get(c, cOffset + j));
        }
    }

    private static void addRow(
            MemorySegment bias, long biasOffset, long n, MemorySegment c, long cOffset) {
        for (long j = 0; j < n; j++) {
            set(c, cOffset + j, get(c, cOffset + j) + get(bias, biasOffset + j));
        }
    }

    private static void addValue(float value, long n, MemorySegment c, long cOffset) {
        for (long j = 0; j < n; j++) {
            set(c, cOffset + j, get(c, cOffset + j) + value);
        }
    }

    @Override
    public long workspaceSize(long m, long n, long k) {
        return 0;
    }

    @Override
    public int depthBlock() {
        return DEPTH_BLOCK;
    }

    @Override
    public int tileRows() {
        return 1;
    }

    @Override
    public int tileColumns() {
        return 4;
    }

    @Override
    public long packedSizeB(long k, long n) {
        return k * n;
    }

    /** The packed form is the row-major matrix. */
    @Override
    public void packB(
            MemorySegment b,
            long bOffset,
            long bRowStride,
            long bColumnStride,
            long k,
            long n,
            MemorySegment packed,
            long packedOffset) {
        for (long p = 0; p < k; p++) {
            for (long j = 0; j < n; j++) {
                float value = get(b, bOffset + p * bRowStride + j * bColumnStride);
                set(packed, packedOffset + p * n + j, value);
            }
        }
    }

    @Override
    public void gemmPackedB(
            MemorySegment a,
            long aOffset,
            long aRowStride,
            long aColumnStride,
            MemorySegment packed,
            long packedOffset,
            long packedColumns,
            long firstColumn,
            BiasAxis biasAxis,
            MemorySegment bias,
            long biasOffset,
            long m,
            long n,
            long k,
            float alpha,
            float beta,
            FusedActivation activation,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment c,
            long cOffset,
            long cRowStride) {
        assert firstColumn % tileColumns() == 0 && firstColumn + n <= packedColumns;
        gemm(
                a,
                aOffset,
                aRowStride,
                aColumnStride,
                packed,
                packedOffset + firstColumn,
                packedColumns,
                1,
                biasAxis,
                bias,
                biasOffset,
                m,
                n,
                k,
                alpha,
                beta,
                activation,
                workspace,
                workspaceOffset,
                c,
                cOffset,
                cRowStride);
    }

    @Override
    public void gemv(
            MemorySegment a,
            long aOffset,
            long aRowStride,
            MemorySegment x,
            long xOffset,
            long m,
            long n,
            float alpha,
            float beta,
            MemorySegment y,
            long yOffset) {
        for (long i = 0; i < m; i++) {
            float s = dot(a, aOffset + i * aRowStride, x, xOffset, n);
            long index = yOffset + i;
            set(y, index, beta == 0f ? alpha * s : Math.fma(alpha, s, beta * get(y, index)));
        }
    }

    /** Σ a · x in four chains over the indices modulo 4, summed pairwise. */
    private static float dot(MemorySegment a, long aOffset, MemorySegment x, long xOffset, long n) {
        float s0 = 0f;
        float s1 = 0f;
        float s2 = 0f;
        float s3 = 0f;
        long j = 0;
        for (; j + 4 <= n; j += 4) {
            s0 = Math.fma(get(a, aOffset + j), get(x, xOffset + j), s0);
            s1 = Math.fma(get(a, aOffset + j + 1), get(x, xOffset + j + 1), s1);
            s2 = Math.fma(get(a, aOffset + j + 2), get(x, xOffset + j + 2), s2);
            s3 = Math.fma(get(a, aOffset + j + 3), get(x, xOffset + j + 3), s3);
        }
        for (; j < n; j++) {
            s0 = Math.fma(get(a, aOffset + j), get(x, xOffset + j), s0);
        }
        return (s0 + s1) + (s2 + s3);
    }

    /** The sums start with beta · y, to which the rows of A are added, times alpha · x. */
    @Override
    public void gemvTransposed(
            MemorySegment a,
            long aOffset,
            long aRowStride,
            MemorySegment x,
            long xOffset,
            long m,
            long n,
            float alpha,
            float beta,
            MemorySegment y,
            long yOffset) {
        ProductBlock block = ProductBlock.ofThread();
        float[] sums = block.sums[0];
        for (long j = 0; j < n; j += COLUMNS) {
            int columns = (int) Math.min(COLUMNS, n - j);
            for (int i = 0; i < columns; i++) {
                sums[i] = beta == 0f ? 0f : beta * get(y, yOffset + j + i);
            }
            for (long p = 0; p < m; p += DEPTH) {
                int depth = (int) Math.min(DEPTH, m - p);
                for (int q = 0; q < depth; q++) {
                    block.left[0][q] = alpha * get(x, xOffset + p + q);
                    long row = aOffset + (p + q) * aRowStride;
                    copyIn(a, row + j, 1, columns, block.right[q], 0);
                }
                block.multiply(1, depth, columns);
            }
            MemorySegment.copy(sums, 0, y, JAVA_FLOAT, (yOffset + j) << 2, columns);
        }
    }

    private static float get(MemorySegment segment, long index) {
        return segment.getAtIndex(JAVA_FLOAT, index);
    }

    private static void set(MemorySegment segment, long index, float value) {
        segment.setAtIndex(JAVA_FLOAT, index, value);
    }
}
