package dev.lanewise.nn.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.core.RandomStream;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.Context;
import dev.lanewise.nn.autograd.Tape;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.ops.Functional;
import dev.lanewise.nn.ops.Padding;
import dev.lanewise.nn.testing.TensorTest;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layers against values worked out by hand from PyTorch's definitions. */
class LayersTest extends TensorTest {

    private Variable of(Shape shape, float... values) {
        return Variable.of(scope.of(values, shape));
    }

    @Test
    void linear() {
        Linear layer =
                new Linear(
                        scope.of(new float[] {1, 2, 3, 4, 5, 6}, Shape.of(2, 3)), scope.of(10, 20));
        Variable y = layer.forward(of(Shape.of(2, 3), 1, 0, -1, 2, 1, 0));
        assertThat(y.value().toArray()).containsExactly(8, 18, 14, 33);
        // Axes in front of the last are kept.
        Variable three = layer.forward(of(Shape.of(1, 2, 3), 1, 0, -1, 2, 1, 0));
        assertThat(three.shape()).isEqualTo(Shape.of(1, 2, 2));
        assertThat(layer.withoutBias().forward(of(Shape.of(1, 3), 1, 0, -1)).value().toArray())
                .containsExactly(-2, -2);
        assertThat(layer.parameters().keySet()).containsExactly("weight");
    }

    @Test
    void anEmptyBatchGoesThroughAWholeNet() {
        RandomStream random = new RandomStream(1);
        Sequential net =
                new Sequential(
                        new Conv2d(1, 2, 3, random),
                        new BatchNorm2d(2),
                        Activation.relu(),
                        new MaxPool2d(2),
                        new Flatten(),
                        new Linear(8, 3, random),
                        new Dropout(0.5f));
        assertThat(net.forward(of(Shape.of(0, 1, 6, 6))).shape()).isEqualTo(Shape.of(0, 3));
    }

    @Test
    void paddingMayDifferFromSideToSide() {
        Conv2d conv =
                new Conv2d(scope.ones(Shape.of(1, 1, 1, 1)), scope.zeros(Shape.of(1)), 1)
                        .padding(Padding.of(new Padding.Sides(1, 0), new Padding.Sides(0, 2)));
        Variable y = conv.forward(of(Shape.of(1, 1, 1, 1), 7));
        assertThat(y.shape()).isEqualTo(Shape.of(1, 1, 2, 3));
        assertThat(y.value().toArray()).containsExactly(0, 0, 0, 7, 0, 0);
        assertThat(conv.toString()).contains("padding 1+0x0+2");
        assertThat(Padding.of(1, 2)).hasToString("1x2");
        assertThatThrownBy(() -> Padding.of(-1)).hasMessageContaining("-1");
    }

    @Test
    void embeddingLooksUpRowsAndSparesPadding() {
        Embedding layer =
                new Embedding(scope.of(new float[][] {{1, 2}, {3, 4}, {5, 6}})).padding(1);
        Variable ids = Variable.of(scope.ofInts(new int[] {2, 1, 2, 0}, Shape.of(2, 2)));
        try (Tape tape = Tape.start()) {
            Variable y = layer.forward(ids);
            assertThat(y.shape()).isEqualTo(Shape.of(2, 2, 2));
            assertThat(y.value().toArray()).containsExactly(5, 6, 0, 0, 5, 6, 1, 2);
            Variable weights = of(Shape.of(2, 2, 2), 1, 2, 3, 4, 5, 6, 7, 8);
            Variable sum = Functional.sum(Functional.multiply(y, weights));
            assertThat(tape.gradients(sum).of(layer.weight()).toArray())
                    .containsExactly(7, 8, 0, 0, 6, 8);
        }
        assertThat(layer.toString()).contains("3, 2, padding 1");
        assertThatThrownBy(() -> layer.forward(Variable.of(scope.ofInts(0, 3))))
                .hasMessageContaining("index 3 at position 1 is outside an axis of 3");
        assertThatThrownBy(() -> layer.forward(of(Shape.of(2), 0, 1)))
                .hasMessageContaining("ids must be int32");
        assertThatThrownBy(() -> layer.padding(3)).hasMessageContaining("padding 3");
    }

