package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Fused in-place optimizer updates over {@code n} parameters w with gradients g: one pass, every
 * array read and written once.
 *
 * <p>{@code weightDecay} λ is coupled (g ← g + λ·w) unless said otherwise. Formulas are PyTorch's.
 *
 * <p>Averages that decay (v of momentum, RMSProp and Adadelta, its u, a of RMSProp, m and v of
 * Adam's kind, m of Lion) are stored as 0 once they are subnormal: they would stay so for ever, as
 * β · 2⁻¹⁴⁹ rounds back to 2⁻¹⁴⁹, and slow each step down.
 *
 * <p>Errors of one step, with ε = 2⁻²⁴ and while nothing leaves the range of normal floats: an
 * average is off by at most 8 · ε · the sum of its terms' magnitudes (u of Adadelta 24 · ε), and w,
 * given the new averages, by at most 12 · ε · (|w| + the magnitudes of the step's terms); Lion's
 * sign is that of its argument as rounded. Both backends and every width give the same bits.
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

    /**
     * RMSProp with momentum, centered or not: v ← αv + (1 − α)g²; where centered, a ← αa + (1 − α)g
     * and σ² = max(v − a², 0), else σ² = v; b ← μ·b + g / (σ + epsilon); w ← w − lr·b. The average
     * a is neither read nor written where not centered.
     */
    void rmsPropMomentum(
            MemorySegment g,
            long gOffset,
            long n,
            float learningRate,
            float weightDecay,
            float alpha,
            float epsilon,
            float momentum,
            boolean centered,
            MemorySegment v,
            long vOffset,
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            MemorySegment w,
            long wOffset);

    /**
     * Adadelta (Zeiler 2012, arXiv:1212.5701): v ← ρv + (1 − ρ)g²; d = √(u + epsilon) / √(v +
     * epsilon) · g; u ← ρu + (1 − ρ)d²; w ← w − lr·d.
     */
    void adadelta(
            MemorySegment g,
            long gOffset,
            long n,
            float learningRate,
            float weightDecay,
            float rho,
            float epsilon,
            MemorySegment v,
            long vOffset,
            MemorySegment u,
            long uOffset,
            MemorySegment w,
            long wOffset);

    /**
     * Lion (Chen et al. 2023, arXiv:2302.06675): w ← (1 − lr·λ)·w − lr · sign(β₁m + (1 − β₁)g); m ←
     * β₂m + (1 − β₂)g. The sign of 0 is 0; decay is decoupled.
     */
    void lion(
            MemorySegment g,
            long gOffset,
            long n,
            float learningRate,
            float weightDecay,
            float beta1,
            float beta2,
            MemorySegment m,
            long mOffset,
            MemorySegment w,
            long wOffset);

    /**
     * Adam with AMSGrad (Reddi et al. 2018, arXiv:1904.09237): as {@link #adam}, with the largest v
     * so far, x ← max(x, v), in the divisor: √x/√c₂ + epsilon.
     */
    void amsGrad(
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
            MemorySegment x,
            long xOffset,
            MemorySegment w,
            long wOffset);

    /**
     * Adam's averages with any mixture of gradient and mean in the step: m ← β₁m + (1 − β₁)g; v ←
     * β₂v + (1 − β₂)g²; w ← shrink·w − (gradientRate·g + meanRate·m) / (rootScale·√v + epsilon).
     * NAdam and RAdam are this with rates that change from step to step.
     */
    void adamMixed(
            MemorySegment g,
            long gOffset,
            long n,
            float weightDecay,
            float shrink,
            float beta1,
            float beta2,
            float gradientRate,
            float meanRate,
            float rootScale,
            float epsilon,
            MemorySegment m,
            long mOffset,
            MemorySegment v,
            long vOffset,
            MemorySegment w,
            long wOffset);
}
