package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.testing.Draw;
import dev.lanewise.core.testing.NoLeaks;
import dev.lanewise.core.testing.Property;
import dev.lanewise.kernels.ConvolutionAlgorithm;
import dev.lanewise.kernels.FusedActivation;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoLeaks.class)
class ConvolutionsTest {

    private record Setup(Conv2dOptions options, Shape x, Shape weight) {}

    private static Setup draw(Draw draw) {
        int groups = draw.oneOf(1, 1, 2, 3);
        Conv2dOptions options =
                new Conv2dOptions(
                        draw.between(1, 3),
                        draw.between(1, 2),
                        draw.between(0, 2),
                        draw.between(0, 2),
                        draw.between(0, 2),
                        draw.between(0, 2),
                        draw.between(1, 2),
                        draw.between(1, 2),
                        groups);
        int height = draw.between(1, 3);
        int width = draw.between(1, 3);
        Shape weight = Shape.of(groups * draw.between(1, 5), draw.between(1, 3), height, width);
        Shape x =
                Shape.of(
                        draw.between(0, 5),
                        groups * weight.size(1),
                        (height - 1) * options.dilationHeight() + draw.between(1, 9),
                        (width - 1) * options.dilationWidth() + draw.between(1, 20));
        return new Setup(options, x, weight);
    }

    private interface Tap {
        void visit(int out, int in, int weight);
    }

    /** Visits every product of the convolution: places in out, x and weight. */
    private static Shape taps(Setup s, Tap tap) {
        var g = s.options.geometry(s.x, s.weight);
        Shape shape = Shape.of(g.batch(), g.outChannels(), g.outHeight(), g.outWidth());
        int perGroup = g.inChannels() / g.groups();
        int outPerGroup = g.outChannels() / g.groups();
        Nd index = Nd.empty(shape.toArray());
        for (int out = 0; out < index.values().length; out++) {
            long[] at = index.index(out);
            for (int c = 0; c < perGroup; c++) {
                for (int r = 0; r < g.kernelHeight(); r++) {
                    for (int q = 0; q < g.kernelWidth(); q++) {
                        long y = at[2] * g.strideHeight() - g.padTop() + r * g.dilationHeight();
                        long z = at[3] * g.strideWidth() - g.padLeft() + q * g.dilationWidth();
                        if (y < 0 || y >= g.inHeight() || z < 0 || z >= g.inWidth()) {
                            continue;
                        }
                        long channel = at[1] / outPerGroup * perGroup + c;
                        long in =
                                ((at[0] * g.inChannels() + channel) * g.inHeight() + y)
                                                * g.inWidth()
                                        + z;
                        long w =
                                ((at[1] * perGroup + c) * g.kernelHeight() + r) * g.kernelWidth()
                                        + q;
                        tap.visit(out, (int) in, (int) w);
                    }
                }
            }
        }
        return shape;
    }

