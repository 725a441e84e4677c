package dev.lanewise.samples;

import dev.lanewise.nn.training.EpochResult;
import dev.lanewise.nn.training.History;
import dev.lanewise.samples.plot.LineChart;
import dev.lanewise.samples.plot.Pictures;

import java.awt.image.BufferedImage;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The curves of a training run. */
final class Curves {
    private Curves() {}

    /** Loss on the left, accuracy on the right, over the epochs. */
    static BufferedImage draw(History history) {
        BufferedImage loss =
                LineChart.draw(
                        "Loss",
                        "epoch",
                        "cross-entropy",
                        List.of(
                                line("training", history, EpochResult::loss),
                                line("validation", history, e -> e.validation().loss())));
        BufferedImage accuracy =
                LineChart.draw(
                        "Accuracy",
                        "epoch",
                        "share of right answers",
                        List.of(
                                line("training", history, EpochResult::accuracy),
                                line("validation", history, e -> e.validation().accuracy())));
        return Pictures.beside(loss, accuracy);
    }

    static LineChart.Line line(String name, History history, ToDoubleFunction<EpochResult> value) {
        List<EpochResult> epochs = history.epochs();
        return new LineChart.Line(
                name,
                epochs.stream().mapToDouble(e -> e.epoch() + 1).toArray(),
                epochs.stream().mapToDouble(value).toArray());
    }
}
