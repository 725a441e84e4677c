package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Batch and layer normalization.
 *
 * <p>Channel forms work on [N, C, S] (S = H·W, contiguous): statistics, scale and shift are per
 * channel (Ioffe and Szegedy 2015, arXiv:1502.03167). Row forms work on [rows, D]: statistics per
 * row, scale and shift per column (Ba et al. 2016, arXiv:1607.06450). Variances are the biased
 * ones, Σ(x − μ)²/count.
 */
public interface Normalization {

    /** mean, variance of each channel of x: [N, C, S]; both [C]. */
    void channelStatistics(
            MemorySegment x,
            long xOffset,
            long batch,
            long channels,
            long spatial,
            MemorySegment mean,
            long meanOffset,
            MemorySegment variance,
            long varianceOffset);

    /**
     * out = x · scale + shift, scale and shift per channel; x, out: [N, C, S]. The output may be
     * the input.
     */
    void channelAffine(
            MemorySegment x,
            long xOffset,
            MemorySegment scale,
            long scaleOffset,
            MemorySegment shift,
            long shiftOffset,
            long batch,
            long channels,
            long spatial,
            MemorySegment out,
            long outOffset);

    /**
     * Per channel: sumDy = Σ dy and sumDyX = Σ dy · (x − mean) · invStd: the gradients of shift and
     * scale, and the two sums that the gradient of x needs.
     */
    void channelGradientSums(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            MemorySegment mean,
            long meanOffset,
            MemorySegment invStd,
            long invStdOffset,
            long batch,
            long channels,
            long spatial,
            MemorySegment sumDy,
            long sumDyOffset,
            MemorySegment sumDyX,
            long sumDyXOffset);

    /**
     * dx = scale · invStd · (dy − sumDy/(N·S) − x̂ · sumDyX/(N·S)), x̂ = (x − mean) · invStd. dx
     * may be dy.
     */
    void channelInputGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            MemorySegment mean,
            long meanOffset,
            MemorySegment invStd,
            long invStdOffset,
            MemorySegment scale,
            long scaleOffset,
            MemorySegment sumDy,
            long sumDyOffset,
            MemorySegment sumDyX,
            long sumDyXOffset,
            long batch,
            long channels,
            long spatial,
            MemorySegment dx,
            long dxOffset);

    /**
     * Layer normalization: out = (x − μ) · invStd · scale + shift per row, invStd = 1/√(σ² +
     * epsilon). Writes each row's μ and invStd: [rows]. The output may be the input.
     */
    void layerNormRows(
            MemorySegment x,
            long xOffset,
            MemorySegment scale,
            long scaleOffset,
            MemorySegment shift,
            long shiftOffset,
            long rows,
            long columns,
            float epsilon,
            MemorySegment mean,
            long meanOffset,
            MemorySegment invStd,
            long invStdOffset,
            MemorySegment out,
            long outOffset);

    /**
     * Gradient of {@link #layerNormRows} for x: with g = dy · scale and x̂ = (x − mean) · invStd,
     * dx = invStd · (g − mean(g) − x̂ · mean(g · x̂)), per row. dx may be dy.
     */
    void layerNormRowsInputGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            MemorySegment scale,
            long scaleOffset,
            MemorySegment mean,
            long meanOffset,
            MemorySegment invStd,
            long invStdOffset,
            long rows,
            long columns,
            MemorySegment dx,
            long dxOffset);

    /**
     * Gradient of {@link #layerNormRows}: dScale = Σ over rows dy · x̂, dShift = Σ over rows dy;
     * both [columns], overwritten.
     */
    void layerNormRowsParameterGradients(
            MemorySegment x,
            long xOffset,
            MemorySegment dy,
            long dyOffset,
            MemorySegment mean,
            long meanOffset,
            MemorySegment invStd,
            long invStdOffset,
            long rows,
            long columns,
            MemorySegment dScale,
            long dScaleOffset,
            MemorySegment dShift,
            long dShiftOffset);
}
