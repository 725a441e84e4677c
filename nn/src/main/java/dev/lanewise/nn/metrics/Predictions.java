package dev.lanewise.nn.metrics;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.ShapeException;
import dev.lanewise.core.Tensor;

/** Figures of a batch of class scores. */
public final class Predictions {
    private Predictions() {}

    /**
     * The column of the largest score of each row of {@code scores}: [N, classes]; the first of
     * several.
     */
    public static int[] argMax(Tensor scores) {
        float[] values = rows("argMax", scores);
        int columns = (int) scores.size(1);
        int[] best = new int[(int) scores.size(0)];
        for (int row = 0; row < best.length; row++) {
            int start = row * columns;
            int winner = 0;
            for (int c = 1; c < columns; c++) {
                if (values[start + c] > values[start + winner]) {
                    winner = c;
                }
            }
            best[row] = winner;
        }
        return best;
    }

    /**
     * The share of rows whose largest score is at the label: {@code scores}: [N, classes], {@code
     * labels}: int32 [N].
     */
    public static double accuracy(Tensor scores, Tensor labels) {
        return topK(scores, labels, 1);
    }

    /**
     * The share of rows whose label is among the k largest scores; on ties, the smaller column
     * counts as larger.
     *
     * @throws ArgumentException if k is less than 1
     */
    public static double topK(Tensor scores, Tensor labels, int k) {
        if (k < 1) {
            throw new ArgumentException("topK: k must be at least 1, not " + k);
        }
        float[] values = rows("topK", scores);
        int[] wanted = labels.toIntArray();
        int columns = (int) scores.size(1);
        if (wanted.length != scores.size(0)) {
            throw new ShapeException(
                    "topK: scores %s and labels %s differ in their number of rows"
                            .formatted(scores.shape(), labels.shape()));
        }
        int hits = 0;
        for (int row = 0; row < wanted.length; row++) {
            if (rank(values, row * columns, columns, wanted[row]) < k) {
                hits++;
            }
        }
        return wanted.length == 0 ? 0 : (double) hits / wanted.length;
    }

    /** How many scores come before the one of {@code label}. */
    private static int rank(float[] values, int start, int columns, int label) {
        if (label < 0 || label >= columns) {
            throw new IndexOutOfBoundsException(
                    "label %d, but there are %d classes".formatted(label, columns));
        }
        float own = values[start + label];
        int before = 0;
        for (int c = 0; c < columns; c++) {
            float other = values[start + c];
            if (other > own || (other == own && c < label)) {
                before++;
            }
        }
        return before;
    }

    private static float[] rows(String operation, Tensor scores) {
        if (scores.rank() != 2 || scores.size(1) == 0) {
            throw new ShapeException(
                    operation + ": scores must be [N, classes], not " + scores.shape());
        }
        return scores.toArray();
    }
}
