package dev.lanewise.samples;

import static dev.lanewise.nn.losses.Losses.crossEntropy;

import dev.lanewise.core.RandomStream;
import dev.lanewise.core.Scope;
import dev.lanewise.kernels.Backend;
import dev.lanewise.nn.Layer;
import dev.lanewise.nn.data.TensorDataset;
import dev.lanewise.nn.layers.Activation;
import dev.lanewise.nn.layers.Flatten;
import dev.lanewise.nn.layers.Linear;
import dev.lanewise.nn.layers.Sequential;
import dev.lanewise.nn.optim.AdamW;
import dev.lanewise.nn.training.EpochResult;
import dev.lanewise.nn.training.History;
import dev.lanewise.nn.training.LearningRateSchedule;
import dev.lanewise.nn.training.Trainer;
import dev.lanewise.samples.data.DataSource;
import dev.lanewise.samples.data.Digits8x8;
import dev.lanewise.samples.data.FashionMnist;
import dev.lanewise.samples.data.ImageSplit;
import dev.lanewise.samples.data.Mnist;
import dev.lanewise.samples.plot.LineChart;
import dev.lanewise.samples.plot.Pictures;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;

/** Dense networks of different depth on the same pictures. */
@Command(
        name = "mlp",
        description = "Multilayer perceptrons, shallow against deep, on small digits (A02, D02).",
        footer =
                "Quality gate: 0.96 of the test digits of 8x8 pixels, by the shallow and the deep one.")
final class Mlp implements Callable<Integer> {
    private enum Set {
        DIGITS8X8,
        MNIST,
        FASHION_MNIST
    }

    @Mixin private SampleOptions options;

    @Option(
            names = "--set",
            paramLabel = "SET",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Set set = Set.DIGITS8X8;

    private record Candidate(String name, String title, int[] hidden) {}

    private static final List<Candidate> CANDIDATES =
            List.of(
                    new Candidate("none", "no hidden layer", new int[] {}),
                    new Candidate("shallow", "one of 128", new int[] {128}),
                    new Candidate("deep", "three of 96", new int[] {96, 96, 96}));

    @Override
    public Integer call() {
        long start = System.nanoTime();
        Path out = options.out("mlp");
        int threads = options.threads();
        ImageSplit data = load(options.data());
        int epochs = options.quick() ? 20 : 40;
        System.out.println(data.origin());
        System.out.printf(
                "%n%-16s %12s %10s %10s %9s%n",
                "hidden layers", "parameters", "training", "test", "seconds");
        Result result =
                Result.of("mlp").put("backend", Backend.active().name().toLowerCase(Locale.ROOT));
        List<LineChart.Line> lines = new ArrayList<>();
        double worst = 1;
        for (Candidate candidate : CANDIDATES) {
            try (Scope _ = Scope.open()) {
                Layer model = build(candidate, data);
                History history = train(model, data, epochs, threads);
                EpochResult last = history.last().orElseThrow();
                double seconds = history.epochs().stream().mapToDouble(EpochResult::seconds).sum();
                double accuracy = last.validation().accuracy();
                System.out.printf(
                        "%-16s %,12d %10.4f %10.4f %9.2f%n",
                        candidate.title,
                        model.parameterCount(),
                        last.accuracy(),
                        accuracy,
                        seconds);
                lines.add(Curves.line(candidate.title, history, e -> e.validation().loss()));
                result.put(candidate.name + "_accuracy", accuracy)
                        .put(candidate.name + "_seconds", seconds);
                worst = candidate.hidden.length > 0 ? Math.min(worst, accuracy) : worst;
            }
        }
        if (Pictures.canDraw()) {
            Path file = out.resolve("depth.png");
            Pictures.write(
                    LineChart.draw(
                            "Depth of a dense network",
                            "epoch",
                            "cross-entropy on test pictures",
                            lines),
                    file);
            System.out.println("picture: " + file);
        }
        result.put("accuracy", worst).put("seconds", (System.nanoTime() - start) * 1e-9).print();
        if (set == Set.DIGITS8X8 && worst < 0.96) {
            throw new SampleException(
                    "quality gate missed: test accuracy %.4f, at least 0.96 wanted"
                            .formatted(worst));
        }
        return 0;
    }

    private ImageSplit load(DataSource source) {
        return switch (set) {
            case DIGITS8X8 -> Digits8x8.load(source);
            case MNIST -> Mnist.load(source);
            case FASHION_MNIST -> FashionMnist.load(source);
        };
    }

    /** Linear layers with ReLU between them. */
    private Layer build(Candidate candidate, ImageSplit data) {
        RandomStream random = new RandomStream(options.seed());
        List<Layer> layers = new ArrayList<>();
        layers.add(new Flatten());
        int width = data.train().height() * data.train().width();
        for (int hidden : candidate.hidden) {
            layers.add(new Linear(width, hidden, random));
            layers.add(Activation.relu());
            width = hidden;
        }
        layers.add(new Linear(width, data.train().classes().size(), random));
        return new Sequential(layers.toArray(Layer[]::new));
    }

    private History train(Layer model, ImageSplit data, int epochs, int threads) {
        TensorDataset train = Images.dataset(data.train());
        TensorDataset test = Images.dataset(data.test());
        return Trainer.of(model)
                .loss(crossEntropy())
                .optimizer(AdamW.of(5e-3f))
                .schedule(LearningRateSchedule.cosine(20))
                .batchSize(32)
                .seed(options.seed())
                .threads(threads)
                .fit(train, test, epochs);
    }
}
