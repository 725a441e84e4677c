package dev.lanewise.core;

/**
 * How attention scales and masks its scores. The plain form, {@link #standard()}, scales by 1/√Dh
 * and shows every key to every query; each method returns a changed copy.
 */
public final class AttentionOptions {
    private static final AttentionOptions STANDARD =
            new AttentionOptions(Float.NaN, false, null, null);

    private final float scale;
    final boolean causal;
    final Tensor lengths;
    final Tensor bias;

    private AttentionOptions(float scale, boolean causal, Tensor lengths, Tensor bias) {
        this.scale = scale;
        this.causal = causal;
        this.lengths = lengths;
        this.bias = bias;
    }

    /** Scale 1/√Dh, no mask, no bias. */
    public static AttentionOptions standard() {
        return STANDARD;
    }

    /** Another factor of the scores than 1/√Dh. */
    public AttentionOptions scale(float factor) {
        if (!Float.isFinite(factor)) {
            throw new ArgumentException("attention: scale must be finite, got " + factor);
        }
        return new AttentionOptions(factor, causal, lengths, bias);
    }

    /**
     * A query sees no key behind its own position. The queries are the last positions of the keys:
     * query i of Lq sees the keys up to Lk − Lq + i.
     */
    public AttentionOptions causal() {
        return new AttentionOptions(scale, true, lengths, bias);
    }

    /** Only the first lengths(n) keys of batch element n are seen: int32 [N]. */
    public AttentionOptions lengths(Tensor counts) {
        return new AttentionOptions(scale, causal, counts, bias);
    }

    /**
     * Adds a bias, which broadcasts to [N, heads, Lq, Lk], to the scaled scores; −∞ hides a key. It
     * gets no gradient. One that is not contiguous along its last axis, or broadcasts along it, is
     * copied, as {@link Attentions} says.
     */
    public AttentionOptions bias(Tensor scores) {
        return new AttentionOptions(scale, causal, lengths, scores);
    }

    float scaleFor(long features) {
        return Float.isNaN(scale) ? (float) (1 / Math.sqrt(features)) : scale;
    }
}
