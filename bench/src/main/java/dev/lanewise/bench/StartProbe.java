package dev.lanewise.bench;

import dev.lanewise.core.WarmUp;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.table.KernelMemory;
import dev.lanewise.kernels.table.KernelRow;
import dev.lanewise.kernels.table.KernelTable;

import java.lang.management.ManagementFactory;
import java.time.Duration;

/**
 * How long a young JVM takes until some work is steady. A JVM of its own: {@code StartProbe kernel
 * ROW}, or {@code StartProbe step plain|warmed}.
 *
 * <p>Prints {@code steady}, the speed at the end, and {@code start}, the time from the JVM's start
 * to then.
 */
final class StartProbe {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int BATCH = 64;
    private static final int STEP_BYTES = 1 << 20;

    private StartProbe() {}

    /** Runs and prints. */
    public static void main(String[] arguments) {
        WarmUp.Report report =
                arguments[0].equals("kernel") ? kernel(arguments[1]) : step(arguments[1]);
        long sinceStart =
                System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime();
        Calibration.warmUp();
        double calibration = Calibration.gigaflops();
        new ProbeJvm.Figure("steady", report.nanosPerRun(), report.bytesPerRun(), calibration)
                .print();
        new ProbeJvm.Figure(
                        report.steady() ? "start" : "start-not-steady",
                        sinceStart * 1e6,
                        report.bytesPerRun(),
                        calibration)
                .print();
        System.exit(0);
    }

    private static WarmUp.Report kernel(String id) {
        KernelRow row = KernelTable.row(id);
        try (KernelMemory memory = new KernelMemory(KernelMemory.Placement.ALIGNED, 1)) {
            return WarmUp.of(row.prepare(Kernels.active(), row.benchSizes()[0], memory))
                    .limit(LIMIT)
                    .run();
        }
    }

    /** The training step of the digits CNN; warmed: on a few images first, until that is steady. */
    private static WarmUp.Report step(String how) {
        if (how.equals("warmed")) {
            run(2);
        }
        return run(BATCH);
    }

    private static WarmUp.Report run(int batch) {
        StepBenchmark benchmark = new StepBenchmark();
        benchmark.batch = batch;
        benchmark.threads = Runtime.getRuntime().availableProcessors();
        benchmark.work = "train";
        benchmark.make();
        WarmUp.Report report = WarmUp.of(benchmark::step).allowBytes(STEP_BYTES).limit(LIMIT).run();
        benchmark.release();
        return report;
    }
}
