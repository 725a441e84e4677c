package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.NATIVE;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.lanewise.kernels.vector.Correlation.Phase;

import java.lang.foreign.MemorySegment;

/** Packs weights into the panels of a {@link PixelPlan}. */
final class PixelWeights {
    private PixelWeights() {}

    /** Packs the weights of all groups, {@code groupWeights} each; offsets in elements. */
    static void pack(
            PixelPlan plan,
            MemorySegment weight,
            long weightOffset,
            int groupWeights,
            MemorySegment packed,
            long packedOffset) {
        Correlation c = plan.correlation;
        long at = packedOffset;
        for (Phase phase : c.phases) {
            int terms = phase.table().length;
            for (int g = 0; g < c.groups; g++) {
                long group = weightOffset + (long) g * groupWeights;
                for (int f = 0; f < c.filters; f += PixelPlan.PANEL) {
                    int filters = Math.min(PixelPlan.PANEL, c.filters - f);
                    int lanes = PixelPlan.padded(filters);
                    long from = group + (long) f * c.filterStride;
                    if (filters < lanes) {
                        Staging.zero(packed, at, lanes * terms);
                    }
                    if (c.gathersWeights) {
                        gather(c, phase, weight, from, filters, packed, at, lanes);
                    } else {
                        BlockTranspose.matrix(
                                weight,
                                from << 2,
                                (long) c.filterStride << 2,
                                filters,
                                terms,
                                packed,
                                at << 2,
                                (long) lanes << 2);
                    }
                    at += (long) lanes * terms;
                }
            }
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
