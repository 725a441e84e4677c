package dev.lanewise.core;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Finds out where memory that is never given back was allocated.
 *
 * <p>Off by default, since a stack is recorded for each allocation. Turned on for a whole run by
 * {@code -Dlanewise.leaks=track}, or by {@link #track}; what was allocated before is not recorded.
 */
public final class Leaks {
    private static final Set<Storage> LIVE = ConcurrentHashMap.newKeySet();
    private static volatile boolean tracking =
            "track".equals(System.getProperty("lanewise.leaks", "off"));

    /** An allocation: its size, its thread, its order and the calls that led to it. */
    record Origin(long number, long bytes, String thread, List<StackTraceElement> stack) {}

    private static final java.util.concurrent.atomic.AtomicLong NUMBER =
            new java.util.concurrent.atomic.AtomicLong();

    private Leaks() {}

    /** Turns recording on or off; off forgets what was recorded. */
    public static void track(boolean on) {
        tracking = on;
        if (!on) {
            LIVE.clear();
        }
    }

    /** Whether allocations are being recorded. */
    public static boolean isTracking() {
        return tracking;
    }

    static void allocated(Storage storage) {
        if (tracking) {
            List<StackTraceElement> stack =
                    StackWalker.getInstance()
                            .walk(
                                    frames ->
                                            frames.map(StackWalker.StackFrame::toStackTraceElement)
                                                    .dropWhile(Leaks::isPlumbing)
                                                    .limit(32)
                                                    .collect(Collectors.toList()));
            storage.origin =
                    new Origin(
                            NUMBER.getAndIncrement(),
                            storage.bytes(),
                            Thread.currentThread().getName(),
                            stack);
            LIVE.add(storage);
        }
    }

    private static boolean isPlumbing(StackTraceElement frame) {
        String name = frame.getClassName();
        return name.equals(Leaks.class.getName())
                || name.equals(Scope.class.getName())
                || name.equals(Operands.class.getName());
    }

    static void freed(Storage storage) {
        if (storage.origin != null) {
            LIVE.remove(storage);
        }
    }

    /**
     * What is live and was allocated while tracking: one entry per allocating stack, with bytes and
     * count, largest first. Empty where there is nothing.
     */
    public static String report() {
        Map<List<StackTraceElement>, List<Origin>> byStack =
                LIVE.stream()
                        .map(storage -> storage.origin)
                        .sorted(Comparator.comparingLong(Origin::number))
                        .collect(
                                Collectors.groupingBy(
                                        Origin::stack, LinkedHashMap::new, Collectors.toList()));
        StringBuilder text = new StringBuilder();
        byStack.values().stream()
                .sorted(Comparator.comparingLong(Leaks::bytes).reversed())
                .forEach(group -> describe(group, text));
        return text.toString();
    }

    private static long bytes(List<Origin> group) {
        return group.stream().mapToLong(Origin::bytes).sum();
    }

    private static void describe(List<Origin> group, StringBuilder text) {
        text.append(
                "%,d bytes in %d tensors, allocated on thread %s by%n"
                        .formatted(bytes(group), group.size(), group.getFirst().thread()));
        for (StackTraceElement frame : group.getFirst().stack()) {
            text.append("    at ").append(frame).append(System.lineSeparator());
        }
    }
}
