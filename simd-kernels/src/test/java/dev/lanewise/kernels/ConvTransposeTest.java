package dev.lanewise.kernels;

import static dev.lanewise.kernels.ConvolutionCase.doubles;
import static dev.lanewise.kernels.ConvolutionCase.smallIntegers;
import static dev.lanewise.kernels.ConvolutionCase.uniform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.kernels.table.KernelArray;
import dev.lanewise.kernels.table.KernelMemory;
import dev.lanewise.kernels.table.KernelMemory.Placement;
import dev.lanewise.kernels.vector.VectorKernels;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;

/** Transposed convolution of both backends against the sum that its shape's Javadoc states. */
class ConvTransposeTest {

    static Stream<Kernels> backends() {
        return Stream.of(Kernels.scalar(), VectorKernels.bundle());
    }

    private static List<ConvTranspose2dShape> geometries(ConvolutionAlgorithm algorithm) {
        List<ConvTranspose2dShape> list =
                new ArrayList<>(
                        List.of(
                                ConvTranspose2dShape.of(2, 3, 5, 6, 4, 4, 4, 2, 1, 0),
                                ConvTranspose2dShape.of(2, 3, 5, 6, 4, 3, 3, 2, 1, 1),
                                ConvTranspose2dShape.of(2, 3, 9, 14, 70, 4, 4, 2, 1, 0),
                                ConvTranspose2dShape.of(1, 5, 8, 7, 29, 3, 3, 2, 1, 0),
                                ConvTranspose2dShape.of(1, 7, 7, 7, 5, 2, 2, 2, 0, 0),
                                ConvTranspose2dShape.of(1, 4, 1, 1, 6, 4, 4, 1, 0, 0),
                                ConvTranspose2dShape.of(1, 4, 9, 8, 6, 3, 3, 3, 0, 2)));
        SplittableRandom random = new SplittableRandom(8);
        while (list.size() < 60) {
            int groups = random.nextInt(1, 3);
            int strideHeight = random.nextInt(1, 4);
            int strideWidth = random.nextInt(1, 4);
            ConvTranspose2dShape shape =
                    ConvTranspose2dShape.of(
                            random.nextInt(1, 4),
                            groups * random.nextInt(1, 6),
                            random.nextInt(1, 12),
                            random.nextInt(1, 24),
                            groups * random.nextInt(1, 6),
                            random.nextInt(1, 5),
                            random.nextInt(1, 5),
                            strideHeight,
                            strideWidth,
                            random.nextInt(3),
                            random.nextInt(3),
                            random.nextInt(3),
                            random.nextInt(3),
                            random.nextInt(strideHeight),
                            random.nextInt(strideWidth),
                            random.nextInt(1, 3),
                            random.nextInt(1, 3),
                            groups,
                            algorithm);
            if (shape.outHeight() > 0 && shape.outWidth() > 0) {
                list.add(shape);
            }
        }
        return list;
    }

    private static final class Case implements AutoCloseable {
        final KernelMemory memory;
        final Convolution kernels;
        final ConvTranspose2dShape shape;
        final KernelArray in;
        final KernelArray weight;
        final KernelArray bias;
        final KernelArray out;
        final KernelArray packed;
        final KernelArray work;

        Case(
                Kernels bundle,
                ConvTranspose2dShape shape,
                Placement placement,
                DoubleSupplier values) {
            Conv2dShape c = shape.convolution();
            this.shape = shape;
            kernels = bundle.convolution();
            memory = new KernelMemory(placement, 1);
            in = filled(memory.input(ConvolutionReference.outSize(c)), values);
            weight = filled(memory.input(ConvolutionReference.weightSize(c)), values);
            bias = filled(memory.input(shape.outChannels()), values);
            out = memory.output(ConvolutionReference.inSize(c));
            packed = memory.scratch(kernels.packedWeightSize(c, ConvolutionPass.INPUT_GRADIENT));
            work = memory.scratch(kernels.workspaceSize(c));
        }

        private static KernelArray filled(KernelArray array, DoubleSupplier values) {
            for (long i = 0; i < array.count(); i++) {
                array.set(i, (float) values.getAsDouble());
            }
            return array;
        }

        int bands() {
            return shape.convolution().allBands(ConvolutionPass.INPUT_GRADIENT);
        }

        void run(boolean hasBias, FusedActivation activation, int first, int last) {
            kernels.transposed(
                    in.segment(),
                    in.offset(),
                    weight.segment(),
                    weight.offset(),
                    hasBias,
                    bias.segment(),
                    bias.offset(),
                    shape,
                    first,
                    last,
                    activation,
                    work.segment(),
                    work.offset(),
                    out.segment(),
                    out.offset());
        }

        void runPacked(boolean hasBias, FusedActivation activation, int first, int last) {
            kernels.packWeight(
                    weight.segment(),
                    weight.offset(),
                    shape.convolution(),
                    ConvolutionPass.INPUT_GRADIENT,
                    0,
                    kernels.weightSlices(shape.convolution(), ConvolutionPass.INPUT_GRADIENT),
                    work.segment(),
                    work.offset(),
                    packed.segment(),
                    packed.offset());
            kernels.transposedPacked(
                    in.segment(),
                    in.offset(),
                    packed.segment(),
                    packed.offset(),
                    hasBias,
                    bias.segment(),
                    bias.offset(),
                    shape,
                    first,
                    last,
                    activation,
                    work.segment(),
                    work.offset(),
                    out.segment(),
                    out.offset());
        }

