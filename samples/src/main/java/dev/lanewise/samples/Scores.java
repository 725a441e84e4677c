package dev.lanewise.samples;

import dev.lanewise.core.Scope;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.Workers;
import dev.lanewise.nn.Layer;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.data.Batches;
import dev.lanewise.nn.metrics.ConfusionMatrix;
import dev.lanewise.nn.ops.Functional;
import dev.lanewise.samples.data.ImageSet;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** What a model says about each picture of a set. */
final class Scores {
    private static final int BATCH = 250;

    private final ImageSet set;
    private final float[] probabilities;

    private Scores(ImageSet set, float[] probabilities) {
        this.set = set;
        this.probabilities = probabilities;
    }

    /** Runs the model, which gives logits [N, classes], over all pictures. */
    static Scores of(Layer model, ImageSet set, int threads) {
        int classes = set.classes().size();
        float[] probabilities = new float[set.size() * classes];
        try (Scope _ = Scope.open();
                Workers.Setting _ = Workers.using(threads)) {
            Batches.of(Images.dataset(set), BATCH)
                    .forEach(
                            0,
                            batch -> {
                                try (Scope _ = Scope.open()) {
                                    Variable logits = model.forward(Variable.of(batch.inputs()));
                                    Tensor p = Functional.softmax(logits, 1).value();
                                    int from = batch.index() * BATCH * classes;
                                    float[] values = p.toArray();
                                    System.arraycopy(values, 0, probabilities, from, values.length);
                                }
                            });
        }
        return new Scores(set, probabilities);
    }

    /** The class that the model holds most likely. */
    int predicted(int image) {
        int classes = set.classes().size();
        int best = 0;
        for (int c = 1; c < classes; c++) {
            if (probability(image, c) > probability(image, best)) {
                best = c;
            }
        }
        return best;
    }

    float probability(int image, int label) {
        return probabilities[image * set.classes().size() + label];
    }

    ConfusionMatrix confusion() {
        ConfusionMatrix matrix = new ConfusionMatrix(set.classes().size());
        for (int i = 0; i < set.size(); i++) {
            matrix.add(set.labels()[i], predicted(i));
        }
        return matrix;
    }

    /** The wrongly classified pictures, those first whose right class got the least. */
    List<Integer> mistakes() {
        return IntStream.range(0, set.size())
                .filter(i -> predicted(i) != set.labels()[i])
                .boxed()
                .sorted(Comparator.comparing((Integer i) -> probability(i, set.labels()[i])))
                .toList();
    }
}
