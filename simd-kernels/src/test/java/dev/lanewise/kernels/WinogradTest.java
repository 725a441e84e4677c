package dev.lanewise.kernels;

import static dev.lanewise.kernels.ConvolutionCase.dot;
import static dev.lanewise.kernels.ConvolutionCase.doubles;
import static dev.lanewise.kernels.ConvolutionCase.downwards;
import static dev.lanewise.kernels.ConvolutionCase.uniform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.kernels.table.KernelMemory.Placement;
import dev.lanewise.kernels.vector.VectorKernels;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** {@link Winograd}'s algorithm of both backends against {@link ConvolutionReference}. */
class WinogradTest {
    private static final double EPSILON = 0x1p-24;

    static Stream<Kernels> backends() {
        return Stream.of(Kernels.scalar(), VectorKernels.bundle());
    }

    private static Conv2dShape shape(int n, int c, int h, int w, int k, int... pads) {
        return new Conv2dShape(
                n, c, h, w, k, 3, 3, 1, 1, pads[0], pads[1], pads[2], pads[3], 1, 1, 1);
    }

    /** Whole and broken tiles, planes below a vector, rows of tiles above a block. */
    private static List<Conv2dShape> geometries() {
        return List.of(
                shape(2, 32, 14, 14, 32, 1, 1, 1, 1),
                shape(1, 32, 16, 16, 64, 1, 1, 1, 1),
                shape(1, 32, 13, 17, 48, 1, 1, 1, 1),
                shape(3, 16, 9, 30, 112, 0, 1, 2, 0),
                shape(1, 48, 30, 5, 32, 2, 2, 0, 1),
                shape(1, 64, 14, 14, 16, 1, 1, 1, 1),
                // too few tiles unless packed
                shape(1, 32, 8, 8, 32, 1, 1, 1, 1),
                shape(2, 32, 7, 7, 32, 1, 1, 1, 1),
                // padding beyond the filter: not for the input gradient
                shape(2, 32, 6, 9, 32, 3, 4, 3, 3),
                // sums longer than a depth block of the product
                shape(1, 1040, 5, 6, 32, 1, 1, 1, 1),
                shape(1, 32, 5, 6, 1040, 1, 1, 1, 1),
                // a row of tiles longer than a block, planes thinner than a tile
                shape(1, 32, 4, 210, 32, 1, 1, 1, 1),
                shape(1, 32, 3, 230, 32, 0, 0, 0, 0),
                shape(3, 32, 37, 3, 32, 1, 1, 1, 1),
                shape(2, 32, 70, 1, 32, 1, 1, 1, 1),
                // blocks that span images
                shape(21, 32, 6, 6, 32, 1, 1, 1, 1),
                shape(0, 32, 14, 14, 32, 1, 1, 1, 1));
    }

    private static ConvolutionCase packed(Kernels kernels, Conv2dShape shape, Placement placement) {
        ConvolutionCase c = new ConvolutionCase(kernels, shape, placement, uniform(13));
        c.forwardPacked(false, FusedActivation.NONE);
        c.inputGradientPacked();
        return c;
    }

    /**
     * At most six times the largest error of direct sums (which are short where a window is mostly
     * padding), and 5e-6 of the largest output with up to 512 channels.
     */
    @ParameterizedTest
    @MethodSource("backends")
    void errorsAreNearThoseOfDirectSums(Kernels kernels) {
        for (Conv2dShape shape : geometries()) {
            assertThat(Winograd.suits(shape, ConvolutionPass.FORWARD)).isTrue();
            Conv2dShape direct = shape.with(ConvolutionAlgorithm.DIRECT);
            try (ConvolutionCase fast = packed(kernels, shape, Placement.EXACT);
                    ConvolutionCase sums = packed(kernels, direct, Placement.EXACT)) {
                double[] in = doubles(fast.in);
                double[] weight = doubles(fast.weight);
                check(
                        "forward " + shape,
                        shape.inChannels(),
                        doubles(fast.out),
                        doubles(sums.out),
                        ConvolutionReference.forward(shape, in, weight));
                check(
                        "input gradient " + shape,
                        shape.outChannels(),
                        doubles(fast.dIn),
                        doubles(sums.dIn),
                        ConvolutionReference.inputGradient(shape, doubles(fast.gradient), weight));
            }
        }
    }

    private static void check(
            String what, int channels, double[] fast, double[] direct, double[] exact) {
        double largest = 0;
        for (double value : exact) {
            largest = Math.max(largest, Math.abs(value));
        }
        double error = largestDifference(fast, exact);
        assertThat(error).as(what).isLessThanOrEqualTo((channels > 512 ? 1e-5 : 5e-6) * largest);
        assertThat(error).as(what).isLessThanOrEqualTo(6 * largestDifference(direct, exact));
    }

