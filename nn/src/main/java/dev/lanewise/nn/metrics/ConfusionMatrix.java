package dev.lanewise.nn.metrics;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.Tensor;

import java.util.List;
import java.util.Locale;

/**
 * Counts of predicted against true classes, and the figures that follow from them.
 *
 * <p>A figure whose denominator is 0 (the precision of a class that was never predicted, the recall
 * of one that never occurs) is 0, as in scikit-learn.
 */
public final class ConfusionMatrix {
    private final int classes;
    private final long[][] counts;

    /**
     * An empty matrix.
     *
     * @throws ArgumentException if there are fewer than 2 classes
     */
    public ConfusionMatrix(int classes) {
        if (classes < 2) {
            throw new ArgumentException("ConfusionMatrix: at least 2 classes, not " + classes);
        }
        this.classes = classes;
        this.counts = new long[classes][classes];
    }

    /**
     * Counts one prediction.
     *
     * @throws IndexOutOfBoundsException if either is no class
     */
    public void add(int actual, int predicted) {
        if (actual < 0 || actual >= classes || predicted < 0 || predicted >= classes) {
            throw new IndexOutOfBoundsException(
                    "ConfusionMatrix.add: actual %d, predicted %d, but there are %d classes"
                            .formatted(actual, predicted, classes));
        }
        counts[actual][predicted]++;
    }

    /**
     * Counts a batch: the largest of each row of {@code logits}: [N, classes] against int32 {@code
     * labels}: [N].
     */
    public void add(Tensor logits, Tensor labels) {
        int[] predicted = Predictions.argMax(logits);
        int[] actual = labels.toIntArray();
        if (predicted.length != actual.length) {
            throw new ArgumentException(
                    "ConfusionMatrix.add: logits %s and labels %s differ in their number of rows"
                            .formatted(logits.shape(), labels.shape()));
        }
        for (int i = 0; i < actual.length; i++) {
            add(actual[i], predicted[i]);
        }
    }

    /** The number of classes. */
    public int classes() {
        return classes;
    }

    /** How often {@code actual} was predicted as {@code predicted}. */
    public long count(int actual, int predicted) {
        return counts[actual][predicted];
    }

    /** All predictions. */
    public long total() {
        long total = 0;
        for (int c = 0; c < classes; c++) {
            total += occurrences(c);
        }
        return total;
    }

    /** The share of predictions that are right; 0 without any. */
    public double accuracy() {
        long right = 0;
        for (int c = 0; c < classes; c++) {
            right += counts[c][c];
        }
        return ratio(right, total());
    }

    /** TP / (TP + FP): how much of what was called c is c. */
    public double precision(int c) {
        long predicted = 0;
        for (int actual = 0; actual < classes; actual++) {
            predicted += counts[actual][c];
        }
        return ratio(counts[c][c], predicted);
    }

    /** TP / (TP + FN): how much of c was found. */
    public double recall(int c) {
        return ratio(counts[c][c], occurrences(c));
    }

    /** 2 · precision · recall / (precision + recall). */
    public double f1(int c) {
        double sum = precision(c) + recall(c);
        return sum == 0 ? 0 : 2 * precision(c) * recall(c) / sum;
    }

    /** The mean of the classes' F1. */
    public double macroF1() {
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += f1(c);
        }
        return sum / classes;
    }

    private long occurrences(int c) {
        long sum = 0;
        for (long count : counts[c]) {
            sum += count;
        }
        return sum;
    }

    private static double ratio(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }

    /**
     * The matrix with a row per true class, and each class's precision, recall and F1, as a table
     * for a terminal.
     */
    public String toTable(List<String> names) {
        int width = Math.max(6, names.stream().mapToInt(String::length).max().orElse(0));
        StringBuilder table = new StringBuilder();
        table.append(" ".repeat(width));
        for (int c = 0; c < classes; c++) {
            table.append(String.format("%6s", shorten(names.get(c), 5)));
        }
        table.append("   precision  recall      F1\n");
        for (int actual = 0; actual < classes; actual++) {
            table.append(String.format("%" + width + "s", names.get(actual)));
            for (int predicted = 0; predicted < classes; predicted++) {
                long count = counts[actual][predicted];
                table.append(count == 0 ? "     ." : String.format("%6d", count));
            }
            table.append(
                    String.format(
                            Locale.ROOT,
                            "   %9.4f  %6.4f  %6.4f%n",
                            precision(actual),
                            recall(actual),
                            f1(actual)));
        }
        return table.toString();
    }

    private static String shorten(String name, int length) {
        return name.length() <= length ? name : name.substring(0, length);
    }
}
