package dev.lanewise.bench;

import static dev.lanewise.nn.losses.Losses.crossEntropy;

import dev.lanewise.core.RandomStream;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.Workers;
import dev.lanewise.nn.Context;
import dev.lanewise.nn.autograd.Tape;
import dev.lanewise.nn.autograd.Variable;
import dev.lanewise.nn.losses.Loss;
import dev.lanewise.nn.optim.AdamW;
import dev.lanewise.nn.optim.Optimizer;

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

/** Inference and a training step of {@link BenchmarkCnn}, eagerly, on this JVM's kernels. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class StepBenchmark {
    /** {@code inference} or {@code train}. */
    @Param("train")
    public String work;

    /** Images per batch. */
    @Param("64")
    public int batch;

    /** Threads, the caller's included. */
    @Param("1")
    public int threads;

    private dev.lanewise.core.Scope scope;
    private Workers.Setting workers;
    private BenchmarkCnn model;
    private Optimizer optimizer;
    private Tensor images;
    private Tensor labels;
    private final Loss loss = crossEntropy();
    private Runnable step;

    /**
     * Makes the model and a batch, and checks that a step lowers the loss and an inference is
     * finite.
     */
    @Setup
    public void prepare() {
        make();
        check();
        Readiness.of(step, 1 << 20);
    }

    /** Makes the model and a batch. */
    void make() {
        scope = dev.lanewise.core.Scope.open();
        workers = Workers.using(threads);
        RandomStream random = new RandomStream(1);
        model = new BenchmarkCnn(random);
        images = random.uniform(scope.empty(Shape.of(batch, 1, 28, 28)), 0, 1);
        int[] classes = new int[batch];
        for (int i = 0; i < batch; i++) {
            classes[i] = i % 10;
        }
        labels = scope.ofInts(classes, Shape.of(batch));
        optimizer = AdamW.of(1e-3f).over(model);
        step = work.equals("train") ? this::train : this::infer;
    }

    /** What is measured. */
    Runnable prepared() {
        return step;
    }

    private void check() {
        float before = train();
        for (int i = 0; i < 3; i++) {
            train();
        }
        float after = train();
        float logit = infer();
        if (!(after < before) || !Float.isFinite(logit)) {
            throw new IllegalStateException(
                    "a training step must lower the loss: %s, then %s; logit %s"
                            .formatted(before, after, logit));
        }
    }

    /** Closes everything. */
    @TearDown
    public void release() {
        workers.close();
        scope.close();
    }

    /** The step. */
    @Benchmark
    public void step(IterationMeter meter) {
        step.run();
    }

    private float infer() {
        try (var _ = dev.lanewise.core.Scope.open()) {
            return model.forward(Variable.of(images), Context.inference()).value().at(0, 0);
        }
    }

    private float train() {
        try (var _ = dev.lanewise.core.Scope.open();
                Tape tape = Tape.start()) {
            Variable value =
                    loss.of(
                            model.forward(
                                    Variable.of(images), Context.training(new RandomStream(2))),
                            labels);
            tape.gradients(value, optimizer.gradients());
            optimizer.step();
            return value.item();
        }
    }
}
