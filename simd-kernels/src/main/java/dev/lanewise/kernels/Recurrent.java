package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Recurrent layers over whole sequences, one direction of one layer: the part that goes step by
 * step. What does not (the projections of the inputs beforehand, the gradients of weights and
 * inputs afterwards) is a matrix product over all steps at once and belongs to the caller.
 *
 * <p>Arrays of a sequence are [steps, batch, columns] with contiguous rows and, within a step, one
 * row after another unless a row stride is given; the stride from one step to the next is a
 * parameter, negative for a layer that reads its sequence backwards (the offset is then that of the
 * last step). Initial and final states are contiguous [batch, hidden]. Gates lie in PyTorch's order
 * and recurrent weights have its shape, [gates · hidden, hidden]. σ is the logistic function, ∘ the
 * product of elements.
 *
 * <p>The workspace is aligned to 64 bytes and has {@link #workspaceSize} elements. Outputs overlap
 * neither inputs nor each other but where said. With no steps, batch or hidden units nothing
 * happens. Every row of a batch has the same bits whatever rows are computed with it, except that
 * the gradient of batches of up to {@link #fewRows()} rows takes another path. A step's error is
 * that of its sums: (hidden + 8) · ε of their magnitude before the gates, 2 ulps in each gate.
 */
public interface Recurrent {

    /** The scratch elements of every method, for 3 or 4 gates. */
    long workspaceSize(int gates, long batch, long hidden);

    /** The largest batch whose gradient is computed row by row, the weights read once for each. */
    int fewRows();

    /** The elements that {@link #packWeight} writes. */
    long packedSize(int gates, long hidden);

    /**
     * Brings the recurrent weight: [gates · hidden, hidden] into the order in which {@link #lstm}
     * and {@link #gru} read it; done once for a model.
     *
     * @param packed scratch of {@link #packedSize} elements, aligned to 64 bytes
     */
    void packWeight(
            MemorySegment weight,
            long weightOffset,
            int gates,
            long hidden,
            MemorySegment packed,
            long packedOffset);

    /**
     * Long short-term memory (Hochreiter and Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735;
     * forget gates by Gers et al. 2000):
     *
     * <ul>
     *   <li>a = gates(t) + h(t−1) · weightᵀ, in four parts
     *   <li>i = σ(a₀), f = σ(a₁), g = tanh a₂, o = σ(a₃)
     *   <li>c(t) = f ∘ c(t−1) + i ∘ g, h(t) = o ∘ tanh c(t)
     * </ul>
     *
     * @param gates [steps, batch, 4 · hidden]: the projected inputs with all biases; becomes i, f,
     *     g, o
     * @param packed the weight: [4 · hidden, hidden], packed by {@link #packWeight}
     * @param h0 h before the first step; c0 likewise
     * @param cells c of every step
     * @param out h of every step
     */
    void lstm(
            MemorySegment packed,
            long packedOffset,
            MemorySegment h0,
            long h0Offset,
            MemorySegment c0,
            long c0Offset,
            long steps,
            long batch,
            long hidden,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment gates,
            long gatesOffset,
            long gatesTimeStride,
            MemorySegment cells,
            long cellsOffset,
            long cellsTimeStride,
            MemorySegment out,
            long outOffset,
            long outTimeStride,
            long outRowStride);

    /**
     * The gradient of {@link #lstm} through time. With dh = dOut(t) + dH and, of each step, dc = dC
     * + dh ∘ o ∘ (1 − tanh² c):
     *
     * <ul>
     *   <li>dGates(t) = [dc ∘ g ∘ i(1−i), dc ∘ c(t−1) ∘ f(1−f), dc ∘ i ∘ (1−g²), dh ∘ tanh c ∘
     *       o(1−o)]
     *   <li>dH = dGates(t) · weight, dC = dc ∘ f
     * </ul>
     *
     * @param gates i, f, g, o as {@link #lstm} left them
     * @param dGates the gradient before the gates; may be {@code gates}
     * @param dH the gradient of the last h beside dOut's; becomes that of h0
     * @param dC the gradient of the last c; becomes that of c0
     */
    void lstmGradient(
            MemorySegment gates,
            long gatesOffset,
            long gatesTimeStride,
            MemorySegment weight,
            long weightOffset,
            MemorySegment c0,
            long c0Offset,
            MemorySegment cells,
            long cellsOffset,
            long cellsTimeStride,
            MemorySegment dOut,
            long dOutOffset,
            long dOutTimeStride,
            long dOutRowStride,
            long steps,
            long batch,
            long hidden,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment dGates,
            long dGatesOffset,
            long dGatesTimeStride,
            MemorySegment dH,
            long dHOffset,
            MemorySegment dC,
            long dCOffset);

    /**
     * Gated recurrent units (Cho et al. 2014, arXiv:1406.1078), the reset gate behind the product
     * as in PyTorch and cuDNN:
     *
     * <ul>
     *   <li>b = h(t−1) · weightᵀ + bias, in three parts, and x = gates(t) likewise
     *   <li>r = σ(x₀ + b₀), z = σ(x₁ + b₁), n = tanh(x₂ + r ∘ b₂)
     *   <li>h(t) = (1 − z) ∘ n + z ∘ h(t−1)
     * </ul>
     *
     * @param packed the weight: [3 · hidden, hidden], packed by {@link #packWeight}
     * @param bias [3 · hidden], the recurrent one
     * @param gates [steps, batch, 3 · hidden]: the projected inputs with their bias; becomes r, z,
     *     n
     * @param candidates [steps, batch, hidden]: b₂ of every step, for the gradient
     */
    void gru(
            MemorySegment packed,
            long packedOffset,
            MemorySegment bias,
            long biasOffset,
            MemorySegment h0,
            long h0Offset,
            long steps,
            long batch,
            long hidden,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment gates,
            long gatesOffset,
            long gatesTimeStride,
            MemorySegment candidates,
            long candidatesOffset,
            long candidatesTimeStride,
            MemorySegment out,
            long outOffset,
            long outTimeStride,
            long outRowStride);

    /**
     * The gradient of {@link #gru} through time. With dh = dOut(t) + dH:
     *
     * <ul>
     *   <li>dz = dh ∘ (h(t−1) − n) ∘ z(1−z), dn = dh ∘ (1−z) ∘ (1−n²), dr = dn ∘ b₂ ∘ r(1−r)
     *   <li>dGates(t) = [dr, dz, dn], dProducts(t) = [dr, dz, dn ∘ r]
     *   <li>dH = dh ∘ z + dProducts(t) · weight
     * </ul>
     *
     * @param gates r, z, n as {@link #gru} left them
     * @param out h of every step, with its strides
     * @param dGates the gradient of the projected inputs; may be {@code gates}
     * @param dProducts the gradient of b, as dGates
     * @param dH the gradient of the last h beside dOut's; becomes that of h0
     */
    void gruGradient(
            MemorySegment gates,
            long gatesOffset,
            long gatesTimeStride,
            MemorySegment candidates,
            long candidatesOffset,
            long candidatesTimeStride,
            MemorySegment weight,
            long weightOffset,
            MemorySegment h0,
            long h0Offset,
            MemorySegment out,
            long outOffset,
            long outTimeStride,
            long outRowStride,
            MemorySegment dOut,
            long dOutOffset,
            long dOutTimeStride,
            long dOutRowStride,
            long steps,
            long batch,
            long hidden,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment dGates,
            long dGatesOffset,
            long dGatesTimeStride,
            MemorySegment dProducts,
            long dProductsOffset,
            long dProductsTimeStride,
            MemorySegment dH,
            long dHOffset);
}
