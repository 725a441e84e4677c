package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Softmax over the rows of contiguous [rows, columns] matrices, shifted by each row's maximum so
 * that it can't overflow.
 *
 * <p>The output may be the input {@code x} (forward) or {@code dy} (gradients). A row of −∞ only
 * gives NaN, as in PyTorch.
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
