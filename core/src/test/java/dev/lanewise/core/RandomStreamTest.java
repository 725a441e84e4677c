package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

final class RandomStreamTest {
    private long liveBefore;
    private Scope scope;

    @BeforeEach
    void open() {
        liveBefore = Scope.liveBytes();
        scope = Scope.open();
    }

    @AfterEach
    void close() {
        scope.close();
        assertThat(Scope.liveBytes()).isEqualTo(liveBefore);
    }

    /** The known answers of the authors' Random123 library for Philox 4x32-10. */
    @Test
    void knownAnswers() {
        assertThat(words(0, 0)).containsExactly(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
    }

    private static int[] words(long key, long counter) {
        RandomStream stream = RandomStream.at(new RandomStream.State(key, counter));
        return new int[] {stream.nextInt(), stream.nextInt(), stream.nextInt(), stream.nextInt()};
    }

    /** The same block function written anew, over both key and counter words. */
    @Test
    void wordsAreThoseOfPhilox() {
        for (long key : new long[] {1, -1, 0x1234_5678_9ABC_DEF0L}) {
            for (long block :
                    new long[] {0, 1, 0xFFFF_FFFFL, 0x1_0000_0000L, Long.MAX_VALUE >> 3}) {
                assertThat(words(key, block * 4)).isEqualTo(philox(key, block));
            }
        }
    }

    private static int[] philox(long key, long block) {
        long[] c = {block & 0xFFFF_FFFFL, block >>> 32, 0, 0};
        long k0 = key & 0xFFFF_FFFFL;
        long k1 = key >>> 32;
        for (int round = 0; round < 10; round++) {
            long hi0 = Math.unsignedMultiplyHigh(c[0] << 32, 0xD2511F53L);
            long lo0 = c[0] * 0xD2511F53L & 0xFFFF_FFFFL;
            long hi1 = Math.unsignedMultiplyHigh(c[2] << 32, 0xCD9E8D57L);
            long lo1 = c[2] * 0xCD9E8D57L & 0xFFFF_FFFFL;
            c = new long[] {hi1 ^ c[1] ^ k0, lo1, hi0 ^ c[3] ^ k1, lo0};
            k0 = k0 + 0x9E3779B9L & 0xFFFF_FFFFL;
            k1 = k1 + 0xBB67AE85L & 0xFFFF_FFFFL;
        }
        return new int[] {(int) c[0], (int) c[1], (int) c[2], (int) c[3]};
    }

    @Test
    void fillsAndSingleNumbersAreOneStream() {
        RandomStream fills = new RandomStream(5);
        RandomStream singles = new RandomStream(5);
        float[] filled = fills.uniform(scope.empty(Shape.of(103)), 0, 1).toArray();
        for (float value : filled) {
            assertThat(singles.nextFloat()).isEqualTo(value);
        }
        assertThat(fills.state()).isEqualTo(singles.state());
        assertThat(fills.nextInt()).isEqualTo(singles.nextInt());

        // The next fill begins at a whole block.
        assertThat(fills.state().counter()).isEqualTo(104);
        singles.restore(new RandomStream.State(singles.state().key(), 104));
        assertThat(fills.uniform(scope.empty(Shape.of(1)), 0, 1).item())
                .isEqualTo(singles.nextFloat());
        fills.uniform(scope.empty(Shape.of(3)), 0, 1);
        assertThat(fills.state().counter()).isEqualTo(111);
    }

    @Test
    void sameBitsForAnyNumberOfThreads() {
        Shape shape = Shape.of(7, 100_003);
        float[][] alone = fills(shape);
        for (int threads = 2; threads <= 4; threads++) {
            try (var _ = Workers.using(threads)) {
                float[][] shared = fills(shape);
                for (int kind = 0; kind < alone.length; kind++) {
                    assertThat(Arrays.equals(alone[kind], shared[kind])).isTrue();
                }
            }
        }
    }

    private static float[][] fills(Shape shape) {
        try (Scope inner = Scope.open()) {
            RandomStream random = new RandomStream(99);
            Tensor ones = inner.ones(shape);
            return new float[][] {
                random.uniform(inner.empty(shape), -2, 3).toArray(),
                random.normal(inner.empty(shape), 1, 2).toArray(),
                random.bernoulli(inner.empty(shape), 0.3f).toArray(),
                random.dropout(ones, 0.4f, inner.empty(shape)).toArray(),
                inner.randn(shape, random).toArray(),
                inner.uniform(shape, 0, 1, random).toArray()
            };
        }
    }

    @Test
    void distributionsHaveTheirMoments() {
        RandomStream random = new RandomStream(1);
        Shape shape = Shape.of(400_000);
        float[] uniform = random.uniform(scope.empty(shape), -2, 3).toArray();
        assertMoments(uniform, 0.5, 25.0 / 12);
        for (float value : uniform) {
            assertThat(value >= -2 && value < 3).isTrue();
        }
        assertMoments(random.normal(scope.empty(shape), 1, 2).toArray(), 1, 4);
        assertMoments(random.bernoulli(scope.empty(shape), 0.3f).toArray(), 0.3, 0.21);
        float[] kept = random.dropout(scope.ones(shape), 0.2f, scope.empty(shape)).toArray();
        assertMoments(kept, 1, 0.25);
        for (float value : kept) {
            assertThat(value == 0 || value == 1 / (1 - 0.2f)).isTrue();
        }
    }

    private static void assertMoments(float[] values, double mean, double variance) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        double squares = 0;
        for (float value : values) {
            squares += (value - mean) * (value - mean);
        }
        double tolerance = 5 * Math.sqrt(variance / values.length);
        assertThat(sum / values.length).isCloseTo(mean, within(tolerance));
        assertThat(squares / values.length).isCloseTo(variance, within(variance * 0.02));
    }

