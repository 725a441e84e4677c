package dev.lanewise.nn.ops;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.Shape;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.testing.TensorTest;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.function.DoubleUnaryOperator;

/** Matrix products, dense layers and convolutions against loops in double, to second order. */
class ProductOperationsTest extends TensorTest {

    @ParameterizedTest
    @CsvSource({"false,false", "true,false", "false,true", "true,true"})
    void matmulWithEveryTranspose(boolean ta, boolean tb) {
        OperationCheck.of(
                        new MatrixMultiply(ta, tb),
                        in -> product(in[0], in[1], 3, 4, 5, ta, tb, 0, 0))
                .input(ta ? Shape.of(5, 3) : Shape.of(3, 5), -1, 1)
                .input(tb ? Shape.of(4, 5) : Shape.of(5, 4), -1, 1)
                .run();
    }

    @Test
    void batchesBroadcastAndGradientsAreSummedBack() {
        // [2, 3, 5] x [5, 4]
        OperationCheck.of(
                        new MatrixMultiply(false, false),
                        in -> {
                            double[] y = new double[2 * 12];
                            for (int b = 0; b < 2; b++) {
                                double[] c =
                                        product(in[0], in[1], 3, 4, 5, false, false, b * 15, 0);
                                System.arraycopy(c, 0, y, b * 12, 12);
                            }
                            return y;
                        })
                .input(Shape.of(2, 3, 5), -1, 1)
                .input(Shape.of(5, 4), -1, 1)
                .run();
    }

