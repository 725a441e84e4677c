package dev.lanewise.core;

import static dev.lanewise.core.Operands.KERNELS;

import java.lang.foreign.MemorySegment;

/**
 * A seeded stream of random numbers: Philox 4x32-10 [1], a pure function of a key and a counter.
 *
 * <p>The same seed gives the same numbers on every machine, whatever the number of threads and the
 * vector width. All there is to a stream is its {@link State}: a checkpoint that keeps it resumes
 * where the stream was.
 *
 * <pre>{@code
 * RandomStream random = new RandomStream(42);
 * RandomStream weights = random.split("weights"), order = random.split("order").split(epoch);
 * }</pre>
 *
 * <p>{@link #split} derives a stream from the key alone, not from how far this one has been used:
 * parts of a program that take streams of their own don't disturb each other, and splitting by the
 * same name again gives the same numbers again.
 *
 * <p>A fill begins at the next counter that is a multiple of 4 and takes as many counters as the
 * tensor has elements, in row-major order, whatever its layout. Not safe for use by several threads
 * at once; give each a split.
 *
 * <p>[1] Salmon, Moraes, Dror and Shaw 2011, Parallel random numbers: as easy as 1, 2, 3,
 * doi:10.1145/2063384.2063405.
 */
public final class RandomStream {

    /** What a fill gives to a thread at least; a multiple of the 4 words of a block. */
    private static final long CHUNK_ELEMENTS = 1 << 15;

    private static final long LOW = 0xFFFF_FFFFL;
    private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

    private long key;
    private long counter;

    /**
     * Where a stream is.
     *
     * @param key which stream
     * @param counter the number of the next 32-bit word, at least 0
     */
    public record State(long key, long counter) {

        /**
         * @throws ArgumentException if the counter is negative
         */
        public State {
            if (counter < 0) {
                throw new ArgumentException("RandomStream.State: negative counter " + counter);
            }
        }
    }

    /** The stream of a seed, at its beginning. */
    public RandomStream(long seed) {
        this(mixed(seed), 0);
    }

    /**
     * A stream at a place: goes on where one was whose key and counter were saved.
     *
     * @throws ArgumentException if the counter is negative
     */
    public RandomStream(long key, long counter) {
        this(new State(key, counter));
    }

    private RandomStream(State state) {
        this.key = state.key;
        this.counter = state.counter;
    }

    /** The stream that is where {@link #state} was taken. */
    public static RandomStream at(State state) {
        return new RandomStream(state);
    }

    /** Which stream it is. */
    public long key() {
        return key;
    }

    /** The number of the next 32-bit word. */
    public long counter() {
        return counter;
    }

    /** Where this stream is. */
    public State state() {
        return new State(key, counter);
    }

    /** Makes this the stream, and the place in it, where {@link #state} was taken. */
    public void restore(State state) {
        key = state.key;
        counter = state.counter;
    }

    /** The beginning of an independent stream: the same for the same number. */
    public RandomStream split(long number) {
        return new RandomStream(mixed(mixed(key + GOLDEN) ^ number), 0);
    }

