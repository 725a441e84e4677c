package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;

/** Softmax and its gradients against double precision. */
class SoftmaxTest {
    private static final int ROWS = 5;

    @ParameterizedTest
    @ValueSource(
            ints = {1, 2, 10, 15, 16, 17, 31, 32, 33, 63, 64, 65, 79, 80, 81, 97, 100, 1000, 4098})
    void followsTheFormula(int columns) {
        float[] x = random(ROWS * columns, 12, columns);
        double[] softmax = new double[x.length];
        double[] logSoftmax = new double[x.length];
        reference(x, columns, softmax, logSoftmax);
        for (Kernels kernels : List.of(Kernels.scalar(), Kernels.active())) {
            try (Arena arena = Arena.ofShared()) {
                MemorySegment in = arena.allocateFrom(JAVA_FLOAT, x);
                MemorySegment out = arena.allocate(4L * x.length);
                kernels.softmax().softmaxRows(in, 0, ROWS, columns, out, 0);
                for (int i = 0; i < x.length; i++) {
                    assertThat((double) out.getAtIndex(JAVA_FLOAT, i))
                            .as("%s %d", kernels.backend(), i)
                            .isCloseTo(softmax[i], offset(softmax[i] * (columns * 6e-8 + 1e-6)));
                }
                kernels.softmax().softmaxRows(in, 0, ROWS, columns, in, 0);
                assertThat(in.mismatch(out)).as("in place").isEqualTo(-1);

                MemorySegment.copy(x, 0, in, JAVA_FLOAT, 0, x.length);
                kernels.softmax().logSoftmaxRows(in, 0, ROWS, columns, out, 0);
                for (int i = 0; i < x.length; i++) {
                    assertThat((double) out.getAtIndex(JAVA_FLOAT, i))
                            .as("log, %s %d", kernels.backend(), i)
                            .isCloseTo(logSoftmax[i], offset(columns * 6e-8 + 3e-6));
                }
                kernels.softmax().logSoftmaxRows(in, 0, ROWS, columns, in, 0);
                assertThat(in.mismatch(out)).as("log in place").isEqualTo(-1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 10, 16, 17, 40, 64, 81, 1000})
    void gradientsAreVectorJacobianProducts(int columns) {
        float[] x = random(ROWS * columns, 3, columns);
        float[] dy = random(ROWS * columns, 1, columns + 1);
        double[] y = new double[x.length];
        double[] logY = new double[x.length];
        reference(x, columns, y, logY);
        for (Kernels kernels : List.of(Kernels.scalar(), Kernels.active())) {
            try (Arena arena = Arena.ofShared()) {
                MemorySegment gradient = arena.allocateFrom(JAVA_FLOAT, dy);
                MemorySegment output = arena.allocateFrom(JAVA_FLOAT, floats(y));
                MemorySegment dx = arena.allocate(4L * x.length);
                kernels.softmax().softmaxRowsGradient(output, 0, gradient, 0, ROWS, columns, dx, 0);
                check(dx, columns, y, dy, y, true);

                output = arena.allocateFrom(JAVA_FLOAT, floats(logY));
                kernels.softmax()
                        .logSoftmaxRowsGradient(output, 0, gradient, 0, ROWS, columns, dx, 0);
                check(dx, columns, y, dy, y, false);
                kernels.softmax()
                        .logSoftmaxRowsGradient(output, 0, gradient, 0, ROWS, columns, gradient, 0);
                assertThat(gradient.mismatch(dx)).as("in place").isEqualTo(-1);
            }
        }
    }

    /** dx_i = Σ_j dy_j ∂out_j/∂x_i with ∂softmax_j/∂x_i = y_j(δ − y_i), ∂log_j/∂x_i = δ − y_i. */
    private static void check(
            MemorySegment dx,
            int columns,
            double[] y,
            float[] dy,
            double[] weight,
            boolean linear) {
        for (int i = 0; i < y.length; i++) {
            int row = i / columns * columns;
            double expected = 0;
            for (int j = row; j < row + columns; j++) {
                double jacobian = (i == j ? 1 : 0) - y[i];
                expected += dy[j] * (linear ? weight[j] : 1) * jacobian;
            }
            assertThat((double) dx.getAtIndex(JAVA_FLOAT, i))
                    .as("%d of %d columns", i, columns)
                    .isCloseTo(expected, offset(2e-6 * Math.sqrt(columns)));
        }
    }

    @Test
    void survivesExtremes() {
        float infinity = Float.POSITIVE_INFINITY;
        float nan = Float.NaN;
        float[][] rows = {
            {1000, 1000, 0, -1000},
            {-3e38f, 3e38f, 0, 0},
            {-infinity, 0, 0, -infinity},
            {-infinity, -infinity, -infinity, -infinity},
            {infinity, 0, 0, 0},
            {nan, 0, 0, 0},
        };
        float[][] expected = {
            {0.5f, 0.5f, 0, 0}, {0, 1, 0, 0}, {0, 0.5f, 0.5f, 0}, {nan, nan, nan, nan}, null, null
        };
        for (Kernels kernels : List.of(Kernels.scalar(), Kernels.active())) {
            for (int repeats : new int[] {1, 12, 33}) { // one register, whole ones, a rest
                for (int row = 0; row < rows.length; row++) {
                    float[] result = softmax(kernels, rows[row], repeats);
                    for (int i = 0; i < 4; i++) {
                        float value = expected[row] == null ? nan : expected[row][i] / repeats;
                        assertThat(result[i]).as("row %d", row).isEqualTo(value, within(row, i));
                    }
                }
            }
        }
    }

    /** A row has the bits that it has alone, whatever its neighbours, in place and apart. */
    @Test
    void neighbouringRowsDoNotMix() {
        float infinity = Float.POSITIVE_INFINITY;
        float nan = Float.NaN;
        float[][] rows = {
            {1, 2, 3, 4},
            {infinity, 0, 0, 0},
            {1000, 1000, 0, -1000},
            {nan, 0, 0, 0},
            {4, 3, 2, 1},
            {-infinity, -infinity, -infinity, -infinity},
            {-infinity, 0, 0, -infinity},
            {0, -1, 0.5f, 0.25f},
            {0, 0, 0, nan},
        };
        for (Kernels kernels : List.of(Kernels.scalar(), Kernels.active())) {
            for (int repeats : new int[] {1, 12, 33}) {
                int columns = 4 * repeats;
                try (Arena arena = Arena.ofShared()) {
                    MemorySegment in = arena.allocate(4L * columns * rows.length);
                    MemorySegment out = arena.allocate(in.byteSize());
                    for (int i = 0; i < rows.length * columns; i++) {
                        in.setAtIndex(JAVA_FLOAT, i, rows[i / columns][i % 4]);
                    }
                    kernels.softmax().softmaxRows(in, 0, rows.length, columns, out, 0);
                    for (int row = 0; row < rows.length; row++) {
                        assertThat(
                                        out.asSlice(4L * row * columns, 4L * columns)
                                                .toArray(JAVA_FLOAT))
                                .as("row %d of %d columns", row, columns)
                                .containsExactly(softmax(kernels, rows[row], repeats));
                    }
                    kernels.softmax().softmaxRows(in, 0, rows.length, columns, in, 0);
                    assertThat(in.mismatch(out)).as("in place").isEqualTo(-1);
                }
            }
        }
    }

    /** Beside +∞ the finite elements may be 0 or NaN; the infinite one is NaN as in PyTorch. */
    private static org.assertj.core.data.Offset<Float> within(int row, int i) {
        return offset(row == 4 && i > 0 ? Float.MAX_VALUE : 1e-6f);
    }

    /** Softmax of a row repeated so often. */
    private static float[] softmax(Kernels kernels, float[] row, int repeats) {
        float[] x = new float[row.length * repeats];
        for (int i = 0; i < x.length; i++) {
            x[i] = row[i % row.length];
        }
        try (Arena arena = Arena.ofShared()) {
            MemorySegment in = arena.allocateFrom(JAVA_FLOAT, x);
            MemorySegment out = arena.allocate(4L * x.length);
            kernels.softmax().softmaxRows(in, 0, 1, x.length, out, 0);
            return out.toArray(JAVA_FLOAT);
        }
    }

    private static void reference(float[] x, int columns, double[] softmax, double[] logSoftmax) {
        for (int row = 0; row < x.length; row += columns) {
            double max = Double.NEGATIVE_INFINITY;
            for (int j = row; j < row + columns; j++) {
                max = Math.max(max, x[j]);
            }
            double sum = 0;
            for (int j = row; j < row + columns; j++) {
                sum += StrictMath.exp(x[j] - max);
            }
            for (int j = row; j < row + columns; j++) {
                softmax[j] = StrictMath.exp(x[j] - max) / sum;
                logSoftmax[j] = x[j] - max - StrictMath.log(sum);
            }
        }
    }

    private static float[] random(int n, double range, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) (range * (2 * random.nextDouble() - 1));
        }
        return values;
    }

    private static float[] floats(double[] values) {
        float[] result = new float[values.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = (float) values[i];
        }
        return result;
    }
}