    private static double[] product(
            double[] a,
            double[] b,
            int m,
            int n,
            int k,
            boolean ta,
            boolean tb,
            int aFrom,
            int bFrom) {
        double[] c = new double[m * n];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                for (int p = 0; p < k; p++) {
                    c[i * n + j] +=
                            a[aFrom + (ta ? p * m + i : i * k + p)]
                                    * b[bFrom + (tb ? j * k + p : p * n + j)];
                }
            }
        }
        return c;
    }

    private static DoubleUnaryOperator function(FusedActivation activation) {
        return switch (activation) {
            case NONE -> x -> x;
            case RELU -> x -> Math.max(x, 0);
            case TANH -> Math::tanh;
            case SIGMOID -> x -> 1 / (1 + Math.exp(-x));
            case GELU, SILU -> throw new IllegalArgumentException();
        };
    }

    @ParameterizedTest
    @EnumSource(names = {"NONE", "RELU", "TANH", "SIGMOID"})
    void affineWithFusedActivation(FusedActivation activation) {
        OperationCheck.of(
                        new Affine(activation),
                        in -> {
                            double[] y = product(in[0], in[1], 3, 4, 5, false, true, 0, 0);
                            for (int i = 0; i < y.length; i++) {
                                y[i] = function(activation).applyAsDouble(y[i] + in[2][i % 4]);
                            }
                            return y;
                        })
                .input(Shape.of(3, 5), -1, 1)
                .input(Shape.of(4, 5), -1, 1)
                .input(Shape.of(4), -1, 1)
                .run();
    }

    @Test
    void affineWithoutBias() {
        OperationCheck.of(
                        new Affine(FusedActivation.NONE),
                        in -> product(in[0], in[1], 3, 4, 5, false, true, 0, 0))
                .input(Shape.of(3, 5), -1, 1)
                .input(Shape.of(4, 5), -1, 1)
                .run();
    }

    /** stride, padding, dilation, groups. */
    @ParameterizedTest
    @CsvSource({"1,0,1,1", "1,1,1,1", "2,1,1,1", "1,2,2,1", "1,1,1,2", "2,0,1,4", "3,2,2,2"})
    void convolution(int stride, int padding, int dilation, int groups) {
        ConvolutionGeometry geometry =
                ConvolutionGeometry.DEFAULT
                        .withStride(stride, stride)
                        .withPadding(Padding.of(padding))
                        .withDilation(dilation, dilation)
                        .withGroups(groups);
        OperationCheck.of(
                        new Convolution2d(geometry, FusedActivation.NONE),
                        in ->
                                conv(
                                        in[0], in[1], in[2], 2, 4, 6, 5, 4, 3, 2, stride, padding,
                                        dilation, groups))
                .input(Shape.of(2, 4, 6, 5), -1, 1)
                .input(Shape.of(4, 4 / groups, 3, 2), -1, 1)
                .input(Shape.of(4), -1, 1)
                .tolerances(4e-6, 4e-5, 4e-4)
                .run();
    }

    @ParameterizedTest
    @EnumSource(names = {"RELU", "TANH", "SIGMOID"})
    void convolutionWithFusedActivation(FusedActivation activation) {
        OperationCheck.of(
                        new Convolution2d(ConvolutionGeometry.DEFAULT, activation),
                        in ->
                                OperationCheck.map(
                                        conv(in[0], in[1], in[2], 1, 2, 5, 5, 3, 3, 3, 1, 0, 1, 1),
                                        function(activation)))
                .input(Shape.of(1, 2, 5, 5), -1, 1)
                .input(Shape.of(3, 2, 3, 3), -1, 1)
                .input(Shape.of(3), -1, 1)
                .run();
    }

    /** The sum of the definition, with K output channels and an r x s filter. */
    private static double[] conv(
            double[] x,
            double[] w,
            double[] bias,
            int batch,
            int channels,
            int height,
            int width,
            int outChannels,
            int r,
            int s,
            int stride,
            int padding,
            int dilation,
            int groups) {
        int outHeight = (height + 2 * padding - dilation * (r - 1) - 1) / stride + 1;
        int outWidth = (width + 2 * padding - dilation * (s - 1) - 1) / stride + 1;
        int perGroup = channels / groups;
        double[] y = new double[batch * outChannels * outHeight * outWidth];
        int at = 0;
        for (int n = 0; n < batch; n++) {
            for (int k = 0; k < outChannels; k++) {
                int group = k / (outChannels / groups);
                for (int oy = 0; oy < outHeight; oy++) {
                    for (int ox = 0; ox < outWidth; ox++) {
                        double sum = bias[k];
                        for (int c = 0; c < perGroup; c++) {
                            for (int i = 0; i < r; i++) {
                                for (int j = 0; j < s; j++) {
                                    int iy = oy * stride - padding + i * dilation;
                                    int ix = ox * stride - padding + j * dilation;
                                    if (iy >= 0 && iy < height && ix >= 0 && ix < width) {
                                        int channel = group * perGroup + c;
                                        sum +=
                                                x[
                                                                ((n * channels + channel) * height
                                                                                        + iy)
                                                                                * width
                                                                        + ix]
                                                        * w[((k * perGroup + c) * r + i) * s + j];
                                    }
                                }
                            }
                        }
                        y[at++] = sum;
                    }
                }
            }
        }
        return y;
    }

    @Test
    void wrongShapesAreNamed() {
        Variable x = Variable.of(scope.zeros(Shape.of(512, 256)));
        Variable w = Variable.of(scope.zeros(Shape.of(128, 64)));
        assertThatThrownBy(() -> Functional.matmul(x, w))
                .hasMessage("matmul: inner sizes differ, 256 and 128: [512, 256] x [128, 64]");
        assertThatThrownBy(() -> Functional.linear(x, w))
                .hasMessage("linear: features differ, 256 and 64: x [512, 256], weight [128, 64]");
        Variable image = Variable.of(scope.zeros(Shape.of(1, 3, 8, 8)));
        Variable filter = Variable.of(scope.zeros(Shape.of(4, 2, 3, 3)));
        assertThatThrownBy(() -> Functional.conv2d(image, filter, ConvolutionGeometry.DEFAULT))
                .hasMessageContaining("conv2d: channels differ")
                .hasMessageContaining("[1, 3, 8, 8]")
                .hasMessageContaining("[4, 2, 3, 3]");
        Variable large = Variable.of(scope.zeros(Shape.of(4, 3, 9, 9)));
        assertThatThrownBy(() -> Functional.conv2d(image, large, ConvolutionGeometry.DEFAULT))
                .hasMessageContaining("does not fit the padded input");
        assertThatThrownBy(() -> new Affine(FusedActivation.GELU))
                .hasMessageContaining("linear: GELU can't be fused");
    }
}
