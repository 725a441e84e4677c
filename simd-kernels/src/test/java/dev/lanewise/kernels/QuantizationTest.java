package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Weights to their packed form and back. */
class QuantizationTest extends QuantizedProblems {
    @ParameterizedTest
    @MethodSource("backends")
    void errorsAreWithinTheStatedBounds(Kernels kernels) {
        for (int[] size : new int[][] {{1, 1}, {3, 32}, {64, 33}, {65, 100}, {130, 1030}}) {
            for (QuantizedLayout layout : layouts(size[0], size[1])) {
                MemorySegment w = floats(layout.n() * layout.k());
                for (long i = 0; i < layout.n() * layout.k(); i++) {
                    double magnitude = Math.pow(2, random.nextInt(40) - 20);
                    set(w, i, (float) ((2 * random.nextDouble() - 0.7) * magnitude));
                }
                check(kernels, layout, w);
            }
        }
    }

    private void check(Kernels kernels, QuantizedLayout layout, MemorySegment w) {
        MemorySegment back = dequantize(kernels, layout, quantize(kernels, layout, w));
        for (long j = 0; j < layout.n(); j++) {
            for (long p = 0; p < layout.k(); p++) {
                double value = get(w, j * layout.k() + p);
                assertThat((double) get(back, p * layout.n() + j))
                        .as("%s, weight (%d, %d)", layout, j, p)
                        .isCloseTo(value, within(bound(layout, w, j, p)));
            }
        }
    }

    /** The contract's bound, from the group that the weight is in. */
    private static double bound(QuantizedLayout layout, MemorySegment w, long j, long p) {
        if (layout.type() == WeightType.BFLOAT16) {
            return 0x1p-8 * Math.abs(get(w, j * layout.k() + p));
        }
        long first = p / layout.groupSize() * layout.groupSize();
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (long q = first; q < Math.min(first + layout.groupSize(), layout.k()); q++) {
            low = Math.min(low, get(w, j * layout.k() + q));
            high = Math.max(high, get(w, j * layout.k() + q));
        }
        double largest = Math.max(-low, high);
        return layout.hasOffsets()
                ? (0.5 + 0x1p-14) * (high - low) / ((1 << layout.type().bits()) - 1)
                        + 0x1p-21 * largest
                : (0.5 + 0x1p-14) * largest / layout.type().largest();
    }

