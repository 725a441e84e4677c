package dev.lanewise.bench;

import dev.lanewise.core.ChunkBody;
import dev.lanewise.core.Workers;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Two chunks of a run, each of which lasts until the other has begun: so the caller can't do both,
 * and what a run takes is what it costs to hand a chunk over and to wait for the helper.
 */
final class HandOver {
    private static final long LIMIT_NANOS = 10_000_000;
    private static final int SPINS_PER_CLOCK = 256;
    private static final VarHandle BEGUN;

    static {
        try {
            BEGUN = MethodHandles.lookup().findVarHandle(HandOver.class, "begun", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final ChunkBody chunk = this::meet;
    private volatile int begun;
    private volatile int missed;

    /** One hand-over. */
    void run() {
        begun = 0;
        Workers.run(2, chunk);
    }

    /** One hand-over after the caller was busy with other things for so long; only it is timed. */
    void runAfter(long nanos) {
        long start = System.nanoTime();
        long now = start;
        while (now - start < nanos) {
            Thread.onSpinWait();
            now = System.nanoTime();
        }
        run();
        IterationMeter.addTimed(System.nanoTime() - now);
    }

    /** How many runs no helper came to within {@value #LIMIT_NANOS} ns. */
    int missed() {
        return missed;
    }

    private void meet(int index) {
        BEGUN.getAndAdd(this, 1);
        long deadline = 0;
        for (int spins = 1; begun < 2; spins++) {
            Thread.onSpinWait();
            if (spins % SPINS_PER_CLOCK == 0) {
                long now = System.nanoTime();
                if (deadline == 0) {
                    deadline = now + LIMIT_NANOS;
                } else if (now - deadline > 0) {
                    missed++; // one chunk at a time gets here: the other has not begun
                    return;
                }
            }
        }
    }
}
