package dev.lanewise.core;

import static dev.lanewise.core.Operands.KERNELS;

import dev.lanewise.kernels.RandomFill;

/**
 * A seeded stream of random numbers, counter-based (Philox): each number is a function of the seed
 * and its place, so the stream is the same whatever the number of threads or the vector width.
 *
 * <p>A stream advances as it is used and belongs to one thread at a time. {@link #key()} and {@link
 * #counter()} are its whole state.
 */
public final class RandomStream {
    private static final RandomFill RANDOM = KERNELS.random();

    private final long key;
    private long counter;

    /** The stream of this seed, from its beginning. */
    public RandomStream(long seed) {
        this(seed, 0);
    }

    /**
     * A stream at a place: continues one whose key and counter were saved.
     *
     * @throws ArgumentException if the counter is negative
     */
    public RandomStream(long key, long counter) {
        if (counter < 0) {
            throw new ArgumentException("RandomStream: the counter is negative: " + counter);
        }
        this.key = key;
        this.counter = counter;
    }

    /** Which stream it is. */
    public long key() {
        return key;
    }

    /** The place of the next number. */
    public long counter() {
        return counter;
    }

    /**
     * Takes the next {@code n} numbers out of the stream, for a kernel that draws them itself.
     *
     * @return the place of the first
     */
    public long advance(long n) {
        if (n < 0) {
            throw new ArgumentException("RandomStream.advance: negative count " + n);
        }
        long first = counter;
        counter = Math.addExact(counter, n);
        return first;
    }

    /** A stream of its own for each number, independent of this one and of its place. */
    public RandomStream split(long number) {
        return new RandomStream(mix(key ^ mix(number + 0x9E3779B97F4A7C15L)));
    }

    /** The finalizer of SplitMix64 (Steele et al. 2014, doi:10.1145/2660193.2660195). */
    private static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** out ~ U[low, high); out is float32 and contiguous; returned. */
    public Tensor uniform(Tensor out, float low, float high) {
        return fill(
                "uniform",
                out,
                (at, n, offset) ->
                        RANDOM.uniform(key, at, n, low, high, out.storage.segment(), offset));
    }

    /** out ~ N(mean, std²); out is float32 and contiguous; returned. */
    public Tensor normal(Tensor out, float mean, float std) {
        return fill(
                "normal",
                out,
                (at, n, offset) ->
                        RANDOM.normal(key, at, n, mean, std, out.storage.segment(), offset));
    }

    /** out = 1 with this probability, else 0; out is float32 and contiguous; returned. */
    public Tensor bernoulli(Tensor out, float probability) {
        return fill(
                "bernoulli",
                out,
                (at, n, offset) ->
                        RANDOM.bernoulli(key, at, n, probability, out.storage.segment(), offset));
    }

    /**
     * Inverted dropout: out = x / (1 − rate) where the stream's number of the element is at least
     * rate, else 0. The same key and counter on a gradient give the gradient. Element i uses the
     * number at {@code counter + i}; out may be x.
     */
    public static Tensor dropout(Tensor x, float rate, long key, long counter, Tensor out) {
        Operands.checkFloat("dropout", "x", x);
        try (Staging staging = new Staging("dropout")) {
            Tensor in = staging.input("x", x);
            Tensor to = staging.output(out, x.shape(), x);
            Parallel.Range piece =
                    (from, end) ->
                            RANDOM.dropout(
                                    in.storage.segment(),
                                    in.offset() + from,
                                    key,
                                    counter + from,
                                    end - from,
                                    rate,
                                    to.storage.segment(),
                                    to.offset() + from);
            if (Parallel.isWorthwhile(x.elements(), Parallel.ELEMENTS)) {
                Parallel.range(x.elements(), Parallel.ELEMENTS, piece);
            } else {
                piece.run(0, x.elements());
            }
            staging.finish();
        }
        return out;
    }

    private interface Fill {
        void run(long counter, long n, long outOffset);
    }

    private Tensor fill(String operation, Tensor out, Fill body) {
        Operands.checkOut(operation, out, out.shape(), ElementType.FLOAT32);
        if (!out.isContiguous()) {
            throw new ArgumentException(
                    operation + ": out must be contiguous, not " + out.layout());
        }
        Operands.hold(operation, out);
        try {
            body.run(advance(out.elements()), out.elements(), out.offset());
        } finally {
            Operands.release(out);
        }
        return out;
    }
}
