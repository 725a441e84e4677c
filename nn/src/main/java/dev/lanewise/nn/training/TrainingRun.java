package dev.lanewise.nn.training;

import dev.lanewise.core.RandomStream;
import dev.lanewise.core.Scope;
import dev.lanewise.nn.Context;
import dev.lanewise.nn.autograd.Tape;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.data.Batch;
import dev.lanewise.nn.data.BatchReader;
import dev.lanewise.nn.data.Batches;
import dev.lanewise.nn.data.Dataset;
import dev.lanewise.nn.ops.Functional;
import dev.lanewise.nn.optim.Optimizer;

/** One call of {@link Trainer#fit}: its optimizer, its place in the data, its history. */
final class TrainingRun implements AutoCloseable {
    final Trainer settings;
    final Batches batches;
    final Optimizer optimizer;
    final History history = new History();
    final EarlyStopping earlyStopping;

    /** Where the run is: the next batch, and what this epoch has given so far. */
    int epoch;

    int nextBatch;
    Evaluation.Sum epochSum = new Evaluation.Sum();

    private final Batches validation;
    private final int epochs;
    private final float baseRate;
    private final RandomStream random;
    private long startNanos;
    private long samplesAtStart;

    TrainingRun(Trainer settings, Batches batches, Dataset validation, int epochs) {
        this.settings = settings;
        this.batches = batches;
        this.epochs = epochs;
        this.validation =
                validation == null
                        ? null
                        : Batches.of(validation, Math.max(settings.batchSize, 100));
        this.optimizer = settings.rule.over(settings.model);
        this.baseRate = settings.rule.learningRate();
        this.random = new RandomStream(settings.seed).split(1);
        this.earlyStopping = settings.patience > 0 ? new EarlyStopping(settings.patience) : null;
    }

    History run() {
        Throwable failure = null;
        try {
            if (settings.checkpoint != null) {
                Checkpoint.resume(this);
            }
            while (epoch < epochs && !history.stoppedEarly()) {
                runEpoch();
            }
            if (earlyStopping != null && !earlyStopping.best().isEmpty()) {
                settings.model.load(earlyStopping.best());
            }
            return history;
        } catch (RuntimeException | Error e) {
            failure = e;
            throw e;
        } finally {
            for (TrainingListener listener : settings.listeners) {
                listener.trainingEnded(history, failure);
            }
        }
    }

    private void runEpoch() {
        startNanos = System.nanoTime();
        samplesAtStart = epochSum.samples;
        try (BatchReader reader = batches.read(epoch, nextBatch)) {
            for (Batch batch = reader.next(); batch != null; batch = reader.next()) {
                train(batch);
            }
        }
        Evaluation training = epochSum.mean();
        Evaluation judged =
                validation == null
                        ? Evaluation.NONE
                        : Evaluation.of(settings.model, settings.loss, validation);
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        EpochResult result =
                new EpochResult(
                        epoch,
                        training.loss(),
                        training.accuracy(),
                        judged,
                        optimizer.learningRate(),
                        seconds,
                        epochSum.samples);
        history.add(result);
        if (earlyStopping != null
                && earlyStopping.epochEnded(judged.loss(), settings.model.stateDict())) {
            history.markStoppedEarly();
        }
        epoch++;
        nextBatch = 0;
        epochSum = new Evaluation.Sum();
        if (settings.checkpoint != null) {
            Checkpoint.save(this);
        }
        settings.listeners.forEach(listener -> listener.epochEnded(result));
    }

    private void train(Batch batch) {
        forwardAndBackward(batch);
        boolean stepped = stepIsDue();
        if (stepped) {
            step();
        }
        nextBatch++;
        report(batch.index());
        boolean due = settings.checkpointBatches > 0 && nextBatch % settings.checkpointBatches == 0;
        if (settings.checkpoint != null && due && stepped && nextBatch < batches.count()) {
            Checkpoint.save(this);
        }
    }

    private void forwardAndBackward(Batch batch) {
        // A stream of its own for each batch: a resumed run needs no more than the batch's number.
        RandomStream stream = random.split((long) epoch * batches.count() + batch.index());
        try (Scope _ = Scope.open();
                Tape tape = Tape.start()) {
            Variable output =
                    settings.model.forward(Variable.of(batch.inputs()), Context.training(stream));
            Variable loss = settings.loss.of(output, batch.targets());
            float value = loss.item();
            if (!Float.isFinite(value)) {
                throw new IllegalStateException(
                        "Trainer: the loss is %s at epoch %d, batch %d; lower the learning rate, clip gradients, or look for bad samples"
                                .formatted(value, epoch + 1, batch.index() + 1));
            }
            int together = batchesPerStep(batch.index());
            tape.gradients(
                    together == 1 ? loss : Functional.multiply(loss, 1f / together),
                    optimizer.gradients());
            epochSum.add(value, output.value(), batch.targets());
        }
    }

    /** Of how many batches the step that this batch belongs to takes the mean. */
    private int batchesPerStep(int batch) {
        int first = batch - batch % settings.accumulation;
        return Math.min(settings.accumulation, batches.count() - first);
    }

    private boolean stepIsDue() {
        int done = nextBatch + 1;
        return done % settings.accumulation == 0 || done == batches.count();
    }

    private void step() {
        if (settings.clipValue < Float.POSITIVE_INFINITY) {
            optimizer.clipValue(settings.clipValue);
        }
        if (settings.clipNorm < Float.POSITIVE_INFINITY) {
            optimizer.clipNorm(settings.clipNorm);
        }
        long stepsPerEpoch = Math.ceilDiv(batches.count(), settings.accumulation);
        long step = epoch * stepsPerEpoch + nextBatch / settings.accumulation;
        optimizer.learningRate(
                (float) (baseRate * settings.schedule.factor(step, epochs * stepsPerEpoch)));
        optimizer.step();
    }

    private void report(int batch) {
        if (settings.listeners.isEmpty()) {
            return;
        }
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        Evaluation soFar = epochSum.mean();
        TrainingListener.Progress progress =
                new TrainingListener.Progress(
                        epoch,
                        epochs,
                        batch,
                        batches.count(),
                        epochSum.samples,
                        batches.samples(),
                        soFar.loss(),
                        soFar.accuracy(),
                        (epochSum.samples - samplesAtStart) / seconds);
        settings.listeners.forEach(listener -> listener.batchEnded(progress));
    }

    @Override
    public void close() {
        try {
            optimizer.close();
        } finally {
            if (earlyStopping != null) {
                earlyStopping.close();
            }
        }
    }
}
