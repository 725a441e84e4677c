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
