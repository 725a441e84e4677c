package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Root-mean-square normalization of rows (Zhang and Sennrich 2019, arXiv:1910.07467): like layer
 * normalization, but without mean and shift.
 *
 * <p>x, dy, out, dx: [rows, columns]; scale and its gradient: [columns]; invRms: [rows]. Sums have
 * one order per vector width.
 *
 * <p>Errors, to first order in ε = 2⁻²⁴, with a(n) = min(n, n/4 + 32) + 4: a sum of n terms is off
 * by at most a(n) · ε · Σ |terms|, so invRms by the factor 1 ± (a(columns)/2 + 1) · ε.
 */
public interface RmsNormalization {

    /**
     * out = x · invRms · scale per row, invRms = 1/√(Σ x²/columns + epsilon), which is written,
     * too. The output may be the input. Error: at most (a(columns)/2 + 4) · ε · |out|.
     */
    void rmsNormRows(
            MemorySegment x,
            long xOffset,
            MemorySegment scale,
            long scaleOffset,
            long rows,
            long columns,
            float epsilon,
            MemorySegment invRms,
            long invRmsOffset,
            MemorySegment out,
            long outOffset);

    /**
     * Gradient of {@link #rmsNormRows} for x: with g = dy · scale and x̂ = x · invRms, dx = invRms
     * · (g − x̂ · mean(g · x̂)), per row. dx may be dy. Error: at most (a(columns) + 8) · ε ·
     * invRms · (|g| + |x̂| · mean|g · x̂|).
     */
    void rmsNormRowsInputGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            MemorySegment scale,
            long scaleOffset,
            MemorySegment invRms,
            long invRmsOffset,
            long rows,
            long columns,
            MemorySegment dx,
            long dxOffset);

    /**
     * Gradient of {@link #rmsNormRows} for the scale: dScale = Σ over rows dy · x · invRms:
     * [columns], overwritten (zeros where there are no rows).
     */
    void rmsNormRowsScaleGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            MemorySegment invRms,
            long invRmsOffset,
            long rows,
            long columns,
            MemorySegment dScale,
            long dScaleOffset);
}
