package dev.lanewise.nn.data;

import java.util.SplittableRandom;

/** Random orders that depend on their seed alone. */
final class Shuffle {
    private Shuffle() {}

    /** 0..n−1 in a random order (Fisher and Yates). */
    static int[] permutation(int n, SplittableRandom random) {
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    /**
     * The order of an epoch: a function of the seed and the epoch, so that a run can resume
     * anywhere.
     */
    static int[] epoch(int n, long seed, long epoch) {
        return permutation(n, new SplittableRandom(seed ^ (epoch + 1) * 0x9E3779B97F4A7C15L));
    }
}
