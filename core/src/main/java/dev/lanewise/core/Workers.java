package dev.lanewise.core;

/**
 * The one thread pool: runs the chunks of a piece of work on the calling thread and its helpers.
 *
 * <p>Callers split their work by its <em>shape</em>, by the number of threads only where cuts
 * change no bits, and each chunk writes only what is its own; so results are the same bits whatever
 * the number of threads. How many threads help is a setting of the calling thread: 1 (the caller
 * alone) unless said otherwise, which suits inference in a server; training takes all cores:
 *
 * <pre>{@code
 * try (var _ = Workers.usingAll()) {
 *     trainer.fit(...);
 * }
 * }</pre>
 *
 * <ul>
 *   <li>The pool has as many threads as the JVM sees processors (a container's limit counts), or as
 *       {@code -Dlanewise.threads=N} says. They are daemon platform threads, started when first
 *       needed and kept for ever; they end with the JVM.
 *   <li>A run inside a chunk's body runs inline, on the thread that meets it.
 *   <li>The pool serves one run at a time. A caller that finds it busy with another thread's run
 *       does not wait: it runs its chunks itself, in order, to the same result.
 *   <li>A chunk that throws ends the run: chunks that no thread has begun are left out, the others
 *       come to their end, then the exception of the lowest chunk reaches the caller (the one a
 *       single thread would have met), with those of other chunks as suppressed ones.
 *   <li>An interrupt does not end a run; the caller's interrupt status is kept.
 * </ul>
 */
public final class Workers {

    private static final ThreadLocal<Caller> CALLER = ThreadLocal.withInitial(Caller::new);

    private Workers() {}

    /** What the calling thread has set, and whether it is working on a chunk. */
    private static final class Caller {
        int threads = 1;
        boolean inside;
        Setting innermost;
    }

    private static final class Pool {
        private static final String WANTED = System.getProperty("lanewise.threads");
        private static final int SIZE = size();

        /** Null for a bad size: an initializer that throws says why only the first time. */
        private static final WorkerPool POOL =
                SIZE == 0 ? null : new WorkerPool(SIZE, "lanewise-worker");

        /** The size asked for, 0 if it is none. */
        private static int size() {
            if (WANTED == null) {
                return Runtime.getRuntime().availableProcessors();
            }
            try {
                int threads = Integer.parseInt(WANTED.strip());
                return threads >= 1 && threads <= 1024 ? threads : 0;
            } catch (NumberFormatException notANumber) {
                return 0;
            }
        }

        static WorkerPool shared() {
            if (POOL == null) {
                throw new ArgumentException(
                        "-Dlanewise.threads=" + WANTED + ": expected a number from 1 to 1024");
            }
            return POOL;
        }
    }

    /**
     * The number of threads in the pool, a caller's own included: the most that can be used.
     *
     * @throws ArgumentException if {@code -Dlanewise.threads} is not a number from 1 to 1024
     */
    public static int available() {
        return Pool.shared().threads();
    }

    /** How many threads a run of the calling thread uses at most; 1 inside a chunk's body. */
    public static int threads() {
        Caller caller = CALLER.get();
        return caller.inside ? 1 : caller.threads;
    }

    /**
     * Sets the number of threads for runs of the calling thread until the setting is closed; more
     * than {@link #available()} means all of them.
     *
     * @throws ArgumentException if {@code threads} is less than 1, or {@code -Dlanewise.threads} is
     *     not a number from 1 to 1024
     */
    public static Setting using(int threads) {
        if (threads < 1) {
            throw new ArgumentException("using: at least 1 thread (the caller's), not " + threads);
        }
        return new Setting(CALLER.get(), Math.min(threads, available()));
    }

    /** All cores for runs of the calling thread until the setting is closed. */
    public static Setting usingAll() {
        return using(available());
    }

    /**
     * Runs {@code body} for chunks 0..chunks−1 and returns when all are done. No chunk: nothing
     * happens. Allocates nothing if {@code body} is an object that is kept.
     *
     * @throws ArgumentException if {@code chunks} is negative
     */
    public static void run(int chunks, ChunkBody body) {
        if (chunks < 0) {
            throw new ArgumentException("run: negative number of chunks " + chunks);
        }
        if (chunks > 1) {
            Caller caller = CALLER.get();
            if (caller.threads > 1
                    && !caller.inside
                    && runShared(Pool.shared(), chunks, body, caller)) {
                return;
            }
        }
        for (int chunk = 0; chunk < chunks; chunk++) {
            body.run(chunk);
        }
    }

    private static boolean runShared(WorkerPool pool, int chunks, ChunkBody body, Caller caller) {
        caller.inside = true;
        try {
            return pool.tryRun(chunks, body, caller.threads);
        } finally {
            caller.inside = false;
        }
    }

    /** Called by the pool's own threads: whatever they run is inside a run already. */
    static void markInsideRun() {
        CALLER.get().inside = true;
    }

    /** A number of threads in force on one thread until it is closed; settings nest. */
    public static final class Setting implements AutoCloseable {

        private final Caller caller;
        private final Setting outer;
        private final int threadsBefore;
        private boolean closed;

        private Setting(Caller caller, int threads) {
            this.caller = caller;
            this.outer = caller.innermost;
            this.threadsBefore = caller.threads;
            caller.threads = threads;
            caller.innermost = this;
        }

        /**
         * Puts back the number of threads that was in force before; a second call does nothing.
         *
         * @throws IllegalStateException if called on another thread than the one that made the
         *     setting, or before an inner setting is closed
         */
        @Override
        public void close() {
            if (closed) {
                return;
            }
            if (CALLER.get() != caller) {
                throw new IllegalStateException(
                        "Workers.Setting closed on thread "
                                + Thread.currentThread().getName()
                                + ", which did not make it: use try-with-resources");
            }
            if (caller.innermost != this) {
                throw new IllegalStateException(
                        "Workers.Setting closed before one made inside it: use try-with-resources");
            }
            closed = true;
            caller.threads = threadsBefore;
            caller.innermost = outer;
        }
    }
}
