package dev.lanewise.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.ElementType;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.ShapeException;
import dev.lanewise.core.Tensor;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

class BatchesTest {
    private long liveBefore;

    @BeforeEach
    void remember() {
        liveBefore = Scope.liveBytes();
    }

    @AfterEach
    void nothingLeaks() {
        assertThat(Scope.liveBytes()).isEqualTo(liveBefore);
    }

    /** n samples whose input is [i, i + 0.5] and whose label is i. */
    private static TensorDataset numbers(Scope scope, int n) {
        float[] inputs = new float[2 * n];
        for (int i = 0; i < n; i++) {
            inputs[2 * i] = i;
            inputs[2 * i + 1] = i + 0.5f;
        }
        return new TensorDataset(
                scope.of(inputs, Shape.of(n, 2)),
                scope.ofInts(IntStream.range(0, n).toArray(), Shape.of(n)));
    }

    @Test
    void aClosedReaderGivesNoBatch() {
        try (Scope scope = Scope.open()) {
            BatchReader reader = Batches.of(numbers(scope, 10), 4).read(0);
            reader.next();
            reader.close();
            reader.close();
            assertThatThrownBy(reader::next)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
        }
    }

    @Test
    void aSubsetServesSeveralReadersAtOnce() throws InterruptedException {
        try (Scope scope = Scope.open()) {
            Subset data = Subset.range(numbers(scope, 600), 100, 600);
            List<Thread> readers = new ArrayList<>();
            AtomicInteger wrong = new AtomicInteger();
            for (int reader = 0; reader < 2; reader++) {
                Batches batches = Batches.of(data, 16).shuffled(reader);
                readers.add(
                        Thread.ofPlatform()
                                .start(
                                        () -> {
                                            for (int epoch = 0; epoch < 50; epoch++) {
                                                if (labels(batches, epoch).stream()
                                                                .distinct()
                                                                .count()
                                                        != 500) {
                                                    wrong.incrementAndGet();
                                                }
                                            }
                                        }));
            }
            for (Thread reader : readers) {
                reader.join();
            }
            assertThat(wrong.get()).isZero();
        }
    }

    private static List<Integer> labels(Batches batches, long epoch) {
        List<Integer> labels = new ArrayList<>();
        batches.forEach(
                epoch,
                batch -> {
                    int[] targets = batch.targets().toIntArray();
                    float[] inputs = batch.inputs().toArray();
                    for (int i = 0; i < targets.length; i++) {
                        assertThat(inputs[2 * i]).isEqualTo(targets[i]);
                        assertThat(inputs[2 * i + 1]).isEqualTo(targets[i] + 0.5f);
                        labels.add(targets[i]);
                    }
                });
        return labels;
    }

    @Test
    void everySampleComesOnceInOrder() {
        try (Scope scope = Scope.open()) {
            Batches batches = Batches.of(numbers(scope, 10), 4);
            assertThat(batches.count()).isEqualTo(3);
            assertThat(labels(batches, 0))
                    .containsExactlyElementsOf(IntStream.range(0, 10).boxed().toList());
        }
    }

    @Test
    void lastSmallBatchCanBeDropped() {
        try (Scope scope = Scope.open()) {
            Batches batches = Batches.of(numbers(scope, 10), 4).dropLast();
            assertThat(batches.count()).isEqualTo(2);
            assertThat(labels(batches, 0)).hasSize(8);
        }
    }

    @Test
    void shufflesByEpochAndSeedAlone() {
        try (Scope scope = Scope.open()) {
            Batches batches = Batches.of(numbers(scope, 50), 7).shuffled(3);
            List<Integer> first = labels(batches, 0);
            assertThat(first).hasSize(50).doesNotHaveDuplicates();
            assertThat(labels(batches, 0)).isEqualTo(first);
            assertThat(labels(batches, 1)).isNotEqualTo(first);
            assertThat(labels(Batches.of(batches.data(), 5).shuffled(3), 0)).isEqualTo(first);
            assertThat(labels(batches.shuffled(4), 0)).isNotEqualTo(first);
        }
    }

