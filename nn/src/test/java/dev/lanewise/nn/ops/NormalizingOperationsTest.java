package dev.lanewise.nn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.Shape;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.testing.TensorTest;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Arrays;

/** Pooling, normalization, softmax, dropout and loss operations against loops in double. */
class NormalizingOperationsTest extends TensorTest {

    /** kernel, stride, padding. */
    @ParameterizedTest
    @CsvSource({"2,2,0", "3,1,1", "3,2,1", "2,3,0"})
    void pooling(int kernel, int stride, int padding) {
        PoolingGeometry geometry =
                new PoolingGeometry(kernel, kernel, stride, stride, Padding.of(padding));
        for (boolean withIndices : new boolean[] {true, false}) {
            OperationCheck.of(
                            new MaxPooling2d(geometry, withIndices),
                            in -> pool(in[0], kernel, stride, padding, true, false))
                    .input(Shape.of(2, 2, 6, 5), -4, 4)
                    .run();
        }
        for (boolean countPadding : new boolean[] {true, false}) {
            OperationCheck.of(
                            new AveragePooling2d(geometry, countPadding),
                            in -> pool(in[0], kernel, stride, padding, false, countPadding))
                    .input(Shape.of(2, 2, 6, 5), -1, 1)
                    .run();
        }
    }

