package dev.lanewise.kernels.scalar;

/**
 * Philox 4x32-10 [1]: a bijection of 128-bit counters, keyed with 64 bits, whose values pass as
 * random numbers.
 *
 * <p>[1] Salmon, Moraes, Dror and Shaw 2011, Parallel random numbers: as easy as 1, 2, 3,
 * doi:10.1145/2063384.2063405.
 */
public final class Philox {
    /** Multipliers of counter words 0 and 2. */
    public static final int M0 = 0xD2511F53;

    public static final int M1 = 0xCD9E8D57;

    /** What the two key words grow by from round to round. */
    public static final int W0 = 0x9E3779B9;

    public static final int W1 = 0xBB67AE85;

    public static final int ROUNDS = 10;

    private static final long LOW = 0xFFFFFFFFL;

    private Philox() {}

    /**
     * Words 2·half (low) and 2·half + 1 (high) of the block with counter words c0 (lowest) to c3.
     */
    static long words(int c0, int c1, int c2, int c3, long key, int half) {
        int x0 = c0;
        int x1 = c1;
        int x2 = c2;
        int x3 = c3;
        int k0 = (int) key;
        int k1 = (int) (key >>> 32);
        for (int round = 0; round < ROUNDS; round++) {
            long p0 = (M0 & LOW) * (x0 & LOW);
            long p1 = (M1 & LOW) * (x2 & LOW);
            x0 = (int) (p1 >>> 32) ^ x1 ^ k0;
            x1 = (int) p1;
            x2 = (int) (p0 >>> 32) ^ x3 ^ k1;
            x3 = (int) p0;
            k0 += W0;
            k1 += W1;
        }
        return half == 0 ? x0 & LOW | (long) x1 << 32 : x2 & LOW | (long) x3 << 32;
    }

    /** Elements 2·pair (low word) and 2·pair + 1 (high word) of the stream with this key. */
    static long pair(long key, long pair) {
        long block = pair >>> 1;
        return words((int) block, (int) (block >>> 32), 0, 0, key, (int) pair & 1);
    }
}
