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
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;

/**
 * One call of a {@link Work} by our kernels or by a peer, whose result is compared with the scalar
 * kernels' before and after it is timed.
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
    private Work.Data data;
    private Expected expected;
    private Runnable call;

    /** Prepares the call and compares its result: of the first call, and of compiled code. */
    @Setup
    public void prepare() {
        arena = Arena.ofShared();
        Work parsed = Work.parse(work);
        data = parsed.allocate(arena);
        boolean ours = by.equals(OURS);
        call =
                ours
                        ? parsed.prepare(Kernels.active(), data, arena)
                        : peer().prepare(parsed, data, arena);
        call.run();
        expected = Expected.of(parsed, data, arena);
        expected.check(data.out(), by + ", first call");
        Readiness.of(call, ours ? 0 : 64 << 10);
        data.out().fill((byte) 0xFF); // NaN: what is not written shows
        call.run();
        if (!ours && Float.isNaN(data.out().get(ValueLayout.JAVA_FLOAT, 0))) {
            // Pure Java peers work on the heap: only their preparation copies a result.
            peer().prepare(parsed, data, arena);
        }
        expected.check(data.out(), by + ", once warm");
    }

    private Peer peer() {
        return Peer.all().stream().filter(peer -> peer.name().equals(by)).findFirst().orElseThrow();
    }

    /** Compares what the last timed call left and returns the memory. */
    @TearDown
    public void release() {
        expected.check(data.out(), by + ", last timed call");
        arena.close();
    }

    /** The call. */
    @Benchmark
    public void call(IterationMeter meter) {
        call.run();
    }
}
