package dev.lanewise.kernels.scalar;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.lanewise.kernels.BiasAxis;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.Gemm;

import java.lang.foreign.MemorySegment;

/**
 * Matrix products as plain loops.
 *
 * <p>Rows of C are computed four columns at a time, so that four independent chains of fused
 * multiply-adds hide each other's latency; that is the fastest plain form on every stride.
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
        for (long i = 0; i < m; i++) {
            long aRow = aOffset + i * aRowStride;
            long cRow = cOffset + i * cRowStride;
            scaleRow(beta, n, c, cRow);
            for (long p = 0; p < k; p += DEPTH_BLOCK) {
                int depth = (int) Math.min(DEPTH_BLOCK, k - p);
                long aBlock = aRow + p * aColumnStride;
                long bBlock = bOffset + p * bRowStride;
                // With beta = 0 the first block overwrites, so that −0 survives as in the formula.
                boolean overwrite = p == 0 && beta == 0f;
                addProducts(
                        a,
                        aBlock,
                        aColumnStride,
                        b,
                        bBlock,
                        bRowStride,
                        bColumnStride,
                        n,
                        depth,
                        alpha,
                        overwrite,
                        c,
                        cRow);
            }
            switch (biasAxis) {
                case NONE -> {}
                case COLUMNS -> addRow(bias, biasOffset, n, c, cRow);
                case ROWS -> addValue(get(bias, biasOffset + i), n, c, cRow);
            }
            activation.apply(ScalarKernels.bundle(), c, cRow, n);
        }
    }

    /** C row = alpha · s (overwrite) or fma(alpha, s, C row), s the products of one depth block. */
    private static void addProducts(
            MemorySegment a,
            long aOffset,
            long aColumnStride,
            MemorySegment b,
            long bOffset,
            long bRowStride,
            long bColumnStride,
            long n,
            int depth,
            float alpha,
            boolean overwrite,
            MemorySegment c,
            long cOffset) {
        long j = 0;
        for (; j + 4 <= n; j += 4) {
            long b0 = bOffset + j * bColumnStride;
            long b1 = b0 + bColumnStride;
            long b2 = b1 + bColumnStride;
            long b3 = b2 + bColumnStride;
            float s0 = 0f;
            float s1 = 0f;
            float s2 = 0f;
            float s3 = 0f;
            for (int p = 0; p < depth; p++) {
                float x = get(a, aOffset + p * aColumnStride);
                long row = p * bRowStride;
                s0 = Math.fma(x, get(b, b0 + row), s0);
                s1 = Math.fma(x, get(b, b1 + row), s1);
                s2 = Math.fma(x, get(b, b2 + row), s2);
                s3 = Math.fma(x, get(b, b3 + row), s3);
            }
            accumulate(alpha, s0, overwrite, c, cOffset + j);
            accumulate(alpha, s1, overwrite, c, cOffset + j + 1);
            accumulate(alpha, s2, overwrite, c, cOffset + j + 2);
            accumulate(alpha, s3, overwrite, c, cOffset + j + 3);
        }
        for (; j < n; j++) {
            long column = bOffset + j * bColumnStride;
            float s = 0f;
            for (int p = 0; p < depth; p++) {
                s =
                        Math.fma(
                                get(a, aOffset + p * aColumnStride),
                                get(b, column + p * bRowStride),
                                s);
            }
            accumulate(alpha, s, overwrite, c, cOffset + j);
        }
    }

    private static void accumulate(
            float alpha, float s, boolean overwrite, MemorySegment c, long index) {
        set(c, index, overwrite ? alpha * s : Math.fma(alpha, s, get(c, index)));
    }

    /** C row = beta · C row; beta = 0 clears it unread. */
    private static void scaleRow(float beta, long n, MemorySegment c, long cOffset) {
        if (beta == 1f) {
            return;
        }
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

    /** y = beta · y, then row after row of A, scaled, is added. */
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
        scaleRow(beta, n, y, yOffset);
        for (long i = 0; i < m; i++) {
            float factor = alpha * get(x, xOffset + i);
            long row = aOffset + i * aRowStride;
            for (long j = 0; j < n; j++) {
                long index = yOffset + j;
                set(y, index, Math.fma(factor, get(a, row + j), get(y, index)));
            }
        }
    }

    private static float get(MemorySegment segment, long index) {
        return segment.get(JAVA_FLOAT_UNALIGNED, index << 2);
    }

    private static void set(MemorySegment segment, long index, float value) {
        segment.set(JAVA_FLOAT_UNALIGNED, index << 2, value);
    }
}
