package dev.lanewise.bench;

import dev.lanewise.core.WarmUp;

import java.time.Duration;

/**
 * Warm-up before JMH's own, until the JIT is done: on a loaded machine C2 may take longer than the
 * fixed time that JMH gives it.
 */
final class Readiness {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private static volatile boolean reached;

    private Readiness() {}

    /** Whether the last warm-up of this JVM made its work steady. */
    static boolean reached() {
        return reached;
    }

    /**
     * Runs {@code call} until it is steady and allocates at most so many heap bytes (peers'
     * wrappers and eager operations make objects); says on standard error, too, where it does not
     * become so.
     */
    static void of(Runnable call, long allowedBytes) {
        WarmUp.Report report = WarmUp.of(call).allowBytes(allowedBytes).limit(LIMIT).run();
        reached = report.steady();
        if (!reached) {
            System.err.println("not steady after " + report);
        }
    }
}