    private static double largestDifference(double[] a, double[] b) {
        double difference = 0;
        for (int i = 0; i < a.length; i++) {
            difference = Math.max(difference, Math.abs(a[i] - b[i]));
        }
        return difference;
    }

    /** The stated bound, on values whose magnitudes differ by up to 2^20 within a tile. */
    @ParameterizedTest
    @MethodSource("backends")
    void errorsStayWithinTheBound(Kernels kernels) {
        Conv2dShape shape = shape(1, 32, 13, 17, 48, 1, 1, 1, 1);
        SplittableRandom random = new SplittableRandom(31);
        try (ConvolutionCase c =
                new ConvolutionCase(
                        kernels,
                        shape,
                        Placement.EXACT,
                        () -> random.nextDouble(-1, 1) * Math.pow(2, random.nextInt(20)))) {
            c.forwardPacked(false, FusedActivation.NONE);
            double[] in = doubles(c.in);
            double[] weight = doubles(c.weight);
            double[] exact = ConvolutionReference.forward(shape, in, weight);
            for (int o = 0; o < exact.length; o++) {
                int x = o % 17 / 4 * 4 - 1;
                int y = o / 17 % 13 / 4 * 4 - 1;
                double sum = 0;
                for (int channel = 0; channel < 32; channel++) {
                    double d = 0;
                    for (int i = Math.max(0, y); i < Math.min(13, y + 6); i++) {
                        for (int j = Math.max(0, x); j < Math.min(17, x + 6); j++) {
                            d = Math.max(d, Math.abs(in[(channel * 13 + i) * 17 + j]));
                        }
                    }
                    double w = 0;
                    for (int tap = 0; tap < 9; tap++) {
                        int filter = o / (13 * 17) * 32 + channel;
                        w = Math.max(w, Math.abs(weight[filter * 9 + tap]));
                    }
                    sum += d * w;
                }
                assertThat(Math.abs(c.out.get(o) - exact[o]))
                        .isLessThanOrEqualTo(600 * (32 + 32) * EPSILON * sum);
            }
        }
    }

    /** Nothing else is touched, and plain weights that are packed first give the same bits. */
    @ParameterizedTest
    @MethodSource("backends")
    void plainWeightsGiveTheBitsOfPackedOnes(Kernels kernels) {
        for (Conv2dShape shape : geometries()) {
            Convolution convolution = kernels.convolution();
            try (ConvolutionCase packed = packed(kernels, shape, Placement.EXACT);
                    ConvolutionCase plain = packed(kernels, shape, Placement.GUARDED)) {
                for (int i = 0; i < 2; i++) {
                    boolean bias = i == 1;
                    FusedActivation f = bias ? FusedActivation.RELU : FusedActivation.NONE;
                    packed.forwardPacked(bias, f);
                    plain.forward(bias, f);
                    if (convolution.packsFirst(shape, ConvolutionPass.FORWARD)) {
                        assertThat(doubles(plain.out)).isEqualTo(doubles(packed.out));
                    }
                    if (bias) {
                        expectBias(kernels, packed);
                    }
                }
                plain.inputGradient();
                if (convolution.packsFirst(shape, ConvolutionPass.INPUT_GRADIENT)) {
                    assertThat(doubles(plain.dIn)).isEqualTo(doubles(packed.dIn));
                }
                plain.memory.checkCanaries(kernels.backend() + " " + shape);
            }
        }
    }

    /** The biased, rectified output against the plain one. */
    private static void expectBias(Kernels kernels, ConvolutionCase biased) {
        Conv2dShape shape = biased.shape;
        int plane = shape.outHeight() * shape.outWidth();
        double[] expected = new double[(int) biased.out.count()];
        try (ConvolutionCase plain = packed(kernels, shape, Placement.EXACT)) {
            for (int o = 0; o < expected.length; o++) {
                double b = plain.bias.get(o / plane % shape.outChannels());
                expected[o] = Math.max(0, plain.out.get(o) + b);
            }
        }
        assertThat(doubles(biased.out))
                .usingComparatorWithPrecision(1e-4)
                .containsExactly(expected);
    }

