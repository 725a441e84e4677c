package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.kernels.table.KernelArray;
import dev.lanewise.kernels.table.KernelMemory;
import dev.lanewise.kernels.table.KernelMemory.Placement;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;

/**
 * Batch and layer normalization, forward and gradients, against the formulas in double precision.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.lanewise.kernels.Bundles#all")
class NormalizationTest {
    private static final int[][] PLANES = {
        {1, 1, 1}, {4, 3, 1}, {2, 3, 7}, {3, 2, 49}, {2, 5, 257}
    };
    private static final int[][] ROWS = {
        {1, 2}, {3, 5}, {4, 16}, {5, 67}, {70, 33}, {1, 40}, {2, 64}, {3, 99}
    };
    private static final float EPSILON = 1e-5f;

    private final Normalization kernels;

    NormalizationTest(Kernels bundle) {
        kernels = bundle.normalization();
    }

    @Test
    void channelStatisticsAndAffine() {
        for (int[] shape : PLANES) {
            int batch = shape[0];
            int channels = shape[1];
            int spatial = shape[2];
            try (KernelMemory memory = new KernelMemory(Placement.EXACT, spatial)) {
                KernelArray x = memory.input((long) batch * channels * spatial, 99, 101);
                KernelArray mean = memory.output(channels);
                KernelArray variance = memory.output(channels);
                KernelArray scale = memory.input(channels);
                KernelArray shift = memory.input(channels);
                KernelArray out = memory.output(x.count());
                kernels.channelStatistics(
                        x.segment(),
                        x.offset(),
                        batch,
                        channels,
                        spatial,
                        mean.segment(),
                        mean.offset(),
                        variance.segment(),
                        variance.offset());
                kernels.channelAffine(
                        x.segment(),
                        x.offset(),
                        scale.segment(),
                        scale.offset(),
                        shift.segment(),
                        shift.offset(),
                        batch,
                        channels,
                        spatial,
                        out.segment(),
                        out.offset());
                for (int c = 0; c < channels; c++) {
                    double[] values = channel(x, c, batch, channels, spatial);
                    assertThat((double) mean.get(c)).isCloseTo(mean(values), within(5e-5));
                    assertThat((double) variance.get(c)).isCloseTo(variance(values), within(1e-5));
                }
                for (int i = 0; i < x.count(); i++) {
                    int c = i / spatial % channels;
                    double expected = (double) x.get(i) * scale.get(c) + shift.get(c);
                    assertThat((double) out.get(i)).isCloseTo(expected, within(1e-5));
                }
                memory.checkCanaries("channel kernels");
            }
        }
    }

    @Test
    void channelGradients() {
        for (int[] shape : PLANES) {
            int batch = shape[0];
            int channels = shape[1];
            int spatial = shape[2];
            try (KernelMemory memory = new KernelMemory(Placement.EXACT, spatial)) {
                KernelArray x = memory.input((long) batch * channels * spatial);
                KernelArray dy = memory.input(x.count());
                KernelArray mean = memory.input(channels, -0.2, 0.2);
                KernelArray invStd = memory.input(channels, 1, 2);
                KernelArray scale = memory.input(channels, 0.5, 1.5);
                KernelArray sumDy = memory.output(channels);
                KernelArray sumDyX = memory.output(channels);
                KernelArray dx = memory.output(x.count());
                kernels.channelGradientSums(
                        x.segment(),
                        x.offset(),
                        dy.segment(),
                        dy.offset(),
                        mean.segment(),
                        mean.offset(),
                        invStd.segment(),
                        invStd.offset(),
                        batch,
                        channels,
                        spatial,
                        sumDy.segment(),
                        sumDy.offset(),
                        sumDyX.segment(),
                        sumDyX.offset());
                kernels.channelInputGradient(
                        x.segment(),
                        x.offset(),
                        dy.segment(),
                        dy.offset(),
                        mean.segment(),
                        mean.offset(),
                        invStd.segment(),
                        invStd.offset(),
                        scale.segment(),
                        scale.offset(),
                        sumDy.segment(),
                        sumDy.offset(),
                        sumDyX.segment(),
                        sumDyX.offset(),
                        batch,
                        channels,
                        spatial,
                        dx.segment(),
                        dx.offset());
                double[] plain = new double[channels];
                double[] weighted = new double[channels];
                for (int i = 0; i < x.count(); i++) {
                    int c = i / spatial % channels;
                    plain[c] += dy.get(i);
                    weighted[c] += dy.get(i) * normalized(x.get(i), mean.get(c), invStd.get(c));
                }
                double count = (double) batch * spatial;
                for (int i = 0; i < x.count(); i++) {
                    int c = i / spatial % channels;
                    assertThat((double) sumDy.get(c)).isCloseTo(plain[c], within(1e-4));
                    assertThat((double) sumDyX.get(c)).isCloseTo(weighted[c], within(1e-4));
                    double hat = normalized(x.get(i), mean.get(c), invStd.get(c));
                    double rest = dy.get(i) - plain[c] / count - hat * weighted[c] / count;
                    double expected = (double) scale.get(c) * invStd.get(c) * rest;
                    assertThat((double) dx.get(i)).isCloseTo(expected, within(1e-5));
                }
                memory.checkCanaries("channel gradients");
            }
        }
    }

    @Test
    void layerNorm() {
        for (int[] shape : ROWS) {
            int rows = shape[0];
            int columns = shape[1];
            try (KernelMemory memory = new KernelMemory(Placement.EXACT, columns)) {
                KernelArray x = memory.input((long) rows * columns, 3, 5);
                KernelArray scale = memory.input(columns);
                KernelArray shift = memory.input(columns);
                KernelArray mean = memory.output(rows);
                KernelArray invStd = memory.output(rows);
                KernelArray out = memory.output(x.count());
                kernels.layerNormRows(
                        x.segment(),
                        x.offset(),
                        scale.segment(),
                        scale.offset(),
                        shift.segment(),
                        shift.offset(),
                        rows,
                        columns,
                        EPSILON,
                        mean.segment(),
                        mean.offset(),
                        invStd.segment(),
                        invStd.offset(),
                        out.segment(),
                        out.offset());
                for (int r = 0; r < rows; r++) {
                    double[] row = row(x, r, columns);
                    double inverse = 1 / Math.sqrt(variance(row) + EPSILON);
                    assertThat((double) mean.get(r)).isCloseTo(mean(row), within(2e-6));
                    assertThat(invStd.get(r) / inverse).isCloseTo(1, within(1e-4));
                    for (int c = 0; c < columns; c++) {
                        double hat = (row[c] - mean(row)) * inverse;
                        assertThat((double) out.get((long) r * columns + c))
                                .isCloseTo(hat * scale.get(c) + shift.get(c), within(1e-4));
                    }
                }
                memory.checkCanaries("layerNormRows");
            }
        }
    }

    @Test
    void layerNormInPlace() {
        for (int[] shape : ROWS) {
            int rows = shape[0];
            int columns = shape[1];
            try (KernelMemory memory = new KernelMemory(Placement.EXACT, 7)) {
                KernelArray x = memory.input((long) rows * columns);
                KernelArray scale = memory.input(columns);
                KernelArray statistics = memory.output(2L * rows);
                KernelArray out = memory.output(x.count());
                for (KernelArray target : List.of(out, x)) {
                    kernels.layerNormRows(
                            x.segment(),
                            x.offset(),
                            scale.segment(),
                            scale.offset(),
                            scale.segment(),
                            scale.offset(),
                            rows,
                            columns,
                            EPSILON,
                            statistics.segment(),
                            statistics.offset(),
                            statistics.segment(),
                            statistics.offset() + rows,
                            target.segment(),
                            target.offset());
                }
                for (long i = 0; i < x.count(); i++) {
                    assertThat(x.get(i)).isCloseTo(out.get(i), within(1e-5f));
                }
            }
        }
    }

    /** A row far from its first elements, one without variance, and whatever rows surround it. */
    @Test
    void layerNormOfAnOddRow() {
        int columns = 200;
        for (int rows = 1; rows <= 5; rows++) {
            try (KernelMemory memory = new KernelMemory(Placement.EXACT, rows)) {
                KernelArray x = memory.input((long) rows * columns);
                for (int c = 0; c < columns; c++) {
                    x.set(c, c < 16 ? 1e4f : x.get(c));
                    x.set((rows - 1L) * columns + c, rows == 1 ? x.get(c) : 3.3f);
                }
                KernelArray ones = memory.input(columns, 1, 1);
                KernelArray mean = memory.output(rows);
                KernelArray invStd = memory.output(rows);
                KernelArray out = memory.output(x.count());
                KernelArray alone = memory.output(columns);
                KernelArray statistics = memory.output(2);
                for (int r = rows; r >= 0; r--) {
                    boolean all = r == rows;
                    kernels.layerNormRows(
                            x.segment(),
                            x.offset() + (all ? 0 : (long) r * columns),
                            ones.segment(),
                            ones.offset(),
                            ones.segment(),
                            ones.offset(),
                            all ? rows : 1,
                            columns,
                            EPSILON,
                            all ? mean.segment() : statistics.segment(),
                            all ? mean.offset() : statistics.offset(),
                            all ? invStd.segment() : statistics.segment(),
                            all ? invStd.offset() : statistics.offset() + 1,
                            all ? out.segment() : alone.segment(),
                            all ? out.offset() : alone.offset());
                    for (int c = 0; c < columns && !all; c++) {
                        assertThat(out.get((long) r * columns + c)).isEqualTo(alone.get(c));
                    }
                }
                assertThat(statistics.get(0)).isEqualTo(mean.get(0));
                assertThat(statistics.get(1)).isEqualTo(invStd.get(0));
                double[] first = row(x, 0, columns);
                assertThat(mean.get(0) / mean(first)).isCloseTo(1, within(5e-6));
                assertThat(invStd.get(0) * Math.sqrt(variance(first) + EPSILON))
                        .isCloseTo(1, within(1e-5));
                if (rows > 1) {
                    assertThat((double) mean.get(rows - 1L)).isCloseTo(3.3f, within(1e-5));
                    assertThat(invStd.get(rows - 1L) * Math.sqrt(EPSILON))
                            .isCloseTo(1, within(1e-4));
                }
            }
        }
    }

    @Test
    void layerNormGradients() {
        for (int[] shape : ROWS) {
            int rows = shape[0];
            int columns = shape[1];
            try (KernelMemory memory = new KernelMemory(Placement.EXACT, columns)) {
                KernelArray x = memory.input((long) rows * columns);
                KernelArray dy = memory.input(x.count());
                KernelArray scale = memory.input(columns);
                KernelArray mean = memory.input(rows, -0.2, 0.2);
                KernelArray invStd = memory.input(rows, 1, 2);
                KernelArray dx = memory.output(x.count());
                KernelArray dScale = memory.output(columns);
                KernelArray dShift = memory.output(columns);
                kernels.layerNormRowsInputGradient(
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
                        rows,
                        columns,
                        dx.segment(),
                        dx.offset());
                kernels.layerNormRowsParameterGradients(
                        x.segment(),
                        x.offset(),
                        dy.segment(),
                        dy.offset(),
                        mean.segment(),
                        mean.offset(),
                        invStd.segment(),
                        invStd.offset(),
                        rows,
                        columns,
                        dScale.segment(),
                        dScale.offset(),
                        dShift.segment(),
                        dShift.offset());
                double[] scaleSums = new double[columns];
                double[] shiftSums = new double[columns];
                for (int r = 0; r < rows; r++) {
                    double[] g = new double[columns];
                    double[] product = new double[columns];
                    for (int c = 0; c < columns; c++) {
                        int i = r * columns + c;
                        double hat = normalized(x.get(i), mean.get(r), invStd.get(r));
                        g[c] = (double) dy.get(i) * scale.get(c);
                        product[c] = g[c] * hat;
                        scaleSums[c] += dy.get(i) * hat;
                        shiftSums[c] += dy.get(i);
                    }
                    for (int c = 0; c < columns; c++) {
                        int i = r * columns + c;
                        double hat = normalized(x.get(i), mean.get(r), invStd.get(r));
                        double expected = invStd.get(r) * (g[c] - mean(g) - hat * mean(product));
                        assertThat((double) dx.get(i)).isCloseTo(expected, within(1e-5));
                    }
                }
                for (int c = 0; c < columns; c++) {
                    assertThat((double) dScale.get(c)).isCloseTo(scaleSums[c], within(1e-4));
                    assertThat((double) dShift.get(c)).isCloseTo(shiftSums[c], within(1e-4));
                }
                memory.checkCanaries("layer norm gradients");
            }
        }
    }

    private static double normalized(double x, double mean, double invStd) {
        return (x - mean) * invStd;
    }

    private static double[] row(KernelArray x, int r, int columns) {
        double[] values = new double[columns];
        for (int c = 0; c < columns; c++) {
            values[c] = x.get((long) r * columns + c);
        }
        return values;
    }

    private static double[] channel(KernelArray x, int c, int batch, int channels, int spatial) {
        double[] values = new double[batch * spatial];
        for (int i = 0; i < values.length; i++) {
            values[i] = x.get((long) (i / spatial * channels + c) * spatial + i % spatial);
        }
        return values;
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    private static double variance(double[] values) {
        double center = mean(values);
        double sum = 0;
        for (double value : values) {
            sum += (value - center) * (value - center);
        }
        return sum / values.length;
    }
}
