package dev.lanewise.bench;

import com.sun.management.ThreadMXBean;

import dev.lanewise.core.WarmUp;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.table.KernelMemory;
import dev.lanewise.kernels.table.KernelRow;
import dev.lanewise.kernels.table.KernelTable;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Runs many kernels in one JVM, in an order drawn from a seed, and prints how fast each is once all
 * are warm: in the worst of several passes over all of them, so that a kernel that falls back
 * shows. A JVM of its own: {@code SteadyProbe GFLOPS SEED ROW...}, GFLOPS the machine's best
 * calibration.
 */
final class SteadyProbe {
    private static final Duration WARM_UP_LIMIT = Duration.ofSeconds(8);
    private static final long MEASURED_NANOS = 20_000_000;
    private static final int PASSES = 3;
    private static final int ATTEMPTS = 5;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private SteadyProbe() {}

    /** A row's call and the worst that was seen of it. */
    private static final class Prepared {
        final KernelRow row;
        final Runnable call;
        boolean warm;
        int passes;
        double worst;
        double calibration;
        double bytes;

        /** The best of the measurements that a neighbour disturbed. */
        double disturbed = Double.POSITIVE_INFINITY;

        Prepared(KernelRow row, KernelMemory memory) {
            this.row = row;
            this.call = row.prepare(Kernels.active(), row.benchSizes()[0], memory);
        }

        /** Too few undisturbed passes: whether it fell back in the others nobody knows. */
        Fork fork() {
            Fork.State state = warm ? Fork.State.STEADY : Fork.State.NOT_WARM;
            return new Fork(
                    passes > 0 ? worst : disturbed,
                    calibration,
                    bytes,
                    passes < PASSES ? Fork.State.DISTURBED : state);
        }
    }

    /** Warms up and measures in shuffled orders, then prints a figure for each row. */
    public static void main(String[] arguments) {
        Disturbance disturbance = new Disturbance(Double.parseDouble(arguments[0]));
        Random random = new Random(Long.parseLong(arguments[1]));
        Calibration.warmUp();
        try (KernelMemory memory = new KernelMemory(KernelMemory.Placement.ALIGNED, 1)) {
            List<Prepared> rows = new ArrayList<>();
            for (String id : List.of(arguments).subList(2, arguments.length)) {
                rows.add(new Prepared(KernelTable.row(id), memory));
            }
            Collections.shuffle(rows, random);
            rows.forEach(p -> p.warm = WarmUp.of(p.call).limit(WARM_UP_LIMIT).run().steady());
            for (int pass = 0; pass < PASSES; pass++) {
                Collections.shuffle(rows, random);
                rows.forEach(prepared -> measure(prepared, disturbance));
            }
            rows.forEach(p -> new ProbeJvm.Figure(p.row.id(), p.fork()).print());
        }
    }

    /** One pass of a row: the first measurement that nobody disturbs. */
    private static void measure(Prepared prepared, Disturbance disturbance) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            double before = Calibration.gigaflops();
            long cpu = THREADS.getCurrentThreadCpuTime();
            long bytes = THREADS.getCurrentThreadAllocatedBytes();
            long start = System.nanoTime();
            long runs = 0;
            long elapsed;
            do {
                prepared.call.run();
                runs++;
                elapsed = System.nanoTime() - start;
            } while (elapsed < MEASURED_NANOS);
            double perRun = (double) (THREADS.getCurrentThreadAllocatedBytes() - bytes) / runs;
            double share = (double) (THREADS.getCurrentThreadCpuTime() - cpu) / elapsed;
            double after = Calibration.gigaflops();
            double nanos = (double) elapsed / runs;
            prepared.bytes = Math.max(prepared.bytes, perRun); // no neighbour allocates here
            prepared.calibration = Math.max(prepared.calibration, Math.min(before, after));
            if (disturbance.spares(Calibration.bits(), before, after, share)) {
                prepared.worst = Math.max(prepared.worst, nanos);
                prepared.passes++;
                return;
            }
            prepared.disturbed = Math.min(prepared.disturbed, nanos);
        }
    }
}
