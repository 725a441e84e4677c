package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Products of float activations with quantized weights: W: [n, k], as a linear layer has them (rows
 * are output features), packed as {@link QuantizedLayout} describes. Inputs, sums and results are
 * float32.
 *
 * <p>Quantization of a weight w, by type:
 *
 * <ul>
 *   <li>BFLOAT16: rounded to nearest, ties to even; NaN stays NaN, what passes the largest bfloat16
 *       becomes infinite. Error: |ŵ − w| ≤ 2⁻⁸ |w|, for subnormal w at most 2⁻¹³⁴.
 *   <li>integers without offsets: d = max|w| / {@link WeightType#largest} over the group, q =
 *       rint(w / d). Error: |ŵ − w| ≤ (1/2 + 2⁻¹⁴) · d.
 *   <li>integers with offsets: d = (max w − min w) / (2^bits − 1) over the group, q = rint((w −
 *       offset) / d), saturated, where min w gets the least integer. Error: |ŵ − w| ≤ (1/2 + 2⁻¹⁴)
 *       · d + 2⁻²¹ · max|w|.
 * </ul>
 *
 * A group whose maximum, or range where there are offsets, is below 2⁻⁹⁰ gets the scale 0: it
 * becomes all 0, or all min w. A group with a NaN, an infinity, or such a maximum or range above
 * 2¹²⁷ becomes NaN as a whole, never a finite number.
 */
public interface QuantizedGemm {
    /** Sums along k are chains of at most so many terms. */
    int CHAIN = 1024;

    /**
     * Packs W, whose element (j, p) is at {@code wOffset + j · wRowStride + p · wColumnStride}.
     *
     * @param workspace scratch of {@link #quantizeWorkspaceSize} elements, aligned to 64 bytes
     * @param packed {@link QuantizedLayout#size} words
     */
    void quantize(
            MemorySegment w,
            long wOffset,
            long wRowStride,
            long wColumnStride,
            QuantizedLayout layout,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment packed,
            long packedOffset);

    /** The scratch elements that {@link #quantize} needs; may be 0. */
    long quantizeWorkspaceSize(QuantizedLayout layout);

    /**
     * out = Ŵᵀ: [k, n], the weights as products see them, with row stride outRowStride and unit
     * column stride.
     */
    void dequantize(
            MemorySegment packed,
            long packedOffset,
            QuantizedLayout layout,
            MemorySegment out,
            long outOffset,
            long outRowStride);

    /**
     * C = f(alpha · A · Ŵᵀ + beta · C + bias): A: [m, k] with element (i, p) at {@code aOffset + i
     * · aRowStride + p · aColumnStride}, C: [m, n] with unit column stride, which overlaps neither
     * A nor the weights. The columns {@code firstColumn} to {@code firstColumn + n} of the layout's
     * take part (bias and C begin with the first of them); firstColumn is a multiple of {@link
     * QuantizedLayout#PANEL}. With beta = 0, C is not read (it may hold NaN). k = 0 gives f(beta ·
     * C + bias).
     *
     * <p>With more than {@link QuantizedLayout#fewRows} rows, C has the bits of {@link Gemm#gemm}
     * with the dequantized weights. With fewer, an element is the sum t over the groups in
     * ascending order: of each half of a group of INT4, else each whole group, cut into pieces of
     * {@link #CHAIN} steps, a chain s of fused multiply-adds of A and q · unit in ascending p from
     * 0 gives t = fma(scale, s, t), with scale 1 for BFLOAT16; and behind a group with offsets t =
     * fma(offset, Σ A, t), the sum of A being four chains over the step modulo 4, added in pairs;
     * the result is f(alpha · t + bias) with beta = 0, else f(fma(alpha, t, beta · C) + bias). Bits
     * depend neither on the split of columns nor on the vector width, and are exact where all
     * partial sums are. Error before f: at most (k + 6) · ε · (|alpha| · Σ |A| (|scale · q · unit|
     * + |offset|) + |beta · C| + |bias|), while Σ|A| stays below 2⁹⁶.
     *
     * @param biasAxis {@link BiasAxis#COLUMNS} or {@link BiasAxis#NONE}, with which {@code bias} is
     *     ignored and may be any segment
     * @param workspace scratch of {@link #workspaceSize} elements, aligned to 64 bytes, overlapping
     *     nothing else
     */
    void gemm(
            MemorySegment a,
            long aOffset,
            long aRowStride,
            long aColumnStride,
            MemorySegment packed,
            long packedOffset,
            QuantizedLayout layout,
            long firstColumn,
            BiasAxis biasAxis,
            MemorySegment bias,
            long biasOffset,
            long m,
            long n,
            float alpha,
            float beta,
            FusedActivation activation,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment c,
            long cOffset,
            long cRowStride);

    /** The scratch elements that {@link #gemm} needs for m rows, whatever the columns. */
    long workspaceSize(long m, QuantizedLayout layout);
}
