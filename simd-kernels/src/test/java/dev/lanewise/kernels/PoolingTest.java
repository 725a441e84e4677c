package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.table.KernelArray;
import dev.lanewise.kernels.table.KernelMemory;
import dev.lanewise.kernels.table.KernelMemory.Placement;
import dev.lanewise.kernels.vector.VectorKernels;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Both backends against plain loops in double precision, over hostile and random geometries. */
class PoolingTest {
    static Stream<Kernels> backends() {
        return Stream.of(Kernels.scalar(), VectorKernels.bundle());
    }

    private static List<Pool2dShape> geometries() {
        List<Pool2dShape> list =
                new ArrayList<>(
                        List.of(
                                Pool2dShape.of(28, 28, 2, 2),
                                Pool2dShape.of(14, 14, 2, 2),
                                Pool2dShape.of(6, 66, 2, 2),
                                Pool2dShape.of(7, 7, 2, 2),
                                Pool2dShape.of(8, 35, 2, 2),
                                Pool2dShape.of(2, 2, 2, 2),
                                Pool2dShape.of(1, 1, 1, 1),
                                Pool2dShape.of(7, 7, 7, 1),
                                Pool2dShape.of(9, 40, 3, 1),
                                // the window does not fit: no output
                                Pool2dShape.of(2, 9, 3, 1),
                                Pool2dShape.of(0, 0, 2, 2),
                                new Pool2dShape(56, 56, 3, 3, 2, 2, 1, 1, 1, 1),
                                new Pool2dShape(13, 37, 3, 3, 1, 1, 1, 1, 1, 1),
                                new Pool2dShape(5, 5, 4, 4, 2, 2, 2, 2, 2, 2),
                                new Pool2dShape(1, 90, 1, 3, 1, 2, 0, 0, 1, 0),
                                new Pool2dShape(20, 50, 3, 2, 4, 3, 1, 0, 0, 1)));
        SplittableRandom random = new SplittableRandom(4);
        while (list.size() < 150) {
            int kernelHeight = random.nextInt(1, 5);
            int kernelWidth = random.nextInt(1, 5);
            list.add(
                    new Pool2dShape(
                            random.nextInt(2, 12),
                            random.nextInt(2, 70),
                            kernelHeight,
                            kernelWidth,
                            random.nextInt(1, 4),
                            random.nextInt(1, 4),
                            random.nextInt(kernelHeight / 2 + 1),
                            random.nextInt(kernelHeight / 2 + 1),
                            random.nextInt(kernelWidth / 2 + 1),
                            random.nextInt(kernelWidth / 2 + 1)));
        }
        return list;
    }

    private static final int PLANES = 3;

    /** Called for every element of every window. */
    private interface Element {
        void at(int in, int out, int place);
    }

    private static void forEach(Pool2dShape s, Element element) {
        int o = 0;
        for (int p = 0; p < PLANES; p++) {
            for (int y = 0; y < s.outHeight(); y++) {
                for (int x = 0; x < s.outWidth(); x++, o++) {
                    for (int t = 0; t < s.kernelHeight() * s.kernelWidth(); t++) {
                        int i = y * s.strideHeight() - s.padTop() + t / s.kernelWidth();
                        int j = x * s.strideWidth() - s.padLeft() + t % s.kernelWidth();
                        if (i >= 0 && i < s.inHeight() && j >= 0 && j < s.inWidth()) {
                            int place = i * s.inWidth() + j;
                            element.at(p * s.inHeight() * s.inWidth() + place, o, place);
                        }
                    }
                }
            }
        }
    }

    private static long inSize(Pool2dShape s) {
        return (long) PLANES * s.inHeight() * s.inWidth();
    }

    private static int outSize(Pool2dShape s) {
        return PLANES * s.outHeight() * s.outWidth();
    }

    /** Few distinct values, so that maxima repeat, and some that are special. */
    private static KernelArray values(KernelMemory memory, long count, long seed) {
        KernelArray array = memory.input(count);
        SplittableRandom random = new SplittableRandom(seed);
        for (long i = 0; i < count; i++) {
            float value = random.nextInt(-3, 4);
            array.set(
                    i,
                    switch (random.nextInt(40)) {
                        case 0 -> Float.NaN;
                        case 1 -> Float.NEGATIVE_INFINITY;
                        case 2 -> Float.POSITIVE_INFINITY;
                        case 3 -> -0f;
                        default -> value;
                    });
        }
        return array;
    }

    @ParameterizedTest
    @MethodSource("backends")
    void maximumAndItsPlace(Kernels kernels) {
        for (Pool2dShape shape : geometries()) {
            try (KernelMemory memory = new KernelMemory(Placement.EXACT, 1)) {
                KernelArray in = values(memory, inSize(shape), 5);
                int n = outSize(shape);
                float[] expected = new float[n];
                int[] places = new int[n];
                Arrays.fill(places, -1);
                forEach(
                        shape,
                        (i, o, place) -> {
                            float value = in.get(i);
                            boolean first = places[o] < 0;
                            if (first
                                    || value > expected[o]
                                    || Float.isNaN(value) && !Float.isNaN(expected[o])) {
                                expected[o] = value;
                                places[o] = place;
                            }
                        });
                KernelArray out = memory.output(n);
                KernelArray inference = memory.output(n);
                KernelArray indices = memory.outputInts(n);
                maxPool(kernels, shape, in, indices, out);
                kernels.pooling()
                        .maxPoolInference(
                                in.segment(),
                                in.offset(),
                                PLANES,
                                shape,
                                inference.segment(),
                                inference.offset());
                for (int o = 0; o < n; o++) {
                    assertThat(indices.getInt(o)).as("place %d %s", o, shape).isEqualTo(places[o]);
                    assertThat(out.get(o))
                            .as("maximum %d %s", o, shape)
                            .isEqualTo((Float) expected[o]);
                    assertThat(inference.get(o))
                            .as("inference %s", shape)
                            .isEqualTo((Float) expected[o]);
                }
                memory.checkCanaries(shape.toString());
            }
        }
    }