    @Test
    void fractionsZeroAndOneAreExact() {
        RandomStream random = new RandomStream(1);
        Shape shape = Shape.of(10_000);
        assertThat(random.bernoulli(scope.empty(shape), 0).toArray()).containsOnly(0);
        assertThat(random.bernoulli(scope.empty(shape), 1).toArray()).containsOnly(1);
        assertThat(random.dropout(scope.ones(shape), 0, scope.empty(shape)).toArray())
                .containsOnly(1);
        assertThat(random.dropout(scope.ones(shape), 1, scope.empty(shape)).toArray())
                .containsOnly(0);
    }

    @Test
    void dropoutFromTheSameStateDropsTheSameElements() {
        RandomStream random = new RandomStream(3);
        random.nextInt();
        Tensor x = scope.randn(Shape.of(50, 41), new RandomStream(4));
        RandomStream.State state = random.state();
        float[] y = random.dropout(x, 0.5f, scope.empty(x.shape())).toArray();
        Tensor dy = scope.ones(x.shape());
        RandomStream.at(state).dropout(dy, 0.5f, dy);
        float[] mask = dy.toArray();
        float[] in = x.toArray();
        for (int i = 0; i < y.length; i++) {
            assertThat(y[i]).isEqualTo(in[i] * mask[i]);
        }
        assertThat(mask).contains(0f, 2f);
    }

    @Test
    void layoutsDontMatter() {
        Tensor wide = scope.zeros(Shape.of(6, 9));
        Tensor view = wide.transpose().slice(0, 1, 8, 2);
        RandomStream a = new RandomStream(8);
        RandomStream b = new RandomStream(8);
        a.normal(view, 0, 1);
        assertThat(view.toArray()).isEqualTo(b.normal(scope.empty(view.shape()), 0, 1).toArray());
        assertThat(a.state()).isEqualTo(b.state());
        float[] dropped = a.dropout(view, 0.5f, scope.empty(view.shape())).toArray();
        assertThat(b.dropout(view, 0.5f, view).toArray()).isEqualTo(dropped);
        assertThat(a.state()).isEqualTo(b.state());
    }

    @Test
    void emptyTensorsTakeNothing() {
        RandomStream random = new RandomStream(8);
        random.uniform(scope.empty(Shape.of(0, 5)), 0, 1);
        assertThat(random.state().counter()).isZero();
    }

