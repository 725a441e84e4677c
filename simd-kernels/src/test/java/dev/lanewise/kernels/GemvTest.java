package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.lang.foreign.MemorySegment;

/** Matrix-vector products. */
class GemvTest extends GemmProblems {
    @ParameterizedTest
    @MethodSource("backends")
    void matrixVectorProducts(Kernels kernels) {
        for (int m : new int[] {0, 1, 3, 4, 5, 9, 33}) {
            for (int n : new int[] {0, 1, 3, 15, 16, 17, 31, 32, 33, 100, 1027}) {
                for (float beta : new float[] {0f, 1f, -0.5f}) {
                    checkGemv(kernels.gemm(), m, n, false, beta);
                    checkGemv(kernels.gemm(), m, n, true, beta);
                }
            }
        }
    }

    /** Products of a matrix in either order with a column, or of a row with one. */
    @ParameterizedTest
    @MethodSource("backends")
    void productsWithOneColumnOrRow(Kernels kernels) {
        int[] sizes = {0, 1, 15, 16, 17, 100};
        for (int size : sizes) {
            for (int k : sizes) {
                for (int variant = 0; variant < 16; variant++) {
                    boolean transposed = (variant & 1) != 0;
                    int gap = (variant & 2) != 0 ? 3 : 0;
                    int stretch = (variant & 4) != 0 ? 2 : 1;
                    boolean column = (variant & 8) != 0;
                    Shape shape =
                            column
                                    ? new Shape(size, 1, k, transposed, true, gap, stretch)
                                    : new Shape(1, size, k, false, transposed, gap, stretch);
                    checkFactorsAndBias(kernels, shape);
                }
            }
        }
    }

    private void checkFactorsAndBias(Kernels kernels, Shape shape) {
        for (BiasAxis axis : BiasAxis.values()) {
            for (float beta : new float[] {0f, 1f, -0.5f}) {
                Problem problem = new Problem(shape);
                problem.alpha = 0.6f;
                problem.beta = beta;
                problem.biasAxis = axis;
                problem.randomizeC();
                double[][] old = problem.valuesOfC();
                if (beta == 0f) {
                    problem.fillC(Float.NaN); // not read
                }
                problem.run(kernels.gemm());
                problem.check(old);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void rowsOfATransposedMatrixInAnySplit(Kernels kernels) {
        Problem problem = new Problem(new Shape(150, 1, 1030, true, true, 0, 1));
        problem.activation = FusedActivation.TANH;
        problem.biasAxis = BiasAxis.ROWS;
        problem.run(kernels.gemm());
        int[] whole = problem.bits();
        for (int cut : new int[] {1, 17, 64, 149}) {
            problem.fillC(Float.NaN);
            problem.run(kernels.gemm(), 0, cut, 0, 1);
            problem.run(kernels.gemm(), cut, 150, 0, 1);
            assertThat(problem.bits()).isEqualTo(whole);
        }
        problem.activation = FusedActivation.NONE;
        problem.run(kernels.gemm());
        FusedActivation.TANH.apply(kernels, problem.c, GUARD, 150);
        assertThat(problem.bits()).isEqualTo(whole);
    }

    @ParameterizedTest
    @MethodSource("backends")
    void notANumberInATransposedMatrixStaysInItsRow(Kernels kernels) {
        Problem problem = new Problem(new Shape(100, 1, 19, true, true, 0, 1));
        set(problem.a, 5 * 100 + 40, Float.NaN); // row 40, p = 5
        set(problem.a, 6 * 100 + 99, Float.POSITIVE_INFINITY); // row 99, p = 6
        problem.run(kernels.gemm());
        for (int i = 0; i < 100; i++) {
            float value = get(problem.c, problem.index(i, 0));
            assertThat(Float.isNaN(value)).isEqualTo(i == 40);
            assertThat(Float.isInfinite(value)).isEqualTo(i == 99);
        }
    }

    private void checkGemv(Gemm gemm, int m, int n, boolean transposed, float beta) {
        int rowStride = n + 3;
        MemorySegment a = randoms(m == 0 ? 0 : (long) (m - 1) * rowStride + n);
        MemorySegment x = randoms(transposed ? m : n);
        int size = transposed ? n : m;
        MemorySegment y = allocate(size + 2);
        float start = beta == 0f ? Float.NaN : 0.75f;
        for (int i = 0; i < size + 2; i++) {
            set(y, i, i == 0 || i == size + 1 ? CANARY : start);
        }
        float alpha = 0.6f;
        if (transposed) {
            gemm.gemvTransposed(a, 0, rowStride, x, 0, m, n, alpha, beta, y, 1);
        } else {
            gemm.gemv(a, 0, rowStride, x, 0, m, n, alpha, beta, y, 1);
        }
        for (int i = 0; i < size; i++) {
            double sum = 0;
            double magnitude = 0;
            for (int p = 0; p < (transposed ? m : n); p++) {
                int at = transposed ? p * rowStride + i : i * rowStride + p;
                double term = (double) get(a, at) * get(x, p);
                sum += term;
                magnitude += Math.abs(term);
            }
            double old = beta == 0f ? 0 : beta * 0.75;
            double bound = RATIO * 0x1p-24 * (0.6 * magnitude + Math.abs(old));
            assertThat((double) get(y, i + 1))
                    .as("y[%d], m %d, n %d, transposed %s", i, m, n, transposed)
                    .isCloseTo(alpha * sum + old, within(bound));
        }
        assertThat(Float.floatToRawIntBits(get(y, 0))).isEqualTo(0x7fc0dead);
        assertThat(Float.floatToRawIntBits(get(y, size + 1))).isEqualTo(0x7fc0dead);
    }
}
