package dev.lanewise.kernels;

/**
 * Where the numbers of a quantized matrix W: [n, k] lie in its packed form, which is the same for
 * every backend and vector width. Sizes and places count 32-bit words.
 *
 * <p>Every {@link #PANEL} rows of W (output features) are a <em>panel</em>, the last one filled up
 * with zeros. A panel is cut along k into <em>groups</em> of groupSize steps, the last one shorter.
 * A group is, in this order:
 *
 * <ol>
 *   <li>for integers: 64 scales (float), one a row of the panel, and if the matrix has offsets, 64
 *       offsets (float);
 *   <li>lines of 16 words. Word w of a line holds, from its lowest bit up, the weights of the
 *       panel's rows w, 16 + w, 32 + w, 48 + w, as far as they go:
 *       <ul>
 *         <li>INT8: line t is step t of the group, a byte for each of the four rows;
 *         <li>INT4: line t of L = ⌈steps / 2⌉ is step t in the lower 16 bits, four bits a row, and
 *             step L + t in the upper 16 (0 behind the last step);
 *         <li>BFLOAT16: line 2t is step t of the rows w and 16 + w, line 2t + 1 of the rows 32 + w
 *             and 48 + w.
 *       </ul>
 * </ol>
 *
 * <p>The weight of an integer q is fma(scale, q · {@link WeightType#unit}, offset), offset 0 where
 * there is none: the scale counts for the integer at the top of its word, from where it is
 * converted. (So scale · unit is the step between neighbouring weights.)
 *
 * @param type how weights are stored
 * @param n rows of W
 * @param k columns of W, the inner size of products
 * @param groupSize the steps along k that share a scale; k, or more, for one scale per row of W; of
 *     no meaning for BFLOAT16
 * @param hasOffsets whether groups have an offset beside the scale; never for BFLOAT16
 */
public record QuantizedLayout(WeightType type, long n, long k, long groupSize, boolean hasOffsets) {

    /** Rows of W in a panel. */
    public static final int PANEL = 64;

    /** Words of a line. */
    public static final int LINE = 16;

    /** The steps of a group of BFLOAT16 weights, which only bounds chains of sums. */
    private static final int BFLOAT16_GROUP = 1024;

    /** Groups of BFLOAT16 weights have a fixed length and no offsets; others none beyond k. */
    public QuantizedLayout {
        if (n < 0 || k < 0 || groupSize < 1 || hasOffsets && !type.isInteger()) {
            throw new IllegalArgumentException(
                    "n %d, k %d, group size %d, offsets %s of %s"
                            .formatted(n, k, groupSize, hasOffsets, type));
        }
        groupSize = type.isInteger() ? Math.min(groupSize, Math.max(k, 1)) : BFLOAT16_GROUP;
    }

    /**
     * Up to so many rows of A are multiplied by the weights as they lie; with more it pays to turn
     * the weights into floats first, a block at a time. (INT4 takes more work per weight.)
     */
    public int fewRows() {
        return type == WeightType.INT4 ? 4 : 8;
    }

    /** Panels of the matrix. */
    public long panels() {
        return (n + PANEL - 1) / PANEL;
    }

    /** Groups of a panel. */
    public long groups() {
        return (k + groupSize - 1) / groupSize;
    }

    /** Steps of this group: groupSize, or what remains of k. */
    public int steps(long group) {
        return Math.toIntExact(Math.min(groupSize, k - group * groupSize));
    }

    /** Words of scales and offsets of a group. */
    public int headerSize() {
        return type.isInteger() ? hasOffsets ? 2 * PANEL : PANEL : 0;
    }

    /** Lines of so many steps. */
    public int lines(int steps) {
        return switch (type) {
            case BFLOAT16 -> 2 * steps;
            case INT8 -> steps;
            case INT4 -> (steps + 1) / 2;
        };
    }

    /** Words of a group of so many steps. */
    private long groupWords(int steps) {
        return headerSize() + (long) LINE * lines(steps);
    }

    /** Where in its panel a group begins. */
    public long groupPlace(long group) {
        return group == 0 ? 0 : group * groupWords(steps(0));
    }

    /** Words of a panel. */
    public long panelSize() {
        if (k == 0) {
            return 0;
        }
        long last = groups() - 1;
        return groupPlace(last) + groupWords(steps(last));
    }

    /** Words of the packed matrix. */
    public long size() {
        return Math.multiplyExact(panels(), panelSize());
    }
}
