package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.testing.NoLeaks;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

@ExtendWith(NoLeaks.class)
class MemoryTest {

    @Test
    void sizeClassesRiseAndHoldWhatTheyAreAskedFor() {
        long before = 0;
        for (int i = 0; i < 250; i++) {
            long bytes = SizeClass.blockBytes(i);
            assertThat(bytes).isGreaterThan(before).isEqualTo(bytes / 64 * 64);
            assertThat(SizeClass.index(bytes)).isEqualTo(i);
            assertThat(SizeClass.index(before + 1)).isEqualTo(i);
            before = bytes;
        }
        // Little is wasted: a fifth of small blocks, a ninth of large ones.
        for (long bytes = 300; bytes < 1L << 34; bytes = bytes * 17 / 16 + 1) {
            double ratio = (double) SizeClass.blockBytes(SizeClass.index(bytes)) / bytes;
            assertThat(ratio).isBetween(1.0, bytes > SizeClass.LARGE ? 1.13 : 1.26);
        }
    }

    @Test
    void blocksAreAlignedAndApart() {
        SplittableRandom random = new SplittableRandom(1);
        try (Scope scope = Scope.open()) {
            List<Tensor> tensors = new ArrayList<>();
            for (int i = 0; i < 600; i++) {
                long n = random.nextInt(4) == 0 ? random.nextInt(100_000) : random.nextInt(200);
                Tensor t = scope.full(Shape.of(n), i);
                assertThat((t.segment().address() + t.offset() * 4) % 64).isZero();
                tensors.add(t);
            }
            for (int i = 0; i < tensors.size(); i++) {
                assertThat(tensors.get(i).equal(i).toArray()).doesNotContain(0);
            }
        }
    }

    @Test
    void liveBytesAreExact() {
        long before = Scope.liveBytes();
        try (Scope scope = Scope.open()) {
            scope.zeros(Shape.of(16));
            assertThat(Scope.liveBytes() - before).isEqualTo(64);
            scope.zeros(Shape.of(17));
            assertThat(Scope.liveBytes() - before).isEqualTo(64 + 128);
            try (Scope inner = Scope.open()) {
                inner.zeros(Shape.of(1 << 20));
                assertThat(Scope.liveBytes() - before).isEqualTo(64 + 128 + (4 << 20));
            }
            assertThat(Scope.liveBytes() - before).isEqualTo(64 + 128);
        }
        assertThat(Scope.liveBytes()).isEqualTo(before);
    }

    @Test
    void memoryIsReusedInsteadOfTakenAnew() {
        try (Scope scope = Scope.open()) {
            scope.zeros(Shape.of(3_000_000));
        }
        long reserved = Scope.reservedBytes();
        for (int i = 0; i < 50; i++) {
            try (Scope scope = Scope.open()) {
                scope.zeros(Shape.of(3_000_000));
            }
        }
        assertThat(Scope.reservedBytes()).isEqualTo(reserved);
    }

    @Test
    void trimReturnsWhatNobodyUsesAndKeepsTheRest() {
        try (Scope scope = Scope.open()) {
            Tensor kept = scope.full(Shape.of(100), 7);
            Tensor large = scope.full(Shape.of(1 << 20), 8);
            try (Scope inner = Scope.open()) {
                inner.zeros(Shape.of(9_000_000));
                for (int i = 0; i < 5000; i++) {
                    inner.zeros(Shape.of(1000));
                }
            }
            long reserved = Scope.reservedBytes();
            Scope.trim();
            assertThat(reserved - Scope.reservedBytes()).isGreaterThan(50_000_000);
            assertThat(kept.toArray()).containsOnly(7);
            assertThat(large.toArray()).containsOnly(8);
        }
    }

    @Test
    void manyThreadsTakeAndGiveBack() throws InterruptedException {
        long before = Scope.liveBytes();
        List<Thread> threads = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            int mark = t;
            threads.add(
                    Thread.ofPlatform()
                            .uncaughtExceptionHandler(
                                    (thread, e) -> {
                                        synchronized (failures) {
                                            failures.add(e);
                                        }
                                    })
                            .start(() -> churn(mark)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
        assertThat(Scope.liveBytes()).isEqualTo(before);
    }

    private static void churn(int mark) {
        SplittableRandom random = new SplittableRandom(mark);
        for (int round = 0; round < 2000; round++) {
            try (Scope scope = Scope.open()) {
                Tensor[] own = new Tensor[5];
                for (int i = 0; i < own.length; i++) {
                    int n = random.nextInt(1, random.nextInt(50) == 0 ? 400_000 : 300);
                    own[i] = scope.full(Shape.of(n), mark * 10 + i);
                }
                for (int i = 0; i < own.length; i++) {
                    assertThat(own[i].at(-1)).isEqualTo(mark * 10 + i);
                    assertThat(own[i].at(0)).isEqualTo(mark * 10 + i);
                }
            }
        }
    }

    @Test
    void moreThanTheMachineHasIsAClearError() {
        try (Scope scope = Scope.open()) {
            assertThatThrownBy(() -> scope.empty(Shape.of(1L << 50)))
                    .isInstanceOf(OutOfMemoryError.class)
                    .hasMessageContaining("no native memory for 4,503,599,627,370,496 more bytes");
            assertThat(scope.ones(Shape.of(2)).toArray()).containsOnly(1);
        }
    }

    @Test
    void leaksNameTheLineThatAllocated() {
        boolean before = Leaks.isTracking();
        Leaks.track(true);
        try {
            Scope scope = Scope.open();
            try {
                Tensor a = scope.ones(Shape.of(1000));
                a.add(a);
                a.add(a);
                assertThat(Leaks.report())
                        .contains("4,096 bytes in 1 tensors")
                        .contains("MemoryTest.leaksNameTheLineThatAllocated(MemoryTest.java:");
            } finally {
                scope.close();
            }
            assertThat(Leaks.report()).doesNotContain("leaksNameTheLine");
        } finally {
            Leaks.track(before);
        }
    }
}
