package dev.lanewise.nn.training;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.Workers;
import dev.lanewise.nn.Layer;
import dev.lanewise.nn.data.Batches;
import dev.lanewise.nn.data.Dataset;
import dev.lanewise.nn.losses.Loss;
import dev.lanewise.nn.optim.UpdateRule;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Trains a model: says what to minimize and how, then {@link #fit}s it to data.
 *
 * <pre>{@code
 * History history = Trainer.of(model)
 *         .loss(crossEntropy())
 *         .optimizer(AdamW.of(1e-3f))
 *         .batchSize(64)
 *         .listener(new ProgressListener())
 *         .fit(train, validation, 3);
 * }</pre>
 *
 * <p>The result depends on the model's initial weights, the data and the settings, not on the
 * number of threads. Defaults: batches of 32, shuffled by seed 0, all cores, no clipping, no early
 * stopping.
 */
public final class Trainer {
    final Layer model;
    final List<TrainingListener> listeners = new ArrayList<>();
    Loss loss;
    UpdateRule rule;
    int batchSize = 32;
    boolean dropLast;
    long seed;
    int threads = Workers.available();
    float clipNorm = Float.POSITIVE_INFINITY;
    float clipValue = Float.POSITIVE_INFINITY;
    int accumulation = 1;
    int patience;
    LearningRateSchedule schedule = LearningRateSchedule.constant();

    Path checkpoint;
    int checkpointBatches;

    private Trainer(Layer model) {
        this.model = model;
    }

    /** A trainer of this model. */
    public static Trainer of(Layer model) {
        return new Trainer(model);
    }

    /** What to minimize. */
    public Trainer loss(Loss newLoss) {
        loss = newLoss;
        return this;
    }

    /** How parameters follow their gradients. */
    public Trainer optimizer(UpdateRule newRule) {
        rule = newRule;
        return this;
    }

    /** Samples per batch; at least 1. */
    public Trainer batchSize(int size) {
        batchSize = positive("batchSize", size);
        return this;
    }

    /**
     * Leaves out the last batch of an epoch where it is smaller than the others: batch
     * normalization can't learn from a single sample.
     */
    public Trainer dropLast() {
        dropLast = true;
        return this;
    }

    /** What the order of the samples and random numbers of layers (dropout) follow from. */
    public Trainer seed(long newSeed) {
        seed = newSeed;
        return this;
    }

    /** How many threads to use at most, the caller's included; never changes the result. */
    public Trainer threads(int count) {
        threads = positive("threads", count);
        return this;
    }

    /** Scales gradients down where their global norm exceeds this (Pascanu et al. 2012). */
    public Trainer clipNorm(float limit) {
        clipNorm = positive("clipNorm", limit);
        return this;
    }

    /** Limits each gradient element to [−limit, limit]. */
    public Trainer clipValue(float limit) {
        clipValue = positive("clipValue", limit);
        return this;
    }

    /**
     * Takes the mean of the gradients of this many batches for each step, as if they were one
     * batch; of the last ones where fewer are left. A last, smaller batch counts as much as the
     * others, unless {@link #dropLast} leaves it out.
     */
    public Trainer accumulate(int batches) {
        accumulation = positive("accumulate", batches);
        return this;
    }

    /** Varies the learning rate by step. */
    public Trainer schedule(LearningRateSchedule newSchedule) {
        schedule = newSchedule;
        return this;
    }

    /**
     * Ends the run after this many epochs in a row without a lower validation loss, and restores
     * the best weights at the end of any run.
     */
    public Trainer earlyStopping(int epochs) {
        patience = positive("earlyStopping", epochs);
        return this;
    }

    /**
     * Saves the run to this file after each epoch. If the file exists when {@link #fit} is called,
     * the run goes on from there, bit for bit as if it had never stopped.
     */
    public Trainer checkpoint(Path file) {
        return checkpoint(file, 0);
    }

    /**
     * As {@link #checkpoint(Path)}, and also after every so many batches (0: after epochs only).
     */
    public Trainer checkpoint(Path file, int everyBatches) {
        if (everyBatches < 0) {
            throw new ArgumentException(
                    "Trainer.checkpoint: negative number of batches " + everyBatches);
        }
        checkpoint = file;
        checkpointBatches = everyBatches;
        return this;
    }

    /** Adds one that watches. */
    public Trainer listener(TrainingListener listener) {
        listeners.add(listener);
        return this;
    }

    /** {@link #fit(Dataset, Dataset, int)} without validation. */
    public History fit(Dataset train, int epochs) {
        return fit(train, null, epochs);
    }

    /**
     * Trains for so many epochs, at least 0.
     *
     * @param train samples to train on
     * @param validation samples to judge each epoch by; null for none
     * @param epochs how many times to go through the samples
     * @return what each epoch gave
     * @throws ArgumentException if there is nothing to train on: no samples, or less than a batch
     *     with {@link #dropLast}
     * @throws IllegalStateException if loss or optimizer is missing, or the loss stops being a
     *     number
     */
    public History fit(Dataset train, Dataset validation, int epochs) {
        if (loss == null || rule == null) {
            throw new IllegalStateException(
                    "Trainer.fit: set loss(...) and optimizer(...) first, for example"
                            + " Trainer.of(model).loss(crossEntropy()).optimizer(AdamW.of(1e-3f))");
        }
        if (epochs < 0) {
            throw new ArgumentException("Trainer.fit: negative number of epochs " + epochs);
        }
        if (patience > 0 && validation == null) {
            throw new IllegalStateException("Trainer.fit: early stopping needs validation samples");
        }
        Batches all = Batches.of(train, batchSize).shuffled(seed);
        Batches batches = dropLast ? all.dropLast() : all;
        if (batches.count() == 0) {
            throw new ArgumentException(
                    "Trainer.fit: %d samples make no batch of %d%s"
                            .formatted(
                                    train.size(),
                                    batchSize,
                                    dropLast ? "; dropLast() leaves out smaller ones" : ""));
        }
        if (validation != null && validation.size() == 0) {
            throw new ArgumentException("Trainer.fit: there are no validation samples");
        }
        try (Workers.Setting _ = Workers.using(threads);
                TrainingRun run = new TrainingRun(this, batches, validation, epochs)) {
            return run.run();
        }
    }

    /** Loss and accuracy on these samples, in inference mode. */
    public Evaluation evaluate(Dataset data) {
        if (loss == null) {
            throw new IllegalStateException("Trainer.evaluate: set loss(...) first");
        }
        try (Workers.Setting _ = Workers.using(threads)) {
            return Evaluation.of(model, loss, Batches.of(data, Math.max(batchSize, 100)));
        }
    }

    private static int positive(String name, int value) {
        if (value < 1) {
            throw new ArgumentException(
                    "Trainer.%s: must be at least 1, not %d".formatted(name, value));
        }
        return value;
    }

    private static float positive(String name, float value) {
        if (!(value > 0)) {
            throw new ArgumentException(
                    "Trainer.%s: must be above 0, not %s".formatted(name, value));
        }
        return value;
    }
}
