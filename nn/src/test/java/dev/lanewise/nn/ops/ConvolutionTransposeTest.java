package dev.lanewise.nn.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.RandomStream;
import dev.lanewise.core.Shape;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.layers.Conv1d;
import dev.lanewise.nn.layers.Conv2d;
import dev.lanewise.nn.layers.ConvTranspose2d;
import dev.lanewise.nn.testing.TensorTest;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Transposed and 1-D convolutions: against loops in double, to second order, and as layers. */
class ConvolutionTransposeTest extends TensorTest {

    /** stride, padding, output padding, dilation, groups. */
    @ParameterizedTest
    @CsvSource({"1,0,0,1,1", "2,1,0,1,1", "2,1,1,1,1", "1,1,0,2,1", "3,1,2,1,2", "2,0,0,2,4"})
    void transposed(int stride, int padding, int outputPadding, int dilation, int groups) {
        ConvolutionGeometry geometry =
                ConvolutionGeometry.DEFAULT
                        .withStride(stride, stride)
                        .withPadding(Padding.of(padding))
                        .withDilation(dilation, dilation)
                        .withGroups(groups);
        OperationCheck.of(
                        new ConvolutionTranspose2d(
                                geometry, outputPadding, outputPadding, FusedActivation.NONE),
                        in ->
                                transposed(
                                        in[0],
                                        in[1],
                                        in[2],
                                        stride,
                                        padding,
                                        outputPadding,
                                        dilation,
                                        groups))
                .input(Shape.of(2, 4, 4, 3), -1, 1)
                .input(Shape.of(4, 4 / groups, 3, 2), -1, 1)
                .input(Shape.of(4), -1, 1)
                .tolerances(4e-6, 4e-5, 4e-4)
                .run();
    }

    @Test
    void transposedWithFusedActivation() {
        OperationCheck.of(
                        new ConvolutionTranspose2d(
                                ConvolutionGeometry.DEFAULT.withStride(2, 2),
                                1,
                                1,
                                FusedActivation.TANH),
                        in ->
                                OperationCheck.map(
                                        transposed(in[0], in[1], in[2], 2, 0, 1, 1, 1), Math::tanh))
                .input(Shape.of(2, 4, 4, 3), -1, 1)
                .input(Shape.of(4, 4, 3, 2), -1, 1)
                .input(Shape.of(4), -1, 1)
                .tolerances(4e-6, 4e-5, 4e-4)
                .run();
    }

    /** Each input [2, 4, 4, 3] spread over the outputs that a 3x2 filter reaches, 4 channels. */
    private static double[] transposed(
            double[] x,
            double[] w,
            double[] bias,
            int stride,
            int padding,
            int outputPadding,
            int dilation,
            int groups) {
        int outHeight = 3 * stride - 2 * padding + dilation * 2 + 1 + outputPadding;
        int outWidth = 2 * stride - 2 * padding + dilation + 1 + outputPadding;
        int perGroup = 4 / groups;
        double[] y = new double[2 * 4 * outHeight * outWidth];
        for (int o = 0; o < y.length; o++) {
            y[o] = bias[o / (outHeight * outWidth) % 4];
        }
        for (int i = 0; i < x.length; i++) {
            int channel = i / 12 % 4;
            for (int k = 0; k < perGroup; k++) {
                for (int tap = 0; tap < 6; tap++) {
                    int row = i / 3 % 4 * stride - padding + tap / 2 * dilation;
                    int column = i % 3 * stride - padding + tap % 2 * dilation;
                    if (row >= 0 && row < outHeight && column >= 0 && column < outWidth) {
                        int plane = i / 48 * 4 + channel / perGroup * perGroup + k;
                        y[(plane * outHeight + row) * outWidth + column] +=
                                x[i] * w[(channel * perGroup + k) * 6 + tap];
                    }
                }
            }
        }
        return y;
    }

    @Test
    void transposedLayer() {
        ConvTranspose2d layer = new ConvTranspose2d(6, 4, 4, new RandomStream(2));
        assertThat(layer.weight().shape()).isEqualTo(Shape.of(6, 4, 4, 4));
        layer.stride(2).padding(1);
        Variable x = Variable.of(scope.ones(Shape.of(2, 6, 7, 5)));
        assertThat(layer.forward(x).shape()).isEqualTo(Shape.of(2, 4, 14, 10));
        assertThat(layer.toString()).contains("6, 4, kernel 4x4, stride 2x2, padding 1");
        ConvTranspose2d same =
                new ConvTranspose2d(6, 4, 3, new RandomStream(2)).stride(2).padding(Padding.SAME);
        assertThat(same.forward(x).shape()).isEqualTo(Shape.of(2, 4, 14, 10));
        ConvTranspose2d padded =
                new ConvTranspose2d(6, 4, 3, new RandomStream(2)).stride(2).padding(1);
        assertThat(padded.outputPadding(1).forward(x).shape()).isEqualTo(Shape.of(2, 4, 14, 10));
        assertThatThrownBy(() -> padded.outputPadding(2).forward(x))
                .hasMessageContaining("output padding must be at least 0 and below the stride");
        Variable wrong = Variable.of(scope.ones(Shape.of(2, 5, 7, 5)));
        assertThatThrownBy(() -> layer.forward(wrong)).hasMessageContaining("channels differ");
        assertThatThrownBy(() -> new ConvTranspose2d(6, 4, 3, 4, new RandomStream(1)))
                .hasMessage(
                        "ConvTranspose2d: channels must be multiples of groups: in 6, out 4, groups"
                                + " 4");
    }

    /** A 1-D layer is the 2-D one over images of one row. */
    @Test
    void oneDimensionalLayer() {
        Conv1d layer = new Conv1d(3, 4, 5, new RandomStream(2)).stride(2).padding(2).dilation(2);
        Conv2d rows =
                new Conv2d(
                                layer.weight().value().reshape(4, 3, 1, 5),
                                layer.parameters().get("bias").value(),
                                1)
                        .stride(1, 2)
                        .dilation(2)
                        .padding(Padding.of(0, 2));
        Variable x = Variable.of(scope.arange(2 * 3 * 20).sin().reshape(2, 3, 20));
        Variable y = layer.forward(x);
        assertThat(y.shape()).isEqualTo(Shape.of(2, 4, 8));
        Variable expected = rows.forward(Variable.of(x.value().reshape(2, 3, 1, 20)));
        assertThat(y.value().contentEquals(expected.value().reshape(2, 4, 8))).isTrue();
        assertThat(layer.toString()).contains("3, 4, kernel 5, stride 2");
        Conv1d same = new Conv1d(3, 4, 5, new RandomStream(2)).padding(Padding.SAME);
        assertThat(same.forward(x).shape()).isEqualTo(Shape.of(2, 4, 20));
        assertThatThrownBy(() -> layer.forward(Variable.of(scope.ones(Shape.of(3, 20)))))
                .hasMessageContaining("conv1d: x must have 3 axes [N, C, L]");
        assertThatThrownBy(() -> new Conv1d(3, 0, 5, new RandomStream(1)))
                .hasMessageContaining("out 0");
    }
}
