package dev.lanewise.kernels.table;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;

import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.table.KernelMemory.Placement;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Every kernel allocates 0 bytes of heap per call once C2 has compiled it.
 *
 * <p>Vector code allocates until then, so a row runs until a batch of calls allocates nothing, at
 * most for a slice of time; then the next one has its turn, and the compiler may catch up. The test
 * fails when none of those that still allocate gets there for a while, however slow the machine.
 *
 * <p>With {@code lanewise.test.shortCallsFirst} every kernel has been called thousands of times
 * with next to nothing before: what C2 learned from those calls must not count against the others.
 */
class AllocationTest {
    private static final int SIZE = 67;
    private static final int BATCH = 200;
    private static final int SHORT_CALLS = 20_000;
    private static final long SLICE_NANOS = 2_000_000_000L;
    private static final long PATIENCE_NANOS = 90_000_000_000L;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final KernelMemory MEMORY = new KernelMemory(Placement.ALIGNED, 1);

    @AfterAll
    static void close() {
        MEMORY.close();
    }

    @Test
    void noKernelAllocates() {
        List<Prepared> allocating = new ArrayList<>();
        for (KernelRow row : KernelTable.rows()) {
            allocating.add(new Prepared(row));
        }
        if (Boolean.getBoolean("lanewise.test.shortCallsFirst")) {
            callWithLittle();
        }
        long progress = System.nanoTime();
        while (!allocating.isEmpty() && System.nanoTime() - progress < PATIENCE_NANOS) {
            if (allocating.removeIf(Prepared::reachesZero)) {
                progress = System.nanoTime();
            }
        }
        assertThat(allocating)
                .as(
                        "bytes of heap per call after %d s without progress; a kernel that never"
                                + " reaches 0 either boxes vectors or hangs in a C1 tier"
                                + " (-XX:+PrintCompilation shows which; -XX:Tier3DelayOn=10000"
                                + " helps the latter)",
                        PATIENCE_NANOS / 1_000_000_000L)
                .isEmpty();
    }

    /** Calls every kernel with its smallest size, often enough to be compiled for that. */
    private static void callWithLittle() {
        for (KernelRow row : KernelTable.rows()) {
            int smallest = IntStream.of(row.sizes()).filter(size -> size > 0).min().orElseThrow();
            Runnable call = row.prepare(Kernels.active(), smallest, MEMORY);
            for (int i = 0; i < SHORT_CALLS; i++) {
                call.run();
            }
        }
    }

    private static final class Prepared {
        private final KernelRow row;
        private final Runnable call;
        private long bytesPerCall;

        Prepared(KernelRow row) {
            this.row = row;
            this.call = row.prepare(Kernels.active(), size(row), MEMORY);
        }

        /** The test size, or the row's own largest one below it. */
        private static int size(KernelRow row) {
            int best = 0;
            for (int size : row.sizes()) {
                if (size <= SIZE) {
                    best = Math.max(best, size);
                }
            }
            return best;
        }

        boolean reachesZero() {
            long start = System.nanoTime();
            do {
                long before = THREADS.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < BATCH; i++) {
                    call.run();
                }
                long bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
                if (bytes == 0) {
                    return true;
                }
                bytesPerCall = bytes / BATCH;
            } while (System.nanoTime() - start < SLICE_NANOS);
            return false;
        }

        @Override
        public String toString() {
            return row + ": " + bytesPerCall + " bytes per call";
        }
    }
}