    @Test
    void splitsAreRepeatableAndApart() {
        RandomStream root = new RandomStream(7);
        RandomStream.State before = root.split("a").state();
        root.nextLong();
        assertThat(root.split("a").state()).isEqualTo(before);
        Set<Long> keys = new HashSet<>();
        keys.add(root.state().key());
        keys.add(new RandomStream(8).state().key());
        for (int i = 0; i < 1000; i++) {
            assertThat(keys.add(root.split(i).state().key())).isTrue();
            assertThat(keys.add(root.split("" + i).state().key())).isTrue();
            assertThat(keys.add(root.split(i).split(i).state().key())).isTrue();
        }
        // Neighbouring streams agree in half of their bits.
        RandomStream a = root.split(1);
        RandomStream b = root.split(2);
        int same = 0;
        for (int i = 0; i < 10_000; i++) {
            same += Integer.bitCount(~(a.nextInt() ^ b.nextInt()));
        }
        assertThat(same / 320_000.0).isCloseTo(0.5, within(0.005));
    }

    @Test
    void boundedNumbersAreUnbiased() {
        RandomStream random = new RandomStream(11);
        int bound = 3 << 29; // two thirds would come up twice as often without rejection
        int lower = 0;
        for (int i = 0; i < 100_000; i++) {
            int value = random.nextInt(bound);
            assertThat(value >= 0 && value < bound).isTrue();
            lower += value < bound / 2 ? 1 : 0;
        }
        assertThat(lower / 100_000.0).isCloseTo(0.5, within(0.01));
        int[] counts = new int[6];
        for (int i = 0; i < 60_000; i++) {
            counts[random.nextInt(6)]++;
        }
        for (int count : counts) {
            assertThat(count).isBetween(9_500, 10_500);
        }
        assertThat(random.nextInt(1)).isZero();
        double sum = 0;
        for (int i = 0; i < 100_000; i++) {
            sum += random.nextDouble();
        }
        assertThat(sum / 100_000).isCloseTo(0.5, within(0.01));
    }

    @Test
    void permutationsHoldEachNumberOnceAndAreEquallyLikely() {
        RandomStream random = new RandomStream(12);
        int[] order = random.permutation(10_007);
        int[] sorted = order.clone();
        Arrays.sort(sorted);
        for (int i = 0; i < sorted.length; i++) {
            assertThat(sorted[i]).isEqualTo(i);
        }
        assertThat(order).isNotEqualTo(sorted);
        assertThat(new RandomStream(12).permutation(10_007)).isEqualTo(order);
        int[] counts = new int[27];
        for (int i = 0; i < 60_000; i++) {
            int[] three = random.permutation(3);
            counts[three[0] * 9 + three[1] * 3 + three[2]]++;
        }
        assertThat(Arrays.stream(counts).filter(count -> count > 0)).hasSize(6);
        assertThat(Arrays.stream(counts).filter(count -> count > 0).toArray())
                .satisfies(c -> assertThat(Arrays.stream(c).min().orElse(0)).isGreaterThan(9_500));
        assertThat(random.permutation(0)).isEmpty();
    }

    @Test
    void aRestoredStreamGoesOnWhereItWas() {
        RandomStream random = new RandomStream(13);
        random.normal(scope.empty(Shape.of(77)), 0, 1);
        random.nextInt();
        RandomStream.State state = random.state();
        long expected = random.nextLong();
        RandomStream other = new RandomStream(0);
        other.restore(state);
        assertThat(other.nextLong()).isEqualTo(expected);
        assertThat(RandomStream.at(state).nextLong()).isEqualTo(expected);
    }

    @Test
    void badArgumentsAreRefused() {
        RandomStream random = new RandomStream(1);
        Tensor out = scope.empty(Shape.of(3));
        assertThatThrownBy(() -> random.uniform(out, 2, 1))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("uniform")
                .hasMessageContaining("2.0");
        assertThatThrownBy(() -> random.uniform(out, 0, Float.POSITIVE_INFINITY))
                .isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> random.normal(out, 0, Float.NaN))
                .isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> random.normal(out, 0, -1)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> random.bernoulli(out, 1.5f))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("1.5");
        assertThatThrownBy(() -> random.dropout(out, -0.1f, out))
                .isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> random.dropout(out, 0.1f, scope.empty(Shape.of(4))))
                .isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> random.uniform(scope.ofInts(1, 2), 0, 1))
                .isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> random.uniform(scope.ones(Shape.of(1)).expand(Shape.of(2)), 0, 1))
                .isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> random.nextInt(0)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> random.permutation(-1)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> new RandomStream.State(1, -1))
                .isInstanceOf(ArgumentException.class);
        assertThat(random.state().counter()).isZero();
    }
}
