package dev.lanewise.nn.training;

import static dev.lanewise.nn.losses.Losses.crossEntropy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.io.ModelFormatException;
import dev.lanewise.core.io.SafeTensors;
import dev.lanewise.nn.Layer;
import dev.lanewise.nn.data.TensorDataset;
import dev.lanewise.nn.optim.Adam;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

class CheckpointTest {
    private static final int EPOCHS = 4;

    @TempDir Path folder;

    private Trainer trainer(Layer model, Path file) {
        return Trainer.of(model)
                .loss(crossEntropy())
                .optimizer(Adam.of(0.02f))
                .batchSize(16)
                .seed(3)
                .schedule(LearningRateSchedule.cosine(5))
                .earlyStopping(3)
                .checkpoint(file, 2);
    }

    /** Ends the run as a kill would: an error out of the middle of an epoch. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    @Test
    void aKilledRunResumesBitForBit() {
        try (Scope scope = Scope.open()) {
            TensorDataset train = TrainerTest.ring(scope, 150, 1);
            TensorDataset validation = TrainerTest.ring(scope, 60, 2);
            Layer whole = TrainerTest.network(0.3f);
            History expected =
                    trainer(whole, folder.resolve("whole")).fit(train, validation, EPOCHS);

            Path file = folder.resolve("killed");
            for (int kill : new int[] {5, 9, 17}) {
                TrainingListener killer =
                        new TrainingListener() {
                            private int batches;

                            @Override
                            public void batchEnded(Progress progress) {
                                if (++batches == kill) {
                                    throw new Killed();
                                }
                            }
                        };
                // A new model each time, as in a new process: everything must come from the file.
                Layer killed = TrainerTest.network(0.3f);
                assertThatThrownBy(
                                () ->
                                        trainer(killed, file)
                                                .listener(killer)
                                                .fit(train, validation, EPOCHS))
                        .isInstanceOf(Killed.class);
            }
            Layer resumed = TrainerTest.network(0.3f);
            History history = trainer(resumed, file).fit(train, validation, EPOCHS);

            assertThat(TrainerTest.weights(resumed)).isEqualTo(TrainerTest.weights(whole));
            assertThat(history.epochs()).hasSameSizeAs(expected.epochs());
            for (int i = 0; i < EPOCHS; i++) {
                EpochResult one = history.epochs().get(i);
                EpochResult other = expected.epochs().get(i);
                assertThat(one.loss()).isEqualTo(other.loss());
                assertThat(one.accuracy()).isEqualTo(other.accuracy());
                assertThat(one.validation()).isEqualTo(other.validation());
            }
        }
    }

    @Test
    void aFinishedRunIsNotTrainedAgain() {
        try (Scope scope = Scope.open()) {
            TensorDataset train = TrainerTest.ring(scope, 64, 1);
            Path file = folder.resolve("done");
            Layer model = TrainerTest.network(0);
            trainer(model, file).fit(train, train, 2);
            float[] weights = TrainerTest.weights(model);
            Layer again = TrainerTest.network(0);
            History history = trainer(again, file).fit(train, train, 2);
            assertThat(history.epochs()).hasSize(2);
            assertThat(TrainerTest.weights(again)).isEqualTo(weights);
        }
    }

    @Test
    void aCheckpointOfAnotherRunIsRefused() {
        try (Scope scope = Scope.open()) {
            TensorDataset train = TrainerTest.ring(scope, 64, 1);
            Path file = folder.resolve("other");
            trainer(TrainerTest.network(0), file).fit(train, train, 1);
            assertThatThrownBy(
                            () ->
                                    trainer(TrainerTest.network(0), file)
                                            .seed(4)
                                            .fit(train, train, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("seed is 3, here it is 4");
        }
    }

    @Test
    void bestWeightsThatDoNotFitAreRefusedBeforeTraining() {
        try (Scope scope = Scope.open()) {
            TensorDataset train = TrainerTest.ring(scope, 64, 1);
            Path file = folder.resolve("best");
            trainer(TrainerTest.network(0), file).fit(train, train, 1);
            refuses(train, file, scope.ones(Shape.of(3)), "float32 [2] for", "has float32 [3]");
            refuses(train, file, scope.ofInts(1, 2), "float32 [2] for", "has int32 [2]");
            refuses(train, file, null, "float32 [2] for", "has none");
        }
    }

    /** Puts another tensor for best.3.bias into a copy of the checkpoint, and resumes from it. */
    private void refuses(TensorDataset train, Path file, Tensor other, String... texts) {
        Path changed = folder.resolve("changed");
        try (Scope _ = Scope.open();
                SafeTensors saved = SafeTensors.open(file)) {
            Map<String, Tensor> tensors = new LinkedHashMap<>(saved.readAll());
            assertThat(tensors.remove("best.3.bias")).isNotNull();
            if (other != null) {
                tensors.put("best.3.bias", other);
            }
            SafeTensors.write(changed, tensors, saved.metadata());
        }
        Layer model = TrainerTest.network(0);
        float[] before = TrainerTest.weights(model);
        assertThatThrownBy(() -> trainer(model, changed).fit(train, train, 2))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("best.3.bias should be ")
                .hasMessageContaining(texts[0])
                .hasMessageContaining(texts[1]);
        assertThat(TrainerTest.weights(model)).isEqualTo(before);
    }

    @Test
    void aFileThatIsNoCheckpointIsRefused() throws IOException {
        try (Scope scope = Scope.open()) {
            TensorDataset train = TrainerTest.ring(scope, 64, 1);
            Path file = Files.writeString(folder.resolve("text"), "not a checkpoint at all");
            assertThatThrownBy(() -> trainer(TrainerTest.network(0), file).fit(train, train, 1))
                    .isInstanceOf(ModelFormatException.class)
                    .hasMessageContaining("text");
        }
    }
}
