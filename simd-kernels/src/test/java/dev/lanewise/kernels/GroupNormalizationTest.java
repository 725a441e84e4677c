package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.kernels.table.KernelArray;
import dev.lanewise.kernels.table.KernelMemory;
import dev.lanewise.kernels.table.KernelMemory.Placement;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Group normalization, forward and gradients, against the formulas in double precision. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.lanewise.kernels.Bundles#all")
class GroupNormalizationTest {
    /** N, C, S, groups: one group, one channel per group, and in between; planes of all kinds. */
    private static final int[][] SHAPES = {
        {1, 1, 2, 1}, {3, 4, 1, 2}, {2, 6, 7, 3}, {2, 4, 49, 4}, {3, 4, 16, 1}, {2, 6, 259, 2}
    };

    private static final float EPSILON = 1e-3f;

    private final GroupNormalization kernels;

    GroupNormalizationTest(Kernels bundle) {
        kernels = bundle.groupNormalization();
    }

    @Test
    void forward() {
        for (int[] shape : SHAPES) {
            int n = shape[0];
            int c = shape[1];
            int s = shape[2];
            int groups = shape[3];
            try (KernelMemory memory = new KernelMemory(Placement.EXACT, s)) {
                KernelArray x = memory.input((long) n * c * s, 3, 5);
                KernelArray scale = memory.input(c);
                KernelArray shift = memory.input(c);
                KernelArray mean = memory.output((long) n * groups);
                KernelArray invStd = memory.output((long) n * groups);
                KernelArray y = memory.output(x.count());
                kernels.groupNorm(
                        x.segment(),
                        x.offset(),
                        scale.segment(),
                        scale.offset(),
                        shift.segment(),
                        shift.offset(),
                        n,
                        c,
                        s,
                        groups,
                        EPSILON,
                        mean.segment(),
                        mean.offset(),
                        invStd.segment(),
                        invStd.offset(),
                        y.segment(),
                        y.offset());
                int count = c / groups * s;
                for (int k = 0; k < n * groups; k++) {
                    double center = 0;
                    double variance = 0;
                    for (int i = k * count; i < (k + 1) * count; i++) {
                        center += x.get(i) / (double) count;
                    }
                    for (int i = k * count; i < (k + 1) * count; i++) {
                        variance += Math.pow(x.get(i) - center, 2) / count;
                    }
                    double inverse = 1 / Math.sqrt(variance + EPSILON);
                    assertThat((double) mean.get(k)).isCloseTo(center, within(3e-6));
                    assertThat(invStd.get(k) / inverse).isCloseTo(1, within(1e-4));
                    for (int i = k * count; i < (k + 1) * count; i++) {
                        int channel = i / s % c;
                        double hat = (x.get(i) - center) * inverse;
                        double expected = hat * scale.get(channel) + shift.get(channel);
                        assertThat((double) y.get(i)).isCloseTo(expected, within(1e-4));
                    }
                }
                memory.checkCanaries("groupNorm");
            }
        }
    }

    @Test
    void gradients() {
        for (int[] shape : SHAPES) {
            int n = shape[0];
            int c = shape[1];
            int s = shape[2];
            int groups = shape[3];
            try (KernelMemory memory = new KernelMemory(Placement.EXACT, s)) {
                KernelArray x = memory.input((long) n * c * s);
                KernelArray dy = memory.input(x.count());
                KernelArray scale = memory.input(c);
                KernelArray mean = memory.input((long) n * groups, -0.2, 0.2);
                KernelArray invStd = memory.input((long) n * groups, 1, 2);
                KernelArray dx = memory.output(x.count());
                KernelArray dScale = memory.output(c);
                KernelArray dShift = memory.output(c);
                kernels.groupNormInputGradient(
                        x.segment(),
                        x.offset(),
                        dy.segment(),
                        dy.offset(),
                        scale.segment(),
                        scale.offset(),
                        mean.segment(),
                        mean.offset(),
                        invStd.segment(),
                        invStd.offset(),
                        n,
                        c,
                        s,
                        groups,
                        dx.segment(),
                        dx.offset());
                kernels.groupNormParameterGradients(
                        x.segment(),
                        x.offset(),
                        dy.segment(),
                        dy.offset(),
                        mean.segment(),
                        mean.offset(),
                        invStd.segment(),
                        invStd.offset(),
                        n,
                        c,
                        s,
                        groups,
                        dScale.segment(),
                        dScale.offset(),
                        dShift.segment(),
                        dShift.offset());
                checkGradients(shape, x, dy, scale, mean, invStd, dx, dScale, dShift);
                memory.checkCanaries("group norm gradients");
            }
        }
    }

    private static void checkGradients(
            int[] shape,
            KernelArray x,
            KernelArray dy,
            KernelArray scale,
            KernelArray mean,
            KernelArray invStd,
            KernelArray dx,
            KernelArray dScale,
            KernelArray dShift) {
        int c = shape[1];
        int s = shape[2];
        int count = c / shape[3] * s;
        double[] scaleSums = new double[c];
        double[] shiftSums = new double[c];
        for (int k = 0; k < shape[0] * shape[3]; k++) {
            double plain = 0;
            double along = 0;
            for (int i = k * count; i < (k + 1) * count; i++) {
                int channel = i / s % c;
                double hat = ((double) x.get(i) - mean.get(k)) * invStd.get(k);
                scaleSums[channel] += dy.get(i) * hat;
                shiftSums[channel] += dy.get(i);
                plain += (double) dy.get(i) * scale.get(channel) / count;
                along += dy.get(i) * scale.get(channel) * hat / count;
            }
            for (int i = k * count; i < (k + 1) * count; i++) {
                double hat = ((double) x.get(i) - mean.get(k)) * invStd.get(k);
                double g = (double) dy.get(i) * scale.get(i / s % c);
                double expected = invStd.get(k) * (g - plain - hat * along);
                assertThat((double) dx.get(i)).isCloseTo(expected, within(1e-5));
            }
        }
        for (int i = 0; i < c; i++) {
            assertThat((double) dScale.get(i)).isCloseTo(scaleSums[i], within(1e-4));
            assertThat((double) dShift.get(i)).isCloseTo(shiftSums[i], within(1e-4));
        }
    }
}
