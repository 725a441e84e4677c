package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Group normalization (Wu and He 2018, arXiv:1803.08494): x: [N, C, S] (S = H·W, contiguous); the
 * channels of each sample form equal groups of C/groups neighbours, which share a mean μ and a
 * biased variance σ²; scale and shift are per channel.
 *
 * <p>One group is layer normalization of whole samples, C groups are instance normalization. mean
 * and invStd: [N, groups]; scale, shift and their gradients: [C]. Groups divides C. Sums have one
 * order per vector width.
 *
 * <p>Errors, to first order in ε = 2⁻²⁴, with n = S · C/groups and a(n) = min(n, n/4 + 32) + 4: a
 * sum of n terms is off by at most a(n) · ε · Σ |terms|, so a mean by δ ≤ a(n) · ε · mean|x|, and
 * an invStd by the factor 1 ± η, η = a(n) · ε + δ²/(σ² + epsilon), while η is below 1/8.
 */
public interface GroupNormalization {

    /**
     * out = (x − μ) · invStd · scale + shift, invStd = 1/√(σ² + epsilon); μ and invStd are written,
     * too. The output may be the input. Error: at most |scale| · (2 · invStd · δ + (η + 3ε) · |x̂|)
     * + ε · |out|, x̂ = (x − μ) · invStd.
     */
    void groupNorm(
            MemorySegment x,
            long xOffset,
            MemorySegment scale,
            long scaleOffset,
            MemorySegment shift,
            long shiftOffset,
            long batch,
            long channels,
            long spatial,
            long groups,
            float epsilon,
            MemorySegment mean,
            long meanOffset,
            MemorySegment invStd,
            long invStdOffset,
            MemorySegment out,
            long outOffset);

    /**
     * Gradient of {@link #groupNorm} for x: with g = dy · scale and x̂ = (x − mean) · invStd, dx =
     * invStd · (g − mean(g) − x̂ · mean(g · x̂)), means over a group. dx may be dy. Error: at most
     * (a(n) + 8) · ε · invStd · (|g| + mean|g| + |x̂| · mean|g · x̂|).
     */
    void groupNormInputGradient(
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
            long batch,
            long channels,
            long spatial,
            long groups,
            MemorySegment dx,
            long dxOffset);

    /**
     * Gradients of {@link #groupNorm} for scale and shift: per channel dScale = Σ dy · (x − mean) ·
     * invStd and dShift = Σ dy; overwritten (zeros where the batch or the planes are empty). Error:
     * that of sums of S terms, planes being added in double.
     */
    void groupNormParameterGradients(
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
            long groups,
            MemorySegment dScale,
            long dScaleOffset,
            MemorySegment dShift,
            long dShiftOffset);
}
