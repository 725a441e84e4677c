package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Batch and layer normalization.
 *
 * <p>Channel forms work on [N, C, S] (S = H·W, contiguous): statistics, scale and shift are per
 * channel (Ioffe and Szegedy 2015, arXiv:1502.03167). Row forms work on [rows, D]: statistics per
 * row, scale and shift per column (Ba et al. 2016, arXiv:1607.06450). Variances are the biased
 * ones, Σ(x − μ)²/count.
 *
 * <p>Errors, to first order in ε = 2⁻²⁴, with a(n) = min(n, n/4 + 32) + 4: a sum of n terms is off
 * by at most a(n) · ε · Σ |terms|, n being S for channels (planes are added in double), else the
 * columns or rows. So a channel's mean is off by δ ≤ a(S) · ε · mean|x|, its variance by at most
 * a(S) · ε · σ² + 2δ²; a row's mean by δ ≤ a(D) · ε · (|μ| + 2r), r = max|x − μ|, and its invStd by
 * the factor 1 ± η, η = ε + (2 · a(D) · ε · (σ² + r²) + δ²)/(σ² + epsilon), while η is below 1/8.
 * Sums have one order per vector width.
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
     * out = x · scale + shift, scale and shift per channel, rounded once; x, out: [N, C, S]. The
     * output may be the input.
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
     * may be dy. Error: at most 8 · ε · |scale · invStd| · (|dy| + |sumDy|/(N·S) + |x̂ ·
     * sumDyX|/(N·S)).
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
     * epsilon). Writes each row's μ and invStd: [rows]. The output may be the input. Error: at most
     * |scale| · (2 · invStd · δ + (η + 3ε) · |x̂|) + ε · |out|, x̂ = (x − μ) · invStd.
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
     * dx = invStd · (g − mean(g) − x̂ · mean(g · x̂)), per row. dx may be dy. Error: at most (a(D)
     * + 8) · ε · invStd · (|g| + mean|g| + |x̂| · mean|g · x̂|).
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
