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

/**
 * Every kernel allocates 0 bytes of heap per call once C2 has compiled it.
 *
 * <p>Vector code allocates until then, so rows take turns, each for a slice of time, until a batch
 * of calls allocates nothing; the compiler catches up with one while another runs.
 */
class AllocationTest {
    private static final int SIZE = 67;
    private static final int BATCH = 200;
    private static final long SLICE_NANOS = 50_000_000L;
    private static final long LIMIT_NANOS = 240_000_000_000L;

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
        long start = System.nanoTime();
        while (!allocating.isEmpty() && System.nanoTime() - start < LIMIT_NANOS) {
            allocating.removeIf(Prepared::reachesZero);
        }
        assertThat(allocating)
                .as(
                        "bytes of heap per call after %d s; a kernel that never reaches 0 either"
                                + " boxes vectors or hangs in a C1 tier (-XX:+PrintCompilation"
                                + " shows which; -XX:Tier3DelayOn=10000 helps the latter)",
                        LIMIT_NANOS / 1_000_000_000L)
                .isEmpty();
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