    @Test
    void layerNormOverTheLastAxes() {
        LayerNorm layer = new LayerNorm(2, 2).epsilon(0);
        assertThat(layer.parameters().get("weight").shape()).isEqualTo(Shape.of(2, 2));
        layer.parameters().get("bias").value().fill(10);
        Variable y = layer.forward(of(Shape.of(1, 2, 2), 1, 3, 3, 1));
        assertThat(y.shape()).isEqualTo(Shape.of(1, 2, 2));
        assertThat(y.value().toArray()).containsExactly(9, 11, 11, 9);
        layer.withoutBias();
        assertThat(layer.forward(of(Shape.of(2, 2), 1, 3, 3, 1)).value().toArray())
                .containsExactly(-1, 1, 1, -1);
        assertThat(layer.parameters().keySet()).containsExactly("weight");
        assertThat(layer.withoutAffine().parameters()).isEmpty();
        assertThatThrownBy(() -> layer.forward(of(Shape.of(4), 1, 3, 3, 1)))
                .hasMessage("LayerNorm: x [4] does not end with the normalized axes [2, 2]");
        assertThatThrownBy(() -> new LayerNorm()).hasMessageContaining("sizes of the last axes");
        assertThatThrownBy(() -> layer.epsilon(-1)).hasMessageContaining("-1.0");
    }

    @Test
    void rmsNormDividesByTheRootOfTheMeanSquare() {
        RMSNorm layer = new RMSNorm(2).epsilon(0);
        layer.parameters().get("weight").value().copyFrom(new float[] {1, 10});
        float[] y = layer.forward(of(Shape.of(2, 2), 1, 7, -3, -21)).value().toArray();
        assertThat(y).containsExactly(new float[] {0.2f, 14, -0.2f, -14}, within(1e-6f));
        assertThat(layer.toString()).contains("[2]");
        assertThat(layer.withoutAffine().parameters()).isEmpty();
        assertThat(layer.forward(of(Shape.of(1, 2), 1, 7)).value().toArray())
                .containsExactly(new float[] {0.2f, 1.4f}, within(1e-6f));
    }

    @Test
    void groupNormOfNeighbouringChannels() {
        GroupNorm layer = new GroupNorm(2, 4).epsilon(0);
        layer.parameters().get("bias").value().copyFrom(new float[] {0, 0, 5, 5});
        Variable y = layer.forward(of(Shape.of(1, 4, 1), 1, 3, 20, 10));
        assertThat(y.value().toArray()).containsExactly(-1, 1, 6, 4);
        assertThat(layer.withoutAffine().parameters()).isEmpty();
        assertThat(layer.forward(of(Shape.of(1, 4, 1), 1, 3, 20, 10)).value().toArray())
                .containsExactly(-1, 1, 1, -1);
        assertThatThrownBy(() -> new GroupNorm(3, 4))
                .hasMessage("GroupNorm: 3 groups do not divide 4 channels");
        assertThatThrownBy(() -> layer.forward(of(Shape.of(1, 2, 1), 1, 3)))
                .hasMessageContaining("groupNorm");
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        BatchNorm1d norm = new BatchNorm1d(3);
        assertThatThrownBy(() -> norm.epsilon(-1))
                .hasMessageContaining("epsilon")
                .hasMessageContaining("-1.0");
        assertThatThrownBy(() -> norm.momentum(Float.NaN)).hasMessageContaining("NaN");
        RandomStream random = new RandomStream(1);
        assertThatThrownBy(() -> new Conv2d(1, 1, 0, random)).hasMessageContaining("kernel 0x0");
        assertThatThrownBy(() -> new Conv2d(1, -1, 3, random)).hasMessageContaining("out -1");
    }

    @Test
    void linearIsInitializedAsInPyTorch() {
        Linear layer = new Linear(400, 200, new RandomStream(3));
        float bound = 1f / 20;
        float[] w = layer.weight().value().toArray();
        double square = 0;
        for (float v : w) {
            assertThat(Math.abs(v)).isLessThanOrEqualTo(bound);
            square += (double) v * v / w.length;
        }
        assertThat(square).isCloseTo(bound * bound / 3, within(bound * bound / 60.0));
        for (float v : layer.parameters().get("bias").value().toArray()) {
            assertThat(Math.abs(v)).isLessThanOrEqualTo(bound);
        }
    }

    /** in, kernel, stride, dilation, expected out with SAME. */
    @ParameterizedTest
    @CsvSource({"28,3,1,1,28", "28,3,2,1,14", "7,3,2,1,4", "28,5,1,2,28", "10,2,3,1,4"})
    void samePaddingGivesInputDividedByStride(
            int in, int kernel, int stride, int dilation, int out) {
        Conv2d layer =
                new Conv2d(1, 1, kernel, new RandomStream(1))
                        .stride(stride)
                        .dilation(dilation)
                        .padding(Padding.SAME);
        Variable y = layer.forward(Variable.of(scope.zeros(Shape.of(1, 1, in, in))));
        assertThat(y.shape()).isEqualTo(Shape.of(1, 1, out, out));
    }

