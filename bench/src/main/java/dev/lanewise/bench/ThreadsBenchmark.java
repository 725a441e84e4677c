package dev.lanewise.bench;

import dev.lanewise.bench.work.GateWork;
import dev.lanewise.bench.work.Work;
import dev.lanewise.core.Conv2dOptions;
import dev.lanewise.core.Convolutions;
import dev.lanewise.core.Elementwise;
import dev.lanewise.core.ElementwiseChain;
import dev.lanewise.core.MatMul;
import dev.lanewise.core.PackedFilters;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Softmaxes;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.Transcendentals;
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

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** Operations on tensors, which decide by themselves whether to split their work, on N threads. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ThreadsBenchmark {
    private static final long ALLOWED_BYTES = 64 << 10;

    /** The pool's threads spin for 200 us, then park. */
    private static final long PAUSE_NANOS = 1_000_000;

    private static final int TRIES = 50;

    /** What to run: see {@link ThreadsGroup}. */
    @Param("gemm/512")
    public String work;

    /** Threads, the caller's included. */
    @Param("1")
    public int threads;

    private Arena arena;
    private dev.lanewise.core.Scope scope;
    private Workers.Setting workers;
    private Runnable call;
    private Runnable check = () -> {};

    /** Makes the operands and compares the result: of the first call, and of compiled code. */
    @Setup
    public void prepare() {
        arena = Arena.ofShared();
        scope = dev.lanewise.core.Scope.open();
        workers = Workers.using(threads);
        if (ThreadsGroup.isHandOver(work)) {
            handOver();
        } else {
            operation();
        }
        call.run();
        check.run();
        Readiness.of(call, ALLOWED_BYTES);
        call.run();
        check.run();
    }

    /** Compares what the last timed call left and returns the memory. */
    @TearDown
    public void release() {
        check.run();
        workers.close();
        scope.close();
        arena.close();
    }

    /** The operation. */
    @Benchmark
    public void call(IterationMeter meter) {
        call.run();
    }

    private void handOver() {
        HandOver handOver = new HandOver();
        call =
                work.equals(ThreadsGroup.HOT_HAND_OVER)
                        ? handOver::run
                        : () -> handOver.runAfter(PAUSE_NANOS);
        check = () -> requireHelper(handOver);
    }

    /** Of some runs at least one has to be handed over. */
    private void requireHelper(HandOver handOver) {
        int before = handOver.missed();
        for (int i = 0; i < TRIES; i++) {
            handOver.run();
        }
        if (handOver.missed() - before == TRIES) {
            throw new IllegalStateException(work + ": no helper ever took a chunk");
        }
    }

    /** The operands are those of the {@linkplain ThreadsGroup#peerWork same work of the peers}. */
    private void operation() {
        Work same = Work.parse(ThreadsGroup.peerWork(work));
        Work.Data data = same.allocate(arena);
        Expected expected = Expected.of(same, data, arena);
        String[] parts = work.split("/");
        int[] sizes = Arrays.stream(parts[1].split("x")).mapToInt(Integer::parseInt).toArray();
        switch (parts[0]) {
            case "gemm" -> {
                Shape square = Shape.of(sizes[0], sizes[0]);
                Tensor a = tensor(data.a(), square);
                Tensor b = tensor(data.b(), square);
                compare(square, expected, out -> MatMul.matmul(a, b, out));
            }
            case "conv" -> convolution(sizes, parts.length > 2, data, expected);
            case "add" -> {
                Shape line = Shape.of(sizes[0]);
                Tensor a = tensor(data.a(), line);
                Tensor b = tensor(data.b(), line);
                compare(line, expected, out -> Elementwise.add(a, b, out));
            }
            case "gate-passes", "gate-chain" ->
                    gate(sizes[0], parts[0].equals("gate-chain"), data, expected);
            case "softmax" -> {
                Shape square = Shape.of(sizes[0], sizes[0]);
                Tensor x = tensor(data.a(), square);
                compare(square, expected, out -> Softmaxes.softmax(x, 1, out));
            }
            default -> throw new IllegalArgumentException(work);
        }
    }

    /**
     * A 3x3 convolution of {@code NxCxS}: N images of S x S with C channels in and out; packs the
     * filters in each call, or once before.
     */
    private void convolution(int[] sizes, boolean packed, Work.Data data, Expected expected) {
        Shape shape = Shape.of(sizes[0], sizes[1], sizes[2], sizes[2]);
        Tensor x = tensor(data.a(), shape);
        Tensor weight = tensor(data.b(), Shape.of(sizes[1], sizes[1], 3, 3));
        Conv2dOptions same = Conv2dOptions.of(1, 1);
        FusedActivation none = FusedActivation.NONE;
        if (packed) {
            PackedFilters filters = PackedFilters.of(weight, same, sizes[2], sizes[2]);
            compare(shape, expected, out -> filters.conv2d(x, none, out));
        } else {
            compare(shape, expected, out -> Convolutions.conv2d(x, weight, same, none, out));
        }
    }

    /** A {@link GateWork}: as a chain, or by one operation after another. */
    private void gate(int n, boolean chained, Work.Data data, Expected expected) {
        Shape line = Shape.of(n);
        Tensor a = tensor(data.a(), line);
        Tensor b = tensor(data.b(), line);
        if (chained) {
            ElementwiseChain gate =
                    ElementwiseChain.identity()
                            .multiply(GateWork.SCALE)
                            .add(GateWork.SHIFT)
                            .sigmoid()
                            .multiplyByOperand();
            compare(line, expected, out -> gate.applyInto(a, b, out));
        } else {
            compare(
                    line,
                    expected,
                    out -> {
                        Elementwise.multiply(a, GateWork.SCALE, out);
                        Elementwise.add(out, GateWork.SHIFT, out);
                        Transcendentals.sigmoid(out, out);
                        Elementwise.multiply(out, b, out);
                    });
        }
    }

    private Tensor tensor(MemorySegment values, Shape shape) {
        Tensor tensor = scope.empty(shape);
        MemorySegment.copy(values, 0, tensor.segment(), 4 * tensor.offset(), 4 * shape.elements());
        return tensor;
    }

    /** An operation into a given output. */
    private interface Operation {
        void into(Tensor out);
    }

    /** With the scalar kernels' result, and bit for bit with that of one thread. */
    private void compare(Shape shape, Expected expected, Operation operation) {
        Tensor out = scope.empty(shape);
        Tensor alone = scope.empty(shape);
        try (var _ = Workers.using(1)) {
            operation.into(alone);
        }
        call = () -> operation.into(out);
        check =
                () -> {
                    expected.check(
                            out.segment().asSlice(4 * out.offset(), 4 * shape.elements()),
                            threads + " threads");
                    if (!out.contentEquals(alone)) {
                        throw new IllegalStateException(
                                "%s: other bits on %d threads than on one"
                                        .formatted(work, threads));
                    }
                };
    }
}
