package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

@Timeout(60)
final class WorkerPoolTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void runsEveryChunkExactlyOnce(int threads) throws Exception {
        try (WorkerPool pool = new WorkerPool(threads, "test")) {
            for (int chunks = 1; chunks < 70; chunks++) {
                AtomicIntegerArray runs = new AtomicIntegerArray(chunks);
                assertThat(pool.tryRun(chunks, runs::incrementAndGet, threads)).isTrue();
                for (int chunk = 0; chunk < chunks; chunk++) {
                    assertThat(runs.get(chunk)).isEqualTo(1);
                }
            }
        }
    }

    /** Plain writes of a body must be visible to the caller, and the last run's to the next. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 8})
    void manyShortRunsSeeEachOthersWrites(int threads) throws Exception {
        int size = 1000;
        int[] values = new int[size];
        SplittableRandom random = new SplittableRandom(7);
        try (WorkerPool pool = new WorkerPool(threads, "test")) {
            for (int round = 1; round <= 20_000; round++) {
                int chunks = 1 + random.nextInt(20);
                int expected = round;
                pool.tryRun(
                        chunks,
                        chunk -> {
                            int to = (int) ((long) size * (chunk + 1) / chunks);
                            for (int i = (int) ((long) size * chunk / chunks); i < to; i++) {
                                values[i]++;
                            }
                        },
                        1 + random.nextInt(threads));
                if (round % 1000 == 0) {
                    assertThat(values).containsOnly(expected);
                    // Long enough for the helpers to park: the next run has to wake them.
                    LockSupport.parkNanos(1_000_000);
                }
            }
        }
    }

    @Test
    void usesNoMoreThreadsThanWanted() throws Exception {
        try (WorkerPool pool = new WorkerPool(8, "test")) {
            for (int wanted = 1; wanted <= 8; wanted++) {
                List<Thread> seen = new ArrayList<>();
                for (int round = 0; round < 200; round++) {
                    pool.tryRun(
                            64,
                            chunk -> {
                                synchronized (seen) {
                                    if (!seen.contains(Thread.currentThread())) {
                                        seen.add(Thread.currentThread());
                                    }
                                }
                            },
                            wanted);
                }
                assertThat(seen).hasSizeBetween(1, wanted);
            }
        }
    }

    @Test
    void allThreadsOfThePoolCanMeet() throws Exception {
        try (WorkerPool pool = new WorkerPool(5, "test")) {
            CountDownLatch all = new CountDownLatch(5);
            pool.tryRun(
                    5,
                    chunk -> {
                        all.countDown();
                        awaitUninterrupted(all);
                    },
                    5);
            assertThat(all.getCount()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8})
    void theLowestFailingChunkIsTheOneThrown(int threads) throws Exception {
        try (WorkerPool pool = new WorkerPool(threads, "test")) {
            for (int round = 0; round < 2000; round++) {
                int lowest = round % 30;
                assertThatThrownBy(
                                () ->
                                        pool.tryRun(
                                                40,
                                                chunk -> {
                                                    if (chunk >= lowest) {
                                                        throw new ArithmeticException("c" + chunk);
                                                    }
                                                },
                                                threads))
                        .isInstanceOf(ArithmeticException.class)
                        .hasMessage("c" + lowest);
            }
            assertThat(countRuns(pool, 100, threads)).isEqualTo(100);
        }
    }

    @Test
    void otherFailuresAreSuppressedOnesAndNoChunkRunsOn() throws Exception {
        try (WorkerPool pool = new WorkerPool(2, "test")) {
            CountDownLatch both = new CountDownLatch(2);
            AtomicInteger running = new AtomicInteger();
            AtomicInteger begun = new AtomicInteger();
            assertThatThrownBy(
                            () ->
                                    pool.tryRun(
                                            50,
                                            chunk -> {
                                                begun.incrementAndGet();
                                                running.incrementAndGet();
                                                both.countDown();
                                                awaitUninterrupted(both);
                                                running.decrementAndGet();
                                                throw new IllegalStateException("c" + chunk);
                                            },
                                            2))
                    .hasMessage("c0")
                    .satisfies(
                            e ->
                                    assertThat(e.getSuppressed())
                                            .singleElement()
                                            .satisfies(s -> assertThat(s).hasMessage("c1")));
            assertThat(running).hasValue(0);
            assertThat(begun).hasValue(2);
        }
    }

    @Test
    void errorsAndASharedExceptionObjectReachTheCaller() throws Exception {
        try (WorkerPool pool = new WorkerPool(4, "test")) {
            StackOverflowError shared = new StackOverflowError("shared");
            for (int round = 0; round < 500; round++) {
                assertThatThrownBy(
                                () ->
                                        pool.tryRun(
                                                8,
                                                chunk -> {
                                                    throw shared;
                                                },
                                                4))
                        .isSameAs(shared);
            }
        }
    }

    @Test
    void aBusyPoolRefusesAndServesAfterwards() throws Exception {
        try (WorkerPool pool = new WorkerPool(2, "test")) {
            CountDownLatch inside = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            Thread first =
                    new Thread(
                            () ->
                                    pool.tryRun(
                                            2,
                                            chunk -> {
                                                inside.countDown();
                                                awaitUninterrupted(go);
                                            },
                                            2));
            first.start();
            inside.await();
            AtomicInteger touched = new AtomicInteger();
            assertThat(pool.tryRun(3, chunk -> touched.incrementAndGet(), 2)).isFalse();
            assertThat(touched).hasValue(0);
            go.countDown();
            first.join();
            assertThat(countRuns(pool, 3, 2)).isEqualTo(3);
        }
    }

    @Test
    void anInterruptOfTheCallerIsKeptAndEndsNothing() throws Exception {
        try (WorkerPool pool = new WorkerPool(2, "test")) {
            for (int round = 0; round < 20; round++) {
                AtomicInteger done = new AtomicInteger();
                Thread caller = Thread.currentThread();
                CountDownLatch both = new CountDownLatch(2);
                pool.tryRun(
                        2,
                        chunk -> {
                            both.countDown();
                            awaitUninterrupted(both);
                            if (Thread.currentThread() != caller) {
                                // The caller is through with its own chunk, and parks meanwhile.
                                LockSupport.parkNanos(2_000_000);
                                caller.interrupt();
                                LockSupport.parkNanos(2_000_000);
                            }
                            done.incrementAndGet();
                        },
                        2);
                assertThat(Thread.interrupted()).isTrue();
                assertThat(done).hasValue(2);
            }
        }
    }

    @Test
    void aHelperForgetsTheInterruptABodyLeft() throws Exception {
        try (WorkerPool pool = new WorkerPool(2, "test")) {
            AtomicInteger interrupted = new AtomicInteger();
            for (int round = 0; round < 200; round++) {
                Thread caller = Thread.currentThread();
                CountDownLatch both = new CountDownLatch(2);
                pool.tryRun(
                        2,
                        chunk -> {
                            both.countDown();
                            awaitUninterrupted(both);
                            if (Thread.currentThread() != caller) {
                                if (Thread.currentThread().isInterrupted()) {
                                    interrupted.incrementAndGet();
                                }
                                Thread.currentThread().interrupt();
                            }
                        },
                        2);
            }
            assertThat(interrupted).hasValue(0);
        }
    }

    @Test
    void closingEndsAllThreadsAndRefusesRuns() throws Exception {
        String name = "ending-" + System.nanoTime();
        WorkerPool pool = new WorkerPool(6, name);
        countRuns(pool, 12, 6);
        assertThat(threadsNamed(name)).isEqualTo(5);
        pool.close();
        assertThat(threadsNamed(name)).isZero();

        WorkerPool unused = new WorkerPool(2, name);
        unused.close();
        assertThatThrownBy(() -> countRuns(unused, 2, 2)).isInstanceOf(IllegalStateException.class);
        assertThat(threadsNamed(name)).isZero();
    }

    @Test
    void aRunAllocatesNothing() throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int[] sums = new int[64];
        ChunkBody body = chunk -> sums[chunk]++;
        try (WorkerPool pool = new WorkerPool(2, "test")) {
            long least = Long.MAX_VALUE;
            for (int attempt = 0; attempt < 20 && least > 0; attempt++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int round = 0; round < 10_000; round++) {
                    pool.tryRun(4, body, 2);
                }
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
            }
            assertThat(least).isZero();
        }
    }

    /**
     * Each chunk waits for the other, so a run ends only if the helper takes one: while it spins,
     * right after the last run, and when it has to be woken.
     */
    @ParameterizedTest
    @ValueSource(longs = {0, 2_000_000})
    void aHelperTakesAChunkOfEveryRun(long pauseNanos) throws Exception {
        int rounds = pauseNanos == 0 ? 2000 : 50;
        Thread[] ranOn = new Thread[2];
        try (WorkerPool pool = new WorkerPool(2, "test")) {
            for (int round = 0; round < rounds; round++) {
                CountDownLatch both = new CountDownLatch(2);
                pool.tryRun(
                        2,
                        chunk -> {
                            ranOn[chunk] = Thread.currentThread();
                            both.countDown();
                            awaitUninterrupted(both);
                        },
                        2);
                assertThat(ranOn).contains(Thread.currentThread()).doesNotHaveDuplicates();
                LockSupport.parkNanos(pauseNanos);
            }
        }
    }

    @Test
    void contendingCallersAllGetTheirResults() throws Exception {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        try (WorkerPool pool = new WorkerPool(3, "test")) {
            long end = System.nanoTime() + Duration.ofMillis(1500).toNanos();
            List<Thread> callers = new ArrayList<>();
            AtomicInteger served = new AtomicInteger();
            for (int c = 0; c < 6; c++) {
                int seed = c;
                Thread caller =
                        new Thread(
                                () -> {
                                    SplittableRandom random = new SplittableRandom(seed);
                                    long[] squares = new long[50];
                                    while (System.nanoTime() < end) {
                                        int chunks = 1 + random.nextInt(50);
                                        long salt = random.nextLong();
                                        Arrays.fill(squares, 0);
                                        if (pool.tryRun(chunks, i -> squares[i] = i ^ salt, 3)) {
                                            served.incrementAndGet();
                                            for (int i = 0; i < 50; i++) {
                                                long wanted = i < chunks ? i ^ salt : 0;
                                                if (squares[i] != wanted) {
                                                    throw new AssertionError("chunk " + i);
                                                }
                                            }
                                        }
                                    }
                                });
                caller.setUncaughtExceptionHandler((t, e) -> failure.set(e));
                callers.add(caller);
                caller.start();
            }
            for (Thread caller : callers) {
                caller.join();
            }
            assertThat(failure).hasNullValue();
            assertThat(served.get()).isGreaterThan(100);
        }
    }

    private static int countRuns(WorkerPool pool, int chunks, int wanted) {
        AtomicInteger runs = new AtomicInteger();
        pool.tryRun(chunks, chunk -> runs.incrementAndGet(), wanted);
        return runs.get();
    }

    private static long threadsNamed(String prefix) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith(prefix))
                .count();
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        while (latch.getCount() > 0) {
            Thread.onSpinWait();
        }
    }
}
