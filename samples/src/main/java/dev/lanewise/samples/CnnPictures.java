package dev.lanewise.samples;

import dev.lanewise.core.Scope;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.metrics.ConfusionMatrix;
import dev.lanewise.samples.data.ImageSet;
import dev.lanewise.samples.plot.ConfusionPlot;
import dev.lanewise.samples.plot.ImageGrid;
import dev.lanewise.samples.plot.Pictures;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The pictures of the sample cnn. */
final class CnnPictures {
    private static final int MISTAKES = 32;

    private CnnPictures() {}

    /**
     * Writes the confusion matrix, the worst mistakes, the first layer's filters and its output.
     */
    static void write(DigitNet model, Scores scores, ImageSet set, Path out) {
        if (!Pictures.canDraw()) {
            return;
        }
        ConfusionMatrix confusion = scores.confusion();
        String title =
                "Confusion matrix: %.2f %% of %,d right"
                        .formatted(100 * confusion.accuracy(), set.size());
        Pictures.write(
                ConfusionPlot.draw(title, set.classes(), counts(confusion)),
                out.resolve("confusion.png"));
        Pictures.write(mistakes(scores, set).draw(), out.resolve("mistakes.png"));
        Pictures.write(filters(model).draw(), out.resolve("filters.png"));
        Pictures.write(featureMaps(model, set).draw(), out.resolve("features.png"));
        System.out.println("pictures: " + out);
    }

    private static long[][] counts(ConfusionMatrix confusion) {
        long[][] counts = new long[confusion.classes()][confusion.classes()];
        for (int actual = 0; actual < counts.length; actual++) {
            for (int predicted = 0; predicted < counts.length; predicted++) {
                counts[actual][predicted] = confusion.count(actual, predicted);
            }
        }
        return counts;
    }

    private static ImageGrid mistakes(Scores scores, ImageSet set) {
        List<Integer> wrong = scores.mistakes();
        ImageGrid grid =
                new ImageGrid(
                        "Worst of %d mistakes: what it is, what the model said"
                                .formatted(wrong.size()),
                        set.height(),
                        set.width(),
                        8,
                        ImageGrid.Colours.GREY);
        for (int image : wrong.subList(0, Math.min(MISTAKES, wrong.size()))) {
            int said = scores.predicted(image);
            String caption =
                    "%s, said %s (%.0f %%)"
                            .formatted(
                                    set.classes().get(set.labels()[image]),
                                    set.classes().get(said),
                                    100 * scores.probability(image, said));
            grid.add(caption, set.brightness(image));
        }
        return grid;
    }

    private static ImageGrid filters(DigitNet model) {
        float[] values = model.filters().value().toArray();
        ImageGrid grid =
                new ImageGrid(
                        "The first layer's 32 filters: red adds, blue takes away",
                        3,
                        3,
                        8,
                        ImageGrid.Colours.SIGNED);
        for (int i = 0; i < values.length / 9; i++) {
            grid.add("", Arrays.copyOfRange(values, 9 * i, 9 * i + 9));
        }
        return grid;
    }

    /** What the first layer makes of one digit. */
    private static ImageGrid featureMaps(DigitNet model, ImageSet set) {
        ImageGrid grid =
                new ImageGrid(
                        "A test digit and the first layer's 32 feature maps",
                        set.height(),
                        set.width(),
                        11,
                        ImageGrid.Colours.GREY);
        grid.add("input", set.brightness(0));
        try (Scope _ = Scope.open()) {
            float[] maps = model.featureMaps(Variable.of(Images.batchOf(set, 0))).value().toArray();
            int area = set.height() * set.width();
            for (int i = 0; i < maps.length / area; i++) {
                grid.add("filter " + (i + 1), Arrays.copyOfRange(maps, i * area, (i + 1) * area));
            }
        }
        return grid;
    }
}
