package dev.lanewise.nn.training;

import static dev.lanewise.nn.losses.Losses.crossEntropy;
import static dev.lanewise.nn.losses.Losses.meanSquaredError;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.RandomStream;
import dev.lanewise.core.Scope;
import dev.lanewise.core.ScopeException;
import dev.lanewise.core.Shape;
import dev.lanewise.core.ShapeException;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.Layer;
import dev.lanewise.nn.data.Batches;
import dev.lanewise.nn.data.Subset;
import dev.lanewise.nn.data.TensorDataset;
import dev.lanewise.nn.layers.Activation;
import dev.lanewise.nn.layers.BatchNorm1d;
import dev.lanewise.nn.layers.Dropout;
import dev.lanewise.nn.layers.Linear;
import dev.lanewise.nn.layers.Sequential;
import dev.lanewise.nn.optim.Adam;
import dev.lanewise.nn.optim.Sgd;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

class TrainerTest {
    private long liveBefore;

    @BeforeEach
    void remember() {
        liveBefore = Scope.liveBytes();
    }

    @AfterEach
    void nothingLeaks() {
        assertThat(Scope.liveBytes()).isEqualTo(liveBefore);
    }

    /** Points of the plane; class 1 inside a ring, so that no linear model can tell. */
    static TensorDataset ring(Scope scope, int n, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] points = new float[2 * n];
        int[] labels = new int[n];
        for (int i = 0; i < n; i++) {
            points[2 * i] = (float) random.nextDouble(-1, 1);
            points[2 * i + 1] = (float) random.nextDouble(-1, 1);
            labels[i] = Math.hypot(points[2 * i], points[2 * i + 1]) < 0.7 ? 1 : 0;
        }
        return new TensorDataset(
                scope.of(points, Shape.of(n, 2)), scope.ofInts(labels, Shape.of(n)));
    }

    static Layer network(float dropout) {
        RandomStream random = new RandomStream(5);
        return new Sequential(
                new Linear(2, 32, random),
                Activation.relu(),
                new Dropout(dropout),
                new Linear(32, 2, random));
    }

    static float[] weights(Layer model) {
        List<Float> all = new ArrayList<>();
        for (Tensor tensor : model.stateDict().values()) {
            for (float value : tensor.toArray()) {
                all.add(value);
            }
        }
        float[] values = new float[all.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = all.get(i);
        }
        return values;
    }

    private static Trainer trainer(Layer model) {
        return Trainer.of(model)
                .loss(crossEntropy())
                .optimizer(Adam.of(0.02f))
                .batchSize(32)
                .seed(3);
    }

    @Test
    void trainingAgainTakesNoMoreMemory() {
        try (Scope scope = Scope.open()) {
            TensorDataset data = ring(scope, 64, 1);
            Layer model = network(0);
            long before = Scope.liveBytes();
            trainer(model).fit(data, 1);
            long once = Scope.liveBytes();
            // All that stays is the slab that the parameters have moved into.
            assertThat(once - before).isLessThan(2 * 4 * model.parameterCount());
            for (int i = 0; i < 5; i++) {
                trainer(model).fit(data, data, 1);
            }
            assertThat(Scope.liveBytes()).isEqualTo(once);
        }
    }

    @Test
    void aRunThatCanNotCloseItsOptimizerGivesTheBestWeightsBack() {
        try (Scope scope = Scope.open()) {
            Layer model = network(0);
            Trainer settings = trainer(model).earlyStopping(1);
            var run = new TrainingRun(settings, Batches.of(ring(scope, 8, 1), 4), null, 1);
            run.earlyStopping.epochEnded(1, model.stateDict());
            List<Tensor> best = List.copyOf(run.earlyStopping.best().values());
            Tensor inUse = run.optimizer.slab().gradientValues();
            inUse.acquire("test");
            try {
                assertThatThrownBy(run::close).isInstanceOf(ScopeException.class);
                assertThat(best).isNotEmpty().allMatch(Tensor::isClosed);
            } finally {
                inUse.release();
            }
            run.optimizer.close();
            assertThat(inUse.isClosed()).isTrue();
        }
    }

    @Test
    void aLastSampleAloneCanBeLeftOut() {
        try (Scope scope = Scope.open()) {
            TensorDataset data = ring(scope, 33, 1);
            RandomStream random = new RandomStream(5);
            Layer model = new Sequential(new BatchNorm1d(2), new Linear(2, 2, random));
            assertThatThrownBy(() -> trainer(model).fit(data, 1))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageContaining("Trainer.dropLast()");
            List<TrainingListener.Progress> seen = new ArrayList<>();
            TrainingListener listener =
                    new TrainingListener() {
                        @Override
                        public void batchEnded(Progress progress) {
                            seen.add(progress);
                        }
                    };
            History history = trainer(model).dropLast().listener(listener).fit(data, 1);
            assertThat(history.last().orElseThrow().samples()).isEqualTo(32);
            assertThat(seen).hasSize(1);
            assertThat(seen.getFirst().samplesPerEpoch()).isEqualTo(32);
        }
    }

    @Test
    void nothingToTrainOnIsAnError() {
        try (Scope scope = Scope.open()) {
            TensorDataset some = ring(scope, 31, 1);
            Subset none = Subset.range(some, 0, 0);
            Layer model = network(0);
            assertThatThrownBy(() -> trainer(model).fit(none, 2))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessageContaining("0 samples");
            assertThatThrownBy(() -> trainer(model).dropLast().fit(some, 2))
                    .hasMessageContaining("31 samples make no batch of 32; dropLast()");
            assertThatThrownBy(() -> trainer(model).fit(some, none, 2))
                    .hasMessageContaining("no validation samples");
        }
    }

    @Test
    void learnsWhatIsNotLinear() {
        try (Scope scope = Scope.open()) {
            TensorDataset data = ring(scope, 1000, 1);
            Layer model = network(0);
            History history =
                    trainer(model)
                            .fit(Subset.range(data, 0, 800), Subset.range(data, 800, 1000), 15);
            assertThat(history.epochs()).hasSize(15);
            EpochResult last = history.last().orElseThrow();
            assertThat(last.validation().accuracy()).isGreaterThan(0.95);
            assertThat(last.validation().samples()).isEqualTo(200);
            assertThat(last.samples()).isEqualTo(800);
            assertThat(last.loss()).isLessThan(history.epochs().getFirst().loss());
        }
    }

    @Test
    void threadsDoNotChangeABit() {
        float[][] results = new float[2][];
        for (int run = 0; run < 2; run++) {
            try (Scope scope = Scope.open()) {
                Layer model = network(0.2f);
                trainer(model).threads(run + 1).fit(ring(scope, 300, 2), 3);
                results[run] = weights(model);
            }
        }
        assertThat(results[1]).isEqualTo(results[0]);
    }

    @Test
    void seedsChangeTheOrderAndTheDropout() {
        try (Scope scope = Scope.open()) {
            TensorDataset data = ring(scope, 300, 2);
            Layer one = network(0.2f);
            Layer two = network(0.2f);
            trainer(one).seed(1).fit(data, 1);
            trainer(two).seed(2).fit(data, 1);
            assertThat(weights(one)).isNotEqualTo(weights(two));
        }
    }

    @Test
    void accumulatedBatchesAreLikeOneLargeBatch() {
        try (Scope scope = Scope.open()) {
            TensorDataset data = ring(scope, 120, 4);
            Layer whole = network(0);
            Layer parts = network(0);
            Trainer.of(whole)
                    .loss(crossEntropy())
                    .optimizer(Sgd.of(0.1f))
                    .batchSize(120)
                    .fit(data, 5);
            Trainer.of(parts)
                    .loss(crossEntropy())
                    .optimizer(Sgd.of(0.1f))
                    .batchSize(30)
                    .accumulate(4)
                    .fit(data, 5);
            float[] expected = weights(whole);
            float[] actual = weights(parts);
            for (int i = 0; i < expected.length; i++) {
                assertThat(actual[i]).isCloseTo(expected[i], within(1e-5f));
            }
        }
    }

    @Test
    void clippingLimitsAStep() {
        try (Scope scope = Scope.open()) {
            TensorDataset data = ring(scope, 64, 4);
            Layer model = network(0);
            float[] before = weights(model);
            Trainer.of(model)
                    .loss(crossEntropy())
                    .optimizer(Sgd.of(1f))
                    .batchSize(64)
                    .clipNorm(0.01f)
                    .fit(data, 1);
            float[] after = weights(model);
            double norm = 0;
            for (int i = 0; i < before.length; i++) {
                norm += Math.pow(after[i] - before[i], 2);
            }
            assertThat(Math.sqrt(norm)).isCloseTo(0.01, within(1e-5));
        }
    }

    @Test
    void earlyStoppingRestoresTheBestWeights() {
        try (Scope scope = Scope.open()) {
            TensorDataset data = ring(scope, 400, 6);
            Layer model = network(0);
            Trainer trainer = trainer(model).optimizer(Adam.of(0.2f)).earlyStopping(2);
            Subset validation = Subset.range(data, 300, 400);
            History history = trainer.fit(Subset.range(data, 0, 300), validation, 200);
            assertThat(history.stoppedEarly()).isTrue();
            assertThat(history.epochs().size()).isLessThan(200);
            double best = history.best().orElseThrow().validation().loss();
            assertThat(trainer.evaluate(validation).loss()).isEqualTo(best);
        }
    }

    @Test
    void regressionHasNoAccuracy() {
        try (Scope scope = Scope.open()) {
            Tensor x = scope.of(new float[] {0, 1, 2, 3}, Shape.of(4, 1));
            Tensor y = scope.of(new float[] {1, 3, 5, 7}, Shape.of(4, 1));
            Layer model = new Linear(1, 1, new RandomStream(1));
            History history =
                    Trainer.of(model)
                            .loss(meanSquaredError())
                            .optimizer(Sgd.of(0.1f))
                            .batchSize(4)
                            .fit(new TensorDataset(x, y), 200);
            assertThat(history.last().orElseThrow().loss()).isLessThan(1e-4);
            assertThat(history.last().orElseThrow().accuracy()).isNaN();
        }
    }

    @Test
    void aLossThatIsNoNumberIsReportedWithItsPlace() {
        try (Scope scope = Scope.open()) {
            Tensor x = scope.of(new float[] {Float.NaN, 1}, Shape.of(1, 2));
            TensorDataset data = new TensorDataset(x, scope.ofInts(1));
            assertThatThrownBy(() -> trainer(network(0)).fit(data, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("NaN")
                    .hasMessageContaining("epoch 1, batch 1");
        }
    }

    @Test
    void missingPartsAndBadSettingsAreNamed() {
        try (Scope scope = Scope.open()) {
            TensorDataset data = ring(scope, 10, 1);
            Trainer bare = Trainer.of(network(0));
            assertThatThrownBy(() -> bare.fit(data, 1)).hasMessageContaining("loss(...)");
            assertThatThrownBy(() -> bare.batchSize(0)).hasMessageContaining("batchSize");
            assertThatThrownBy(() -> bare.clipNorm(Float.NaN)).hasMessageContaining("clipNorm");
            assertThatThrownBy(() -> trainer(network(0)).earlyStopping(1).fit(data, 1))
                    .hasMessageContaining("validation");
        }
    }

    @Test
    void plainProgressIsOneLineAnEpoch() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (Scope scope = Scope.open()) {
            TensorDataset data = ring(scope, 64, 1);
            trainer(network(0))
                    .listener(
                            new ProgressListener(
                                    new PrintStream(bytes, true, StandardCharsets.UTF_8), false))
                    .fit(data, data, 2);
        }
        assertThat(bytes.toString(StandardCharsets.UTF_8).lines())
                .hasSize(2)
                .allMatch(
                        line ->
                                line.contains("loss")
                                        && line.contains("validation")
                                        && line.length() <= 100);
    }
}