    /** The beginning of an independent stream: the same for the same name. */
    public RandomStream split(String name) {
        // FNV-1a, the start differing from that of split(long).
        long hash = 0xCBF2_9CE4_8422_2325L;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * 0x100_0000_01B3L;
        }
        return new RandomStream(mixed(mixed(key + 2 * GOLDEN) ^ hash), 0);
    }

    /** The finalizer of SplitMix64: a bijection in which each bit depends on every other. */
    private static long mixed(long z) {
        long x = (z ^ z >>> 30) * 0xBF58_476D_1CE4_E5B9L;
        x = (x ^ x >>> 27) * 0x94D0_49BB_1331_11EBL;
        return x ^ x >>> 31;
    }

    // ---- fills ----

    /**
     * out ~ U[low, high); returns out.
     *
     * @throws ArgumentException unless low ≤ high, both finite, and out is float32
     */
    public Tensor uniform(Tensor out, float low, float high) {
        if (!(low <= high) || Float.isInfinite(high - low)) {
            throw new ArgumentException(
                    "uniform: expected low <= high, both finite, got %s and %s"
                            .formatted(low, high));
        }
        return fill(
                "uniform",
                out,
                (key, counter, n, segment, offset) ->
                        KERNELS.random().uniform(key, counter, n, low, high, segment, offset));
    }

    /**
     * out ~ N(mean, std²); returns out.
     *
     * @throws ArgumentException unless std ≥ 0, both are finite, and out is float32
     */
    public Tensor normal(Tensor out, float mean, float std) {
        if (!(std >= 0) || !Float.isFinite(std) || !Float.isFinite(mean)) {
            throw new ArgumentException(
                    "normal: expected a finite mean and a finite std >= 0, got %s and %s"
                            .formatted(mean, std));
        }
        return fill(
                "normal",
                out,
                (key, counter, n, segment, offset) ->
                        KERNELS.random().normal(key, counter, n, mean, std, segment, offset));
    }

    /**
     * out = 1 with the given probability, else 0; returns out.
     *
     * @throws ArgumentException unless 0 ≤ probability ≤ 1 and out is float32
     */
    public Tensor bernoulli(Tensor out, float probability) {
        checkFraction("bernoulli", "probability", probability);
        return fill(
                "bernoulli",
                out,
                (key, counter, n, segment, offset) ->
                        KERNELS.random().bernoulli(key, counter, n, probability, segment, offset));
    }

    /**
     * Inverted dropout: out = x / (1 − rate) with probability 1 − rate, else 0; returns out, which
     * may be x. From the same {@link State}, dropout of dy is the gradient.
     *
     * @throws ArgumentException unless 0 ≤ rate ≤ 1, both are float32, and out is x or apart from
     *     it
     * @throws ShapeException if the shapes differ
     */
    public Tensor dropout(Tensor x, float rate, Tensor out) {
        checkDropout(x, rate, out);
        return dropout(x, rate, key, advance(x.elements()), out);
    }

    /**
     * {@link #dropout(Tensor, float, Tensor)} at a place of a stream: element i uses the number at
     * {@code counter + i}. The same key and counter on dy give the gradient.
     */
    public static Tensor dropout(Tensor x, float rate, long key, long counter, Tensor out) {
        checkDropout(x, rate, out);
        try (Staging staging = Staging.of("dropout")) {
            Tensor in = staging.input("x", x);
            Tensor to = staging.output(out, x.shape(), x);
            Parallel.pieces(
                    x.elements(),
                    CHUNK_ELEMENTS,
                    (from, end) ->
                            KERNELS.random()
                                    .dropout(
                                            in.storage.segment(),
                                            in.offset() + from,
                                            key,
                                            counter + from,
                                            end - from,
                                            rate,
                                            to.storage.segment(),
                                            to.offset() + from));
            staging.finish();
        }
        return out;
    }

    private static void checkDropout(Tensor x, float rate, Tensor out) {
        checkFraction("dropout", "rate", rate);
        Operands.checkFloat("dropout", "x", x);
        Operands.checkOut("dropout", out, x.shape(), ElementType.FLOAT32);
    }

    private static void checkFraction(String operation, String name, float value) {
        if (!(value >= 0 && value <= 1)) {
            throw new ArgumentException(
                    "%s: expected 0 <= %s <= 1, got %s".formatted(operation, name, value));
        }
    }

    private interface Filler {
        void fill(long key, long counter, long n, MemorySegment segment, long offset);
    }

    private Tensor fill(String operation, Tensor out, Filler filler) {
        Operands.checkOut(operation, out, out.shape(), ElementType.FLOAT32);
        if (!out.isContiguous()) {
            try (Scope scope = Scope.open()) {
                return out.copyFrom(fill(operation, scope.empty(out.shape()), filler));
            }
        }
        Operands.hold(operation, out);
        try {
            long first = advance(out.elements());
            long stream = key;
            Parallel.pieces(
                    out.elements(),
                    CHUNK_ELEMENTS,
                    (from, to) ->
                            filler.fill(
                                    stream,
                                    first + from,
                                    to - from,
                                    out.storage.segment(),
                                    out.offset() + from));
        } finally {
            Operands.release(out);
        }
        return out;
    }

    /**
     * Takes the next {@code n} numbers, from a multiple of 4 on, for a kernel that draws them
     * itself.
     *
     * @return the counter of the first
     * @throws ArgumentException if n is negative
     */
    public long advance(long n) {
        if (n < 0) {
            throw new ArgumentException("RandomStream.advance: negative count " + n);
        }
        long first = Math.addExact(counter, 3) & ~3L;
        counter = Math.addExact(first, n);
        return first;
    }

    // ---- single numbers ----

    /** The next 32 random bits. */
    public int nextInt() {
        int word = word(key, counter);
        counter = Math.incrementExact(counter);
        return word;
    }

    /**
     * A number from 0 to bound − 1, each equally likely.
     *
     * @throws ArgumentException if the bound is less than 1
     */
    public int nextInt(int bound) {
        if (bound < 1) {
            throw new ArgumentException("nextInt: the bound must be at least 1, got " + bound);
        }
        // Lemire 2019, doi:10.1145/3230636: the few words that would favour some numbers are left.
        long tooFew = (1L << 32) % bound;
        while (true) {
            long product = (nextInt() & LOW) * bound;
            if ((product & LOW) >= tooFew) {
                return (int) (product >>> 32);
            }
        }
    }

    /** The next 64 random bits. */
    public long nextLong() {
        long low = nextInt() & LOW;
        return (long) nextInt() << 32 | low;
    }

    /** A number in [0, 1), a multiple of 2⁻²⁴. */
    public float nextFloat() {
        return (nextInt() >>> 8) * 0x1p-24f;
    }

    /** A number in [0, 1), a multiple of 2⁻⁵³. */
    public double nextDouble() {
        return (nextLong() >>> 11) * 0x1p-53;
    }

    /**
     * 0..n−1 in random order, each order equally likely.
     *
     * @throws ArgumentException if n is negative
     */
    public int[] permutation(int n) {
        if (n < 0) {
            throw new ArgumentException("permutation: negative number of elements " + n);
        }
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            order[i] = i;
        }
        shuffle(order);
        return order;
    }

    /** Puts the values into random order, each order equally likely (Fisher and Yates). */
    public void shuffle(int[] values) {
        for (int i = values.length - 1; i > 0; i--) {
            int j = nextInt(i + 1);
            int swapped = values[i];
            values[i] = values[j];
            values[j] = swapped;
        }
    }

    /** Word (counter mod 4) of block ⌊counter / 4⌋ of the stream with this key. */
    private static int word(long key, long counter) {
        long block = counter >>> 2;
        int x0 = (int) block;
        int x1 = (int) (block >>> 32);
        int x2 = 0;
        int x3 = 0;
        int k0 = (int) key;
        int k1 = (int) (key >>> 32);
        for (int round = 0; round < 10; round++) {
            long p0 = 0xD251_1F53L * (x0 & LOW);
            long p1 = 0xCD9E_8D57L * (x2 & LOW);
            x0 = (int) (p1 >>> 32) ^ x1 ^ k0;
            x1 = (int) p1;
            x2 = (int) (p0 >>> 32) ^ x3 ^ k1;
            x3 = (int) p0;
            k0 += 0x9E37_79B9;
            k1 += 0xBB67_AE85;
        }
        return switch ((int) counter & 3) {
            case 0 -> x0;
            case 1 -> x1;
            case 2 -> x2;
            default -> x3;
        };
    }

    /** The key and the counter. */
    @Override
    public String toString() {
        return "RandomStream[key=%016x, counter=%d]".formatted(key, counter);
    }
}