    @ParameterizedTest
    @MethodSource("backends")
    void stridedWeightsGiveTheSamePackedForm(Kernels kernels) {
        QuantizedGemm gemm = kernels.quantizedGemm();
        int n = 70;
        int k = 50;
        for (QuantizedLayout layout : layouts(n, k)) {
            MemorySegment w = randoms((long) n * k);
            MemorySegment expected = quantize(kernels, layout, w);
            for (long[] strides : new long[][] {{1, n}, {2 * k + 3, 2}}) {
                MemorySegment moved =
                        floats((n - 1) * strides[0] + (k - 1) * strides[1] + 2); // offset 1
                for (int j = 0; j < n; j++) {
                    for (int p = 0; p < k; p++) {
                        set(moved, 1 + j * strides[0] + p * strides[1], get(w, (long) j * k + p));
                    }
                }
                MemorySegment packed = floats(layout.size());
                MemorySegment work =
                        arena.allocate(4 * gemm.quantizeWorkspaceSize(layout) + 64, 64);
                gemm.quantize(moved, 1, strides[0], strides[1], layout, work, 0, packed, 0);
                assertThat(packed.mismatch(expected)).as(layout.toString()).isEqualTo(-1);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void bfloat16RoundsToNearestEven(Kernels kernels) {
        float[][] cases = {
            {1f, 1f},
            {-0f, -0f},
            {0x1.01p0f, 1f}, // half way: to the even neighbour, below
            {0x1.03p0f, 0x1.04p0f}, // half way: to the even neighbour, above
            {0x1.010002p0f, 0x1.02p0f},
            {0x1.00fffep0f, 1f},
            {-0x1.03p0f, -0x1.04p0f},
            {Float.MAX_VALUE, Float.POSITIVE_INFINITY},
            {0x1.fep127f, 0x1.fep127f},
            {Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY},
            {Float.NaN, Float.NaN},
            {Float.intBitsToFloat(0x7f800001), Float.NaN}, // its upper half would be infinity
            {Float.intBitsToFloat(0xffffffff), Float.NaN}, // rounded up it would be 0
            {Float.MIN_VALUE, 0f},
            {0x1p-133f, 0x1p-133f},
        };
        QuantizedLayout layout =
                new QuantizedLayout(WeightType.BFLOAT16, 1, cases.length, 1, false);
        MemorySegment w = floats(cases.length);
        for (int p = 0; p < cases.length; p++) {
            set(w, p, cases[p][0]);
        }
        MemorySegment back = dequantize(kernels, layout, quantize(kernels, layout, w));
        for (int p = 0; p < cases.length; p++) {
            assertThat(Float.valueOf(get(back, p)))
                    .as("bfloat16 of %s", cases[p][0])
                    .isEqualTo(Float.valueOf(cases[p][1]));
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void aNumberThatIsNoneSpoilsItsGroupAlone(Kernels kernels) {
        for (QuantizedLayout layout : layouts(3, 96)) {
            if (!layout.type().isInteger() || layout.groupSize() == 96) {
                continue;
            }
            long size = layout.groupSize();
            for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, -1f / 0f}) {
                MemorySegment w = randoms(3 * 96);
                set(w, 96 + size + 1, bad); // row 1, the second group
                MemorySegment back = dequantize(kernels, layout, quantize(kernels, layout, w));
                for (int j = 0; j < 3; j++) {
                    for (int p = 0; p < 96; p++) {
                        boolean spoilt = j == 1 && p / size == 1;
                        assertThat(Float.isNaN(get(back, 3L * p + j)))
                                .as("%s, weight (%d, %d)", layout, j, p)
                                .isEqualTo(spoilt);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void groupsWithoutRangeAreExact(Kernels kernels) {
        for (QuantizedLayout layout : layouts(2, 64)) {
            for (float value : new float[] {0f, 3f, -5f, 0x1p127f, 0x1p-89f}) {
                MemorySegment w = floats(2 * 64);
                for (int i = 0; i < 2 * 64; i++) {
                    set(w, i, value);
                }
                MemorySegment back = dequantize(kernels, layout, quantize(kernels, layout, w));
                for (int i = 0; i < 2 * 64; i++) {
                    assertThat((double) get(back, i))
                            .as("%s of %s", layout, value)
                            .isCloseTo(value, within(2 * EPSILON * Math.abs((double) value)));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void tinyGroupsBecomeZero(Kernels kernels) {
        for (QuantizedLayout layout : layouts(1, 40)) {
            if (layout.type().isInteger() && !layout.hasOffsets()) {
                MemorySegment w = floats(40);
                set(w, 3, Float.MIN_VALUE);
                set(w, 5, 0x1p-91f);
                MemorySegment back = dequantize(kernels, layout, quantize(kernels, layout, w));
                for (int i = 0; i < 40; i++) {
                    assertThat(get(back, i)).as(layout.toString()).isZero();
                }
            }
        }
    }

    /** The place of one weight, from the description of the layout. */
    @ParameterizedTest
    @MethodSource("backends")
    void weightsLieWhereTheLayoutSays(Kernels kernels) {
        int n = 130;
        int k = 10;
        // Row 64 + 37 is word 5 in the third quarter of panel 1; step 8 is the fourth of group 1.
        place(kernels, new QuantizedLayout(WeightType.INT8, n, k, 5, false), 64 + 16 * 3 + 5, 16);
        // Five steps make three lines, the fourth step is in the upper half of the first.
        place(kernels, new QuantizedLayout(WeightType.INT4, n, k, 5, true), 128 + 5, 16 + 8);
        // Two lines a step; rows 32 to 63 are in the second.
        place(kernels, new QuantizedLayout(WeightType.BFLOAT16, n, k, 1, false), 277, 0);
    }

    private void place(Kernels kernels, QuantizedLayout layout, long inGroup, int shift) {
        boolean integer = layout.type().isInteger();
        MemorySegment w = floats(layout.n() * layout.k());
        set(w, (64 + 37) * layout.k() + 8, 7f);
        long group = layout.panelSize() + (integer ? layout.groupPlace(1) : 0);
        MemorySegment packed = quantize(kernels, layout, w);
        int word = packed.getAtIndex(ValueLayout.JAVA_INT, group + inGroup);
        int bits = layout.type().bits();
        int expected = (1 << bits - 1) - 1; // the largest
        if (!integer) {
            expected = Float.floatToIntBits(7f) >>> 16;
        } else if (layout.hasOffsets()) {
            // The other steps of this row are the least integer.
            assertThat(word >>> shift - 16 & 15).isEqualTo(8);
        }
        assertThat(word >>> shift & (1 << bits) - 1).as(layout.toString()).isEqualTo(expected);
    }

    @Test
    void layoutsCountTheirWords() {
        // Per group of 32 steps: 64 scales, and 16 lines of int4.
        assertThat(new QuantizedLayout(WeightType.INT4, 128, 64, 32, false).size())
                .isEqualTo(2 * 2 * (64 + 16 * 16));
        // The last group has 6 steps: 3 lines, and 64 scales and offsets like the others.
        assertThat(new QuantizedLayout(WeightType.INT4, 1, 70, 32, true).size())
                .isEqualTo(2 * (128 + 16 * 16) + 128 + 16 * 3);
        assertThat(new QuantizedLayout(WeightType.INT8, 64, 100, 1000, false).size())
                .isEqualTo(64 + 16 * 100);
        assertThat(new QuantizedLayout(WeightType.BFLOAT16, 64, 1500, 3, false).size())
                .isEqualTo(32 * 1500);
        assertThat(new QuantizedLayout(WeightType.INT8, 0, 100, 32, false).size()).isZero();
        assertThat(new QuantizedLayout(WeightType.INT8, 64, 0, 32, false).size()).isZero();
        assertThatThrownBy(() -> new QuantizedLayout(WeightType.BFLOAT16, 1, 1, 1, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("offsets true of BFLOAT16");
    }
}
