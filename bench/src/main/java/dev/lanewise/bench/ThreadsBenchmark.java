package dev.lanewise.bench;

import dev.lanewise.core.ChunkBody;
import dev.lanewise.core.Conv2dOptions;
import dev.lanewise.core.Convolutions;
import dev.lanewise.core.Elementwise;
import dev.lanewise.core.MatMul;
import dev.lanewise.core.RandomStream;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Softmaxes;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.Workers;
import dev.lanewise.kernels.FusedActivation;

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

/** Operations on tensors, which decide by themselves whether to split their work, on N threads. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ThreadsBenchmark {
    private static final long ALLOWED_BYTES = 64 << 10;

    /** What to run: see {@link ThreadsGroup}. */
    @Param("gemm/512")
    public String work;

    /** Threads, the caller's included. */
    @Param("1")
    public int threads;

    private dev.lanewise.core.Scope scope;
    private Workers.Setting workers;
    private Runnable call;

    /** Makes the operands and compares the result with that of one thread, bit for bit. */
    @Setup
    public void prepare() {
        scope = dev.lanewise.core.Scope.open();
        workers = Workers.using(threads);
        String[] parts = work.split("/");
        call =
                switch (parts[0]) {
                    case "handover" -> handOver();
                    case "gemm" -> product(Integer.parseInt(parts[1]));
                    case "conv" -> convolution(parts[1]);
                    case "add" -> sum(Integer.parseInt(parts[1]));
                    case "softmax" -> softmax(Integer.parseInt(parts[1]));
                    default -> throw new IllegalArgumentException(work);
                };
        Readiness.of(call, ALLOWED_BYTES);
    }

    /** Returns the memory. */
    @TearDown
    public void release() {
        workers.close();
        scope.close();
    }

    /** The operation. */
    @Benchmark
    public void call(IterationMeter meter) {
        call.run();
    }

    /** Two chunks that do nothing: what it costs to wake a helper and wait for it. */
    private static Runnable handOver() {
        ChunkBody nothing = chunk -> {};
        return () -> Workers.run(2, nothing);
    }

    private Runnable product(int n) {
        Tensor a = random(Shape.of(n, n));
        Tensor b = random(Shape.of(n, n));
        return compared(scope.empty(Shape.of(n, n)), out -> MatMul.matmul(a, b, out));
    }

    /** A 3x3 convolution of {@code NxCxS}: N images of S x S with C channels in and out. */
    private Runnable convolution(String sizes) {
        String[] parts = sizes.split("x");
        int channels = Integer.parseInt(parts[1]);
        int side = Integer.parseInt(parts[2]);
        Shape shape = Shape.of(Integer.parseInt(parts[0]), channels, side, side);
        Tensor x = random(shape);
        Tensor weight = random(Shape.of(channels, channels, 3, 3));
        Conv2dOptions same = Conv2dOptions.of(1, 1);
        return compared(
                scope.empty(shape),
                out -> Convolutions.conv2d(x, weight, same, FusedActivation.NONE, out));
    }

    private Runnable sum(int n) {
        Tensor a = random(Shape.of(n));
        Tensor b = random(Shape.of(n));
        return compared(scope.empty(Shape.of(n)), out -> Elementwise.add(a, b, out));
    }

    private Runnable softmax(int n) {
        Tensor x = random(Shape.of(n, n));
        return compared(scope.empty(Shape.of(n, n)), out -> Softmaxes.softmax(x, 1, out));
    }

    private Tensor random(Shape shape) {
        return scope.randn(shape, new RandomStream(shape.elements()));
    }

    /** An operation into a given output. */
    private interface Operation {
        void into(Tensor out);
    }

    private Runnable compared(Tensor out, Operation operation) {
        Tensor alone = scope.empty(out.shape());
        try (var _ = Workers.using(1)) {
            operation.into(alone);
        }
        operation.into(out);
        if (!out.contentEquals(alone)) {
            throw new IllegalStateException(
                    "%s: other bits on %d threads than on one".formatted(work, threads));
        }
        return () -> operation.into(out);
    }
}
