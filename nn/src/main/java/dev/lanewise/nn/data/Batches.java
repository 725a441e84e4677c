package dev.lanewise.nn.data;

import dev.lanewise.core.ArgumentException;

import java.util.function.Consumer;

/**
 * How a data set is cut into batches: size, order, and what happens to the last, smaller one.
 *
 * <p>With a seed, each epoch has an order of its own that depends on the seed and the number of the
 * epoch alone; without one, samples come in their own order. Reading runs ahead on another thread
 * by up to two batches.
 *
 * <pre>{@code
 * Batches batches = Batches.of(data, 64).shuffled(42);
 * batches.forEach(epoch, batch -> step(batch.inputs(), batch.targets()));
 * }</pre>
 */
public final class Batches {
    private final Dataset data;
    private final int batchSize;
    private final boolean shuffled;
    private final long seed;
    private final boolean dropLast;

    private Batches(Dataset data, int batchSize, boolean shuffled, long seed, boolean dropLast) {
        this.data = data;
        this.batchSize = batchSize;
        this.shuffled = shuffled;
        this.seed = seed;
        this.dropLast = dropLast;
    }

    /**
     * Batches in the order of the data set, the last one smaller where it doesn't divide.
     *
     * @throws ArgumentException if the size is less than 1
     */
    public static Batches of(Dataset data, int batchSize) {
        if (batchSize < 1) {
            throw new ArgumentException(
                    "Batches.of: a batch needs at least 1 sample, not " + batchSize);
        }
        return new Batches(data, batchSize, false, 0, false);
    }

    /** The same batches in a new random order each epoch. */
    public Batches shuffled(long newSeed) {
        return new Batches(data, batchSize, true, newSeed, dropLast);
    }

    /** The same batches without the last, smaller one. */
    public Batches dropLast() {
        return new Batches(data, batchSize, shuffled, seed, true);
    }

    /** The data set. */
    public Dataset data() {
        return data;
    }

    /** Samples of a full batch. */
    public int batchSize() {
        return batchSize;
    }

    /** Batches of an epoch: ⌈N / B⌉, or ⌊N / B⌋ without the last, smaller one. */
    public int count() {
        long n = data.size();
        return Math.toIntExact(dropLast ? n / batchSize : (n + batchSize - 1) / batchSize);
    }

    /** Samples of an epoch: all, or those in full batches. */
    public long samples() {
        return Math.min(data.size(), (long) count() * batchSize);
    }

    /** The order of the samples in an epoch. */
    int[] order(long epoch) {
        int n = Math.toIntExact(data.size());
        if (shuffled) {
            return Shuffle.epoch(n, seed, epoch);
        }
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            order[i] = i;
        }
        return order;
    }

    /** The batches of an epoch, from the first one. */
    public BatchReader read(long epoch) {
        return read(epoch, 0);
    }

    /** The batches of an epoch from the given one on, as a resumed run needs them. */
    public BatchReader read(long epoch, int firstBatch) {
        return new BatchReader(this, epoch, firstBatch);
    }

    /** Runs {@code body} for each batch of an epoch; its tensors are valid during the call. */
    public void forEach(long epoch, Consumer<Batch> body) {
        try (BatchReader reader = read(epoch)) {
            for (Batch batch = reader.next(); batch != null; batch = reader.next()) {
                body.accept(batch);
            }
        }
    }
}
