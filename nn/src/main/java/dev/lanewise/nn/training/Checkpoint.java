package dev.lanewise.nn.training;

import dev.lanewise.core.Scope;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.io.ModelFormatException;
import dev.lanewise.core.io.SafeTensors;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A run on disk: one safetensors file with the model's weights and buffers ({@code model.*}), the
 * optimizer's state ({@code optimizer.*}), the best weights so far ({@code best.*}), and as
 * metadata the place in the data and the history. It is replaced whole, so a killed run leaves the
 * last good one.
 *
 * <p>Random numbers and orders follow from the seed and the place, so they need no state of their
 * own. Doubles are written as {@link Double#toString} does, which reads back to the same bits.
 */
final class Checkpoint {
    private static final String MODEL = "model.";
    private static final String OPTIMIZER = "optimizer.";
    private static final String BEST = "best.";

    private Checkpoint() {}

    static void save(TrainingRun run) {
        try (Scope _ = Scope.open()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            run.settings
                    .model
                    .stateDict()
                    .forEach((name, tensor) -> tensors.put(MODEL + name, tensor));
            run.optimizer
                    .stateDict()
                    .forEach((name, tensor) -> tensors.put(OPTIMIZER + name, tensor));
            if (run.earlyStopping != null) {
                run.earlyStopping
                        .best()
                        .forEach((name, tensor) -> tensors.put(BEST + name, tensor));
            }
            SafeTensors.write(run.settings.checkpoint, tensors, metadata(run));
        }
    }

    private static Map<String, String> metadata(TrainingRun run) {
        Map<String, String> metadata = new LinkedHashMap<>(identity(run));
        metadata.put("epoch", Integer.toString(run.epoch));
        metadata.put("batch", Integer.toString(run.nextBatch));
        metadata.put(
                "epochSum",
                run.epochSum.loss + " " + run.epochSum.right + " " + run.epochSum.samples);
        if (run.earlyStopping != null) {
            metadata.put(
                    "earlyStopping",
                    run.earlyStopping.bestLoss() + " " + run.earlyStopping.epochsWithout());
        }
        metadata.put("stoppedEarly", Boolean.toString(run.history.stoppedEarly()));
        for (EpochResult e : run.history.epochs()) {
            metadata.put(
                    "epoch." + e.epoch(),
                    e.loss()
                            + " "
                            + e.accuracy()
                            + " "
                            + e.validation().loss()
                            + " "
                            + e.validation().accuracy()
                            + " "
                            + e.validation().samples()
                            + " "
                            + e.learningRate()
                            + " "
                            + e.seconds()
                            + " "
                            + e.samples());
        }
        return metadata;
    }

    /** What has to be the same for a run to go on: other values would give another run. */
    private static Map<String, String> identity(TrainingRun run) {
        Map<String, String> identity = new LinkedHashMap<>();
        identity.put("seed", Long.toString(run.settings.seed));
        identity.put("batchSize", Integer.toString(run.settings.batchSize));
        identity.put("dropLast", Boolean.toString(run.settings.dropLast));
        identity.put("accumulate", Integer.toString(run.settings.accumulation));
        identity.put("samples", Long.toString(run.batches.data().size()));
        identity.put("optimizer", run.settings.rule.getClass().getSimpleName());
        return identity;
    }

    /** Puts the run where its checkpoint left it; does nothing where there is none. */
    static void resume(TrainingRun run) {
        Path file = run.settings.checkpoint;
        if (!Files.exists(file)) {
            return;
        }
        try (Scope _ = Scope.open();
                SafeTensors saved = SafeTensors.open(file)) {
            Map<String, String> metadata = saved.metadata();
            identity(run)
                    .forEach(
                            (key, value) -> {
                                if (!value.equals(metadata.get(key))) {
                                    throw new IllegalStateException(
                                            "%s belongs to another run: its %s is %s, here it is %s; delete the file or use another one"
                                                    .formatted(
                                                            file, key, metadata.get(key), value));
                                }
                            });
            Map<String, Tensor> tensors = saved.readAll();
            // The model last: what fails before leaves it as it was.
            Map<String, Tensor> best = part(tensors, BEST);
            if (run.earlyStopping != null && !best.isEmpty()) {
                checkBest(run, best);
            }
            place(run, metadata, best);
            run.optimizer.load(part(tensors, OPTIMIZER));
            run.settings.model.load(part(tensors, MODEL));
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException | NullPointerException e) {
            throw new ModelFormatException(
                    file + ": not a checkpoint of a training run: " + e.getMessage(), e);
        }
    }

    /** The best weights are loaded after the last epoch only: what doesn't fit is refused now. */
    private static void checkBest(TrainingRun run, Map<String, Tensor> best) {
        Map<String, Tensor> own = run.settings.model.stateDict();
        own.forEach(
                (name, tensor) -> {
                    Tensor given = best.get(name);
                    if (given == null || !isLike(given, tensor)) {
                        String found = given == null ? "none" : describe(given);
                        throw misfit(run, name, describe(tensor), found);
                    }
                });
        best.forEach(
                (name, tensor) -> {
                    if (!own.containsKey(name)) {
                        throw misfit(run, name, "absent", describe(tensor));
                    }
                });
    }

    private static boolean isLike(Tensor a, Tensor b) {
        return a.shape().equals(b.shape()) && a.type() == b.type();
    }

    private static String describe(Tensor tensor) {
        return tensor.type() + " " + tensor.shape();
    }

    private static ModelFormatException misfit(
            TrainingRun run, String name, String expected, String found) {
        return new ModelFormatException(
                "%s: %s%s should be %s for this model, the file has %s; delete the file or resume the model that wrote it"
                        .formatted(run.settings.checkpoint, BEST, name, expected, found));
    }

    private static void place(
            TrainingRun run, Map<String, String> metadata, Map<String, Tensor> best) {
        run.epoch = Integer.parseInt(metadata.get("epoch"));
        run.nextBatch = Integer.parseInt(metadata.get("batch"));
        String[] sum = metadata.get("epochSum").split(" ");
        run.epochSum.loss = Double.parseDouble(sum[0]);
        run.epochSum.right = Double.parseDouble(sum[1]);
        run.epochSum.samples = Long.parseLong(sum[2]);
        for (int epoch = 0; epoch < run.epoch; epoch++) {
            run.history.add(epoch(epoch, metadata.get("epoch." + epoch).split(" ")));
        }
        if (Boolean.parseBoolean(metadata.get("stoppedEarly"))) {
            run.history.markStoppedEarly();
        }
        if (run.earlyStopping != null && metadata.containsKey("earlyStopping")) {
            String[] stopping = metadata.get("earlyStopping").split(" ");
            run.earlyStopping.resume(
                    Double.parseDouble(stopping[0]), Integer.parseInt(stopping[1]), best);
        }
    }

    private static EpochResult epoch(int epoch, String[] f) {
        return new EpochResult(
                epoch,
                Double.parseDouble(f[0]),
                Double.parseDouble(f[1]),
                new Evaluation(
                        Double.parseDouble(f[2]), Double.parseDouble(f[3]), Long.parseLong(f[4])),
                Double.parseDouble(f[5]),
                Double.parseDouble(f[6]),
                Long.parseLong(f[7]));
    }

    private static Map<String, Tensor> part(Map<String, Tensor> tensors, String prefix) {
        Map<String, Tensor> part = new HashMap<>();
        tensors.forEach(
                (name, tensor) -> {
                    if (name.startsWith(prefix)) {
                        part.put(name.substring(prefix.length()), tensor);
                    }
                });
        return part;
    }
}
