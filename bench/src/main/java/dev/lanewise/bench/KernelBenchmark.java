package dev.lanewise.bench;

import dev.lanewise.kernels.Backend;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.table.KernelComparison;
import dev.lanewise.kernels.table.KernelMemory;
import dev.lanewise.kernels.table.KernelRow;
import dev.lanewise.kernels.table.KernelTable;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

import java.util.concurrent.TimeUnit;

/**
 * One call of one row of the kernel table. Its result is compared with the scalar kernels' before
 * and after it is timed.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class KernelBenchmark {
    private static final long SEED = 42;

    /** The row's id. */
    @Param("arithmetic.add")
    public String row;

    /** The size, in the row's own sense. */
    @Param("4096")
    public int size;

    private KernelRow kernel;
    private KernelMemory memory;
    private Runnable call;

    /** Prepares the call and compares its result: of the first call, and of compiled code. */
    @Setup
    public void prepare() {
        kernel = KernelTable.row(row);
        compare();
        memory = new KernelMemory(KernelMemory.Placement.ALIGNED, SEED);
        call = kernel.prepare(Kernels.active(), size, memory);
        Readiness.of(call, 0);
        compare();
    }

    /** With the scalar kernels', on arrays of its own: some kernels update theirs in place. */
    private void compare() {
        Kernels kernels = Kernels.active();
        if (kernels.backend() == Backend.VECTOR) {
            KernelComparison.check(kernel, size, KernelMemory.Placement.ALIGNED, SEED, kernels);
        }
    }

    /** Compares once more and returns the memory. */
    @TearDown
    public void release() {
        compare();
        memory.close();
    }

    /** The call. */
    @Benchmark
    public void call(IterationMeter meter) {
        call.run();
    }
}
