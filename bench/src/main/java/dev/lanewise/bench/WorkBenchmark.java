package dev.lanewise.bench;

import dev.lanewise.bench.work.Peer;
import dev.lanewise.bench.work.Work;
import dev.lanewise.kernels.Kernels;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;

/**
 * One call of a {@link Work} by our kernels or by a peer, whose result is compared with the scalar
 * kernels' first.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class WorkBenchmark {
    /** The name that stands for this JVM's own kernels. */
    static final String OURS = "lanewise";

    /** {@link Work#id}. */
    @Param("gemm/512x512x512")
    public String work;

    /** {@link #OURS} or a peer's name. */
    @Param(OURS)
    public String by;

    private Arena arena;
    private Runnable call;

    /** Prepares the call and compares its result. */
    @Setup
    public void prepare() {
        arena = Arena.ofShared();
        Work parsed = Work.parse(work);
        Work.Data data = parsed.allocate(arena);
        call =
                by.equals(OURS)
                        ? parsed.prepare(Kernels.active(), data, arena)
                        : peer().prepare(parsed, data, arena);
        call.run();
        Work.Data expected =
                new Work.Data(data.a(), data.b(), arena.allocate(data.out().byteSize(), 64));
        parsed.prepare(Kernels.scalar(), expected, arena).run();
        compare(expected.out(), data.out());
        Readiness.of(call, by.equals(OURS) ? 0 : 64 << 10);
    }

    private Peer peer() {
        return Peer.all().stream().filter(peer -> peer.name().equals(by)).findFirst().orElseThrow();
    }

    /** Throws where the results differ by more than rounding: 1e-4 of the largest magnitude. */
    private void compare(MemorySegment expected, MemorySegment actual) {
        long n = expected.byteSize() / 4;
        double largest = 0;
        double difference = 0;
        for (long i = 0; i < n; i++) {
            float e = expected.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            float a = actual.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            largest = Math.max(largest, Math.abs(e));
            difference = Math.max(difference, Math.abs((double) e - a));
        }
        if (!(difference <= 1e-4 * largest)) {
            throw new IllegalStateException(
                    "%s by %s: differs from the scalar kernels by %g, where values reach %g"
                            .formatted(work, by, difference, largest));
        }
    }

    /** Returns the memory. */
    @TearDown
    public void release() {
        arena.close();
    }

    /** The call. */
    @Benchmark
    public void call(IterationMeter meter) {
        call.run();
    }
}
