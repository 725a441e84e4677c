package dev.lanewise.kernels;

import static dev.lanewise.kernels.ConvolutionCase.dot;
import static dev.lanewise.kernels.ConvolutionCase.doubles;
import static dev.lanewise.kernels.ConvolutionCase.downwards;
import static dev.lanewise.kernels.ConvolutionCase.magnitudes;
import static dev.lanewise.kernels.ConvolutionCase.smallIntegers;
import static dev.lanewise.kernels.ConvolutionCase.uniform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.table.KernelMemory.Placement;
import dev.lanewise.kernels.vector.VectorKernels;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * Both backends' sums of products against {@link ConvolutionReference}, over hostile and random
 * geometries.
 */
class ConvolutionTest {
    private static final double EPSILON = 0x1p-24;

    static Stream<Kernels> backends() {
        return Stream.of(Kernels.scalar(), VectorKernels.bundle());
    }

    private static Conv2dShape shape(int... v) {
        return new Conv2dShape(
                v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10], v[11], v[12],
                v[13], v[14], v[15]);
    }

    /** N C H W, K R S, strides, padding top bottom left right, dilations, groups. */
    private static List<Conv2dShape> geometries() {
        List<Conv2dShape> list =
                new ArrayList<>(
                        List.of(
                                Conv2dShape.of(3, 1, 28, 28, 32, 3, 3, 1, 1),
                                Conv2dShape.of(2, 32, 14, 14, 64, 3, 3, 1, 1),
                                Conv2dShape.of(1, 3, 23, 23, 9, 7, 7, 2, 3),
                                Conv2dShape.of(1, 20, 7, 7, 33, 3, 3, 1, 1),
                                Conv2dShape.of(2, 5, 17, 16, 6, 1, 1, 1, 0),
                                Conv2dShape.of(2, 5, 3, 5, 6, 1, 1, 1, 0),
                                Conv2dShape.of(1, 64, 4, 4, 400, 3, 3, 1, 1),
                                Conv2dShape.of(2, 5, 16, 16, 6, 1, 1, 2, 0),
                                Conv2dShape.of(2, 5, 9, 16, 6, 1, 1, 1, 1),
                                Conv2dShape.of(0, 3, 8, 8, 4, 3, 3, 1, 1),
                                // the filter does not fit: no output
                                Conv2dShape.of(2, 3, 2, 2, 4, 5, 5, 1, 0),
                                shape(1, 2, 4, 1, 3, 3, 3, 1, 1, 1, 1, 0, 0, 1, 1, 1),
                                // larger than the input, but padded
                                Conv2dShape.of(2, 3, 3, 3, 4, 5, 5, 1, 2),
                                // stride larger than the filter: inputs that no output sees
                                Conv2dShape.of(2, 3, 11, 10, 4, 2, 2, 3, 0),
                                // padding beyond the filter's reach
                                Conv2dShape.of(1, 2, 5, 6, 3, 2, 2, 1, 4),
                                Conv2dShape.of(1, 2, 5, 6, 3, 1, 1, 2, 3),
                                // asymmetric everything
                                shape(2, 4, 9, 13, 6, 3, 2, 2, 1, 0, 2, 1, 3, 1, 2, 2),
                                shape(1, 3, 12, 7, 5, 2, 4, 1, 3, 3, 0, 2, 1, 4, 1, 1),
                                shape(1, 2, 10, 11, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 1),
                                shape(1, 2, 10, 11, 3, 3, 3, 3, 4, 2, 1, 0, 2, 2, 3, 1),
                                // depthwise, with and without multiplier
                                shape(2, 7, 13, 15, 7, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 7),
                                shape(2, 7, 13, 15, 14, 3, 3, 2, 2, 0, 1, 0, 1, 1, 1, 7),
                                shape(1, 5, 8, 8, 5, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 5),
                                // pointwise, as matrix products
                                Conv2dShape.of(2, 40, 9, 17, 24, 1, 1, 1, 0),
                                Conv2dShape.of(1, 20, 23, 24, 70, 1, 1, 1, 0),
                                shape(2, 30, 11, 9, 21, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 3),
                                // depthwise 3x3 and single planes, whole vectors of columns
                                shape(2, 7, 19, 41, 7, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 7),
                                shape(2, 5, 3, 16, 15, 3, 3, 1, 1, 0, 2, 2, 0, 1, 1, 5),
                                shape(1, 3, 1, 64, 3, 3, 3, 1, 1, 1, 1, 0, 3, 1, 1, 3),
                                shape(1, 4, 9, 33, 4, 3, 3, 1, 1, 0, 0, 0, 0, 1, 1, 4),
                                shape(1, 4, 6, 50, 8, 3, 3, 1, 1, 4, 3, 5, 6, 1, 3, 4),
                                shape(2, 6, 7, 35, 1, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1),
                                // enough filters for lanes along them, in one panel and more
                                Conv2dShape.of(2, 5, 13, 14, 64, 3, 3, 2, 1),
                                Conv2dShape.of(1, 37, 9, 19, 150, 3, 3, 1, 1),
                                Conv2dShape.of(1, 64, 11, 12, 30, 4, 4, 2, 1),
                                Conv2dShape.of(1, 40, 30, 9, 70, 1, 1, 2, 0),
                                Conv2dShape.of(2, 48, 5, 3, 48, 1, 1, 1, 0),
                                shape(2, 62, 9, 13, 72, 3, 2, 2, 1, 0, 2, 1, 3, 1, 2, 2),
                                shape(1, 33, 12, 17, 90, 2, 4, 1, 3, 3, 0, 2, 1, 2, 1, 1),
                                // 1-D
                                shape(2, 3, 1, 40, 4, 1, 5, 1, 2, 0, 0, 2, 2, 1, 1, 1),
                                shape(2, 60, 1, 75, 31, 1, 3, 1, 1, 0, 0, 1, 1, 1, 1, 1),
                                shape(2, 3, 40, 1, 4, 5, 1, 2, 1, 2, 2, 0, 0, 1, 1, 1)));
        SplittableRandom random = new SplittableRandom(42);
        while (list.size() < 160) {
            int groups = random.nextInt(4) == 0 ? 1 + random.nextInt(3) : 1;
            list.add(
                    shape(
                            random.nextInt(1, 4),
                            groups * random.nextInt(1, 6),
                            random.nextInt(1, 20),
                            random.nextInt(1, 36),
                            groups * random.nextInt(1, 8),
                            random.nextInt(1, 5),
                            random.nextInt(1, 5),
                            random.nextInt(1, 4),
                            random.nextInt(1, 4),
                            random.nextInt(0, 4),
                            random.nextInt(0, 4),
                            random.nextInt(0, 4),
                            random.nextInt(0, 4),
                            random.nextInt(1, 3),
                            random.nextInt(1, 3),
                            groups));
        }
        list.replaceAll(shape -> shape.with(ConvolutionAlgorithm.DIRECT));
        return list;
    }

    @ParameterizedTest
    @MethodSource("backends")
    void smallIntegersAreExact(Kernels kernels) {
        for (Conv2dShape shape : geometries()) {
            try (ConvolutionCase c =
                    new ConvolutionCase(kernels, shape, Placement.EXACT, smallIntegers(7))) {
                double[] in = doubles(c.in);
                double[] weight = doubles(c.weight);
                double[] gradient = doubles(c.gradient);
                String what = kernels.backend() + " " + shape;

                double[] expected = ConvolutionReference.forward(shape, in, weight);
                c.forward(false, FusedActivation.NONE);
                assertThat(doubles(c.out)).as("forward " + what).isEqualTo(expected);

                int plane = shape.outHeight() * shape.outWidth();
                for (int o = 0; o < expected.length; o++) {
                    double b = c.bias.get(o / plane % shape.outChannels());
                    expected[o] = Math.max(0, expected[o] + b);
                }
                c.forward(true, FusedActivation.RELU);
                assertThat(doubles(c.out)).as("forward, bias, relu " + what).isEqualTo(expected);

                c.inputGradient();
                assertThat(doubles(c.dIn))
                        .as("input gradient " + what)
                        .isEqualTo(ConvolutionReference.inputGradient(shape, gradient, weight));

                double[] dWeight =
                        ConvolutionReference.weightGradient(shape, in, gradient, 0, shape.batch());
                c.weightGradient(0, shape.batch(), 0);
                assertThat(doubles(c.dWeight)).as("weight gradient " + what).isEqualTo(dWeight);
                c.weightGradient(0, shape.batch(), 2);
                for (int i = 0; i < dWeight.length; i++) {
                    dWeight[i] *= 3;
                }
                assertThat(doubles(c.dWeight)).as("beta = 2 " + what).isEqualTo(dWeight);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void randomDataStaysWithinTheErrorBound(Kernels kernels) {
        for (Conv2dShape shape : geometries()) {
            try (ConvolutionCase c =
                    new ConvolutionCase(kernels, shape, Placement.GUARDED, uniform(3))) {
                double[] in = doubles(c.in);
                double[] weight = doubles(c.weight);
                double[] gradient = doubles(c.gradient);
                c.forward(false, FusedActivation.NONE);
                assertWithinBound(
                        doubles(c.out),
                        ConvolutionReference.forward(shape, in, weight),
                        ConvolutionReference.forward(shape, magnitudes(in), magnitudes(weight)),
                        shape.weightsPerChannel());
                c.inputGradient();
                assertWithinBound(
                        doubles(c.dIn),
                        ConvolutionReference.inputGradient(shape, gradient, weight),
                        ConvolutionReference.inputGradient(
                                shape, magnitudes(gradient), magnitudes(weight)),
                        ConvolutionReference.weightSize(shape) / shape.inChannels());
                c.weightGradient(0, shape.batch(), 0);
                assertWithinBound(
                        doubles(c.dWeight),
                        ConvolutionReference.weightGradient(shape, in, gradient, 0, shape.batch()),
                        ConvolutionReference.weightGradient(
                                shape, magnitudes(in), magnitudes(gradient), 0, shape.batch()),
                        ConvolutionReference.outSize(shape) / shape.outChannels());
                c.memory.checkCanaries(kernels.backend() + " " + shape);
            }
        }
    }

    private static void assertWithinBound(
            double[] actual, double[] exact, double[] bound, int terms) {
        for (int i = 0; i < exact.length; i++) {
            assertThat(Math.abs(actual[i] - exact[i]))
                    .isLessThanOrEqualTo((terms + 2) * EPSILON * bound[i]);
        }
    }

    /** ⟨conv(x), y⟩ = ⟨x, inputGradient(y)⟩ = ⟨w, weightGradient(x, y)⟩. */
    @ParameterizedTest
    @MethodSource("backends")
    void gradientsAreAdjoint(Kernels kernels) {
        for (Conv2dShape shape : geometries()) {
            try (ConvolutionCase c =
                    new ConvolutionCase(kernels, shape, Placement.ALIGNED, uniform(11))) {
                c.forward(false, FusedActivation.NONE);
                c.inputGradient();
                c.weightGradient(0, shape.batch(), 0);
                double expected = dot(c.out, c.gradient);
                double allowed = 1e-5 * (1 + Math.sqrt(c.out.count()) * shape.weightsPerChannel());
                assertThat(dot(c.in, c.dIn)).isCloseTo(expected, within(allowed));
                assertThat(dot(c.weight, c.dWeight)).isCloseTo(expected, within(allowed));
            }
        }
    }

    private static org.assertj.core.data.Offset<Double> within(double allowed) {
        return org.assertj.core.data.Offset.offset(allowed);
    }

    /** Bands in any order give the bits of all at once, packed or not. */
    @ParameterizedTest
    @MethodSource("backends")
    void rangesDoNotChangeBits(Kernels kernels) {
        for (Conv2dShape shape : geometries()) {
            try (ConvolutionCase whole =
                            new ConvolutionCase(kernels, shape, Placement.EXACT, uniform(5));
                    ConvolutionCase split =
                            new ConvolutionCase(kernels, shape, Placement.EXACT, uniform(5))) {
                int bands = shape.allBands(ConvolutionPass.FORWARD);
                int gradientBands = shape.allBands(ConvolutionPass.INPUT_GRADIENT);
                whole.forward(true, FusedActivation.TANH);
                whole.inputGradient();
                downwards(bands, 1, (b, e) -> split.forward(true, FusedActivation.TANH, b, e));
                downwards(gradientBands, 1, split::inputGradient);
                assertThat(doubles(split.out)).as("%s", shape).isEqualTo(doubles(whole.out));
                assertThat(doubles(split.dIn)).as("%s", shape).isEqualTo(doubles(whole.dIn));
                whole.forwardPacked(true, FusedActivation.RELU);
                whole.inputGradientPacked();
                downwards(
                        bands, 3, (b, e) -> split.forwardPacked(true, FusedActivation.RELU, b, e));
                downwards(gradientBands, 3, split::inputGradientPacked);
                assertThat(doubles(split.out)).as("%s", shape).isEqualTo(doubles(whole.out));
                assertThat(doubles(split.dIn)).as("%s", shape).isEqualTo(doubles(whole.dIn));
                if (shape.batch() > 1) {
                    split.weightGradient(1, shape.batch(), 0);
                    assertWithinBound(
                            doubles(split.dWeight),
                            ConvolutionReference.weightGradient(
                                    shape,
                                    doubles(split.in),
                                    doubles(split.gradient),
                                    1,
                                    shape.batch()),
                            ConvolutionReference.weightGradient(
                                    shape,
                                    magnitudes(doubles(split.in)),
                                    magnitudes(doubles(split.gradient)),
                                    1,
                                    shape.batch()),
                            ConvolutionReference.outSize(shape) / shape.outChannels());
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void weightsPackedInSlicesHaveTheSameBits(Kernels kernels) {
        for (Conv2dShape shape : geometries()) {
            try (ConvolutionCase c =
                    new ConvolutionCase(kernels, shape, Placement.GUARDED, uniform(5))) {
                c.expectPackedSlices(1);
                c.expectPackedSlices(3);
                c.memory.checkCanaries(kernels.backend() + " " + shape);
            }
        }
    }

    /** Finite results do not depend on the backend: all sums have one order. */
    @ParameterizedTest
    @MethodSource("backends")
    void backendsGiveTheSameBits(Kernels kernels) {
        for (Conv2dShape shape : geometries()) {
            try (ConvolutionCase scalar =
                            new ConvolutionCase(
                                    Kernels.scalar(), shape, Placement.EXACT, uniform(9));
                    ConvolutionCase other =
                            new ConvolutionCase(kernels, shape, Placement.EXACT, uniform(9))) {
                for (ConvolutionCase c : List.of(scalar, other)) {
                    c.forward(true, FusedActivation.NONE);
                    c.inputGradient();
                    c.weightGradient(0, shape.batch(), 0);
                }
                assertThat(doubles(other.out)).isEqualTo(doubles(scalar.out));
                assertThat(doubles(other.dIn)).isEqualTo(doubles(scalar.dIn));
                assertThat(doubles(other.dWeight)).isEqualTo(doubles(scalar.dWeight));
            }
        }
    }

    /** A NaN or an infinity in the input reaches the outputs whose windows hold it, no other. */
    @ParameterizedTest
    @MethodSource("backends")
    void specialValuesReachTheirWindowsOnly(Kernels kernels) {
        float[] specials = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
        for (Conv2dShape shape : geometries()) {
            for (float special : specials) {
                SplittableRandom random = new SplittableRandom(17);
                try (ConvolutionCase c =
                        new ConvolutionCase(
                                kernels, shape, Placement.EXACT, () -> random.nextInt(1, 5))) {
                    if (c.in.count() == 0) {
                        continue;
                    }
                    c.in.set(c.in.count() / 2, special);
                    c.forward(false, FusedActivation.NONE);
                    assertThat(doubles(c.out))
                            .as(special + " " + shape)
                            .isEqualTo(
                                    ConvolutionReference.forward(
                                            shape, doubles(c.in), doubles(c.weight)));
                    c.weightGradient(0, shape.batch(), 0);
                    assertThat(doubles(c.dWeight))
                            .as(special + " weight gradient " + shape)
                            .isEqualTo(
                                    ConvolutionReference.weightGradient(
                                            shape,
                                            doubles(c.in),
                                            doubles(c.gradient),
                                            0,
                                            shape.batch()));
                    if (c.gradient.count() > 0) {
                        c.gradient.set(c.gradient.count() / 2, special);
                        c.inputGradient();
                        assertThat(doubles(c.dIn))
                                .as(special + " input gradient " + shape)
                                .isEqualTo(
                                        ConvolutionReference.inputGradient(
                                                shape, doubles(c.gradient), doubles(c.weight)));
                    }
                }
            }
        }
    }

    /** Packed weights of the direct algorithm give the bits of plain ones. */
    @ParameterizedTest
    @MethodSource("backends")
    void packedWeightsGiveTheSameBits(Kernels kernels) {
        for (Conv2dShape shape : geometries()) {
            try (ConvolutionCase plain =
                            new ConvolutionCase(kernels, shape, Placement.EXACT, uniform(21));
                    ConvolutionCase packed =
                            new ConvolutionCase(kernels, shape, Placement.GUARDED, uniform(21))) {
                plain.forward(true, FusedActivation.TANH);
                packed.forwardPacked(true, FusedActivation.TANH);
                assertThat(doubles(packed.out)).isEqualTo(doubles(plain.out));
                plain.inputGradient();
                packed.inputGradientPacked();
                assertThat(doubles(packed.dIn)).isEqualTo(doubles(plain.dIn));
                packed.memory.checkCanaries(kernels.backend() + " " + shape);
            }
        }
    }
}
