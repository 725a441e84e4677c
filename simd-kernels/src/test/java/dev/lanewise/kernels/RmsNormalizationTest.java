package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.kernels.table.KernelArray;
import dev.lanewise.kernels.table.KernelMemory;
import dev.lanewise.kernels.table.KernelMemory.Placement;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** RMS normalization, forward and gradients, against the formulas in double precision. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.lanewise.kernels.Bundles#all")
class RmsNormalizationTest {
    private static final int[][] ROWS = {{1, 1}, {1, 2}, {3, 5}, {4, 16}, {5, 67}, {70, 33}};
    private static final float EPSILON = 1e-3f;

    private final RmsNormalization kernels;

    RmsNormalizationTest(Kernels bundle) {
        kernels = bundle.rmsNormalization();
    }

    private void forward(
            KernelArray x, KernelArray scale, int rows, int n, KernelArray invRms, KernelArray y) {
        kernels.rmsNormRows(
                x.segment(),
                x.offset(),
                scale.segment(),
                scale.offset(),
                rows,
                n,
                EPSILON,
                invRms.segment(),
                invRms.offset(),
                y.segment(),
                y.offset());
    }

    @Test
    void forwardAlsoInPlace() {
        for (int[] shape : ROWS) {
            int rows = shape[0];
            int n = shape[1];
            try (KernelMemory memory = new KernelMemory(Placement.EXACT, n)) {
                KernelArray x = memory.input((long) rows * n, -3, 5);
                KernelArray scale = memory.input(n);
                KernelArray invRms = memory.output(rows);
                KernelArray y = memory.output(x.count());
                forward(x, scale, rows, n, invRms, y);
                for (int r = 0; r < rows; r++) {
                    double squares = 0;
                    for (int c = 0; c < n; c++) {
                        squares += Math.pow(x.get((long) r * n + c), 2);
                    }
                    double inverse = 1 / Math.sqrt(squares / n + EPSILON);
                    assertThat((double) invRms.get(r)).isCloseTo(inverse, within(inverse * 2e-6));
                    for (int c = 0; c < n; c++) {
                        double expected = (double) x.get((long) r * n + c) * inverse * scale.get(c);
                        assertThat((double) y.get((long) r * n + c))
                                .isCloseTo(expected, within(1e-5));
                    }
                }
                float[] apart = values(y);
                forward(x, scale, rows, n, invRms, x);
                assertThat(values(x)).isEqualTo(apart);
                memory.checkCanaries("rmsNormRows");
            }
        }
    }

    private static float[] values(KernelArray array) {
        float[] values = new float[(int) array.count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i);
        }
        return values;
    }

    @Test
    void gradients() {
        for (int[] shape : ROWS) {
            int rows = shape[0];
            int n = shape[1];
            try (KernelMemory memory = new KernelMemory(Placement.EXACT, n)) {
                KernelArray x = memory.input((long) rows * n);
                KernelArray dy = memory.input(x.count());
                KernelArray scale = memory.input(n);
                KernelArray invRms = memory.input(rows, 1, 2);
                KernelArray dx = memory.output(x.count());
                KernelArray dScale = memory.output(n);
                kernels.rmsNormRowsInputGradient(
                        x.segment(),
                        x.offset(),
                        dy.segment(),
                        dy.offset(),
                        scale.segment(),
                        scale.offset(),
                        invRms.segment(),
                        invRms.offset(),
                        rows,
                        n,
                        dx.segment(),
                        dx.offset());
                kernels.rmsNormRowsScaleGradient(
                        x.segment(),
                        x.offset(),
                        dy.segment(),
                        dy.offset(),
                        invRms.segment(),
                        invRms.offset(),
                        rows,
                        n,
                        dScale.segment(),
                        dScale.offset());
                double[] sums = new double[n];
                for (int r = 0; r < rows; r++) {
                    double s = invRms.get(r);
                    double along = 0;
                    for (int c = 0; c < n; c++) {
                        int i = r * n + c;
                        sums[c] += dy.get(i) * x.get(i) * s;
                        along += dy.get(i) * scale.get(c) * x.get(i) * s / n;
                    }
                    for (int c = 0; c < n; c++) {
                        int i = r * n + c;
                        double hat = x.get(i) * s;
                        double expected = s * ((double) dy.get(i) * scale.get(c) - hat * along);
                        assertThat((double) dx.get(i)).isCloseTo(expected, within(1e-5));
                    }
                }
                for (int c = 0; c < n; c++) {
                    assertThat((double) dScale.get(c)).isCloseTo(sums[c], within(1e-4));
                }
                memory.checkCanaries("rms norm gradients");
            }
        }
    }

    @Test
    void scaleGradientOfNoRowsIsZero() {
        try (KernelMemory memory = new KernelMemory(Placement.EXACT, 1)) {
            KernelArray none = memory.input(0);
            KernelArray dScale = memory.output(19);
            kernels.rmsNormRowsScaleGradient(
                    none.segment(),
                    none.offset(),
                    none.segment(),
                    none.offset(),
                    none.segment(),
                    none.offset(),
                    0,
                    19,
                    dScale.segment(),
                    dScale.offset());
            assertThat(values(dScale)).containsOnly(0f);
        }
    }
}
