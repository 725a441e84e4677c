package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Softmax over the rows of contiguous [rows, columns] matrices, shifted by each row's maximum so
 * that it can't overflow.
 *
 * <p>The output may be the input {@code x} (forward) or {@code dy} (gradients). With no rows or no
 * columns nothing happens. The relative error of softmax is below (columns/2 + 8 + max − x) · 2⁻²⁴
 * (columns/32 + 10 + max − x on vectors), the last term from the rounding of the shift; sums have
 * one order per vector width, so backends and widths differ in the last bits. Exponentials below
 * 2⁻¹²⁵ may count as 0. A row with NaN, with +∞, or of −∞ only gives NaN, as in PyTorch.
 */
public interface Softmax {

    /** out = e^(x − max) / Σ e^(x − max), per row. */
    void softmaxRows(
            MemorySegment x,
            long xOffset,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset);

    /** out = x − max − ln Σ e^(x − max), per row. */
    void logSoftmaxRows(
            MemorySegment x,
            long xOffset,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset);

    /** dx = y · (dy − Σ dy·y), per row, from the output y of {@link #softmaxRows}. */
    void softmaxRowsGradient(
            MemorySegment y,
            long yOffset,
            MemorySegment dy,
            long dyOffset,
            long rows,
            long columns,
            MemorySegment dx,
            long dxOffset);

    /** dx = dy − eʸ · Σ dy, per row, from the output y of {@link #logSoftmaxRows}. */
    void logSoftmaxRowsGradient(
            MemorySegment y,
            long yOffset,
            MemorySegment dy,
            long dyOffset,
            long rows,
            long columns,
            MemorySegment dx,
            long dxOffset);
}
