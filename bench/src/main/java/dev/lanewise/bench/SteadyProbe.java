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
 * are warm. A JVM of its own: {@code SteadyProbe SEED ROW...}.
 */
final class SteadyProbe {
    private static final Duration WARM_UP_LIMIT = Duration.ofSeconds(8);
    private static final long MEASURED_NANOS = 20_000_000;
    private static final int PASSES = 3;
    private static final double UNDISTURBED = 0.05;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private SteadyProbe() {}

    /** A row's call and the best that was seen of it. */
    private static final class Prepared {
        final KernelRow row;
        final Runnable call;
        double nanos = Double.POSITIVE_INFINITY;
        double bytes = Double.POSITIVE_INFINITY;
        double calibration;

        Prepared(KernelRow row, KernelMemory memory) {
            this.row = row;
            this.call = row.prepare(Kernels.active(), row.benchSizes()[0], memory);
        }
    }

    /** Warms up and measures in shuffled orders, then prints a figure for each row. */
    public static void main(String[] arguments) {
        Random random = new Random(Long.parseLong(arguments[0]));
        Calibration.warmUp();
        try (KernelMemory memory = new KernelMemory(KernelMemory.Placement.ALIGNED, 1)) {
            List<Prepared> rows = new ArrayList<>();
            for (String id : List.of(arguments).subList(1, arguments.length)) {
                rows.add(new Prepared(KernelTable.row(id), memory));
            }
            Collections.shuffle(rows, random);
            rows.forEach(prepared -> WarmUp.of(prepared.call).limit(WARM_UP_LIMIT).run());
            for (int pass = 0; pass < PASSES; pass++) {
                Collections.shuffle(rows, random);
                rows.forEach(SteadyProbe::measure);
            }
            for (Prepared p : rows) {
                new ProbeJvm.Figure(p.row.id(), p.nanos, p.bytes, p.calibration).print();
            }
        }
    }

    /**
     * Keeps the best of some undisturbed measurements; of disturbed ones where there is no other.
     */
    private static void measure(Prepared prepared) {
        for (int attempt = 0; attempt < 3; attempt++) {
            double before = Calibration.gigaflops();
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
            double after = Calibration.gigaflops();
            double nanos = (double) elapsed / runs;
            if (nanos < prepared.nanos) {
                prepared.nanos = nanos;
                prepared.calibration = Math.min(before, after);
            }
            prepared.bytes = Math.min(prepared.bytes, perRun);
            if (Math.abs(before - after) <= UNDISTURBED * Math.max(before, after)) {
                return;
            }
        }
    }
}