    @Test
    void evenKernelsPadTheEndMore() {
        // PyTorch's padding='same': with kernel 2 one zero comes after the last element.
        Conv2d layer =
                new Conv2d(
                                scope.of(new float[] {1, 10, 0, 0}, Shape.of(1, 1, 2, 2)),
                                scope.of(0),
                                1)
                        .padding(Padding.SAME);
        Variable y = layer.forward(of(Shape.of(1, 1, 2, 2), 1, 2, 3, 4));
        assertThat(y.value().toArray()).containsExactly(21, 2, 43, 4);
    }

    @Test
    void convolutionWithStrideAndPadding() {
        float[] ones = new float[9];
        java.util.Arrays.fill(ones, 1);
        Conv2d layer =
                new Conv2d(scope.of(ones, Shape.of(1, 1, 3, 3)), scope.of(0.5f), 1)
                        .stride(2)
                        .padding(1);
        Variable y = layer.forward(of(Shape.of(1, 1, 3, 3), 1, 2, 3, 4, 5, 6, 7, 8, 9));
        assertThat(y.value().toArray()).containsExactly(12.5f, 16.5f, 24.5f, 28.5f);
    }

    @Test
    void groupedConvolution() {
        Conv2d layer = new Conv2d(4, 6, 3, 2, new RandomStream(1));
        assertThat(layer.weight().shape()).isEqualTo(Shape.of(6, 2, 3, 3));
        assertThatThrownBy(() -> new Conv2d(4, 6, 3, 3, new RandomStream(1)))
                .hasMessage("Conv2d: channels must be multiples of groups: in 4, out 6, groups 3");
        assertThatThrownBy(() -> layer.forward(Variable.of(scope.zeros(Shape.of(1, 3, 8, 8)))))
                .hasMessageContaining("channels differ");
    }

