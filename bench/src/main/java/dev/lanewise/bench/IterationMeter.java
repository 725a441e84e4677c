package dev.lanewise.bench;

import com.sun.management.ThreadMXBean;

import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.Arrays;

/**
 * What an iteration takes of the thread that runs the benchmark and of the library's pool: read on
 * that thread right before its first and right after its last call, so that nothing of JMH's own
 * counts. A benchmark method takes it as an argument; {@link CalibrationProfiler} reports it.
 */
@State(Scope.Thread)
public class IterationMeter {
    private static final String POOL = "lanewise-worker";
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static volatile Reading last;

    /** Only the benchmark's own thread adds to it. */
    private static long timedNanos;

    private long[] threads;
    private long[] cpuNanos;
    private long startNanos;
    private long startBytes;

    /**
     * What was read.
     *
     * @param bytes heap bytes allocated by all calls of the iteration
     * @param cpuShare the CPU time of the busiest thread over the clock's
     * @param timedNanos what the benchmark timed by itself, see {@link #addTimed}
     */
    record Reading(long bytes, double cpuShare, long timedNanos) {}

    /** The last iteration's reading. */
    static Reading last() {
        return last;
    }

    /**
     * For a benchmark whose calls hold more than what is to be timed: adds the time of the part
     * that is. The sum replaces JMH's time.
     */
    static void addTimed(long nanos) {
        timedNanos += nanos;
    }

    /** Reads the counters; what that allocates comes before the last reading. */
    @Setup(Level.Iteration)
    public void start() {
        timedNanos = 0;
        threads = ours();
        cpuNanos = THREADS.getThreadCpuTime(threads);
        startNanos = System.nanoTime();
        startBytes = allocated();
    }

    /** Reads them again. */
    @TearDown(Level.Iteration)
    public void stop() {
        long bytes = allocated() - startBytes;
        long elapsed = System.nanoTime() - startNanos;
        long[] now = THREADS.getThreadCpuTime(threads);
        long busiest = 0;
        for (int i = 0; i < now.length; i++) {
            busiest = Math.max(busiest, now[i] - cpuNanos[i]);
        }
        last = new Reading(bytes, (double) busiest / elapsed, timedNanos);
    }

    private long allocated() {
        long sum = 0;
        for (long thread : threads) {
            sum += THREADS.getThreadAllocatedBytes(thread); // one by one: allocates nothing
        }
        return sum;
    }

    /** The calling thread and those of the pool, which start with the first run. */
    private static long[] ours() {
        long self = Thread.currentThread().threadId();
        return Arrays.stream(THREADS.getThreadInfo(THREADS.getAllThreadIds()))
                .filter(
                        thread ->
                                thread != null
                                        && (thread.getThreadId() == self
                                                || thread.getThreadName().startsWith(POOL)))
                .mapToLong(ThreadInfo::getThreadId)
                .toArray();
    }
}
