package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Fused in-place optimizer updates over {@code n} parameters w with gradients g: one pass, every
 * array read and written once.
 *
 * <p>{@code weightDecay} λ is coupled (g ← g + λ·w) unless said otherwise. Formulas are PyTorch's.
 *
 * <p>Averages that decay (momentum's and RMSProp's v, Adam's m and v) are stored as 0 once they are
 * subnormal: they would stay so for ever, as β · 2⁻¹⁴⁹ rounds back to 2⁻¹⁴⁹, and slow each step
 * down.
 */
public interface OptimizerUpdate {

    /** w ← w − lr·(g + λ·w). */
    void sgd(
            MemorySegment g,
            long gOffset,
            long n,
            float learningRate,
            float weightDecay,
            MemorySegment w,
            long wOffset);

    /**
     * v ← μ·v + (1 − dampening)·(g + λ·w); w ← w − lr·v, or with Nesterov w ← w − lr·(g + λ·w +
     * μ·v).
     */
    void momentum(
            MemorySegment g,
            long gOffset,
            long n,
            float learningRate,
            float weightDecay,
            float momentum,
            float dampening,
            boolean nesterov,
            MemorySegment v,
            long vOffset,
            MemorySegment w,
            long wOffset);

    /**
     * Adam (Kingma and Ba 2014, arXiv:1412.6980): m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; w ← w
     * − lr/c₁ · m / (√v/√c₂ + epsilon), cᵢ = 1 − βᵢᵗ given as {@code biasCorrection1}, {@code
     * biasCorrection2}. With {@code decoupled}, decay is AdamW's (Loshchilov and Hutter 2017,
     * arXiv:1711.05101): w ← (1 − lr·λ)·w before the step.
     */
    void adam(
            MemorySegment g,
            long gOffset,
            long n,
            float learningRate,
            float weightDecay,
            boolean decoupled,
            float beta1,
            float beta2,
            float epsilon,
            float biasCorrection1,
            float biasCorrection2,
            MemorySegment m,
            long mOffset,
            MemorySegment v,
            long vOffset,
            MemorySegment w,
            long wOffset);

    /** RMSProp: v ← αv + (1 − α)g²; w ← w − lr · g / (√v + epsilon). */
    void rmsProp(
            MemorySegment g,
            long gOffset,
            long n,
            float learningRate,
            float weightDecay,
            float alpha,
            float epsilon,
            MemorySegment v,
            long vOffset,
            MemorySegment w,
            long wOffset);

    /** Adagrad: v ← v + g²; w ← w − lr · g / (√v + epsilon). */
    void adagrad(
            MemorySegment g,
            long gOffset,
            long n,
            float learningRate,
            float weightDecay,
            float epsilon,
            MemorySegment v,
            long vOffset,
            MemorySegment w,
            long wOffset);
}
