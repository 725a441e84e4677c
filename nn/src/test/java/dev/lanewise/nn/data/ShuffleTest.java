package dev.lanewise.nn.data;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

class ShuffleTest {

    /**
     * From a computation of Philox, Lemire's bounds and Fisher and Yates' shuffle in another
     * language: runs that resume, and published results, depend on these orders.
     */
    @Test
    void ordersAreTheSameEverywhereForEver() {
        assertThat(Shuffle.permutation(10, 42)).containsExactly(7, 3, 8, 1, 4, 0, 5, 9, 6, 2);
        assertThat(Shuffle.epoch(10, 42, 0)).containsExactly(5, 8, 7, 3, 0, 4, 6, 2, 9, 1);
        assertThat(Shuffle.epoch(10, 42, 1)).containsExactly(0, 9, 6, 5, 4, 8, 3, 2, 1, 7);
        assertThat(Shuffle.epoch(10, -1, 1L << 40)).containsExactly(2, 7, 9, 6, 4, 0, 3, 8, 1, 5);
    }

    @Test
    void everyOrderComesAboutEquallyOften() {
        int[] counts = new int[6];
        for (int epoch = 0; epoch < 6000; epoch++) {
            int[] order = Shuffle.epoch(3, 7, epoch);
            counts[2 * order[0] + (order[1] > order[2] ? 1 : 0)]++;
        }
        // χ² with 5 degrees of freedom: above 20.5 once in a thousand.
        double chiSquare = 0;
        for (int count : counts) {
            chiSquare += (count - 1000.0) * (count - 1000.0) / 1000.0;
        }
        assertThat(chiSquare).isLessThan(20.5);
    }

    @Test
    void nearbySeedsAndEpochsShareNoOrder() {
        Set<String> seen = new HashSet<>();
        for (long seed = 0; seed < 30; seed++) {
            seen.add(Arrays.toString(Shuffle.permutation(50, seed)));
            for (long epoch = 0; epoch < 30; epoch++) {
                seen.add(Arrays.toString(Shuffle.epoch(50, seed, epoch)));
            }
        }
        assertThat(seen).hasSize(30 * 31);
    }
}
