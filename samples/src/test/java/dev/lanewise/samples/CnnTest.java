package dev.lanewise.samples;

import static dev.lanewise.nn.losses.Losses.crossEntropy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.core.RandomStream;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.nn.layers.Flatten;
import dev.lanewise.nn.layers.Linear;
import dev.lanewise.nn.layers.Sequential;
import dev.lanewise.nn.optim.AdamW;
import dev.lanewise.nn.training.Trainer;
import dev.lanewise.samples.data.DataSource;
import dev.lanewise.samples.data.ImageSet;
import dev.lanewise.samples.data.ImageSplit;
import dev.lanewise.samples.data.Mnist;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The parts of the sample cnn; the whole of it runs as {@code samples/run cnn --quick}. */
class CnnTest {
    @TempDir private Path folder;
    private long liveBefore;
    private Scope scope;

    @BeforeEach
    void open() {
        liveBefore = Scope.liveBytes();
        scope = Scope.open();
    }

    @AfterEach
    void close() {
        scope.close();
        assertThat(Scope.liveBytes()).isEqualTo(liveBefore);
    }

    @Test
    void aFewStepsLearnDigitsAndTheWeightsSurviveAFile() {
        ImageSplit data = Mnist.load(DataSource.carried()).limited(640, 200);
        DigitNet model = new DigitNet(10, new RandomStream(1));
        Trainer.of(model)
                .loss(crossEntropy())
                .optimizer(AdamW.of(2e-3f))
                .batchSize(32)
                .seed(1)
                .fit(Images.dataset(data.train()), 2);
        Scores scores = Scores.of(model, data.test(), 1);
        assertThat(scores.confusion().accuracy()).isGreaterThan(0.75); // by chance 0.1

        Path file = folder.resolve("weights.safetensors");
        model.save(file);
        DigitNet loaded = new DigitNet(10, new RandomStream(2));
        loaded.load(file);
        Scores again = Scores.of(loaded, data.test(), 2);
        for (int i = 0; i < data.test().size(); i++) {
            assertThat(again.probability(i, 3)).isEqualTo(scores.probability(i, 3));
        }

        CnnPictures.write(loaded, again, data.test(), folder);
        assertThat(List.of("confusion.png", "mistakes.png", "filters.png", "features.png"))
                .allMatch(name -> Files.isRegularFile(folder.resolve(name)));
    }

    @Test
    void trainingGivesTheSameBitsAgainAndOnTwoThreads() {
        ImageSplit data = Mnist.load(DataSource.carried()).limited(160, 0);
        Map<String, Tensor> expected = trained(data, 1).stateDict();
        for (int threads : new int[] {1, 2}) {
            Map<String, Tensor> again = trained(data, threads).stateDict();
            expected.forEach(
                    (name, tensor) ->
                            assertThat(again.get(name).contentEquals(tensor))
                                    .as("%s on %d threads", name, threads)
                                    .isTrue());
        }
    }

    private static DigitNet trained(ImageSplit data, int threads) {
        DigitNet model = new DigitNet(10, new RandomStream(1));
        Trainer.of(model)
                .loss(crossEntropy())
                .optimizer(AdamW.of(2e-3f))
                .batchSize(32)
                .seed(1)
                .threads(threads)
                .fit(Images.dataset(data.train()), 1);
        return model;
    }

    /** Four classes for 2x2 pictures: the brightest pixel. */
    @Test
    void scoresAreProbabilitiesAndMistakesComeWorstFirst() {
        byte[] pixels = new byte[4 * 4];
        for (int i = 0; i < 4; i++) {
            pixels[4 * i + i] = (byte) 255;
        }
        ImageSet set =
                new ImageSet(
                        List.of("a", "b", "c", "d"), 2, 2, 255, pixels, new byte[] {0, 1, 3, 2});
        float[] identity = {1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4};
        Linear linear = new Linear(scope.of(identity, Shape.of(4, 4)), scope.zeros(Shape.of(4)));
        Scores scores = Scores.of(new Sequential(new Flatten(), linear), set, 1);
        assertThat(scores.predicted(1)).isEqualTo(1);
        assertThat(scores.probability(1, 1))
                .isCloseTo((float) (Math.exp(2) / (Math.exp(2) + 3)), within(1e-6f));
        assertThat(scores.mistakes()).containsExactly(3, 2); // surest of the wrong class first
        assertThat(scores.confusion().accuracy()).isEqualTo(0.5);
    }

    @Test
    void stepTimeIsMeasured() {
        assertThat(StepTime.measure(1, 0.001).milliseconds()).isBetween(0.1, 60_000.0);
    }
}