    private static void maxPool(
            Kernels kernels,
            Pool2dShape shape,
            KernelArray in,
            KernelArray indices,
            KernelArray out) {
        kernels.pooling()
                .maxPool(
                        in.segment(),
                        in.offset(),
                        PLANES,
                        shape,
                        indices.segment(),
                        indices.offset(),
                        out.segment(),
                        out.offset());
    }

    @ParameterizedTest
    @MethodSource("backends")
    void maximumGradientAndItsTranspose(Kernels kernels) {
        for (Pool2dShape shape : geometries()) {
            try (KernelMemory memory = new KernelMemory(Placement.EXACT, 1)) {
                int n = outSize(shape);
                KernelArray in = values(memory, inSize(shape), 6);
                KernelArray indices = memory.outputInts(n);
                KernelArray gathered = memory.output(n);
                maxPool(kernels, shape, in, indices, gathered);
                KernelArray dOut = memory.input(n);
                for (int o = 0; o < n; o++) {
                    dOut.set(o, o % 17 == 0 ? -0f : o % 9 - 4);
                }
                KernelArray dIn = memory.output(in.count());
                int inPlane = shape.inHeight() * shape.inWidth();
                float[] expected = new float[(int) in.count()];
                int outPlane = shape.outHeight() * shape.outWidth();
                for (int o = 0; o < n; o++) {
                    expected[o / outPlane * inPlane + indices.getInt(o)] += dOut.get(o);
                }
                kernels.pooling()
                        .maxPoolGradient(
                                dOut.segment(),
                                dOut.offset(),
                                indices.segment(),
                                indices.offset(),
                                PLANES,
                                shape,
                                dIn.segment(),
                                dIn.offset());
                for (int i = 0; i < expected.length; i++) {
                    assertThat(dIn.get(i)).as("%d %s", i, shape).isEqualTo((Float) expected[i]);
                }
                kernels.pooling()
                        .gatherPlanes(
                                dIn.segment(),
                                dIn.offset(),
                                indices.segment(),
                                indices.offset(),
                                PLANES,
                                shape,
                                gathered.segment(),
                                gathered.offset());
                for (int o = 0; o < n; o++) {
                    assertThat(gathered.get(o))
                            .as("gathered %d %s", o, shape)
                            .isEqualTo(
                                    (Float) expected[o / outPlane * inPlane + indices.getInt(o)]);
                }
                memory.checkCanaries(shape.toString());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void averageAndItsGradient(Kernels kernels) {
        for (Pool2dShape shape : geometries()) {
            for (boolean countPadding : new boolean[] {false, true}) {
                try (KernelMemory memory = new KernelMemory(Placement.EXACT, 3)) {
                    KernelArray in = memory.input(inSize(shape));
                    int n = outSize(shape);
                    double[] mean = new double[n];
                    double[] magnitude = new double[n];
                    int[] inside = new int[n];
                    forEach(
                            shape,
                            (i, o, place) -> {
                                mean[o] += in.get(i);
                                magnitude[o] += Math.abs(in.get(i));
                                inside[o]++;
                            });
                    int window = shape.kernelHeight() * shape.kernelWidth();
                    KernelArray out = memory.output(n);
                    kernels.pooling()
                            .averagePool(
                                    in.segment(),
                                    in.offset(),
                                    PLANES,
                                    shape,
                                    countPadding,
                                    out.segment(),
                                    out.offset());
                    for (int o = 0; o < n; o++) {
                        int divisor = countPadding ? window : inside[o];
                        double bound = (window + 2) * 0x1p-24 * magnitude[o] / divisor;
                        assertThat(Math.abs(out.get(o) - mean[o] / divisor))
                                .as("%d %s", o, shape)
                                .isLessThanOrEqualTo(bound);
                    }
                    averageGradient(kernels, shape, countPadding, memory, inside);
                    memory.checkCanaries(shape.toString());
                }
            }
        }
    }

    private static void averageGradient(
            Kernels kernels,
            Pool2dShape shape,
            boolean countPadding,
            KernelMemory memory,
            int[] inside) {
        KernelArray dOut = memory.input(inside.length);
        KernelArray dIn = memory.output(inSize(shape));
        double[] expected = new double[(int) dIn.count()];
        int window = shape.kernelHeight() * shape.kernelWidth();
        forEach(
                shape,
                (i, o, place) ->
                        expected[i] += dOut.get(o) / (double) (countPadding ? window : inside[o]));
        kernels.pooling()
                .averagePoolGradient(
                        dOut.segment(),
                        dOut.offset(),
                        PLANES,
                        shape,
                        countPadding,
                        dIn.segment(),
                        dIn.offset());
        for (int i = 0; i < expected.length; i++) {
            assertThat(Math.abs(dIn.get(i) - expected[i]))
                    .as("gradient %d %s", i, shape)
                    .isLessThanOrEqualTo((window + 2) * 0x1p-24 * window);
        }
    }
}
