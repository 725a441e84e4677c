package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.lanewise.kernels.ReferenceFunctions.Reference;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The functions with a stated bound, on both backends; {@link UlpCheck} walks all floats. */
class TranscendentalTest {
    private static final int STRIDE = 40_009;
    private static final int AROUND = 300;

    /** Where formulas change, overflow or lose digits. */
    private static final float[] CENTRES = {
        0f,
        Float.MIN_NORMAL,
        1e-4f,
        0.5f,
        0.6f,
        0.75f,
        0.93f,
        1f,
        1.5f,
        3.95f,
        6f,
        8.32f,
        10.05f,
        11f,
        14.2f,
        17.33f,
        80f,
        87.34f,
        88.7229f,
        103.97f,
        0x1p23f,
        0x1p30f,
        0x1p64f,
        Float.MAX_VALUE
    };

    @ParameterizedTest
    @MethodSource("dev.lanewise.kernels.ReferenceFunctions#all")
    void errorIsWithinTheBoundOverAllFloats(Reference function) {
        for (Kernels kernels : List.of(Kernels.scalar(), Kernels.active())) {
            UlpCheck.Worst worst = UlpCheck.worst(function, kernels, STRIDE);
            assertThat(worst.ulps())
                    .as("%s, %s: %s", function, kernels.backend(), worst)
                    .isLessThanOrEqualTo(function.bound());
        }
    }

    @ParameterizedTest
    @MethodSource("dev.lanewise.kernels.ReferenceFunctions#all")
    void errorIsWithinTheBoundAroundSpecialValues(Reference function) {
        int n = 2 * CENTRES.length * (2 * AROUND + 1) + 3;
        try (Arena arena = Arena.ofShared()) {
            MemorySegment x = arena.allocate(4L * n, 64);
            MemorySegment out = arena.allocate(4L * n, 64);
            int count = 0;
            for (float centre : CENTRES) {
                int bits = Float.floatToRawIntBits(centre);
                for (int i = Math.max(0, bits - AROUND); i <= bits + AROUND; i++) {
                    x.setAtIndex(JAVA_FLOAT, count++, Float.intBitsToFloat(i));
                    x.setAtIndex(JAVA_FLOAT, count++, -Float.intBitsToFloat(i));
                }
            }
            for (float special : new float[] {Float.NaN, 1f / 0f, -1f / 0f}) {
                x.setAtIndex(JAVA_FLOAT, count++, special);
            }
            for (Kernels kernels : List.of(Kernels.scalar(), Kernels.active())) {
                function.kernel().run(kernels, x, count, out);
                for (int i = 0; i < count; i++) {
                    float value = x.getAtIndex(JAVA_FLOAT, i);
                    float actual = out.getAtIndex(JAVA_FLOAT, i);
                    double expected = function.reference().applyAsDouble(value);
                    assertThat(Ulps.error(actual, expected))
                            .as("%s(%s) = %s, is %s", function, value, expected, actual)
                            .isLessThanOrEqualTo(function.bound());
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.lanewise.kernels.ReferenceFunctions#all")
    void worksInPlace(Reference function) {
        int n = 1000;
        try (Arena arena = Arena.ofShared()) {
            MemorySegment x = arena.allocate(4L * n, 64);
            MemorySegment out = arena.allocate(4L * n, 64);
            for (int i = 0; i < n; i++) {
                x.setAtIndex(JAVA_FLOAT, i, (i - 500) * 0.017f);
            }
            function.kernel().run(Kernels.active(), x, n, out);
            function.kernel().run(Kernels.active(), x, n, x);
            assertThat(x.mismatch(out)).isEqualTo(-1);
        }
    }

    @Test
    void powFollowsMathPow() {
        float[] values = {
            0f,
            -0f,
            1f,
            -1f,
            2f,
            -2f,
            0.5f,
            -0.5f,
            3f,
            -3f,
            0.3f,
            -0.3f,
            1e-40f,
            -1e-40f,
            1e30f,
            -1e30f,
            8388609f,
            16777216f,
            16777217f,
            33554433f,
            88.5f,
            -88.5f,
            1.0000001f,
            0.99999994f,
            Float.MIN_VALUE,
            Float.MAX_VALUE,
            -Float.MAX_VALUE,
            1f / 0f,
            -1f / 0f,
            Float.NaN
        };
        int n = values.length * values.length;
        try (Arena arena = Arena.ofShared()) {
            MemorySegment x = arena.allocate(4L * n, 64);
            MemorySegment y = arena.allocate(4L * n, 64);
            MemorySegment out = arena.allocate(4L * n, 64);
            for (int i = 0; i < n; i++) {
                x.setAtIndex(JAVA_FLOAT, i, values[i / values.length]);
                y.setAtIndex(JAVA_FLOAT, i, values[i % values.length]);
            }
            for (Kernels kernels : List.of(Kernels.scalar(), Kernels.active())) {
                kernels.transcendental().pow(x, 0, y, 0, n, out, 0);
                for (int i = 0; i < n; i++) {
                    float base = values[i / values.length];
                    float exponent = values[i % values.length];
                    double expected = StrictMath.pow(base, exponent);
                    assertThat(Ulps.error(out.getAtIndex(JAVA_FLOAT, i), expected))
                            .as("%s^%s = %s", base, exponent, expected)
                            .isLessThan(0.6);
                }
            }
        }
    }

    @Test
    void sineAndCosineReduceHugeAngles() {
        // cos of the float nearest to a multiple of π/2 among all (Kahan's example, in float)
        float[] angles = {0x1.f37a0ap+74f, 1e22f, 0x1.fffffep127f, 0x1.921fb6p0f, 0x1p30f};
        for (float angle : angles) {
            try (Arena arena = Arena.ofShared()) {
                MemorySegment x = arena.allocate(4L * 40, 64);
                MemorySegment out = arena.allocate(4L * 40, 64);
                for (int i = 0; i < 40; i++) {
                    x.setAtIndex(JAVA_FLOAT, i, i % 3 == 0 ? angle : i);
                }
                Kernels.active().transcendental().cos(x, 0, 40, out, 0);
                for (int i = 0; i < 40; i++) {
                    double expected = StrictMath.cos(x.getAtIndex(JAVA_FLOAT, i));
                    assertThat(Ulps.error(out.getAtIndex(JAVA_FLOAT, i), expected)).isLessThan(0.6);
                }
            }
        }
    }

    @Test
    void referencesAgreeWithKnownValues() {
        assertThat(ReferenceFunctions.erf(0.5)).isEqualTo(0.5204998778130465, within());
        assertThat(ReferenceFunctions.erfc(0.5)).isEqualTo(0.4795001221869535, within());
        assertThat(ReferenceFunctions.erfc(3) / 2.209049699858544e-5).isEqualTo(1, within());
        assertThat(ReferenceFunctions.erfc(1.5) / 0.033894853524689274).isEqualTo(1, within());
        assertThat(ReferenceFunctions.normal(-10) / 7.619853024160527e-24).isEqualTo(1, within());
    }

    private static org.assertj.core.data.Offset<Double> within() {
        return org.assertj.core.data.Offset.offset(1e-12);
    }
}