    @Test
    void aReaderStartsAtAnyBatch() {
        try (Scope scope = Scope.open()) {
            Batches batches = Batches.of(numbers(scope, 10), 3).shuffled(9);
            List<Integer> all = labels(batches, 5);
            List<Integer> rest = new ArrayList<>();
            try (BatchReader reader = batches.read(5, 2)) {
                for (Batch batch = reader.next(); batch != null; batch = reader.next()) {
                    for (int label : batch.targets().toIntArray()) {
                        rest.add(label);
                    }
                }
                assertThat(reader.next()).isNull();
            }
            assertThat(rest).isEqualTo(all.subList(6, 10));
        }
    }

    @Test
    void anEmptyDataSetHasNoBatches() {
        try (Scope scope = Scope.open()) {
            assertThat(labels(Batches.of(numbers(scope, 0), 3), 0)).isEmpty();
        }
    }

    @Test
    void closingEarlyStopsTheThreadAndFreesTheBuffers() throws InterruptedException {
        try (Scope scope = Scope.open()) {
            Batches batches = Batches.of(numbers(scope, 1000), 1);
            for (int i = 0; i < 20; i++) {
                try (BatchReader reader = batches.read(0)) {
                    reader.next();
                }
            }
        }
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("lanewise-batches"));
    }

    @Test
    void aFailureOfTheDataSetReachesTheCaller() {
        Dataset broken =
                new Dataset() {
                    @Override
                    public long size() {
                        return 5;
                    }

                    @Override
                    public Shape inputShape() {
                        return Shape.of(1);
                    }

                    @Override
                    public Shape targetShape() {
                        return Shape.SCALAR;
                    }

                    @Override
                    public ElementType targetType() {
                        return ElementType.INT32;
                    }

                    @Override
                    public void read(
                            int[] order, int from, int count, Tensor inputs, Tensor targets) {
                        throw new ArgumentException("disk on fire");
                    }
                };
        try (BatchReader reader = Batches.of(broken, 2).read(0)) {
            assertThatThrownBy(reader::next).hasMessageContaining("disk on fire");
            assertThat(reader.next()).isNull();
        }
    }

    @Test
    void splitsAreSeededAndDisjoint() {
        try (Scope scope = Scope.open()) {
            TensorDataset data = numbers(scope, 100);
            Subset.Split split = Subset.split(data, 0.2, 1);
            List<Integer> train = labels(Batches.of(split.train(), 16), 0);
            List<Integer> validation = labels(Batches.of(split.validation(), 16), 0);
            assertThat(train).hasSize(80);
            assertThat(validation).hasSize(20).doesNotContainAnyElementsOf(train);
            assertThat(labels(Batches.of(Subset.split(data, 0.2, 1).train(), 16), 0))
                    .isEqualTo(train);
            assertThat(labels(Batches.of(Subset.range(data, 90, 100), 16), 0))
                    .first()
                    .isEqualTo(90);
        }
    }

    @Test
    void badArgumentsAreNamed() {
        try (Scope scope = Scope.open()) {
            TensorDataset data = numbers(scope, 4);
            assertThatThrownBy(() -> Batches.of(data, 0)).hasMessageContaining("not 0");
            assertThatThrownBy(() -> Batches.of(data, 2).read(0, 3))
                    .hasMessageContaining("batch 3");
            assertThatThrownBy(() -> Subset.of(data, 4)).hasMessageContaining("sample 4");
            assertThatThrownBy(() -> Subset.split(data, Double.NaN, 0)).hasMessageContaining("NaN");
            assertThatThrownBy(
                            () ->
                                    new TensorDataset(
                                            scope.zeros(Shape.of(3, 2)), scope.ofInts(1, 2)))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageContaining("[3, 2]")
                    .hasMessageContaining("[2]");
        }
    }
}
