package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.lang.foreign.MemorySegment;

/** The bits of matrix products: however they are cut, packed and finished. */
class GemmBitsTest extends GemmProblems {
    @ParameterizedTest
    @MethodSource("backends")
    void splittingNeverChangesBits(Kernels kernels) {
        Gemm gemm = kernels.gemm();
        for (boolean transposedA : new boolean[] {false, true}) {
            for (boolean transposedB : new boolean[] {false, true}) {
                Shape shape = new Shape(61, 330, 1100, transposedA, transposedB, 1, 1);
                Problem problem = new Problem(shape);
                problem.alpha = 0.9f;
                problem.biasAxis = BiasAxis.ROWS;
                problem.run(gemm);
                int[] whole = problem.bits();
                for (int[] cut : new int[][] {{2, 100}, {13, 128}, {30, 32}, {59, 328}}) {
                    problem.fillC(Float.NaN);
                    problem.run(gemm, 0, cut[0], 0, cut[1]);
                    problem.run(gemm, 0, cut[0], cut[1], shape.n());
                    problem.run(gemm, cut[0], shape.m(), 0, cut[1]);
                    problem.run(gemm, cut[0], shape.m(), cut[1], shape.n());
                    assertThat(problem.bits()).isEqualTo(whole);
                }
                problem.fillC(Float.NaN);
                problem.runPacked(gemm, problem.pack(gemm), 0, shape.n());
                assertThat(problem.bits()).isEqualTo(whole);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void bitsAreThoseOfTheSpecification(Kernels kernels) {
        for (int m : new int[] {2, 6, 40}) {
            for (int n : new int[] {2, 33, 130}) {
                Shape shape = new Shape(m, n, 1030, false, false, 0, 1);
                Problem problem = new Problem(shape);
                problem.alpha = 1.1f;
                problem.beta = 0.3f;
                problem.biasAxis = BiasAxis.COLUMNS;
                problem.fillC(0.25f);
                problem.run(kernels.gemm());
                for (int i = 0; i < m; i++) {
                    for (int j = 0; j < n; j++) {
                        assertThat(get(problem.c, problem.index(i, j)))
                                .isEqualTo(specified(problem, kernels.gemm().depthBlock(), i, j));
                    }
                }
            }
        }
    }

    /** Element (i, j) as the contract says it is summed, from C = 0.25. */
    private static float specified(Problem problem, int depthBlock, int i, int j) {
        Shape shape = problem.shape;
        float t = problem.beta * 0.25f;
        for (int p0 = 0; p0 < shape.k(); p0 += depthBlock) {
            float s = 0f;
            for (int p = p0; p < Math.min(p0 + depthBlock, shape.k()); p++) {
                float x = get(problem.a, i * shape.aRowStride() + p);
                s = Math.fma(x, get(problem.b, p * shape.bRowStride() + j), s);
            }
            t = Math.fma(problem.alpha, s, t);
        }
        return t + get(problem.bias, j);
    }

    @ParameterizedTest
    @MethodSource("backends")
    void packedColumnsInAnyRange(Kernels kernels) {
        Gemm gemm = kernels.gemm();
        int tile = gemm.tileColumns();
        for (boolean transposedB : new boolean[] {false, true}) {
            for (int m : new int[] {1, 5, 31}) {
                Shape shape = new Shape(m, 3 * tile + 5, 1030, false, transposedB, 2, 1);
                Problem problem = new Problem(shape);
                problem.biasAxis = BiasAxis.COLUMNS;
                problem.beta = 1f;
                problem.fillC(0.5f);
                double[][] old = problem.valuesOfC();
                MemorySegment packed = problem.pack(gemm);
                problem.runPacked(gemm, packed, 0, tile);
                problem.runPacked(gemm, packed, tile, 2 * tile + 1);
                // The rest of a panel cut in the middle is reached by a range from its start.
                for (int i = 0; i < m; i++) {
                    set(problem.c, problem.index(i, 2 * tile), 0.5f);
                }
                problem.runPacked(gemm, packed, 2 * tile, shape.n());
                problem.check(old);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(FusedActivation.class)
    void activationGivesTheBitsOfTheActivationKernel(FusedActivation activation) {
        backends()
                .forEach(
                        kernels -> {
                            for (int m : new int[] {1, 8, 29}) {
                                for (int n : new int[] {1, 40, 70}) {
                                    Shape shape = new Shape(m, n, 1025, false, true, 0, 1);
                                    Problem problem = new Problem(shape);
                                    problem.biasAxis = BiasAxis.COLUMNS;
                                    problem.run(kernels.gemm());
                                    activation.apply(kernels, problem.c, GUARD, (long) m * n);
                                    int[] expected = problem.bits();
                                    problem.fillC(Float.NaN);
                                    problem.activation = activation;
                                    problem.run(kernels.gemm());
                                    assertThat(problem.bits()).isEqualTo(expected);
                                    problem.checkCanaries();
                                }
                            }
                        });
    }
}
