package dev.lanewise.bench;

import dev.lanewise.core.WarmUp;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.table.KernelMemory;
import dev.lanewise.kernels.table.KernelRow;
import dev.lanewise.kernels.table.KernelTable;

import java.time.Duration;

/**
 * How long a young JVM takes until some work is steady. A JVM of its own: {@code StartProbe GFLOPS
 * plain|warmed ROW}, GFLOPS the machine's best calibration, ROW a row of the kernel table or {@code
 * step}.
 *
 * <p>{@code plain}: calls the work from the start on and looks afterwards when it became steady.
 * {@code warmed}: runs {@link WarmUp} until that says steady, then looks whether the calls after it
 * are. Prints {@code start}, the time from the JVM's start to the first steady call; {@code
 * warm-up}, what {@code WarmUp} took of it; {@code steady}, the time of a call at the end; {@code
 * worst}, the slowest 50 ms of calls that counted as steady or came after the warm-up.
 */
final class StartProbe {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long KERNEL_NANOS = 2_500_000_000L;
    private static final long STEP_NANOS = 6_000_000_000L;
    private static final long AFTER_NANOS = 1_500_000_000L;

    /** After its warm-up work may be slower than in the end by this. */
    private static final double AS_FAST = 1.1;

    /** A timeline with a smaller share of windows alone on the CPU says too little. */
    private static final double ENOUGH_WINDOWS = 0.5;

    private static final int STEP_BYTES = 1 << 20;

    private final Disturbance disturbance;
    private final Runnable call;
    private final long allowedBytes;

    private StartProbe(double gigaflops, Runnable call, long allowedBytes) {
        this.disturbance = new Disturbance(gigaflops);
        this.call = call;
        this.allowedBytes = allowedBytes;
    }

    /** Runs and prints. */
    public static void main(String[] arguments) {
        double gigaflops = Double.parseDouble(arguments[0]);
        boolean warmed = arguments[1].equals("warmed");
        if (arguments[2].equals(JitGroup.STEP)) {
            step(gigaflops, warmed);
        } else {
            kernel(arguments[2], gigaflops, warmed);
        }
        System.exit(0);
    }

    private static void kernel(String id, double gigaflops, boolean warmed) {
        KernelRow row = KernelTable.row(id);
        try (KernelMemory memory = new KernelMemory(KernelMemory.Placement.ALIGNED, 1)) {
            Runnable call = row.prepare(Kernels.active(), row.benchSizes()[0], memory);
            StartProbe probe = new StartProbe(gigaflops, call, 0);
            probe.run(warmed, KERNEL_NANOS);
        }
    }

    /** The training step of the digits CNN on all cores. */
    private static void step(double gigaflops, boolean warmed) {
        StepBenchmark benchmark = new StepBenchmark();
        benchmark.batch = 64;
        benchmark.threads = Runtime.getRuntime().availableProcessors();
        benchmark.work = "train";
        benchmark.make();
        new StartProbe(gigaflops, benchmark.prepared(), STEP_BYTES).run(warmed, STEP_NANOS);
        benchmark.release();
    }

    private void run(boolean warmed, long least) {
        if (warmed) {
            warmed();
        } else {
            plain(least);
        }
    }

    private void plain(long least) {
        Timeline.Verdict verdict = new Timeline(call).run(least, LIMIT.toNanos()).verdict();
        boolean steady = verdict.steadyFrom() < Timeline.sinceStart() / 2;
        print("start", verdict.steadyFrom(), verdict, steady);
        print("steady", verdict.nanos(), verdict, steady);
        print("worst", verdict.worst(), verdict, steady);
    }

    private void warmed() {
        WarmUp.Report report = WarmUp.of(call).allowBytes(allowedBytes).limit(LIMIT).run();
        long end = Timeline.sinceStart();
        Timeline.Verdict verdict = new Timeline(call).run(AFTER_NANOS, AFTER_NANOS).whole();
        boolean steady = report.steady() && verdict.worst() <= AS_FAST * verdict.nanos();
        print("start", end, verdict, steady);
        print("warm-up", report.time().toNanos(), verdict, steady);
        print("steady", verdict.nanos(), verdict, steady);
        print("worst", verdict.worst(), verdict, steady);
    }

    private void print(String name, double nanos, Timeline.Verdict verdict, boolean steady) {
        Calibration.warmUp();
        double calibration = Calibration.gigaflops();
        boolean spared =
                verdict.cpuShare() >= ENOUGH_WINDOWS
                        && disturbance.spares(Calibration.bits(), calibration, calibration, 1);
        Fork.State state = steady ? Fork.State.STEADY : Fork.State.NOT_WARM;
        new ProbeJvm.Figure(
                        name,
                        new Fork(
                                nanos,
                                calibration,
                                verdict.bytes(),
                                spared ? state : Fork.State.DISTURBED))
                .print();
    }
}
