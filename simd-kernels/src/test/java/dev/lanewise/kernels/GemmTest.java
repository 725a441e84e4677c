package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.TreeSet;

/** The values of matrix products of hostile sizes, strides and factors. */
class GemmTest extends GemmProblems {
    @ParameterizedTest
    @MethodSource("backends")
    void everyTransposeAndStrideOfHostileSizes(Kernels kernels) {
        Gemm gemm = kernels.gemm();
        TreeSet<Integer> sizes = new TreeSet<>();
        sizes.add(0);
        sizes.add(1);
        sizes.add(2);
        sizes.add(3);
        sizes.add(9);
        addAround(sizes, gemm.tileRows());
        addAround(sizes, 4 * gemm.tileRows());
        addAround(sizes, gemm.tileColumns());
        addAround(sizes, gemm.tileColumns() / 2);
        int[] depths = {0, 1, 2, 4, 5, 17, gemm.depthBlock() + 1};
        for (int m : sizes) {
            for (int n : sizes) {
                int k = depths[random.nextInt(depths.length)];
                for (int variant = 0; variant < 4; variant++) {
                    boolean transposedA = (variant & 1) != 0;
                    boolean transposedB = (variant & 2) != 0;
                    int gap = random.nextInt(3);
                    int stretch = 1 + random.nextInt(4) / 3;
                    Problem problem =
                            new Problem(new Shape(m, n, k, transposedA, transposedB, gap, stretch));
                    problem.beta = random.nextInt(3) * 0.5f;
                    problem.randomizeC();
                    double[][] old = problem.valuesOfC();
                    problem.run(gemm);
                    problem.check(old);
                }
            }
        }
    }

    private static void addAround(TreeSet<Integer> sizes, int size) {
        sizes.add(Math.max(size - 1, 0));
        sizes.add(size);
        sizes.add(size + 1);
    }

    @ParameterizedTest
    @MethodSource("backends")
    void blocksOfEveryDimension(Kernels kernels) {
        Gemm gemm = kernels.gemm();
        int depth = gemm.depthBlock();
        for (boolean transposedA : new boolean[] {false, true}) {
            for (boolean transposedB : new boolean[] {false, true}) {
                for (int[] size :
                        new int[][] {
                            {31, 300, depth - 1},
                            {50, 257, depth},
                            {29, 259, depth + 1},
                            {33, 200, 2 * depth + 3},
                            {777, 131, 37},
                            {1, 300, depth + 5},
                            {300, 1, depth + 5}
                        }) {
                    Problem problem =
                            new Problem(
                                    new Shape(
                                            size[0],
                                            size[1],
                                            size[2],
                                            transposedA,
                                            transposedB,
                                            1,
                                            1));
                    problem.alpha = 0.7f;
                    problem.beta = -1.3f;
                    problem.randomizeC();
                    double[][] old = problem.valuesOfC();
                    problem.run(gemm);
                    problem.check(old);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void everyAlphaAndBeta(Kernels kernels) {
        for (float alpha : new float[] {0f, 1f, -1f, 0.7f}) {
            for (float beta : new float[] {0f, 1f, -1f, 1.3f}) {
                for (int m : new int[] {1, 7, 40}) {
                    Problem problem = new Problem(new Shape(m, 67, 33, false, false, 1, 1));
                    problem.alpha = alpha;
                    problem.beta = beta;
                    problem.randomizeC();
                    double[][] old = problem.valuesOfC();
                    problem.run(kernels.gemm());
                    problem.check(old);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void rowsMayBeRepeatedByAStrideOfZero(Kernels kernels) {
        for (boolean transposedA : new boolean[] {false, true}) {
            for (int m : new int[] {1, 7, 200}) {
                for (int n : new int[] {1, 17, 150}) {
                    Problem problem = new Problem(new Shape(m, n, 33, transposedA, true, 1, 0));
                    assertThat(problem.shape.bRowStride()).isZero();
                    problem.run(kernels.gemm());
                    problem.check(null);
                }
            }
        }
    }

    /** With so many columns rows of A are packed, a few steps at a time. */
    @ParameterizedTest
    @MethodSource("backends")
    void manyColumnsOfEveryDepth(Kernels kernels) {
        for (int k = 0; k <= 50; k++) {
            for (int m : new int[] {12, 17}) {
                Problem problem = new Problem(plain(m, 400, k));
                problem.run(kernels.gemm());
                problem.check(null);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void betaZeroNeverReadsC(Kernels kernels) {
        for (int m : new int[] {1, 5, 40}) {
            for (int n : new int[] {1, 17, 70}) {
                Problem problem = new Problem(plain(m, n, 19));
                problem.fillC(Float.NaN);
                problem.run(kernels.gemm());
                problem.check(null);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void emptyDepthScalesC(Kernels kernels) {
        for (int m : new int[] {1, 9}) {
            Problem problem = new Problem(plain(m, 21, 0));
            problem.alpha = Float.NaN; // of no influence: the product is empty
            problem.beta = 2f;
            problem.biasAxis = BiasAxis.COLUMNS;
            problem.randomizeC();
            double[][] old = problem.valuesOfC();
            problem.run(kernels.gemm());
            problem.alpha = 0f;
            problem.check(old);
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void notANumberAndInfinityPropagateToTheirRowAndColumn(Kernels kernels) {
        for (int m : new int[] {1, 7, 40}) {
            Problem problem = new Problem(plain(m, 70, 19));
            set(problem.a, 3, Float.NaN); // row 0, p = 3
            set(problem.b, 70 * 5 + 69, Float.POSITIVE_INFINITY); // column 69, p = 5
            problem.run(kernels.gemm());
            for (int i = 0; i < m; i++) {
                for (int j = 0; j < 70; j++) {
                    float value = get(problem.c, problem.index(i, j));
                    if (i == 0) {
                        assertThat(value).isNaN();
                    } else if (j == 69) {
                        assertThat(Math.abs(value)).isEqualTo(Float.POSITIVE_INFINITY);
                    } else {
                        assertThat(value).isFinite();
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void smallIntegersAreExact(Kernels kernels) {
        for (int[] size : new int[][] {{5, 7, 9}, {40, 130, 700}, {1, 130, 700}, {130, 1, 700}}) {
            Shape shape = new Shape(size[0], size[1], size[2], false, true, 0, 1);
            Problem problem = new Problem(shape);
            fillWithIntegers(problem.a, shape.extentA());
            fillWithIntegers(problem.b, shape.extentB());
            problem.run(kernels.gemm());
            for (int i = 0; i < shape.m(); i++) {
                for (int j = 0; j < shape.n(); j++) {
                    long sum = 0;
                    for (int p = 0; p < shape.k(); p++) {
                        sum +=
                                (long) get(problem.a, (long) i * shape.k() + p)
                                        * (long) get(problem.b, (long) j * shape.k() + p);
                    }
                    assertThat(get(problem.c, problem.index(i, j))).isEqualTo((float) sum);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void biasLiesAlongEitherAxis(Kernels kernels) {
        for (BiasAxis axis : BiasAxis.values()) {
            for (int m : new int[] {1, 6, 31}) {
                for (int n : new int[] {1, 16, 70}) {
                    for (boolean transposedB : new boolean[] {false, true}) {
                        Problem problem =
                                new Problem(new Shape(m, n, 600, false, transposedB, 0, 1));
                        problem.biasAxis = axis;
                        problem.beta = 0.5f;
                        problem.randomizeC();
                        double[][] old = problem.valuesOfC();
                        problem.run(kernels.gemm());
                        problem.check(old);
                    }
                }
            }
        }
    }
}