    @Test
    void pooling() {
        Variable x =
                of(Shape.of(1, 1, 4, 4), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
        assertThat(new MaxPool2d(2).forward(x).value().toArray()).containsExactly(6, 8, 14, 16);
        assertThat(new MaxPool2d(3, 2, 1).forward(x).value().toArray())
                .containsExactly(6, 8, 14, 16);
        assertThat(new AvgPool2d(2).forward(x).value().toArray())
                .containsExactly(3.5f, 5.5f, 11.5f, 13.5f);
        // PyTorch counts the padding: (1 + 2 + 5 + 6) / 9.
        assertThat(new AvgPool2d(3, 2, 1).forward(x).value().at(0, 0, 0, 0)).isEqualTo(14f / 9);
        assertThat(new GlobalAvgPool2d().forward(x).value().toArray()).containsExactly(8.5f);
        assertThat(new GlobalAvgPool2d().forward(x).shape()).isEqualTo(Shape.of(1, 1, 1, 1));
        assertThatThrownBy(() -> new MaxPool2d(2, 2, 2).forward(x))
                .hasMessageContaining("more than half of the window");
    }

    @Test
    void batchNormTrainsAndInfersLikePyTorch() {
        BatchNorm2d layer = new BatchNorm2d(1);
        Variable x = of(Shape.of(2, 1, 1, 2), 1, 2, 3, 6);
        Context training = Context.training(new RandomStream(1));
        float[] y = layer.forward(x, training).value().toArray();
        // μ = 3, σ² = 3.5, unbiased 14/3.
        for (int i = 0; i < 4; i++) {
            double expected = (new double[] {1, 2, 3, 6}[i] - 3) / Math.sqrt(3.5 + 1e-5);
            assertThat((double) y[i]).isCloseTo(expected, within(1e-6));
        }
        assertThat(layer.buffers().get("running_mean").item()).isCloseTo(0.3f, within(1e-7f));
        assertThat(layer.buffers().get("running_var").item())
                .isCloseTo((float) (0.9 + 0.1 * 14 / 3), within(1e-6f));
        assertThat(layer.buffers().get("num_batches_tracked").toIntArray()).containsExactly(1);

        float[] inferred = layer.forward(x).value().toArray();
        double scale = 1 / Math.sqrt(0.9 + 0.1 * 14 / 3 + 1e-5);
        for (int i = 0; i < 4; i++) {
            double expected = (new double[] {1, 2, 3, 6}[i] - 0.3) * scale;
            assertThat((double) inferred[i]).isCloseTo(expected, within(2e-6));
        }
        assertThat(layer.buffers().get("num_batches_tracked").toIntArray()).containsExactly(1);
        assertThatThrownBy(() -> layer.forward(of(Shape.of(1, 1, 1, 1), 1), training))
                .hasMessageContaining("more than one value per channel");
        assertThatThrownBy(() -> layer.forward(of(Shape.of(1, 2, 1, 1), 1, 2)))
                .hasMessage("BatchNorm2d: x [1, 2, 1, 1] does not fit 1 channels");
    }

    @Test
    void batchNormOverVectors() {
        BatchNorm1d layer = new BatchNorm1d(2).momentum(1).epsilon(0);
        layer.forward(
                of(Shape.of(3, 2), 1, 10, 2, 20, 3, 30), Context.training(new RandomStream(1)));
        assertThat(layer.buffers().get("running_mean").toArray()).containsExactly(2, 20);
        assertThat(layer.buffers().get("running_var").toArray())
                .containsExactly(new float[] {1, 100}, within(1e-4f));
    }

    @Test
    void dropoutDropsInTrainingOnlyAndRepeatsFromItsSeed() {
        Dropout layer = new Dropout(0.25f);
        Variable x = Variable.of(scope.ones(Shape.of(10_000)));
        assertThat(layer.forward(x)).isSameAs(x);
        float[] y = layer.forward(x, Context.training(new RandomStream(4))).value().toArray();
        int kept = 0;
        for (float v : y) {
            assertThat(v == 0 || v == 1 / 0.75f).isTrue();
            kept += v == 0 ? 0 : 1;
        }
        assertThat(kept).isBetween(7300, 7700);
        RandomStream again = new RandomStream(4);
        assertThat(layer.forward(x, Context.training(again)).value().toArray()).containsExactly(y);
        assertThat(layer.forward(x, Context.training(again)).value().toArray()).isNotEqualTo(y);
        assertThat(new Dropout(1).forward(x, Context.training(again)).value().toArray())
                .containsOnly(0);
        assertThatThrownBy(() -> new Dropout(-0.1f)).hasMessageContaining("-0.1");
        assertThatThrownBy(() -> Context.inference().random()).hasMessageContaining("training");
    }

    @Test
    void sequentialFusesWithTheSameBits() {
        RandomStream random = new RandomStream(2);
        Conv2d conv = new Conv2d(1, 3, 3, random);
        Linear linear = new Linear(3 * 4, 5, random);
        Sequential model =
                new Sequential(
                        conv, Activation.relu(), new Flatten(), linear, Activation.sigmoid());
        Variable x = Variable.of(random.normal(scope.empty(Shape.of(2, 1, 4, 4)), 0, 1));
        Variable apart =
                Activation.sigmoid()
                        .forward(
                                linear.forward(
                                        new Flatten()
                                                .forward(
                                                        Activation.relu()
                                                                .forward(conv.forward(x)))));
        assertThat(model.forward(x).value().toArray()).containsExactly(apart.value().toArray());
        try (Tape tape = Tape.start()) {
            model.forward(x);
            assertThat(tape.size()).as("conv+relu, reshape, linear+sigmoid").isEqualTo(3);
        }
    }

    @Test
    void everyActivationLayer() {
        Variable x = of(Shape.of(1, 3), -1, 0.5f, 2);
        Activation[] all = {
            Activation.relu(), Activation.leakyRelu(0.1f), Activation.elu(1), Activation.selu(),
            Activation.gelu(), Activation.geluTanh(), Activation.silu(), Activation.softplus(),
            Activation.sigmoid(), Activation.tanh(), Activation.hardTanh(),
                    Activation.hardSigmoid(),
            Activation.hardSwish(), Activation.softmax(-1), Activation.logSoftmax(1)
        };
        // At 2, from tables and closed forms.
        double s = Math.exp(-1) + Math.exp(0.5) + Math.exp(2);
        double[] at2 = {
            2,
            2,
            2,
            2.1014019749,
            1.9544997361,
            1.9545976940,
            1.7615941560,
            2.1269280110,
            0.8807970780,
            0.9640275801,
            1,
            2 / 6.0 + 0.5,
            2 * (2 / 6.0 + 0.5),
            Math.exp(2) / s,
            2 - Math.log(s)
        };
        for (int i = 0; i < all.length; i++) {
            Tensor y = all[i].forward(x).value();
            assertThat((double) y.at(0, 2)).as(all[i].toString()).isCloseTo(at2[i], within(2e-6));
        }
    }
}