        @Override
        public void close() {
            memory.close();
        }
    }

    /** out[y·stride − pad + r·dilation, ...] += in[y, x] · weight[r, s], in double. */
    private static double[] reference(Case c, boolean hasBias) {
        ConvTranspose2dShape s = c.shape;
        Conv2dShape g = s.convolution();
        double[] out = new double[(int) c.out.count()];
        int groupIn = s.inChannels() / g.groups();
        int groupOut = s.outChannels() / g.groups();
        int plane = s.outHeight() * s.outWidth();
        for (int o = 0; o < out.length && hasBias; o++) {
            out[o] = c.bias.get(o / plane % s.outChannels());
        }
        for (int i = 0; i < c.in.count(); i++) {
            int x = i % s.inWidth();
            int y = i / s.inWidth() % s.inHeight();
            int channel = i / (s.inWidth() * s.inHeight()) % s.inChannels();
            int image = i / (s.inWidth() * s.inHeight() * s.inChannels());
            for (int k = 0; k < groupOut; k++) {
                int outChannel = channel / groupIn * groupOut + k;
                for (int tap = 0; tap < g.kernelHeight() * g.kernelWidth(); tap++) {
                    int row =
                            y * g.strideHeight()
                                    - g.padTop()
                                    + tap / g.kernelWidth() * g.dilationHeight();
                    int column =
                            x * g.strideWidth()
                                    - g.padLeft()
                                    + tap % g.kernelWidth() * g.dilationWidth();
                    if (row >= 0 && row < s.outHeight() && column >= 0 && column < s.outWidth()) {
                        int w = (channel * groupOut + k) * g.kernelHeight() * g.kernelWidth() + tap;
                        int o = (image * s.outChannels() + outChannel) * plane;
                        out[o + row * s.outWidth() + column] +=
                                (double) c.in.get(i) * c.weight.get(w);
                    }
                }
            }
        }
        return out;
    }

    @ParameterizedTest
    @MethodSource("backends")
    void smallIntegersAreExact(Kernels kernels) {
        for (ConvTranspose2dShape shape : geometries(ConvolutionAlgorithm.DIRECT)) {
            try (Case c = new Case(kernels, shape, Placement.EXACT, smallIntegers(5))) {
                String what = kernels.backend() + " " + shape;
                double[] plain = reference(c, false);
                c.run(false, FusedActivation.NONE, 0, c.bands());
                assertThat(doubles(c.out)).as(what).isEqualTo(plain);
                double[] biased = reference(c, true);
                c.runPacked(true, FusedActivation.NONE, 0, c.bands());
                assertThat(doubles(c.out)).as("bias " + what).isEqualTo(biased);
                for (int o = 0; o < biased.length; o++) {
                    biased[o] = Math.max(0, biased[o]);
                }
                c.run(true, FusedActivation.RELU, 0, c.bands());
                assertThat(doubles(c.out)).as("bias, relu " + what).isEqualTo(biased);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void rangesPackingAndActivationsGiveTheSameBits(Kernels kernels) {
        List<ConvTranspose2dShape> shapes = new ArrayList<>(geometries(ConvolutionAlgorithm.FAST));
        shapes.add(ConvTranspose2dShape.of(2, 32, 14, 13, 48, 3, 3, 1, 1, 0)); // Winograd's
        for (ConvTranspose2dShape shape : shapes) {
            try (Case whole = new Case(kernels, shape, Placement.EXACT, uniform(6));
                    Case split = new Case(kernels, shape, Placement.GUARDED, uniform(6))) {
                whole.run(true, FusedActivation.TANH, 0, whole.bands());
                for (int n = split.bands() - 1; n >= 0; n--) {
                    split.runPacked(true, FusedActivation.TANH, n, n + 1);
                }
                assertThat(doubles(split.out)).as(shape.toString()).isEqualTo(doubles(whole.out));
                split.memory.checkCanaries(kernels.backend() + " " + shape);
                double[] exact = reference(whole, true);
                for (int o = 0; o < exact.length; o++) {
                    assertThat((double) whole.out.get(o))
                            .isCloseTo(
                                    Math.tanh(exact[o]), org.assertj.core.data.Offset.offset(2e-5));
                }
            }
        }
    }

    @Test
    void outputSizes() {
        ConvTranspose2dShape doubled = ConvTranspose2dShape.of(1, 8, 7, 9, 4, 4, 4, 2, 1, 0);
        assertThat(doubled.outHeight()).isEqualTo(14);
        assertThat(doubled.outWidth()).isEqualTo(18);
        assertThat(doubled.inHeight()).isEqualTo(7);
        assertThat(doubled.inWidth()).isEqualTo(9);
        assertThat(doubled.inChannels()).isEqualTo(8);
        assertThat(doubled.outChannels()).isEqualTo(4);
        ConvTranspose2dShape padded = ConvTranspose2dShape.of(1, 8, 7, 7, 4, 3, 3, 2, 1, 1);
        assertThat(padded.outHeight()).isEqualTo(14);
        assertThat(padded.inHeight()).isEqualTo(7);
        assertThatThrownBy(() -> ConvTranspose2dShape.of(1, 8, 7, 7, 4, 3, 3, 2, 1, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "transposed convolution: output padding must be at least 0 and below the stride,"
                                + " got 2x2, stride 2x2");
    }
}
