package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/** Random streams: their distribution, and that any part of them can be had by itself. */
class RandomFillTest {
    private static final int N = 1_000_003;
    private static final long KEY = 20_240_607L;

    @FunctionalInterface
    private interface Fill {
        void run(RandomFill random, long counter, long n, MemorySegment out);
    }

    private static final List<Fill> FILLS =
            List.of(
                    (random, counter, n, out) -> random.uniform(KEY, counter, n, -2, 3, out, 0),
                    (random, counter, n, out) -> random.normal(KEY, counter, n, 1, 2, out, 0),
                    (random, counter, n, out) -> random.bernoulli(KEY, counter, n, 0.3f, out, 0));

    @Test
    void uniformNumbersAreTheWordsOfTheKnownAnswers() {
        // Random123's kat_vectors, philox4x32 10: the blocks with counter and key all zero
        int[] words = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
        for (Kernels kernels : List.of(Kernels.scalar(), Kernels.active())) {
            float[] values = fill(64, out -> kernels.random().uniform(0, 0, 64, 0, 1, out, 0));
            for (int i = 0; i < words.length; i++) {
                assertThat(values[i]).isEqualTo((words[i] >>> 8) * 0x1p-24f);
            }
        }
    }

    @Test
    void anyPartOfAStreamCanBeFilledByItself() {
        for (Kernels kernels : List.of(Kernels.scalar(), Kernels.active())) {
            for (Fill fill : FILLS) {
                for (long base : new long[] {0, 0x3_FFFF_FFF0L, 0x7_0000_0000_0000L}) {
                    float[] whole = fill(300, out -> fill.run(kernels.random(), base, 300, out));
                    for (int from = 0; from < 70; from++) {
                        int start = from;
                        int count = 7 * from % 200 + 1;
                        float[] part =
                                fill(
                                        count,
                                        out ->
                                                fill.run(
                                                        kernels.random(),
                                                        base + start,
                                                        count,
                                                        out));
                        assertThat(part).isEqualTo(Arrays.copyOfRange(whole, start, start + count));
                    }
                }
            }
        }
    }

    @Test
    void keysAndPositionsGiveDifferentStreams() {
        float[] a = fill(1000, out -> Kernels.active().random().uniform(1, 0, 1000, 0, 1, out, 0));
        float[] b = fill(1000, out -> Kernels.active().random().uniform(2, 0, 1000, 0, 1, out, 0));
        float[] c =
                fill(
                        1000,
                        out -> Kernels.active().random().uniform(1L << 32, 0, 1000, 0, 1, out, 0));
        int equal = 0;
        for (int i = 0; i < 1000; i++) {
            equal += a[i] == b[i] ? 1 : 0;
            equal += a[i] == c[i] ? 1 : 0;
            equal += b[i] == c[i] ? 1 : 0;
        }
        assertThat(equal).isLessThan(3);
    }

    @Test
    void uniformFillsItsRangeEvenly() {
        float[] values =
                fill(N, out -> Kernels.active().random().uniform(KEY, 1, N, -2, 3, out, 0));
        int cells = 100;
        int[] counts = new int[cells];
        double sum = 0;
        for (float value : values) {
            assertThat(value >= -2 && value < 3).isTrue();
            counts[(int) ((value + 2.0) / 5 * cells)]++;
            sum += value;
        }
        assertThat(sum / N).isCloseTo(0.5, offset(5 * 5 / Math.sqrt(12.0 * N)));
        assertThat(chiSquare(counts, (double) N / cells)).isBetween(50.0, 165.0); // 99 degrees
        double[] uniform = new double[N];
        for (int i = 0; i < N; i++) {
            uniform[i] = (values[i] + 2.0) / 5;
        }
        assertKolmogorovSmirnov(uniform);
        // successive pairs fill the square evenly
        int[] pairs = new int[cells];
        for (int i = 0; i + 1 < N; i += 2) {
            pairs[(int) (uniform[i] * 10) * 10 + (int) (uniform[i + 1] * 10)]++;
        }
        assertThat(chiSquare(pairs, N / 2 / (double) cells)).isBetween(50.0, 165.0);
    }

    @Test
    void uniformStaysBelowItsUpperEnd() {
        for (Kernels kernels : List.of(Kernels.scalar(), Kernels.active())) {
            float high = Math.nextUp(1f);
            float[] narrow = fill(500, out -> kernels.random().uniform(3, 0, 500, 1, high, out, 0));
            assertThat(narrow).containsOnly(1f);
            float[] empty = fill(500, out -> kernels.random().uniform(3, 0, 500, 1, 1, out, 0));
            assertThat(empty).containsOnly(1f);
        }
    }