    /** Over 4 planes of 6 x 5. */
    private static double[] pool(
            double[] x, int kernel, int stride, int padding, boolean max, boolean countPadding) {
        int outHeight = (6 + 2 * padding - kernel) / stride + 1;
        int outWidth = (5 + 2 * padding - kernel) / stride + 1;
        double[] y = new double[4 * outHeight * outWidth];
        for (int o = 0; o < y.length; o++) {
            int plane = o / (outHeight * outWidth);
            int oy = o / outWidth % outHeight;
            int ox = o % outWidth;
            double best = Double.NEGATIVE_INFINITY;
            double sum = 0;
            int inside = 0;
            for (int i = 0; i < kernel; i++) {
                for (int j = 0; j < kernel; j++) {
                    int iy = oy * stride - padding + i;
                    int ix = ox * stride - padding + j;
                    if (iy >= 0 && iy < 6 && ix >= 0 && ix < 5) {
                        double v = x[plane * 30 + iy * 5 + ix];
                        best = Math.max(best, v);
                        sum += v;
                        inside++;
                    }
                }
            }
            y[o] = max ? best : sum / (countPadding ? kernel * kernel : inside);
        }
        return y;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void softmaxAlongEveryAxis(int axis) {
        OperationCheck.of(new Softmax(axis), in -> softmax(in[0], axis, false))
                .input(Shape.of(3, 4, 5), -2, 2)
                .run();
        OperationCheck.of(new LogSoftmax(axis), in -> softmax(in[0], axis, true))
                .input(Shape.of(3, 4, 5), -2, 2)
                .run();
    }

    /** Over [3, 4, 5]. */
    private static double[] softmax(double[] x, int axis, boolean log) {
        int[] sizes = {3, 4, 5};
        int stride = new int[] {20, 5, 1}[axis];
        double[] y = new double[60];
        for (int i = 0; i < 60; i++) {
            int first = i - i / stride % sizes[axis] * stride;
            double sum = 0;
            for (int j = 0; j < sizes[axis]; j++) {
                sum += Math.exp(x[first + j * stride]);
            }
            y[i] = log ? x[i] - Math.log(sum) : Math.exp(x[i]) / sum;
        }
        return y;
    }

    @Test
    void channelAffine() {
        OperationCheck.of(
                        new ChannelAffine(),
                        in -> {
                            double[] y = new double[24];
                            for (int i = 0; i < 24; i++) {
                                y[i] = in[0][i] * in[1][i / 4 % 3] + in[2][i / 4 % 3];
                            }
                            return y;
                        })
                .input(Shape.of(2, 3, 2, 2), -1, 1)
                .input(Shape.of(3), -1, 1)
                .input(Shape.of(3), -1, 1)
                .run();
    }

    @Test
    void batchNormalization() {
        OperationCheck.of(new BatchNormalization(0.01f), in -> batchNorm(in, 3, 4))
                .input(Shape.of(3, 2, 2, 2), -2, 2)
                .input(Shape.of(2), 0.3, 2)
                .input(Shape.of(2), -1, 1)
                .tolerances(4e-6, 4e-5, 1e-3)
                .run();
        OperationCheck.of(new BatchNormalization(0.01f), in -> batchNorm(in, 5, 1))
                .input(Shape.of(5, 2), -2, 2)
                .input(Shape.of(2), 0.3, 2)
                .input(Shape.of(2), -1, 1)
                .tolerances(4e-6, 4e-5, 1e-3)
                .run();
    }

    /** Over [batch, 2, spatial]. */
    private static double[] batchNorm(double[][] in, int batch, int spatial) {
        double[] y = new double[in[0].length];
        for (int c = 0; c < 2; c++) {
            double mean = 0;
            double square = 0;
            int count = batch * spatial;
            for (int i = 0; i < y.length; i++) {
                if (i / spatial % 2 == c) {
                    mean += in[0][i] / count;
                }
            }
            for (int i = 0; i < y.length; i++) {
                if (i / spatial % 2 == c) {
                    square += (in[0][i] - mean) * (in[0][i] - mean) / count;
                }
            }
            for (int i = 0; i < y.length; i++) {
                if (i / spatial % 2 == c) {
                    y[i] = (in[0][i] - mean) / Math.sqrt(square + 0.01f) * in[1][c] + in[2][c];
                }
            }
        }
        return y;
    }

    @Test
    void gradientsOfBatchNormalizationAsAnOperation() {
        // Its own gradients are the second-order check above; here all three outputs at once.
        OperationCheck.of(
                        new BatchNormalizationProbe(),
                        NormalizingOperationsTest::batchNormGradients)
                .input(Shape.of(4, 2), -2, 2)
                .input(Shape.of(4, 2), -1, 1)
                .input(Shape.of(2), 0.3, 2)
                .tolerances(1e-5, 1e-4, 5e-3)
                .run();
    }

    /** dx, then dscale and dshift, in one row of 12. */
    private static double[] batchNormGradients(double[][] in) {
        double[] y = new double[12];
        for (int c = 0; c < 2; c++) {
            double mean = 0;
            double variance = 0;
            for (int n = 0; n < 4; n++) {
                mean += in[0][n * 2 + c] / 4;
            }
            for (int n = 0; n < 4; n++) {
                variance += Math.pow(in[0][n * 2 + c] - mean, 2) / 4;
            }
            double s = 1 / Math.sqrt(variance + 0.01f);
            double sum = 0;
            double along = 0;
            for (int n = 0; n < 4; n++) {
                sum += in[1][n * 2 + c];
                along += in[1][n * 2 + c] * (in[0][n * 2 + c] - mean) * s;
            }
            for (int n = 0; n < 4; n++) {
                double hat = (in[0][n * 2 + c] - mean) * s;
                y[n * 2 + c] = in[2][c] * s * (in[1][n * 2 + c] - sum / 4 - hat * along / 4);
            }
            y[8 + c] = along;
            y[10 + c] = sum;
        }
        return y;
    }

    @Test
    void dropoutIsLinearInWhatItKeeps() {
        DropoutMask dropout = new DropoutMask(0.4f, 7, 100);
        Variable ones = Variable.of(scope.ones(Shape.of(5, 9)));
        float[] mask = dropout.apply(ones).value().toArray();
        assertThat(Arrays.stream(toDoubles(mask)).filter(v -> v == 0).count()).isBetween(5L, 35L);
        OperationCheck.of(
                        dropout,
                        in -> {
                            double[] y = new double[45];
                            for (int i = 0; i < 45; i++) {
                                y[i] = mask[i] == 0 ? 0 : in[0][i] / (1 - 0.4f);
                            }
                            return y;
                        })
                .input(Shape.of(5, 9), -1, 1)
                .run();
        assertThatThrownBy(() -> new DropoutMask(1.5f, 0, 0)).hasMessageContaining("1.5");
    }

    private static double[] toDoubles(float[] x) {
        double[] y = new double[x.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = x[i];
        }
        return y;
    }

    @ParameterizedTest
    @CsvSource({"0,true", "0.1,true", "0.1,false", "0,false"})
    void crossEntropyWithLogits(float smoothing, boolean mean) {
        double[] weights = {0.5, 2, 1.25};
        int[] labels = {2, 0, 9, 1, 1};
        OperationCheck.of(
                        new CrossEntropyWithLogits(smoothing, 9, mean),
                        in -> {
                            double sum = 0;
                            double norm = 0;
                            for (int n = 0; n < 5; n++) {
                                if (labels[n] == 9) {
                                    continue;
                                }
                                double total = 0;
                                for (int c = 0; c < 3; c++) {
                                    total += Math.exp(in[0][n * 3 + c]);
                                }
                                for (int c = 0; c < 3; c++) {
                                    double k =
                                            smoothing / 3.0 + (c == labels[n] ? 1 - smoothing : 0);
                                    double logP = in[0][n * 3 + c] - Math.log(total);
                                    sum -= k * weights[c] * logP;
                                }
                                norm += weights[labels[n]];
                            }
                            return new double[] {mean ? sum / norm : sum};
                        })
                .input(Shape.of(5, 3), -2, 2)
                .ints(Shape.of(5), 2, 0, 9, 1, 1)
                .constant(Shape.of(3), weights)
                .run();
    }

    @Test
    void embeddingWithRepeatedIds() {
        int[] ids = {2, 0, 2, 1, 2, 3};
        OperationCheck.of(
                        new EmbeddingLookup(-1),
                        in -> {
                            double[] y = new double[18];
                            for (int i = 0; i < 18; i++) {
                                y[i] = in[0][ids[i / 3] * 3 + i % 3];
                            }
                            return y;
                        })
                .input(Shape.of(5, 3), -1, 1)
                .ints(Shape.of(2, 3), 2, 0, 2, 1, 2, 3)
                .run();
        OperationCheck.of(
                        new EmbeddingGradient(5, 2),
                        in -> {
                            double[] sum = new double[15];
                            for (int i = 0; i < 18; i++) {
                                sum[ids[i / 3] * 3 + i % 3] += ids[i / 3] == 2 ? 0 : in[0][i];
                            }
                            return sum;
                        })
                .input(Shape.of(2, 3, 3), -1, 1)
                .ints(Shape.of(2, 3), 2, 0, 2, 1, 2, 3)
                .run();
    }

    @Test
    void layerNormalization() {
        OperationCheck.of(
                        new LayerNormalization(0.01f),
                        in -> normalized(in[0], in[1], in[2], 5, 5, 1, true))
                .input(Shape.of(2, 3, 5), -2, 2)
                .input(Shape.of(5), 0.3, 2)
                .input(Shape.of(5), -1, 1)
                .tolerances(1e-5, 1e-4, 5e-3)
                .run();
    }

    @Test
    void rmsNormalization() {
        OperationCheck.of(
                        new RmsNormalization(0.01f),
                        in -> normalized(in[0], in[1], new double[5], 5, 5, 1, false))
                .input(Shape.of(2, 3, 5), -2, 2)
                .input(Shape.of(5), 0.3, 2)
                .tolerances(1e-5, 1e-4, 5e-3)
                .run();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void groupNormalization(int groups) {
        OperationCheck.of(
                        new GroupNormalization(groups, 0.01f),
                        in -> normalized(in[0], in[1], in[2], 4 / groups * 6, 4, 6, true))
                .input(Shape.of(2, 4, 2, 3), -2, 2)
                .input(Shape.of(4), 0.3, 2)
                .input(Shape.of(4), -1, 1)
                .tolerances(1e-5, 1e-4, 5e-3)
                .run();
    }

    /** Runs of {@code count} normalized; the parameter of element i is i / spatial % parameters. */
    private static double[] normalized(
            double[] x,
            double[] scale,
            double[] shift,
            int count,
            int parameters,
            int spatial,
            boolean centred) {
        double[] y = new double[x.length];
        for (int first = 0; first < x.length; first += count) {
            double mean = 0;
            double square = 0;
            for (int i = first; centred && i < first + count; i++) {
                mean += x[i] / count;
            }
            for (int i = first; i < first + count; i++) {
                square += (x[i] - mean) * (x[i] - mean) / count;
            }
            for (int i = first; i < first + count; i++) {
                int p = i / spatial % parameters;
                y[i] = (x[i] - mean) / Math.sqrt(square + 0.01f) * scale[p] + shift[p];
            }
        }
        return y;
    }

    @Test
    void binaryCrossEntropy() {
        OperationCheck.of(
                        new BinaryCrossEntropy(),
                        in -> {
                            double[] y = new double[12];
                            for (int i = 0; i < 12; i++) {
                                double s = 1 / (1 + Math.exp(-in[0][i]));
                                y[i] = -in[1][i] * Math.log(s) - (1 - in[1][i]) * Math.log(1 - s);
                            }
                            return y;
                        })
                .input(Shape.of(3, 4), -3, 3)
                .input(Shape.of(3, 4), 0, 1)
                .run();
    }

    @Test
    void binaryCrossEntropyIsStableFarOut() {
        Variable x = Variable.of(scope.of(-200, -30, 30, 200));
        Variable t = Variable.of(scope.of(0, 0, 1, 1));
        float[] y = new BinaryCrossEntropy().apply(x, t).value().toArray();
        assertThat(y[0]).isEqualTo(0);
        assertThat(y[1])
                .isCloseTo(
                        (float) Math.exp(-30),
                        org.assertj.core.data.Percentage.withPercentage(1e-3));
        assertThat(y[2]).isEqualTo(y[1]);
        assertThat(y[3]).isEqualTo(0);
        Variable wrong = Variable.of(scope.of(1, 1, 0, 0));
        assertThat(new BinaryCrossEntropy().apply(x, wrong).value().toArray())
                .containsExactly(200, 30, 30, 200);
    }
}
