package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Cross-entropy of the softmax of logits x: [rows, columns] and int32 class numbers t: [rows], in
 * one pass over memory each way: no log-probabilities are stored.
 *
 * <p>With label smoothing ε (Szegedy et al. 2015, arXiv:1512.00567) and class weights w: [columns]
 * the loss of a row is (1 − ε) · w[t] · −ln p[t] + ε/columns · Σ over c of w[c] · −ln p[c], p =
 * softmax x, as in PyTorch. Weights are read only where {@code weighted}, else they count as 1. The
 * class {@code ignored} (which may be outside the columns) gives loss and gradient 0; another class
 * outside [0, columns) is an {@link IndexOutOfBoundsException}, the rows before it done. A row with
 * NaN, with +∞, or of −∞ only gives NaN. Sums have one order per vector width.
 */
public interface CrossEntropy {

    /**
     * Writes each row's loss, and what its gradient needs: the largest logit and logSum = ln Σ e^(x
     * − max); apart, as their sum would lose the small logarithm's last bits. With u = 2⁻²⁴, logSum
     * is off by at most (columns/2 + 16 + 2 · logSum) · u, and the loss by at most (columns/2 + 40)
     * · u · ((1 − ε) · |w[t]| · (1 + logSum + max − x[t]) + ε/columns · Σ over c of |w[c]| · (1 +
     * logSum + max − x[c])).
     */
    void crossEntropyRows(
            MemorySegment x,
            long xOffset,
            MemorySegment classes,
            long classesOffset,
            MemorySegment weights,
            long weightsOffset,
            boolean weighted,
            long rows,
            long columns,
            float smoothing,
            int ignored,
            MemorySegment loss,
            long lossOffset,
            MemorySegment max,
            long maxOffset,
            MemorySegment logSum,
            long logSumOffset);

    /**
     * Gradient for x, from the gradient dLoss: [rows] of the losses and what {@link
     * #crossEntropyRows} left: dx = dLoss · (a · p − ε/columns · w − (1 − ε) · w[t] · [c = t]), p =
     * e^(x − max − logSum), a = (1 − ε) · w[t] + ε/columns · Σ w. dx may be x. Error for w of one
     * sign: at most 2⁻²⁴ · |dLoss| · ((columns/2 + 40 + logSum + 2 · (max − x)) · |a| · p + 8 ·
     * (ε/columns · |w| + (1 − ε) · |w[t]| · [c = t])); a p below 2⁻¹²⁵ may count as 0.
     */
    void crossEntropyRowsGradient(
            MemorySegment x,
            long xOffset,
            MemorySegment classes,
            long classesOffset,
            MemorySegment weights,
            long weightsOffset,
            boolean weighted,
            MemorySegment max,
            long maxOffset,
            MemorySegment logSum,
            long logSumOffset,
            MemorySegment dLoss,
            long dLossOffset,
            long rows,
            long columns,
            float smoothing,
            int ignored,
            MemorySegment dx,
            long dxOffset);

    /**
     * Checks a class that isn't the ignored one; for implementations.
     *
     * @throws IndexOutOfBoundsException if it is not in [0, columns)
     */
    static void checkClass(String kernel, int target, long row, long columns) {
        if (target < 0 || target >= columns) {
            throw new IndexOutOfBoundsException(
                    "%s: class %d at position %d is not one of %d"
                            .formatted(kernel, target, row, columns));
        }
    }
}
