package dev.lanewise.nn.data;

import dev.lanewise.core.RandomStream;

/** Random orders that depend on their seed alone: the same on every platform. */
final class Shuffle {
    private Shuffle() {}

    /** 0..n−1 in the random order of this seed. */
    static int[] permutation(int n, long seed) {
        return new RandomStream(seed).split("order").permutation(n);
    }

    /**
     * The order of an epoch: a function of the seed and the epoch, so that a run can resume
     * anywhere.
     */
    static int[] epoch(int n, long seed, long epoch) {
        return new RandomStream(seed).split("epoch").split(epoch).permutation(n);
    }
}