    @Test
    void backendsGiveTheSameBits() {
        for (Conv2dShape shape : geometries()) {
            try (ConvolutionCase scalar = packed(Kernels.scalar(), shape, Placement.EXACT);
                    ConvolutionCase vector =
                            packed(VectorKernels.bundle(), shape, Placement.EXACT)) {
                assertThat(doubles(vector.out)).as(shape.toString()).isEqualTo(doubles(scalar.out));
                assertThat(doubles(vector.dIn)).as(shape.toString()).isEqualTo(doubles(scalar.dIn));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void rangesDoNotChangeBits(Kernels kernels) {
        for (Conv2dShape shape : geometries()) {
            try (ConvolutionCase whole = packed(kernels, shape, Placement.EXACT);
                    ConvolutionCase split =
                            new ConvolutionCase(kernels, shape, Placement.EXACT, uniform(13))) {
                downwards(
                        shape.allBands(ConvolutionPass.FORWARD),
                        2,
                        (b, e) -> split.forwardPacked(false, FusedActivation.NONE, b, e));
                downwards(
                        shape.allBands(ConvolutionPass.INPUT_GRADIENT),
                        2,
                        split::inputGradientPacked);
                assertThat(doubles(split.out)).isEqualTo(doubles(whole.out));
                assertThat(doubles(split.dIn)).isEqualTo(doubles(whole.dIn));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void weightsPackedInSlicesHaveTheSameBits(Kernels kernels) {
        for (Conv2dShape shape : geometries()) {
            try (ConvolutionCase c =
                    new ConvolutionCase(kernels, shape, Placement.GUARDED, uniform(13))) {
                c.expectPackedSlices(1);
                c.expectPackedSlices(3);
                c.memory.checkCanaries(kernels.backend() + " " + shape);
            }
        }
    }

    /** ⟨conv(x), y⟩ = ⟨x, inputGradient(y)⟩. */
    @ParameterizedTest
    @MethodSource("backends")
    void theInputGradientIsTheAdjoint(Kernels kernels) {
        for (Conv2dShape shape : geometries()) {
            try (ConvolutionCase c = packed(kernels, shape, Placement.ALIGNED)) {
                double allowed = 1e-5 * (1 + Math.sqrt(c.out.count()) * shape.weightsPerChannel());
                assertThat(dot(c.in, c.dIn)).isCloseTo(dot(c.out, c.gradient), within(allowed));
            }
        }
    }

    /** A NaN touches all outputs of its window, and none outside the tiles that see it. */
    @ParameterizedTest
    @MethodSource("backends")
    void specialValuesStayInTheirTiles(Kernels kernels) {
        Conv2dShape shape = shape(2, 32, 14, 14, 32, 1, 1, 1, 1);
        try (ConvolutionCase clean = packed(kernels, shape, Placement.EXACT);
                ConvolutionCase c = packed(kernels, shape, Placement.EXACT)) {
            c.in.set((5 * 14 + 6) * 14 + 6, Float.NaN); // seen by the tile of rows, columns 4 to 7
            c.forwardPacked(false, FusedActivation.NONE);
            for (int o = 0; o < c.out.count(); o++) {
                int x = o % 14;
                int y = o / 14 % 14;
                boolean image = o < c.out.count() / 2;
                if (image && x >= 4 && x < 8 && y >= 4 && y < 8) {
                    boolean window = Math.abs(x - 6) <= 1 && Math.abs(y - 6) <= 1;
                    assertThat(!window || Float.isNaN(c.out.get(o))).isTrue();
                } else {
                    assertThat(c.out.get(o)).isEqualTo(clean.out.get(o));
                }
            }
        }
    }

    @Test
    void theShapeAloneDecides() {
        Conv2dShape shape = shape(1, 32, 14, 14, 32, 1, 1, 1, 1);
        for (ConvolutionPass pass : ConvolutionPass.values()) {
            assertThat(Winograd.suits(shape, pass)).isTrue();
            assertThat(Winograd.suitsUnpacked(shape, pass)).isTrue();
            assertThat(Winograd.suits(shape.with(ConvolutionAlgorithm.DIRECT), pass)).isFalse();
            List<Conv2dShape> others =
                    List.of(
                            Conv2dShape.of(1, 32, 14, 14, 32, 5, 5, 1, 1),
                            Conv2dShape.of(1, 32, 14, 14, 32, 3, 3, 2, 1),
                            Conv2dShape.of(1, 40, 14, 14, 32, 3, 3, 1, 1),
                            Conv2dShape.of(1, 16, 14, 14, 16, 3, 3, 1, 1),
                            Conv2dShape.of(1, 32, 4, 4, 32, 3, 3, 1, 1),
                            new Conv2dShape(1, 32, 14, 14, 32, 3, 3, 1, 1, 2, 2, 2, 2, 2, 2, 1),
                            new Conv2dShape(1, 64, 14, 14, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 2));
            for (Conv2dShape other : others) {
                assertThat(Winograd.suits(other, pass)).as(other.toString()).isFalse();
            }
        }
        Conv2dShape small = shape(1, 32, 8, 8, 32, 1, 1, 1, 1);
        assertThat(Winograd.suitsUnpacked(small, ConvolutionPass.FORWARD)).isFalse();
        Conv2dShape wide = shape(2, 32, 6, 9, 32, 3, 4, 3, 3);
        assertThat(Winograd.suits(wide, ConvolutionPass.INPUT_GRADIENT)).isFalse();
    }
}
