package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Sums, extrema, moments and norms, over whole arrays, over each row or over each column of a
 * matrix.
 *
 * <p>A matrix has {@code rows} × {@code columns} elements, row {@code r} starting at {@code offset
 * + r · rowStride}. Any axis of a contiguous tensor is one of the two forms: [outer, axis, inner]
 * is {@code outer} column reductions, or one row reduction where inner = 1. Sums have a fixed order
 * that depends on n and the vector width only; their error is below {@code (n / 64 + 12) · ε ·
 * Σ|x|}, ε = 2⁻²⁴, with n / 32 for n / 64 on 128-bit vectors. An empty sum is 0, an empty maximum
 * −∞, an empty minimum +∞, an empty mean or variance NaN. A NaN among the elements makes the result
 * NaN, also for maximum and minimum; argMax and argMin return the first NaN's index, and take −0
 * and +0 for equal.
 */
public interface Reduction {

    /** Σ xᵢ. */
    float sum(MemorySegment x, long xOffset, long n);

    /** Σ xᵢ². */
    float sumOfSquares(MemorySegment x, long xOffset, long n);

    /** Σ |xᵢ|. */
    float sumOfAbsolutes(MemorySegment x, long xOffset, long n);

    /** Σ (xᵢ − center)². */
    float sumOfSquaredDifferences(MemorySegment x, long xOffset, long n, float center);

    /** Σ aᵢ · bᵢ. */
    float dot(MemorySegment a, long aOffset, MemorySegment b, long bOffset, long n);

    /** max xᵢ. */
    float maximum(MemorySegment x, long xOffset, long n);

    /** min xᵢ. */
    float minimum(MemorySegment x, long xOffset, long n);

    /** The smallest index of a maximum; −1 where n = 0. */
    long argMax(MemorySegment x, long xOffset, long n);

    /** The smallest index of a minimum; −1 where n = 0. */
    long argMin(MemorySegment x, long xOffset, long n);

    /** outᵣ = Σ over the columns of row r. */
    void sumRows(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset);

    /** outᵣ = max over the columns of row r. */
    void maximumRows(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset);

    /** outᵣ = min over the columns of row r. */
    void minimumRows(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset);

    /** outᵣ = the smallest column index of a maximum of row r, as int32. */
    void argMaxRowsInt32(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset);

    /** outᵣ = the smallest column index of a minimum of row r, as int32. */
    void argMinRowsInt32(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset);

    /** meanᵣ = Σ x / columns, varianceᵣ = Σ (x − meanᵣ)² / columns, in two passes over each row. */
    void meanAndVarianceRows(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            long columns,
            MemorySegment mean,
            long meanOffset,
            MemorySegment variance,
            long varianceOffset);

    /** outᶜ = beta · outᶜ + Σ over the rows of column c; with beta = 0, out is not read. */
    void sumColumns(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            long columns,
            float beta,
            MemorySegment out,
            long outOffset);

    /** outᶜ = max over the rows of column c. */
    void maximumColumns(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset);

    /** outᶜ = min over the rows of column c. */
    void minimumColumns(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset);

    /** outᶜ = the smallest row index of a maximum of column c, as int32. */
    void argMaxColumnsInt32(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset);

    /** outᶜ = the smallest row index of a minimum of column c, as int32. */
    void argMinColumnsInt32(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset);

    /** meanᶜ = Σ x / rows, varianceᶜ = Σ (x − meanᶜ)² / rows, in two passes. */
    void meanAndVarianceColumns(
            MemorySegment x,
            long xOffset,
            long rowStride,
            long rows,
            long columns,
            MemorySegment mean,
            long meanOffset,
            MemorySegment variance,
            long varianceOffset);
}
