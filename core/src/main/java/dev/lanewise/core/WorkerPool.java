package dev.lanewise.core;

import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed set of daemon threads that help a caller with the chunks of one run at a time.
 *
 * <p>The caller publishes a run, works on chunks itself and waits for the chunks that helpers have
 * claimed; helpers that come late find nothing left and nobody waits for them.
 *
 * <p>Both sides spin for {@link #SPIN_NANOS} before they park: a run that follows within that time
 * is handed over in well under a microsecond, a later one costs the operating system's wake-up, 60
 * us and more, as much as a whole small run. So they spin for a few such wake-ups: that covers what
 * lies between the runs of one caller that works without a pause, and how far apart threads finish
 * a run of long chunks. The price is so much time of a core per helper after the last of a series
 * of runs, and of the caller's while it waits for a helper's last chunk.
 *
 * <p>{@code ticket} is the only word that threads contend for: the number of the run in the upper
 * half, the chunks nobody has claimed yet in the lower. A claim is a compare-and-set of the whole
 * word, so a helper that slept through a run can never claim a chunk of the next one with the
 * fields of the last: the fields of a run change only after all its chunks are done.
 */
final class WorkerPool implements AutoCloseable {

    private static final long SPIN_NANOS = 200_000;
    private static final int SPINS_PER_CLOCK = 64;
    private static final long UNCLAIMED = 0xFFFF_FFFFL;

    private static final VarHandle TICKET;
    private static final VarHandle PENDING;
    private static final VarHandle BUSY;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            TICKET = lookup.findVarHandle(WorkerPool.class, "ticket", long.class);
            PENDING = lookup.findVarHandle(WorkerPool.class, "pending", int.class);
            BUSY = lookup.findVarHandle(WorkerPool.class, "busy", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int threads;
    private final String name;

    /** Started when first needed; fewer than wanted if the system refuses threads. */
    private volatile Worker[] workers;

    private volatile boolean busy;
    private volatile boolean closed;

    private volatile long ticket;
    private volatile int pending;
    private volatile Thread parkedCaller;

    // The run in progress: written before its ticket is published, read after the ticket is read.
    private ChunkBody body;
    private int chunks;
    private int helpers;

    // Guarded by this.
    private Throwable failure;
    private int failedChunk;

    WorkerPool(int threads, String name) {
        if (threads < 1) {
            throw new ArgumentException("a pool needs at least 1 thread, not " + threads);
        }
        this.threads = threads;
        this.name = name;
    }

    /** The largest number of threads that can work on a run, the caller's included. */
    int threads() {
        return threads;
    }

    /**
     * Runs chunks 0..chunks−1 on the calling thread and at most {@code wanted − 1} helpers, and
     * returns true when all are done; returns false, having done nothing, if the pool is busy with
     * another caller's run.
     */
    boolean tryRun(int chunks, ChunkBody body, int wanted) {
        if (!BUSY.compareAndSet(this, false, true)) {
            return false;
        }
        try {
            Worker[] team = team();
            this.body = body;
            this.chunks = chunks;
            this.helpers = Math.min(Math.min(wanted, chunks) - 1, team.length);
            this.pending = chunks;
            ticket = (ticket & ~UNCLAIMED) + (UNCLAIMED + 1) | chunks;
            for (int i = 0; i < helpers; i++) {
                team[i].wakeIfParked();
            }
            Throwable failed;
            try {
                work(ticket);
            } finally {
                // Something is left only when an error escaped from the handling of another.
                int left = withdraw(ticket & ~UNCLAIMED);
                if (left > 0) {
                    finish(left);
                }
                awaitHelpers();
                failed = takeFailure();
            }
            if (failed != null) {
                WorkerPool.<RuntimeException>throwAsIs(failed);
            }
            return true;
        } finally {
            this.body = null;
            busy = false;
        }
    }

    /** Claims and runs chunks of the run that {@code seen} was published for until none is left. */
    private void work(long seen) {
        long run = seen & ~UNCLAIMED;
        ChunkBody work = body;
        int total = chunks;
        while ((seen & ~UNCLAIMED) == run && (seen & UNCLAIMED) != 0) {
            if (TICKET.compareAndSet(this, seen, seen - 1)) {
                int chunk = total - (int) (seen & UNCLAIMED);
                int done = 1;
                try {
                    work.run(chunk);
                } catch (Throwable thrown) {
                    done += withdraw(run);
                    note(chunk, thrown);
                } finally {
                    finish(done);
                }
            }
            seen = ticket;
        }
    }

    private void finish(int done) {
        int left = (int) PENDING.getAndAdd(this, -done) - done;
        if (left == 0) {
            Thread caller = parkedCaller;
            if (caller != null) {
                LockSupport.unpark(caller);
            }
        }
    }

    /** Withdraws the chunks of a run that nobody has claimed; returns how many. */
    private int withdraw(long run) {
        while (true) {
            long seen = ticket;
            int unclaimed = (int) (seen & UNCLAIMED);
            if (unclaimed == 0 || TICKET.compareAndSet(this, seen, run)) {
                return unclaimed;
            }
        }
    }

    /**
     * Notes a failure. Chunks are claimed in order, so every chunk before a failed one is run to
     * its end, and the failure with the lowest number is the one that a single thread would have
     * met.
     */
    private synchronized void note(int chunk, Throwable thrown) {
        if (failure == null) {
            failure = thrown;
            failedChunk = chunk;
        } else if (thrown != failure) {
            boolean earlier = chunk < failedChunk;
            Throwable first = earlier ? thrown : failure;
            Throwable other = earlier ? failure : thrown;
            failure = first;
            failedChunk = Math.min(chunk, failedChunk);
            first.addSuppressed(other);
        }
    }

    private void awaitHelpers() {
        long deadline = 0;
        boolean interrupted = false;
        for (int spins = 1; pending != 0; spins++) {
            Thread.onSpinWait();
            if (spins % SPINS_PER_CLOCK == 0) {
                long now = System.nanoTime();
                if (deadline == 0) {
                    deadline = now + SPIN_NANOS;
                } else if (now - deadline > 0) {
                    interrupted = parkUntilDone();
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Chunks can't be abandoned half-way: an interrupt is kept for the caller, not obeyed here. */
    private boolean parkUntilDone() {
        boolean interrupted = false;
        parkedCaller = Thread.currentThread();
        while (pending != 0) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        parkedCaller = null;
        return interrupted;
    }

    private synchronized Throwable takeFailure() {
        Throwable thrown = failure;
        failure = null;
        return thrown;
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void throwAsIs(Throwable thrown) throws T {
        throw (T) thrown;
    }

    private Worker[] team() {
        Worker[] team = workers;
        if (team == null) {
            if (closed) {
                throw new IllegalStateException("the worker pool is closed");
            }
            team = start();
            workers = team;
        }
        return team;
    }

    private Worker[] start() {
        Worker[] team = new Worker[threads - 1];
        for (int i = 0; i < team.length; i++) {
            team[i] = new Worker(i);
            try {
                team[i].thread.start();
            } catch (OutOfMemoryError refused) {
                System.getLogger(WorkerPool.class.getName())
                        .log(
                                Level.WARNING,
                                "the system refused worker thread {0} of {1}: working with {2}",
                                i + 1,
                                team.length,
                                i + 1);
                return Arrays.copyOf(team, i);
            }
        }
        return team;
    }

    /**
     * Ends the threads. Only for pools of tests: the one pool of {@link Workers} is never closed.
     */
    @Override
    public void close() {
        closed = true;
        Worker[] team = workers;
        if (team == null) {
            return;
        }
        for (Worker worker : team) {
            LockSupport.unpark(worker.thread);
        }
        try {
            for (Worker worker : team) {
                worker.thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Worker implements Runnable {

        final Thread thread;
        private final int index;
        private volatile boolean parked;

        Worker(int index) {
            this.index = index;
            this.thread =
                    Thread.ofPlatform()
                            .name(name + "-" + (index + 1))
                            .daemon()
                            .inheritInheritableThreadLocals(false)
                            .unstarted(this);
            thread.setContextClassLoader(null);
        }

        void wakeIfParked() {
            if (parked) {
                LockSupport.unpark(thread);
            }
        }

        @Override
        public void run() {
            Workers.markInsideRun();
            long last = 0;
            while (!closed) {
                long seen = awaitTicket(last);
                last = seen & ~UNCLAIMED;
                // A number read from a later run is harmless: then the claim fails.
                if (index < helpers) {
                    try {
                        work(seen);
                    } catch (Throwable escaped) {
                        // From the handling of a failure, which is noted, its chunks counted: the
                        // thread stays for the runs to come.
                    }
                } else {
                    park(last);
                }
                // A body may leave its interrupt behind; it belongs to no later run.
                Thread.interrupted();
            }
        }

        /** Spins, then parks, until a run other than the last one has chunks to claim. */
        private long awaitTicket(long last) {
            long deadline = 0;
            for (int spins = 1; ; spins++) {
                long seen = ticket;
                if (closed || (seen & ~UNCLAIMED) != last && (seen & UNCLAIMED) != 0) {
                    return seen;
                }
                Thread.onSpinWait();
                if (spins % SPINS_PER_CLOCK == 0) {
                    long now = System.nanoTime();
                    if (deadline == 0) {
                        deadline = now + SPIN_NANOS;
                    } else if (now - deadline > 0) {
                        park(last);
                        deadline = 0;
                    }
                }
            }
        }

        private void park(long last) {
            parked = true;
            long seen = ticket;
            if (!closed && ((seen & ~UNCLAIMED) == last || (seen & UNCLAIMED) == 0)) {
                LockSupport.park(WorkerPool.this);
                Thread.interrupted();
            }
            parked = false;
        }
    }
}
