package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.NATIVE;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.lanewise.kernels.vector.Correlation.Phase;

import java.lang.foreign.MemorySegment;

/** Packs weights into the panels of a {@link PixelPlan}. */
final class PixelWeights {
    private PixelWeights() {}

    /**
     * Packs a range of the panels of all groups, {@code groupWeights} weights each, for all phases;
     * offsets in elements.
     */
    static void pack(
            PixelPlan plan,
            int firstPanel,
            int lastPanel,
            MemorySegment weight,
            long weightOffset,
            int groupWeights,
            MemorySegment packed,
            long packedOffset) {
        Correlation c = plan.correlation;
        long at = packedOffset;
        for (Phase phase : c.phases) {
            int terms = phase.table().length;
            for (int panel = firstPanel; panel < lastPanel; panel++) {
                int g = panel / plan.panelsOfGroup();
                int f = panel % plan.panelsOfGroup() * PixelPlan.PANEL;
                long from = weightOffset + (long) g * groupWeights + (long) f * c.filterStride;
                long to = at + ((long) g * plan.paddedFilters + f) * terms;
                int filters = Math.min(PixelPlan.PANEL, c.filters - f);
                packPanel(c, phase, weight, from, filters, packed, to);
            }
            at += (long) c.groups * plan.paddedFilters * terms;
        }
    }

    private static void packPanel(
            Correlation c,
            Phase phase,
            MemorySegment weight,
            long from,
            int filters,
            MemorySegment packed,
            long to) {
        int terms = phase.table().length;
        int lanes = PixelPlan.padded(filters);
        if (filters < lanes) {
            Staging.zero(packed, to, lanes * terms);
        }
        if (c.gathersWeights) {
            gather(c, phase, weight, from, filters, packed, to, lanes);
        } else {
            BlockTranspose.matrix(
                    weight,
                    from << 2,
                    (long) c.filterStride << 2,
                    filters,
                    terms,
                    packed,
                    to << 2,
                    (long) lanes << 2);
        }
    }

    /** packed[t, i] = the phase's weight t of filter i. */
    private static void gather(
            Correlation c,
            Phase phase,
            MemorySegment weight,
            long from,
            int filters,
            MemorySegment packed,
            long at,
            int lanes) {
        weight = NATIVE.cast(weight);
        packed = NATIVE.cast(packed);
        long stride = (long) c.filterStride << 2;
        for (int tap : phase.weights()) {
            long source = (from + tap) << 2;
            for (int i = 0; i < filters; i++) {
                float value = weight.get(JAVA_FLOAT_UNALIGNED, source + i * stride);
                packed.set(JAVA_FLOAT_UNALIGNED, (at + i) << 2, value);
            }
            at += lanes;
        }
    }
}