    @Test
    void forwardAndGradientsAgreeWithTheSumOfProducts() {
        Property.check(
                250,
                draw -> {
                    try (Scope _ = Scope.open()) {
                        Setup s = draw(draw);
                        Tensor x = Nd.wholes(draw, s.x, 3);
                        Tensor weight = Nd.wholes(draw, s.weight, 3);
                        Tensor bias = Nd.wholes(draw, Shape.of(s.weight.size(0)), 9);
                        Shape shape = taps(s, (out, in, w) -> {});
                        Tensor dOut = Nd.wholes(draw, shape, 3);
                        Nd a = Nd.of(x);
                        Nd b = Nd.of(weight);
                        Nd g = Nd.of(dOut);
                        Nd out = Nd.empty(shape.toArray());
                        Nd dx = Nd.empty(s.x.toArray());
                        Nd dw = Nd.empty(s.weight.toArray());
                        taps(
                                s,
                                (o, i, w) -> {
                                    out.values()[o] += a.values()[i] * b.values()[w];
                                    dx.values()[i] += g.values()[o] * b.values()[w];
                                    dw.values()[w] += g.values()[o] * a.values()[i];
                                });
                        FusedActivation none = FusedActivation.NONE;
                        out.check(Convolutions.conv2d(x, weight, s.options, none));
                        Nd biased = Nd.zip(out, Nd.of(bias.reshape(-1, 1, 1)), Double::sum);
                        biased.check(Convolutions.conv2d(x, weight, bias, s.options, none));
                        Tensor into = Nd.layOut(draw, shape, ElementType.FLOAT32);
                        biased.map(v -> Math.max(v, 0))
                                .check(
                                        Convolutions.conv2d(
                                                x,
                                                weight,
                                                bias,
                                                s.options,
                                                FusedActivation.RELU,
                                                into));
                        dx.check(Convolutions.inputGradient(dOut, weight, s.x, s.options));
                        dw.check(Convolutions.weightGradient(x, dOut, s.weight, s.options));
                        Tensor sum = Nd.wholes(draw, s.weight, 5);
                        Nd.zip(dw, Nd.of(sum), Double::sum)
                                .check(
                                        Convolutions.weightGradient(
                                                x, dOut, s.weight, s.options, 1, sum));
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(ints = {24, 112, 256}) // the latter two by Winograd's algorithm
    void anyNumberOfThreadsGivesTheSameBits(int filters) {
        Conv2dOptions options = Conv2dOptions.of(1, 1);
        Shape weightShape = Shape.of(filters, 16, 3, 3);
        for (int batch : new int[] {1, 2, 7, 33}) {
            try (Scope scope = Scope.open()) {
                Shape inShape = Shape.of(batch, 16, 15, 14);
                Tensor x = scope.arange(inShape.elements()).sin().reshape(inShape);
                Tensor w = scope.arange(weightShape.elements()).cos().reshape(weightShape);
                FusedActivation none = FusedActivation.NONE;
                Tensor out = Convolutions.conv2d(x, w, options, none);
                Tensor dx = Convolutions.inputGradient(out, w, inShape, options);
                Tensor dw = Convolutions.weightGradient(x, out, weightShape, options);
                try (var _ = Workers.using(2)) {
                    assertThat(Convolutions.conv2d(x, w, options, none).contentEquals(out))
                            .isTrue();
                    assertThat(
                                    Convolutions.inputGradient(out, w, inShape, options)
                                            .contentEquals(dx))
                            .isTrue();
                    assertThat(
                                    Convolutions.weightGradient(x, out, weightShape, options)
                                            .contentEquals(dw))
                            .isTrue();
                }
            }
        }
    }

    /** The transposed convolution and its gradients, against plain sums of products. */
    @Test
    void transposedConvolutionAndGradientsAgreeWithTheSumOfProducts() {
        FusedActivation none = FusedActivation.NONE;
        Property.check(
                100,
                draw -> {
                    try (Scope _ = Scope.open()) {
                        Setup s = draw(draw);
                        var g = s.options.geometry(s.x, s.weight);
                        Shape y = Shape.of(g.batch(), g.outChannels(), g.outHeight(), g.outWidth());
                        int moreRows =
                                g.inHeight()
                                        - size(
                                                g.outHeight(),
                                                g.kernelHeight(),
                                                g.strideHeight(),
                                                g.dilationHeight(),
                                                g.padTop() + g.padBottom());
                        int moreColumns =
                                g.inWidth()
                                        - size(
                                                g.outWidth(),
                                                g.kernelWidth(),
                                                g.strideWidth(),
                                                g.dilationWidth(),
                                                g.padLeft() + g.padRight());
                        var options = new ConvTranspose2dOptions(s.options, moreRows, moreColumns);
                        Tensor in = Nd.wholes(draw, y, 3);
                        Tensor weight = Nd.wholes(draw, s.weight, 3);
                        Tensor bias = Nd.wholes(draw, Shape.of(s.x.size(1)), 9);
                        Tensor out =
                                TransposedConvolutions.convTranspose2d(in, weight, options, none);
                        Tensor dOut = Nd.wholes(draw, s.x, 3);
                        Nd a = Nd.of(in);
                        Nd b = Nd.of(weight);
                        Nd d = Nd.of(dOut);
                        Nd expected = Nd.empty(s.x.toArray());
                        Nd dIn = Nd.empty(y.toArray());
                        Nd dWeight = Nd.empty(s.weight.toArray());
                        taps(
                                s,
                                (i, o, w) -> {
                                    expected.values()[o] += a.values()[i] * b.values()[w];
                                    dIn.values()[i] += d.values()[o] * b.values()[w];
                                    dWeight.values()[w] += d.values()[o] * a.values()[i];
                                });
                        expected.check(out);
                        expected.check(Convolutions.inputGradient(in, weight, s.x, s.options));
                        // as TransposedConvolutions says
                        dIn.check(Convolutions.conv2d(dOut, weight, s.options, none));
                        dWeight.check(Convolutions.weightGradient(dOut, in, s.weight, s.options));
                        Nd biased = Nd.zip(expected, Nd.of(bias.reshape(-1, 1, 1)), Double::sum);
                        Tensor into = Nd.layOut(draw, s.x, ElementType.FLOAT32);
                        biased.map(v -> Math.max(v, 0))
                                .check(
                                        TransposedConvolutions.convTranspose2d(
                                                in,
                                                weight,
                                                bias,
                                                options,
                                                FusedActivation.RELU,
                                                into));
                    }
                });
    }

    private static int size(int in, int kernel, int stride, int dilation, int padding) {
        return (in - 1) * stride - padding + dilation * (kernel - 1) + 1;
    }

    @Test
    void transposedConvolutionErrorsNameTheShapes() {
        try (Scope scope = Scope.open()) {
            Tensor x = scope.zeros(Shape.of(1, 3, 4, 4));
            ConvTranspose2dOptions options = ConvTranspose2dOptions.of(2, 1, 1);
            check(
                    () -> transposed(x, scope.zeros(Shape.of(3, 0, 3, 3)), options),
                    "convTranspose2d: the weight is empty; channels and filter sizes must be at"
                            + " least 1: [1, 3, 4, 4] and [3, 0, 3, 3]");
            check(
                    () -> transposed(x, scope.zeros(Shape.of(4, 3, 3, 3)), options),
                    "convTranspose2d: channels differ, x has 3 and weight 4 in 1 groups:"
                            + " [1, 3, 4, 4] and [4, 3, 3, 3]");
            check(
                    () -> transposed(x.select(0, 0), scope.zeros(Shape.of(3, 4, 3, 3)), options),
                    "convTranspose2d: x must be [N, C, H, W] and weight [C, K/groups, h, w]:"
                            + " [3, 4, 4] and [3, 4, 3, 3]");
            assertThatThrownBy(
                            () ->
                                    transposed(
                                            x,
                                            scope.zeros(Shape.of(3, 4, 1, 1)),
                                            ConvTranspose2dOptions.of(1, 2, 0)))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageStartingWith("convTranspose2d: padding leaves no output, 0x0");
            assertThatThrownBy(() -> ConvTranspose2dOptions.of(2, 1, 2))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessage(
                            "convTranspose2d: output padding must be at least 0 and below the"
                                    + " stride, got 2x2, stride 2x2");
        }
    }

    private static Tensor transposed(Tensor x, Tensor weight, ConvTranspose2dOptions options) {
        return TransposedConvolutions.convTranspose2d(x, weight, options, FusedActivation.NONE);
    }

    @Test
    void theAlgorithmIsTheOptions() {
        try (Scope scope = Scope.open()) {
            Tensor x = scope.arange(2 * 32 * 14 * 14).sin().reshape(2, 32, 14, 14);
            Tensor w = scope.arange(32 * 32 * 9).cos().reshape(32, 32, 3, 3);
            Conv2dOptions options = Conv2dOptions.of(1, 1);
            Conv2dOptions direct = options.algorithm(ConvolutionAlgorithm.DIRECT);
            Tensor sums = conv(x, w, direct);
            Tensor fast = conv(x, w, options);
            assertThat(fast.contentEquals(sums)).isFalse();
            assertThat(fast.allClose(sums, 1e-5f, 1e-4f)).isTrue();
            Tensor dx = Convolutions.inputGradient(sums, w, x.shape(), direct);
            assertThat(
                            Convolutions.inputGradient(sums, w, x.shape(), options)
                                    .allClose(dx, 1e-4f, 1e-2f))
                    .isTrue();
        }
    }

    @Test
    void numbersThatOverflowAreRefused() {
        try (Scope scope = Scope.open()) {
            Tensor x = scope.zeros(Shape.of(1, 1, 8, 8));
            Conv2dOptions one = Conv2dOptions.of(1, 1);
            for (int size = 3; size <= 5; size += 2) {
                Tensor weight = scope.zeros(Shape.of(1, 1, size, size));
                for (int dilation : new int[] {1 << 30, Integer.MAX_VALUE}) {
                    assertThatThrownBy(() -> conv(x, weight, one.dilation(dilation)))
                            .isInstanceOf(ShapeException.class)
                            .hasMessageStartingWith("conv2d: the filter does not fit");
                }
                for (int padding : new int[] {1 << 30, Integer.MAX_VALUE}) {
                    assertThatThrownBy(() -> conv(x, weight, Conv2dOptions.of(1, padding)))
                            .isInstanceOf(ShapeException.class)
                            .hasMessageStartingWith("conv2d: a padded image may have up to");
                }
            }
        }
    }

    @Test
    void activationsAreNeverNull() {
        try (Scope scope = Scope.open()) {
            Tensor x = scope.zeros(Shape.of(1, 3, 8, 8));
            Tensor weight = scope.zeros(Shape.of(4, 3, 3, 3));
            Conv2dOptions options = Conv2dOptions.of(1, 0);
            assertThatThrownBy(() -> Convolutions.conv2d(x, weight, options, null))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessageStartingWith("conv2d: the activation is null");
            Tensor matrix = scope.zeros(Shape.of(4, 8));
            assertThatThrownBy(() -> MatMul.linear(x, matrix, null))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessageStartingWith("linear: the activation is null");
        }
    }

    @Test
    void errorsNameTheShapes() {
        try (Scope scope = Scope.open()) {
            Tensor x = scope.zeros(Shape.of(1, 3, 8, 8));
            Conv2dOptions options = Conv2dOptions.of(1, 0);
            check(
                    () -> conv(x, scope.zeros(Shape.of(4, 2, 3, 3)), options),
                    "conv2d: channels differ, x has 3 and weight 2 in 1 groups: [1, 3, 8, 8] and"
                            + " [4, 2, 3, 3]");
            check(
                    () -> conv(x, scope.zeros(Shape.of(4, 1, 3, 3)), options.groups(3)),
                    "conv2d: 4 output channels don't part into 3 groups: weight [4, 1, 3, 3]");
            check(
                    () -> conv(x.select(0, 0), scope.zeros(Shape.of(4, 3, 3, 3)), options),
                    "conv2d: x must be [N, C, H, W] and weight [K, C/groups, h, w]: [3, 8, 8] and"
                            + " [4, 3, 3, 3]");
            check(
                    () ->
                            conv(
                                    scope.zeros(Shape.of(1, 0, 8, 8)),
                                    scope.zeros(Shape.of(4, 0, 3, 3)),
                                    options),
                    "conv2d: the weight is empty; channels and filter sizes must be at least 1:"
                            + " [1, 0, 8, 8] and [4, 0, 3, 3]");
            check(
                    () -> conv(x, scope.zeros(Shape.of(4, 3, 0, 3)), options),
                    "conv2d: the weight is empty; channels and filter sizes must be at least 1:"
                            + " [1, 3, 8, 8] and [4, 3, 0, 3]");
            assertThatThrownBy(() -> conv(x, scope.zeros(Shape.of(4, 3, 9, 3)), options))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageStartingWith("conv2d: the filter does not fit the padded input");
            Tensor w = scope.zeros(Shape.of(4, 3, 3, 3));
            check(
                    () ->
                            Convolutions.conv2d(
                                    x, w, scope.zeros(Shape.of(3)), options, FusedActivation.NONE),
                    "conv2d: bias must be [4], got [3], for weight [4, 3, 3, 3]");
            check(
                    () -> Convolutions.inputGradient(x, w, x.shape(), options),
                    "conv2d input gradient: dOut must be [1, 4, 6, 6], got [1, 3, 8, 8]");
            assertThatThrownBy(() -> Conv2dOptions.of(0, 1))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessage("conv2d: stride must be at least 1, got 0");
            assertThatThrownBy(() -> Conv2dOptions.of(1, -1))
                    .hasMessage("conv2d: padding must be at least 0, got -1");
        }
    }

    private static Tensor conv(Tensor x, Tensor weight, Conv2dOptions options) {
        return Convolutions.conv2d(x, weight, options, FusedActivation.NONE);
    }

    private static void check(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(ShapeException.class).hasMessage(message);
    }
}
