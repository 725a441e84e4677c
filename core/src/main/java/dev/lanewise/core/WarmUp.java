package dev.lanewise.core;

import com.sun.management.ThreadMXBean;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Runs a piece of work until the JIT has nothing left to gain on it, and says whether it got there.
 *
 * <p>Vector code that C2 has not compiled yet is a hundred times slower and allocates an object for
 * every vector. So a service warms up before it takes its first request:
 *
 * <pre>{@code
 * Runnable call =
 *         () -> {
 *             try (Scope _ = Scope.open()) {
 *                 model.forward(input, Context.inference());
 *             }
 *         };
 * WarmUp.of(call).allowBytes(1 << 16).run().requireSteady();
 * }</pre>
 *
 * <p>Each run has a scope of its own, as each request will: without any, a model has no place for
 * its results; in one around all runs, every run would take more memory. A model's forward pass
 * makes a few objects per operation, which {@link #allowBytes} has to allow; kernels, and on one
 * thread the operations with given outputs that the package's description names, need no allowance.
 *
 * <p>Work counts as steady when twice in a row, over a window of at least {@value #WINDOW_MILLIS}
 * ms and {@value #BATCHES} batches of runs (fewer where runs are long), the JVM allocated no more
 * per run than allowed, the second half was not faster than the first, and the compilers were
 * almost idle. Allocation is that of all threads, as the work may use the pool: a JVM that is busy
 * with other things should {@linkplain #allowBytes allow} for theirs.
 */
public final class WarmUp {
    private static final int WINDOW_MILLIS = 300;
    private static final int BATCHES = 10;
    private static final long WINDOW_NANOS = WINDOW_MILLIS * 1_000_000L;
    private static final double STILL_FASTER = 0.95;
    private static final double COMPILERS_IDLE = 0.1;

    /** What the JVM itself may allocate in a window, not per run. */
    private static final long JVM_BYTES = 1024;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final Optional<CompilationMXBean> COMPILERS =
            Optional.ofNullable(ManagementFactory.getCompilationMXBean())
                    .filter(CompilationMXBean::isCompilationTimeMonitoringSupported);

    private final Runnable work;
    private final Duration limit;
    private final long allowedBytes;

    /**
     * What a warm-up came to.
     *
     * @param runs how often the work ran
     * @param time how long that took
     * @param nanosPerRun the time of a run at the end: the median of the last batches
     * @param bytesPerRun heap bytes that a run allocated at the end
     * @param steady whether the work became steady before the limit
     */
    public record Report(
            long runs, Duration time, double nanosPerRun, long bytesPerRun, boolean steady) {
        /**
         * This report, if the work became steady.
         *
         * @throws LanewiseException if it did not; the message says what it was like at the end
         */
        public Report requireSteady() {
            if (!steady) {
                throw new LanewiseException(
                        "warm-up: not steady after "
                                + this
                                + ": give it more time, allow what the work allocates by itself"
                                + " (allowBytes), or look for what the JIT could not compile"
                                + " (-XX:+PrintCompilation; -XX:Tier3DelayOn=10000 keeps kernels out"
                                + " of the lower tiers)");
            }
            return this;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%d runs in %.1f s, %.1f us and %d bytes each at the end",
                    runs,
                    time.toNanos() / 1e9,
                    nanosPerRun / 1e3,
                    bytesPerRun);
        }
    }

    private WarmUp(Runnable work, Duration limit, long allowedBytes) {
        this.work = work;
        this.limit = limit;
        this.allowedBytes = allowedBytes;
    }

    /**
     * Warms up this work, for at most a minute, until it allocates nothing: work that makes objects
     * by itself, as a model does, is never steady without {@link #allowBytes}.
     */
    public static WarmUp of(Runnable work) {
        return new WarmUp(work, Duration.ofMinutes(1), 0);
    }

    /** A copy that gives up after this time. */
    public WarmUp limit(Duration newLimit) {
        return new WarmUp(work, newLimit, allowedBytes);
    }

    /**
     * A copy for work that allocates by itself: up to so many heap bytes a run count as steady.
     *
     * @throws ArgumentException if {@code bytesPerRun} is negative
     */
    public WarmUp allowBytes(long bytesPerRun) {
        if (bytesPerRun < 0) {
            throw new ArgumentException("allowBytes: negative number of bytes " + bytesPerRun);
        }
        return new WarmUp(work, limit, bytesPerRun);
    }

    /** Runs the work until it is steady or the limit is over; what the work throws goes through. */
    public Report run() {
        long start = System.nanoTime();
        long runs = 0;
        int runsPerBatch = 1;
        boolean wasSteady = false;
        while (true) {
            Window window = window(runsPerBatch, start);
            runs += window.runs();
            boolean isSteady = isSteady(window);
            boolean steady = isSteady && wasSteady;
            wasSteady = isSteady;
            Duration time = Duration.ofNanos(System.nanoTime() - start);
            if (steady || time.compareTo(limit) >= 0) {
                long perRun = window.bytes() <= JVM_BYTES ? 0 : window.bytes() / window.runs();
                return new Report(runs, time, window.secondHalf(), perRun, steady);
            }
            runsPerBatch = nextBatch(runsPerBatch, window.nanos());
        }
    }

    /**
     * What was seen over some batches.
     *
     * @param perRun nanoseconds of a run, batch by batch
     * @param runs the runs of all batches
     * @param nanos the time of all batches
     * @param bytes what the JVM allocated meanwhile
     * @param compilerNanos how long its compilers worked meanwhile
     */
    private record Window(double[] perRun, long runs, long nanos, long bytes, long compilerNanos) {
        double firstHalf() {
            return median(perRun, 0, Math.max(1, perRun.length / 2));
        }

        double secondHalf() {
            return median(perRun, perRun.length / 2, perRun.length);
        }
    }

    /** Runs ten batches; fewer where runs are long, or the limit is over. */
    private Window window(int runsPerBatch, long warmUpStart) {
        double[] perRun = new double[BATCHES];
        long compilers = compilerMillis();
        long bytes = THREADS.getTotalThreadAllocatedBytes();
        long start = System.nanoTime();
        int batches = 0;
        long now = start;
        while (batches < BATCHES
                && now - warmUpStart < limit.toNanos()
                && (batches < 4 || now - start < 4 * WINDOW_NANOS)) {
            perRun[batches++] = time(runsPerBatch);
            now = System.nanoTime();
        }
        if (batches == 0) {
            perRun[batches++] = time(1); // no time at all: still one run, to report on
        }
        return new Window(
                Arrays.copyOf(perRun, batches),
                (long) batches * runsPerBatch,
                System.nanoTime() - start,
                THREADS.getTotalThreadAllocatedBytes() - bytes,
                1_000_000 * (compilerMillis() - compilers));
    }

    private boolean isSteady(Window window) {
        return window.perRun().length >= 4
                && window.nanos() >= WINDOW_NANOS
                && window.bytes() <= allowedBytes * window.runs() + JVM_BYTES
                && window.compilerNanos() <= COMPILERS_IDLE * window.nanos()
                && window.secondHalf() >= STILL_FASTER * window.firstHalf();
    }

    /** Nanoseconds of a run in a batch of so many. */
    private double time(int count) {
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            work.run();
        }
        return (double) (System.nanoTime() - start) / count;
    }

    /** So many runs that the next window lasts a little longer than it has to; fewer while slow. */
    private static int nextBatch(int runsPerBatch, long windowNanos) {
        double wanted = 1.2 * WINDOW_NANOS / Math.max(1, windowNanos) * runsPerBatch;
        double atMost = 8.0 * runsPerBatch; // code may get faster by orders of magnitude
        return (int) Math.clamp(Math.ceil(Math.min(wanted, atMost)), 1, 1 << 20);
    }

    private static long compilerMillis() {
        return COMPILERS.map(CompilationMXBean::getTotalCompilationTime).orElse(0L);
    }

    private static double median(double[] values, int from, int to) {
        double[] sorted = Arrays.copyOfRange(values, from, to);
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
