package dev.lanewise.core;

import static dev.lanewise.core.NormalizationChecks.checkSame;
import static dev.lanewise.core.NormalizationChecks.checkSize;
import static dev.lanewise.core.NormalizationChecks.rows;
import static dev.lanewise.core.Operands.KERNELS;

import dev.lanewise.kernels.RmsNormalization;

/**
 * RMS normalization over the last axis of x: [..., D], with its gradients; formulas and paper are
 * those of {@link RmsNormalization}. Per-row tensors have x's shape without the last axis.
 */
public final class RmsNormalizations {
    private static final RmsNormalization KERNEL = KERNELS.rmsNormalization();

    private RmsNormalizations() {}

    /**
     * What RMS normalization gives for training.
     *
     * @param output x · invRms · scale
     * @param invRms each row's 1/√(mean(x²) + epsilon)
     */
    public record RmsNormed(Tensor output, Tensor invRms) {}

    /** RMS normalization over the last axis; scale: [D]. */
    public static RmsNormed rmsNorm(Tensor x, Tensor scale, float epsilon) {
        Tensor out = Operands.result("rmsNorm", x.shape());
        Tensor invRms = Operands.result("rmsNorm", rows("rmsNorm", x));
        rmsNorm(x, scale, epsilon, invRms, out);
        return new RmsNormed(out, invRms);
    }

    /** RMS normalization over the last axis, with all results given; out may be x. */
    public static Tensor rmsNorm(Tensor x, Tensor scale, float epsilon, Tensor invRms, Tensor out) {
        String name = "rmsNorm";
        Shape rowShape = rows(name, x, invRms);
        long columns = x.size(-1);
        checkSize(name, "scale", scale, columns);
        try (Staging staging = Staging.of(name)) {
            Tensor in = staging.input("x", x);
            Tensor factors = staging.input("scale", scale);
            Tensor target = staging.output(out, x.shape(), x);
            Tensor s = staging.output(invRms, rowShape);
            long rows = rowShape.elements();
            if (Parallel.areShared(rows, columns)) {
                Parallel.shared(
                        rows,
                        columns,
                        (from, to) -> rmsNormRows(in, factors, from, to, epsilon, s, target));
            } else if (in.elements() > 0) {
                rmsNormRows(in, factors, 0, rows, epsilon, s, target);
            }
            staging.finish();
        }
        return out;
    }

    private static void rmsNormRows(
            Tensor in, Tensor scale, long from, long to, float epsilon, Tensor invRms, Tensor out) {
        long columns = in.size(-1);
        KERNEL.rmsNormRows(
                in.storage.segment(),
                in.offset() + from * columns,
                scale.storage.segment(),
                scale.offset(),
                to - from,
                columns,
                epsilon,
                invRms.storage.segment(),
                invRms.offset() + from,
                out.storage.segment(),
                out.offset() + from * columns);
    }

    /** dx = the gradient of x in RMS normalization; dx may be dy. */
    public static Tensor rmsNormInputGradient(
            Tensor x, Tensor dy, Tensor scale, Tensor invRms, Tensor dx) {
        String name = "rmsNormInputGradient";
        Shape rowShape = rows(name, x);
        long columns = x.size(-1);
        checkSame(name, x, dy);
        checkSize(name, "scale", scale, columns);
        checkInvRms(name, invRms, rowShape);
        try (Staging staging = Staging.of(name)) {
            Tensor in = staging.input("x", x);
            Tensor gradient = staging.input("dy", dy);
            Tensor factors = staging.input("scale", scale);
            Tensor s = staging.input("invRms", invRms);
            Tensor target = staging.output(dx, x.shape(), dy);
            Parallel.shared(
                    rowShape.elements(),
                    columns,
                    (from, to) ->
                            KERNEL.rmsNormRowsInputGradient(
                                    in.storage.segment(),
                                    in.offset() + from * columns,
                                    gradient.storage.segment(),
                                    gradient.offset() + from * columns,
                                    factors.storage.segment(),
                                    factors.offset(),
                                    s.storage.segment(),
                                    s.offset() + from,
                                    to - from,
                                    columns,
                                    target.storage.segment(),
                                    target.offset() + from * columns));
            staging.finish();
        }
        return dx;
    }

    /** dScale = the gradient of scale in RMS normalization: [D]. */
    public static Tensor rmsNormScaleGradient(Tensor x, Tensor dy, Tensor invRms, Tensor dScale) {
        String name = "rmsNormScaleGradient";
        Shape rowShape = rows(name, x);
        checkSame(name, x, dy);
        checkInvRms(name, invRms, rowShape);
        try (Staging staging = Staging.of(name)) {
            Tensor in = staging.input("x", x);
            Tensor gradient = staging.input("dy", dy);
            Tensor s = staging.input("invRms", invRms);
            Tensor target = staging.output(dScale, Shape.of(x.size(-1)));
            KERNEL.rmsNormRowsScaleGradient(
                    in.storage.segment(),
                    in.offset(),
                    gradient.storage.segment(),
                    gradient.offset(),
                    s.storage.segment(),
                    s.offset(),
                    rowShape.elements(),
                    x.size(-1),
                    target.storage.segment(),
                    target.offset());
            staging.finish();
        }
        return dScale;
    }

    private static void checkInvRms(String name, Tensor invRms, Shape rows) {
        if (!invRms.shape().equals(rows)) {
            throw new ShapeException(
                    "%s: invRms must be %s, got %s".formatted(name, rows, invRms.shape()));
        }
    }
}