    @Test
    void normalHasTheMomentsAndShapeOfANormal() {
        float[] values = fill(N, out -> Kernels.active().random().normal(KEY, 2, N, 1, 2, out, 0));
        double[] moments = new double[5];
        double[] uniform = new double[N];
        double product = 0;
        for (int i = 0; i < N; i++) {
            double z = (values[i] - 1.0) / 2;
            for (int k = 1; k <= 4; k++) {
                moments[k] += Math.pow(z, k) / N;
            }
            uniform[i] = ReferenceFunctions.normal(z);
            product += i == 0 ? 0 : z * (values[i - 1] - 1.0) / 2 / N;
        }
        double sigma = 1 / Math.sqrt(N);
        assertThat(moments[1]).isCloseTo(0, offset(5 * sigma));
        assertThat(moments[2]).isCloseTo(1, offset(5 * Math.sqrt(2) * sigma));
        assertThat(moments[3]).isCloseTo(0, offset(5 * Math.sqrt(15) * sigma));
        assertThat(moments[4]).isCloseTo(3, offset(5 * Math.sqrt(96) * sigma));
        assertThat(product).as("of neighbours").isCloseTo(0, offset(5 * sigma));
        assertKolmogorovSmirnov(uniform);
    }

    @Test
    void normalIsBoxMullerOfTheUniformWords() {
        int n = 4096;
        float[] words = fill(n, out -> Kernels.scalar().random().uniform(KEY, 0, n, 0, 1, out, 0));
        for (Kernels kernels : List.of(Kernels.scalar(), Kernels.active())) {
            float[] normal = fill(n, out -> kernels.random().normal(KEY, 0, n, 0, 1, out, 0));
            for (int i = 0; i < n; i += 2) {
                if (words[i] > 0x1p-10 && words[i] < 0.999) { // where 24 bits tell enough of u
                    double radius = Math.sqrt(-2 * Math.log(words[i] + 0x1p-25));
                    double angle = 2 * Math.PI * words[i + 1];
                    assertThat((double) normal[i])
                            .isCloseTo(radius * Math.cos(angle), offset(3e-5));
                    assertThat((double) normal[i + 1])
                            .isCloseTo(radius * Math.sin(angle), offset(3e-5));
                }
            }
        }
    }

    @Test
    void bernoulliHitsAsOftenAsItShould() {
        for (float probability : new float[] {0f, 0.01f, 0.3f, 0.99f, 1f}) {
            float[] values =
                    fill(
                            N,
                            out ->
                                    Kernels.active()
                                            .random()
                                            .bernoulli(KEY, 0, N, probability, out, 0));
            int hits = 0;
            for (float value : values) {
                assertThat(value == 0f || value == 1f).isTrue();
                hits += (int) value;
            }
            double sigma = Math.sqrt(N * probability * (1.0 - probability));
            assertThat((double) hits).isCloseTo((double) N * probability, offset(5 * sigma + 0.1));
        }
    }

    @Test
    void dropoutDropsOrScales() {
        int n = 10_001;
        for (Kernels kernels : List.of(Kernels.scalar(), Kernels.active())) {
            for (float rate : new float[] {0f, 0.25f, 0.5f, 1f}) {
                float[] uniform = fill(n, out -> kernels.random().uniform(9, 5, n, 0, 1, out, 0));
                try (Arena arena = Arena.ofShared()) {
                    MemorySegment x = arena.allocate(4L * n);
                    MemorySegment out = arena.allocate(4L * n);
                    for (int i = 0; i < n; i++) {
                        x.setAtIndex(JAVA_FLOAT, i, i - 100f);
                    }
                    kernels.random().dropout(x, 0, 9, 5, n, rate, out, 0);
                    for (int i = 0; i < n; i++) {
                        float kept = uniform[i] >= rate ? (i - 100f) * (1f / (1f - rate)) : 0f;
                        assertThat(out.getAtIndex(JAVA_FLOAT, i)).isEqualTo(kept);
                    }
                    kernels.random().dropout(x, 0, 9, 5, n, rate, x, 0);
                    assertThat(x.mismatch(out)).as("in place").isEqualTo(-1);
                }
            }
        }
    }

    private static double chiSquare(int[] counts, double expected) {
        double sum = 0;
        for (int count : counts) {
            sum += (count - expected) * (count - expected) / expected;
        }
        return sum;
    }

    /** √n · D below 1.95: a chance of 1 in 1000 for a true sample, and the seeds are fixed. */
    private static void assertKolmogorovSmirnov(double[] sample) {
        double[] uniform = sample.clone();
        Arrays.sort(uniform);
        int n = uniform.length;
        double distance = 0;
        for (int i = 0; i < n; i++) {
            distance = Math.max(distance, Math.abs(uniform[i] - (i + 0.5) / n) + 0.5 / n);
        }
        assertThat(distance * Math.sqrt(n)).isLessThan(1.95);
    }

    private static float[] fill(int n, java.util.function.Consumer<MemorySegment> fill) {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment out = arena.allocate(4L * n);
            fill.accept(out);
            return out.toArray(JAVA_FLOAT);
        }
    }
}
