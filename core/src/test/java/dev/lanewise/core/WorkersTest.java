package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

@Timeout(60)
final class WorkersTest {

    /** A sum whose bits depend on the order of additions: fixed by the chunks, not the threads. */
    private static float chunkedSum(float[] values, int chunkSize) {
        int chunks = Math.ceilDiv(values.length, chunkSize);
        float[] partial = new float[chunks];
        Workers.run(
                chunks,
                chunk -> {
                    float sum = 0;
                    int to = Math.min(values.length, (chunk + 1) * chunkSize);
                    for (int i = chunk * chunkSize; i < to; i++) {
                        sum += values[i];
                    }
                    partial[chunk] = sum;
                });
        float sum = 0;
        for (float p : partial) {
            sum += p;
        }
        return sum;
    }

    @Test
    void sameBitsForAnyNumberOfThreads() {
        float[] values = new float[100_003];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(i) / (1 + i % 17);
        }
        float expected = chunkedSum(values, 999);
        for (int threads = 1; threads <= 8; threads++) {
            try (var _ = Workers.using(threads)) {
                for (int round = 0; round < 50; round++) {
                    assertThat(chunkedSum(values, 999)).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void theDefaultIsTheCallersThreadAlone() {
        assertThat(Workers.threads()).isEqualTo(1);
        Set<Thread> seen = Collections.synchronizedSet(new HashSet<>());
        Workers.run(100, chunk -> seen.add(Thread.currentThread()));
        assertThat(seen).containsExactly(Thread.currentThread());
    }

    @Test
    @SuppressWarnings("try") // closes by hand, out of order
    void settingsNestAndAreOfOneThread() throws Exception {
        int all = Workers.available();
        try (Workers.Setting outer = Workers.usingAll()) {
            assertThat(Workers.threads()).isEqualTo(all);
            try (var _ = Workers.using(1)) {
                assertThat(Workers.threads()).isEqualTo(1);
                assertThatThrownBy(outer::close)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("inside it");
            }
            assertThat(Workers.threads()).isEqualTo(all);
            AtomicInteger elsewhere = new AtomicInteger();
            AtomicInteger refused = new AtomicInteger();
            Thread other =
                    new Thread(
                            () -> {
                                elsewhere.set(Workers.threads());
                                try {
                                    outer.close();
                                } catch (IllegalStateException e) {
                                    refused.incrementAndGet();
                                }
                            });
            other.start();
            other.join();
            assertThat(elsewhere).hasValue(1);
            assertThat(refused).hasValue(1);
            outer.close();
            assertThat(Workers.threads()).isEqualTo(1);
        }
        assertThat(Workers.threads()).isEqualTo(1);
        try (var _ = Workers.using(Integer.MAX_VALUE)) {
            assertThat(Workers.threads()).isEqualTo(all);
        }
    }

    @Test
    void badNumbersAreRefused() {
        assertThatThrownBy(() -> Workers.using(0))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("not 0");
        assertThatThrownBy(() -> Workers.run(-1, chunk -> {}))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("-1");
        Workers.run(
                0,
                chunk -> {
                    throw new AssertionError();
                });
    }

    @Test
    void nestedRunsStayOnTheirThread() {
        AtomicInteger strangers = new AtomicInteger();
        AtomicInteger wide = new AtomicInteger();
        int[] counts = new int[16 * 16];
        try (var _ = Workers.usingAll()) {
            for (int round = 0; round < 300; round++) {
                Workers.run(
                        16,
                        outer -> {
                            Thread thread = Thread.currentThread();
                            if (Workers.threads() != 1) {
                                wide.incrementAndGet();
                            }
                            Workers.run(
                                    16,
                                    inner -> {
                                        counts[outer * 16 + inner]++;
                                        if (Thread.currentThread() != thread) {
                                            strangers.incrementAndGet();
                                        }
                                    });
                        });
            }
            assertThat(Workers.threads()).isEqualTo(Workers.available());
        }
        assertThat(strangers).hasValue(0);
        assertThat(wide).hasValue(0);
        assertThat(counts).containsOnly(300);
    }

    @Test
    void aSecondCallerRunsInlineWhileThePoolIsBusy() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        Thread first =
                new Thread(
                        () -> {
                            try (var _ = Workers.using(2)) {
                                Workers.run(
                                        2,
                                        chunk -> {
                                            inside.countDown();
                                            while (release.getCount() > 0) {
                                                Thread.onSpinWait();
                                            }
                                        });
                            }
                        });
        first.start();
        inside.await();
        int[] order = new int[20];
        AtomicInteger next = new AtomicInteger();
        try (var _ = Workers.usingAll()) {
            Workers.run(20, chunk -> order[chunk] = next.getAndIncrement());
        }
        release.countDown();
        first.join();
        int[] sorted = order.clone();
        Arrays.sort(sorted);
        assertThat(order).isEqualTo(sorted);
    }

    @Test
    void anExceptionLeavesThePoolAndTheSettingUsable() {
        try (var _ = Workers.usingAll()) {
            for (int round = 0; round < 100; round++) {
                assertThatThrownBy(
                                () ->
                                        Workers.run(
                                                9,
                                                chunk -> {
                                                    if (chunk >= 4) {
                                                        throw new IllegalStateException("" + chunk);
                                                    }
                                                }))
                        .hasMessage("4");
                assertThat(Workers.threads()).isEqualTo(Workers.available());
            }
        }
    }

    @Test
    void thePoolsThreadsAreDaemonsAndFixedInNumber() {
        try (var _ = Workers.usingAll()) {
            for (int round = 0; round < 1000; round++) {
                Workers.run(8, chunk -> {});
            }
        }
        Set<Thread> workers = new HashSet<>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("lanewise-worker")) {
                workers.add(thread);
            }
        }
        assertThat(workers).hasSizeLessThanOrEqualTo(Workers.available() - 1);
        assertThat(workers).allMatch(Thread::isDaemon);
    }
}
