package dev.lanewise.nn.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.ShapeException;
import dev.lanewise.core.Tensor;

import org.junit.jupiter.api.Test;

import java.util.List;

class ConfusionMatrixTest {

    /** 10 predictions of 3 classes, counted by hand. */
    private static ConfusionMatrix example() {
        ConfusionMatrix matrix = new ConfusionMatrix(3);
        int[][] pairs = {
            {0, 0}, {0, 0}, {0, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 0}, {2, 2}, {2, 1}, {2, 1}
        };
        for (int[] pair : pairs) {
            matrix.add(pair[0], pair[1]);
        }
        return matrix;
    }

    @Test
    void figuresFollowFromCounts() {
        ConfusionMatrix matrix = example();
        assertThat(matrix.total()).isEqualTo(10);
        assertThat(matrix.count(2, 1)).isEqualTo(2);
        assertThat(matrix.accuracy()).isEqualTo(0.6);
        assertThat(matrix.precision(1)).isEqualTo(3.0 / 6);
        assertThat(matrix.recall(1)).isEqualTo(3.0 / 4);
        assertThat(matrix.f1(1)).isCloseTo(0.6, within(1e-12));
        assertThat(matrix.macroF1()).isCloseTo((2.0 / 3 + 0.6 + 0.5) / 3, within(1e-12));
    }

    @Test
    void emptyDenominatorsGiveZero() {
        ConfusionMatrix matrix = new ConfusionMatrix(2);
        assertThat(matrix.accuracy()).isZero();
        assertThat(matrix.precision(0)).isZero();
        assertThat(matrix.recall(0)).isZero();
        assertThat(matrix.f1(0)).isZero();
    }

    @Test
    void countsBatchesOfLogits() {
        try (Scope scope = Scope.open()) {
            Tensor logits = scope.of(new float[] {1, 5, 2, 9, 0, 0, 3, 3, 3}, Shape.of(3, 3));
            ConfusionMatrix matrix = new ConfusionMatrix(3);
            matrix.add(logits, scope.ofInts(1, 1, 0));
            assertThat(matrix.count(1, 1)).isEqualTo(1);
            assertThat(matrix.count(1, 0)).isEqualTo(1);
            assertThat(matrix.count(0, 0)).isEqualTo(1);
        }
    }

    @Test
    void topKCountsRanksAndBreaksTiesByColumn() {
        try (Scope scope = Scope.open()) {
            Tensor logits = scope.of(new float[] {1, 5, 2, 4, 4, 0}, Shape.of(2, 3));
            assertThat(Predictions.topK(logits, scope.ofInts(2, 1), 1)).isZero();
            assertThat(Predictions.topK(logits, scope.ofInts(2, 1), 2)).isEqualTo(1);
            assertThat(Predictions.accuracy(logits, scope.ofInts(1, 0))).isEqualTo(1);
            assertThatThrownBy(() -> Predictions.topK(logits, scope.ofInts(2, 1, 0), 1))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageContaining("[2, 3]")
                    .hasMessageContaining("[3]");
            assertThatThrownBy(() -> Predictions.topK(logits, scope.ofInts(2, 3), 1))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContaining("label 3");
        }
    }

    @Test
    void refusesWhatIsNoClass() {
        assertThatThrownBy(() -> new ConfusionMatrix(3).add(3, 0))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("actual 3");
        assertThatThrownBy(() -> new ConfusionMatrix(1)).isInstanceOf(ArgumentException.class);
    }

    @Test
    void tableFitsATerminal() {
        String table = example().toTable(List.of("cat", "dog", "bird"));
        assertThat(table.lines()).hasSize(4).allMatch(line -> line.length() <= 100);
        assertThat(table).contains("0.7500").contains("bird");
    }
}
