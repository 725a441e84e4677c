package dev.lanewise.kernels;

/** How a weight is stored by {@link QuantizedGemm}. */
public enum WeightType {
    /** The upper 16 bits of a float: 8 exponent bits, 7 fraction bits; neither scale nor group. */
    BFLOAT16(16),
    /** An integer in [−128, 127]. */
    INT8(8),
    /** An integer in [−8, 7], two a byte. */
    INT4(4);

    private final int bits;

    WeightType(int bits) {
        this.bits = bits;
    }

    /** Bits of one weight, without its share of the scales. */
    public int bits() {
        return bits;
    }

    /** Whether weights are integers, in groups that share a scale. */
    public boolean isInteger() {
        return this != BFLOAT16;
    }

    /**
     * The value of the lowest bit of the integer once it is shifted to the top of 32 bits: 2³² to
     * the number of bits less.
     */
    public float unit() {
        return 1L << 32 - bits;
    }

    /** The largest integer in use where a group is symmetric around 0. */
    public int largest() {
        return (1 << bits - 1) - 1;
    }
}
