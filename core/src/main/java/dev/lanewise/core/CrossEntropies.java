package dev.lanewise.core;

import static dev.lanewise.core.Operands.KERNELS;

import dev.lanewise.kernels.CrossEntropy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Cross-entropy of logits x: [N, C] and int32 class numbers t: [N] per row, with its gradient, in
 * one pass over x each; formulas and paper are those of {@link CrossEntropy}.
 */
public final class CrossEntropies {
    private static final CrossEntropy KERNEL = KERNELS.crossEntropy();

    private CrossEntropies() {}

    /**
     * What cross-entropy gives for training.
     *
     * @param loss each row's loss: [N]
     * @param max each row's largest logit: [N]
     * @param logSum each row's ln Σ e^(x − max): [N]
     */
    public record RowLosses(Tensor loss, Tensor max, Tensor logSum) {}

    /** Each row's cross-entropy. */
    public static RowLosses crossEntropy(Tensor x, Tensor classes, CrossEntropyOptions options) {
        String name = "crossEntropy";
        checkLogits(name, x, classes, options);
        Shape rows = classes.shape();
        RowLosses out =
                new RowLosses(
                        Operands.result(name, rows),
                        Operands.result(name, rows),
                        Operands.result(name, rows));
        crossEntropy(x, classes, options, out);
        return out;
    }

    /**
     * Each row's cross-entropy, into given tensors [N].
     *
     * @throws ArgumentException if a class is neither the ignored one nor one of 0..C−1
     */
    public static void crossEntropy(
            Tensor x, Tensor classes, CrossEntropyOptions options, RowLosses out) {
        String name = "crossEntropy";
        checkLogits(name, x, classes, options);
        long columns = x.size(1);
        try (Staging staging = Staging.of(name)) {
            Tensor in = staging.input("x", x);
            Tensor t = staging.indices("classes", classes);
            Tensor w = options.weights == null ? in : staging.input("weights", options.weights);
            checkClasses(name, t, columns, options.ignored);
            Tensor loss = staging.output(out.loss(), classes.shape());
            Tensor max = staging.output(out.max(), classes.shape());
            Tensor logSum = staging.output(out.logSum(), classes.shape());
            Parallel.shared(
                    x.size(0),
                    columns,
                    (from, to) ->
                            KERNEL.crossEntropyRows(
                                    in.storage.segment(),
                                    in.offset() + from * columns,
                                    t.storage.segment(),
                                    t.offset() + from,
                                    w.storage.segment(),
                                    w.offset(),
                                    options.weights != null,
                                    to - from,
                                    columns,
                                    options.smoothing,
                                    options.ignored,
                                    loss.storage.segment(),
                                    loss.offset() + from,
                                    max.storage.segment(),
                                    max.offset() + from,
                                    logSum.storage.segment(),
                                    logSum.offset() + from));
            staging.finish();
        }
    }

    /**
     * dx = the gradient of x, from the gradient dLoss: [N] of the losses and what {@link
     * #crossEntropy} gave; dx may be x.
     */
    public static Tensor crossEntropyGradient(
            Tensor x,
            Tensor classes,
            CrossEntropyOptions options,
            Tensor max,
            Tensor logSum,
            Tensor dLoss,
            Tensor dx) {
        String name = "crossEntropyGradient";
        checkLogits(name, x, classes, options);
        NormalizationChecks.checkSize(name, "max", max, x.size(0));
        NormalizationChecks.checkSize(name, "logSum", logSum, x.size(0));
        NormalizationChecks.checkSize(name, "dLoss", dLoss, x.size(0));
        long columns = x.size(1);
        try (Staging staging = Staging.of(name)) {
            Tensor in = staging.input("x", x);
            Tensor t = staging.indices("classes", classes);
            Tensor w = options.weights == null ? in : staging.input("weights", options.weights);
            Tensor m = staging.input("max", max);
            Tensor s = staging.input("logSum", logSum);
            Tensor g = staging.input("dLoss", dLoss);
            checkClasses(name, t, columns, options.ignored);
            Tensor target = staging.output(dx, x.shape(), x);
            Parallel.shared(
                    x.size(0),
                    columns,
                    (from, to) ->
                            KERNEL.crossEntropyRowsGradient(
                                    in.storage.segment(),
                                    in.offset() + from * columns,
                                    t.storage.segment(),
                                    t.offset() + from,
                                    w.storage.segment(),
                                    w.offset(),
                                    options.weights != null,
                                    m.storage.segment(),
                                    m.offset() + from,
                                    s.storage.segment(),
                                    s.offset() + from,
                                    g.storage.segment(),
                                    g.offset() + from,
                                    to - from,
                                    columns,
                                    options.smoothing,
                                    options.ignored,
                                    target.storage.segment(),
                                    target.offset() + from * columns));
            staging.finish();
        }
        return dx;
    }

    private static void checkLogits(
            String name, Tensor x, Tensor classes, CrossEntropyOptions options) {
        if (x.rank() != 2) {
            throw new ShapeException(name + ": logits must be [N, C]: " + x.shape());
        }
        if (classes.rank() != 1 || classes.size(0) != x.size(0)) {
            throw new ShapeException(
                    "%s: needs one class per row: logits %s, classes %s"
                            .formatted(name, x.shape(), classes.shape()));
        }
        if (options.weights != null) {
            NormalizationChecks.checkSize(name, "weights", options.weights, x.size(1));
        }
    }

    private static void checkClasses(String name, Tensor t, long columns, int ignored) {
        MemorySegment segment = t.storage.segment();
        for (long i = 0; i < t.elements(); i++) {
            int target = segment.getAtIndex(ValueLayout.JAVA_INT, t.offset() + i);
            if ((target < 0 || target >= columns) && target != ignored) {
                throw new ArgumentException(
                        "%s: class %d at position %d is not one of 0 to %d"
                                        .formatted(name, target, i, columns - 1)
                                + ", nor the ignored one, "
                                + ignored);
            }
        }
    }
}
