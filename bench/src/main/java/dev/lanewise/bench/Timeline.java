package dev.lanewise.bench;

import com.sun.management.ThreadMXBean;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/**
 * Calls of some work as they follow each other, in windows of {@value #WINDOW_MILLIS} ms with the
 * time since the JVM's start: from which moment on it was as fast as in the end is seen afterwards.
 * Windows in which the calling thread had to share its CPU say nothing and are left out.
 */
final class Timeline {
    private static final int WINDOW_MILLIS = 50;
    private static final long WINDOW_NANOS = WINDOW_MILLIS * 1_000_000L;

    /** The clock is read about so often. */
    private static final double BATCH_NANOS = 1e6;

    /** A window within this of the final speed is as fast. */
    private static final double AS_FAST = 1.1;

    /** Fewer windows tell nothing. */
    private static final int LEAST_WINDOWS = 8;

    private static final double OWN_CPU = 0.95;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Runnable call;
    private final List<Window> windows = new ArrayList<>();

    /**
     * Some calls in a row.
     *
     * @param start when the first began, nanoseconds since the JVM's start
     * @param end when the last ended
     * @param nanos the time of a call
     * @param bytes heap bytes of a call
     * @param cpuShare the calling thread's CPU time over the clock's
     */
    record Window(long start, long end, double nanos, double bytes, double cpuShare) {}

    /**
     * What a timeline shows.
     *
     * @param steadyFrom since when every window was as fast as the last ones: nanoseconds since the
     *     JVM's start
     * @param nanos the final time of a call
     * @param worst the time of a call in the slowest window since then
     * @param bytes heap bytes of a call since then, in the window in which they were most
     * @param cpuShare the share of windows in which the thread had its CPU to itself
     */
    record Verdict(long steadyFrom, double nanos, double worst, double bytes, double cpuShare) {}

    Timeline(Runnable call) {
        this.call = call;
    }

    /** Nanoseconds since this JVM's start. */
    static long sinceStart() {
        long started = ManagementFactory.getRuntimeMXBean().getStartTime();
        return 1_000_000 * (System.currentTimeMillis() - started);
    }

    /**
     * Calls on until at least {@code least} nanoseconds passed and the work has been steady for the
     * later half of the JVM's life, or {@code most} passed.
     */
    Timeline run(long least, long most) {
        long offset = sinceStart() - System.nanoTime();
        long begin = offset + System.nanoTime();
        int batch = 1;
        long now = begin;
        while (now - begin < least || now - begin < most && !isSettled(now)) {
            Window window = window(batch, offset);
            windows.add(window);
            batch = (int) Math.clamp(BATCH_NANOS / window.nanos(), 1, 1 << 20);
            now = window.end();
        }
        return this;
    }

    private Window window(int batch, long offset) {
        long cpu = THREADS.getCurrentThreadCpuTime();
        long bytes = THREADS.getCurrentThreadAllocatedBytes();
        long start = System.nanoTime();
        long calls = 0;
        long now;
        do {
            for (int i = 0; i < batch; i++) {
                call.run();
            }
            calls += batch;
            now = System.nanoTime();
        } while (now - start < WINDOW_NANOS);
        double allocated = THREADS.getCurrentThreadAllocatedBytes() - bytes;
        double elapsed = now - start;
        return new Window(
                offset + start,
                offset + now,
                elapsed / calls,
                allocated / calls,
                (THREADS.getCurrentThreadCpuTime() - cpu) / elapsed);
    }

    private boolean isSettled(long now) {
        return windows.size() >= 2 * LEAST_WINDOWS && verdict().steadyFrom() <= now / 2;
    }

    /** Since when the calls were as fast as in the end. */
    Verdict verdict() {
        return judge(windows);
    }

    /** All calls, as those that should be steady from the first on. */
    Verdict whole() {
        List<Window> seen = undisturbed(windows);
        return verdict(windows, seen, 0, finalNanos(seen));
    }

    static Verdict judge(List<Window> windows) {
        List<Window> seen = undisturbed(windows);
        double nanos = finalNanos(seen);
        int from = seen.size();
        while (from > 0 && seen.get(from - 1).nanos() <= AS_FAST * nanos) {
            from--;
        }
        return verdict(windows, seen, from, nanos);
    }

    private static List<Window> undisturbed(List<Window> windows) {
        List<Window> own = windows.stream().filter(w -> w.cpuShare() >= OWN_CPU).toList();
        return own.size() < LEAST_WINDOWS ? windows : own;
    }

    /** The median of the last quarter, at least of {@value #LEAST_WINDOWS}. */
    private static double finalNanos(List<Window> seen) {
        int last = Math.min(seen.size(), Math.max(LEAST_WINDOWS, seen.size() / 4));
        double[] times =
                seen.subList(seen.size() - last, seen.size()).stream()
                        .mapToDouble(Window::nanos)
                        .sorted()
                        .toArray();
        return times[times.length / 2];
    }

    private static Verdict verdict(
            List<Window> all, List<Window> seen, int from, double finalNanos) {
        List<Window> steady = from < seen.size() ? seen.subList(from, seen.size()) : List.of();
        Window last = seen.getLast();
        long own = all.stream().filter(w -> w.cpuShare() >= OWN_CPU).count();
        return new Verdict(
                steady.isEmpty() ? last.end() : steady.getFirst().start(),
                finalNanos,
                steady.stream().mapToDouble(Window::nanos).max().orElse(last.nanos()),
                steady.stream().mapToDouble(Window::bytes).max().orElse(last.bytes()),
                (double) own / all.size());
    }
}
