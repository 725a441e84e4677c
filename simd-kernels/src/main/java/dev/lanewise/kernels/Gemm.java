package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Matrix products, layered as in BLIS (Van Zee and van de Geijn 2015, doi:10.1145/2764454).
 *
 * <p>op(A): [m, k] has element (i, p) at {@code aOffset + i · aRowStride + p · aColumnStride};
 * op(B): [k, n] likewise with element (p, j). A transpose is a swap of the two strides. C: [m, n]
 * has unit column stride and element (i, j) at {@code cOffset + i · cRowStride + j}. C overlaps
 * neither A nor B.
 *
 * <p>Every path (small, skinny, packed, pre-packed, split over threads by rows or columns of C)
 * computes one element the same way: in blocks of {@link #depthBlock()} along k, each a chain of
 * fused multiply-adds in ascending p from 0; the first block's sum s makes t = alpha · s (beta = 0)
 * or fma(alpha, s, beta · C), each later one t = fma(alpha, s, t), and the result is f(t + bias).
 * So the bits of C depend neither on how the work is split nor on the vector width. Only m = 1 and
 * n = 1 of the whole product may go through the matrix-vector kernels, whose sums have an order of
 * their own. Error: |C − exact| ≤ (k + 2) · ε · (|alpha| |A||B| + |beta||C|), bit-exact where all
 * partial sums are exact.
 */
public interface Gemm {

    /**
     * C = f(alpha · op(A) · op(B) + beta · C + bias).
     *
     * <p>With beta = 0, C is not read (it may hold NaN). k = 0 gives f(beta · C + bias).
     *
     * @param biasAxis which axis the bias lies along; with {@link BiasAxis#NONE} {@code bias} is
     *     ignored and may be any segment
     * @param workspace scratch of {@link #workspaceSize} elements, aligned to 64 bytes, overlapping
     *     nothing else
     */
    void gemm(
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
            long cRowStride);

    /**
     * The scratch elements that {@link #gemm} needs for a product of these sizes, whatever the
     * strides; may be 0.
     */
    long workspaceSize(long m, long n, long k);

    /** The length of the blocks along k in which every product is summed. */
    int depthBlock();

    /**
     * The rows of C that one micro-kernel call covers; splits of m at multiples of it keep tiles
     * whole.
     */
    int tileRows();

    /**
     * The columns of C that one micro-kernel call covers; splits of n at multiples of it keep tiles
     * whole.
     */
    int tileColumns();

    /** The elements that {@link #packB} writes. */
    long packedSizeB(long k, long n);

    /**
     * Packs op(B): [k, n] into the panels that {@link #gemmPackedB} reads; done once for weights.
     */
    void packB(
            MemorySegment b,
            long bOffset,
            long bRowStride,
            long bColumnStride,
            long k,
            long n,
            MemorySegment packed,
            long packedOffset);

    /**
     * {@link #gemm} with op(B) packed beforehand by {@link #packB} for these k and n. The columns
     * {@code firstColumn} to {@code firstColumn + n} of the packed matrix of {@code packedColumns}
     * columns take part; firstColumn is a multiple of {@link #tileColumns()}.
     */
    void gemmPackedB(
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
            long cRowStride);

    /**
     * y = alpha · A · x + beta · y: A: [m, n] with row stride aRowStride, unit column stride; x:
     * [n], y: [m].
     */
    void gemv(
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
            long yOffset);

    /**
     * y = alpha · Aᵀ · x + beta · y: A: [m, n] with row stride aRowStride, unit column stride; x:
     * [m], y: [n].
     */
    void gemvTransposed(
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
            long yOffset);
}
