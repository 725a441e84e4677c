package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Scaled dot-product attention of one head, fused: the scores of a block of queries against a block
 * of keys live in the workspace only, never those of all queries against all keys (Rabe and Staats
 * 2021, arXiv:2112.05682; Dao et al. 2022, FlashAttention, arXiv:2205.14135).
 *
 * <p>q: [queries, features], k and v: [keys, features], out: [queries, features]. Rows are
 * contiguous, each array has a row stride of its own; so a head of a tensor [N, L, heads, Dh] or
 * [N, heads, L, Dh] is an offset and a stride, and several query heads may share one head of keys.
 *
 * <p>Query i sees the first n(i) = min(keys, max(0, visible + i)) keys: {@code visible = keys}
 * shows all of them to every query, {@code visible = 1} is the causal mask of self-attention, and
 * the {@code queries} last positions of a sequence of {@code keys} have {@code visible = keys −
 * queries + 1}. Padding keys are left out by a smaller {@code keys}; what is not seen by any query
 * is not read. A bias: [queries, keys] may be added to the scores; −∞ in it hides a key.
 *
 * <ul>
 *   <li>s(i, j) = scale · Σ_d q(i, d) · k(j, d) + bias(i, j) for j &lt; n(i)
 *   <li>logSumExp(i) = ln Σ_j e^s(i, j)
 *   <li>out(i, d) = Σ_j e^(s(i, j) − logSumExp(i)) · v(j, d)
 * </ul>
 *
 * <p>A query that sees no key, or only keys hidden by −∞, gives a row of zeros and a logSumExp of
 * −∞, and its gradient is zero. Keys and values have to be finite, also where a mask hides them
 * within {@code keys}: 0 · ∞ is NaN. No queries or no features: nothing happens. Outputs overlap
 * neither inputs nor each other.
 *
 * <p>The error is that of the plain formula in floats: |Δs| ≤ (features + 4) · ε · scale · |q||k|
 * passes into the weights as a relative error, and out adds (keys/16 + 8) · ε · Σ p|v|. Sums have
 * one order per vector width. Results don't depend on how a caller cuts the queries if cuts are
 * multiples of {@link #queryBlock()}.
 */
public interface Attention {

    /** The queries that are computed together; cuts at its multiples change no bit. */
    int queryBlock();

    /** The scratch elements that both methods need for heads of so many features. */
    long workspaceSize(long keys, long features);

    /**
     * out and logSumExp as above.
     *
     * <p>Few queries, as in generation, take a path that packs nothing and reads k and v once per
     * query, at the speed of the memory that holds them.
     *
     * @param hasBias without, {@code bias} is ignored and may be any segment
     * @param biasRowStride elements from one query's bias to the next one's; 0 shares one row
     * @param workspace scratch of {@link #workspaceSize} elements, aligned to 64 bytes
     * @param logSumExp [queries], contiguous, for {@link #headGradient}
     */
    void head(
            MemorySegment q,
            long qOffset,
            long qRowStride,
            MemorySegment k,
            long kOffset,
            long kRowStride,
            MemorySegment v,
            long vOffset,
            long vRowStride,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            long biasRowStride,
            long queries,
            long keys,
            long features,
            long visible,
            float scale,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment logSumExp,
            long logSumExpOffset,
            MemorySegment out,
            long outOffset,
            long outRowStride);

    /**
     * The gradients of q, k and v from dOut, with p(i, j) = e^(s(i, j) − logSumExp(i)) computed
     * anew:
     *
     * <ul>
     *   <li>dP(i, j) = Σ_d dOut(i, d) · v(j, d), dS(i, j) = p(i, j) · (dP(i, j) − Σ_d dOut(i, d) ·
     *       out(i, d))
     *   <li>dQ(i, d) = scale · Σ_j dS(i, j) · k(j, d)
     *   <li>dK(j, d) += scale · Σ_i dS(i, j) · q(i, d)
     *   <li>dV(j, d) += Σ_i p(i, j) · dOut(i, d)
     * </ul>
     *
     * <p>dQ is overwritten. dK and dV are added to, over all {@code queries} at once, so that query
     * heads that share keys can add up; the caller clears them first. A bias gets no gradient.
     *
     * @param dOut the gradient of out
     */
    void headGradient(
            MemorySegment q,
            long qOffset,
            long qRowStride,
            MemorySegment k,
            long kOffset,
            long kRowStride,
            MemorySegment v,
            long vOffset,
            long vRowStride,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            long biasRowStride,
            MemorySegment out,
            long outOffset,
            long outRowStride,
            MemorySegment dOut,
            long dOutOffset,
            long dOutRowStride,
            MemorySegment logSumExp,
            long logSumExpOffset,
            long queries,
            long keys,
            long features,
            long visible,
            float scale,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment dQ,
            long dQOffset,
            long dQRowStride,
            MemorySegment dK,
            long dKOffset,
            long dKRowStride,
            MemorySegment dV,
            long dVOffset,
            long dVRowStride);
}
