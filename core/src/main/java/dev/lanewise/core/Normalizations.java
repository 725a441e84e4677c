package dev.lanewise.core;

import static dev.lanewise.core.NormalizationChecks.channels;
import static dev.lanewise.core.NormalizationChecks.checkRows;
import static dev.lanewise.core.NormalizationChecks.checkSame;
import static dev.lanewise.core.NormalizationChecks.checkSize;
import static dev.lanewise.core.NormalizationChecks.rows;
import static dev.lanewise.core.Operands.KERNELS;

import dev.lanewise.core.NormalizationChecks.Channels;
import dev.lanewise.kernels.Normalization;

/**
 * The parts of batch normalization over x: [N, C, ...] (per channel) and layer normalization over
 * x: [..., D] (per row), with their gradients; formulas and papers are those of {@link
 * Normalization}. Per-channel tensors are [C]; per-row ones have x's shape without the last axis.
 */
public final class Normalizations {
    private static final Normalization KERNEL = KERNELS.normalization();

    private Normalizations() {}

    /** Writes the mean and the biased variance of each channel of x to mean and variance: [C]. */
    public static void channelStatistics(Tensor x, Tensor mean, Tensor variance) {
        String name = "channelStatistics";
        Channels size = channels(name, x);
        try (Staging staging = Staging.of(name)) {
            Tensor in = staging.input("x", x);
            Tensor m = staging.output(mean, size.perChannel());
            Tensor v = staging.output(variance, size.perChannel());
            KERNEL.channelStatistics(
                    in.storage.segment(),
                    in.offset(),
                    size.batch(),
                    size.channels(),
                    size.spatial(),
                    m.storage.segment(),
                    m.offset(),
                    v.storage.segment(),
                    v.offset());
            staging.finish();
        }
    }

    /** x · scale + shift, scale and shift: [C]. */
    public static Tensor channelAffine(Tensor x, Tensor scale, Tensor shift) {
        return channelAffine(x, scale, shift, Operands.result("channelAffine", x.shape()));
    }

    /** out = x · scale + shift, scale and shift: [C]; out may be x. */
    public static Tensor channelAffine(Tensor x, Tensor scale, Tensor shift, Tensor out) {
        String name = "channelAffine";
        Channels size = channels(name, x);
        long images = size.batch();
        long channels = size.channels();
        long spatial = size.spatial();
        checkSize(name, "scale", scale, channels);
        checkSize(name, "shift", shift, channels);
        try (Staging staging = Staging.of(name)) {
            Tensor in = staging.input("x", x);
            Tensor a = staging.input("scale", scale);
            Tensor b = staging.input("shift", shift);
            Tensor target = staging.output(out, x.shape(), x);
            if (Parallel.areShared(images, channels * spatial)) {
                Parallel.shared(
                        images,
                        channels * spatial,
                        (from, to) -> channelAffine(in, a, b, from, to, channels, spatial, target));
            } else if (in.elements() > 0) {
                channelAffine(in, a, b, 0, images, channels, spatial, target);
            }
            staging.finish();
        }
        return out;
    }

    private static void channelAffine(
            Tensor in,
            Tensor scale,
            Tensor shift,
            long from,
            long to,
            long channels,
            long spatial,
            Tensor out) {
        long image = channels * spatial;
        KERNEL.channelAffine(
                in.storage.segment(),
                in.offset() + from * image,
                scale.storage.segment(),
                scale.offset(),
                shift.storage.segment(),
                shift.offset(),
                to - from,
                channels,
                spatial,
                out.storage.segment(),
                out.offset() + from * image);
    }

    /**
     * Writes sumDy = Σ dy and sumDyX = Σ dy · (x − mean) · invStd of each channel: the gradients of
     * shift and scale.
     */
    public static void channelGradientSums(
            Tensor x, Tensor dy, Tensor mean, Tensor invStd, Tensor sumDy, Tensor sumDyX) {
        String name = "channelGradientSums";
        Channels size = channels(name, x);
        checkSame(name, x, dy);
        checkSize(name, "mean", mean, size.channels());
        checkSize(name, "invStd", invStd, size.channels());
        try (Staging staging = Staging.of(name)) {
            Tensor in = staging.input("x", x);
            Tensor gradient = staging.input("dy", dy);
            Tensor m = staging.input("mean", mean);
            Tensor s = staging.input("invStd", invStd);
            Tensor first = staging.output(sumDy, size.perChannel());
            Tensor second = staging.output(sumDyX, size.perChannel());
            KERNEL.channelGradientSums(
                    in.storage.segment(),
                    in.offset(),
                    gradient.storage.segment(),
                    gradient.offset(),
                    m.storage.segment(),
                    m.offset(),
                    s.storage.segment(),
                    s.offset(),
                    size.batch(),
                    size.channels(),
                    size.spatial(),
                    first.storage.segment(),
                    first.offset(),
                    second.storage.segment(),
                    second.offset());
            staging.finish();
        }
    }

    /**
     * dx = scale · invStd · (dy − sumDy/n − x̂ · sumDyX/n), n = elements per channel, from what
     * {@link #channelGradientSums} gave; dx may be dy.
     */
    public static Tensor channelInputGradient(
            Tensor x,
            Tensor dy,
            Tensor mean,
            Tensor invStd,
            Tensor scale,
            Tensor sumDy,
            Tensor sumDyX,
            Tensor dx) {
        String name = "channelInputGradient";
        Channels size = channels(name, x);
        checkSame(name, x, dy);
        checkSize(name, "mean", mean, size.channels());
        checkSize(name, "invStd", invStd, size.channels());
        checkSize(name, "scale", scale, size.channels());
        checkSize(name, "sumDy", sumDy, size.channels());
        checkSize(name, "sumDyX", sumDyX, size.channels());
        try (Staging staging = Staging.of(name)) {
            Tensor in = staging.input("x", x);
            Tensor gradient = staging.input("dy", dy);
            Tensor m = staging.input("mean", mean);
            Tensor s = staging.input("invStd", invStd);
            Tensor factors = staging.input("scale", scale);
            Tensor first = staging.input("sumDy", sumDy);
            Tensor second = staging.input("sumDyX", sumDyX);
            Tensor target = staging.output(dx, x.shape(), dy);
            KERNEL.channelInputGradient(
                    in.storage.segment(),
                    in.offset(),
                    gradient.storage.segment(),
                    gradient.offset(),
                    m.storage.segment(),
                    m.offset(),
                    s.storage.segment(),
                    s.offset(),
                    factors.storage.segment(),
                    factors.offset(),
                    first.storage.segment(),
                    first.offset(),
                    second.storage.segment(),
                    second.offset(),
                    size.batch(),
                    size.channels(),
                    size.spatial(),
                    target.storage.segment(),
                    target.offset());
            staging.finish();
        }
        return dx;
    }

    /**
     * What layer normalization gives for training.
     *
     * @param output (x − mean) · invStd · scale + shift
     * @param mean each row's mean
     * @param invStd each row's 1/√(variance + epsilon)
     */
    public record LayerNormed(Tensor output, Tensor mean, Tensor invStd) {}

    /** Layer normalization over the last axis; scale and shift: [D]. */
    public static LayerNormed layerNorm(Tensor x, Tensor scale, Tensor shift, float epsilon) {
        Shape rows = rows("layerNorm", x);
        Tensor out = Operands.result("layerNorm", x.shape());
        Tensor mean = Operands.result("layerNorm", rows);
        Tensor invStd = Operands.result("layerNorm", rows);
        layerNorm(x, scale, shift, epsilon, mean, invStd, out);
        return new LayerNormed(out, mean, invStd);
    }

    /** Layer normalization over the last axis, with all results given; out may be x. */
    public static Tensor layerNorm(
            Tensor x,
            Tensor scale,
            Tensor shift,
            float epsilon,
            Tensor mean,
            Tensor invStd,
            Tensor out) {
        String name = "layerNorm";
        Shape rowShape = rows(name, x, mean);
        long columns = x.size(-1);
        checkSize(name, "scale", scale, columns);
        checkSize(name, "shift", shift, columns);
        try (Staging staging = Staging.of(name)) {
            Tensor in = staging.input("x", x);
            Tensor factors = staging.input("scale", scale);
            Tensor shifts = staging.input("shift", shift);
            Tensor target = staging.output(out, x.shape(), x);
            Tensor m = staging.output(mean, rowShape);
            Tensor s = staging.output(invStd, rowShape);
            long rows = rowShape.elements();
            if (Parallel.areShared(rows, columns)) {
                Parallel.shared(
                        rows,
                        columns,
                        (from, to) ->
                                layerNormRows(
                                        in, factors, shifts, from, to, epsilon, m, s, target));
            } else if (in.elements() > 0) {
                layerNormRows(in, factors, shifts, 0, rows, epsilon, m, s, target);
            }
            staging.finish();
        }
        return out;
    }

    private static void layerNormRows(
            Tensor in,
            Tensor scale,
            Tensor shift,
            long from,
            long to,
            float epsilon,
            Tensor mean,
            Tensor invStd,
            Tensor out) {
        long columns = in.size(-1);
        KERNEL.layerNormRows(
                in.storage.segment(),
                in.offset() + from * columns,
                scale.storage.segment(),
                scale.offset(),
                shift.storage.segment(),
                shift.offset(),
                to - from,
                columns,
                epsilon,
                mean.storage.segment(),
                mean.offset() + from,
                invStd.storage.segment(),
                invStd.offset() + from,
                out.storage.segment(),
                out.offset() + from * columns);
    }

    /** dx = the gradient of x in layer normalization; dx may be dy. */
    public static Tensor layerNormInputGradient(
            Tensor x, Tensor dy, Tensor scale, Tensor mean, Tensor invStd, Tensor dx) {
        String name = "layerNormInputGradient";
        Shape rowShape = rows(name, x);
        long columns = x.size(-1);
        checkSame(name, x, dy);
        checkSize(name, "scale", scale, columns);
        checkRows(name, mean, invStd, rowShape);
        try (Staging staging = Staging.of(name)) {
            Tensor in = staging.input("x", x);
            Tensor gradient = staging.input("dy", dy);
            Tensor factors = staging.input("scale", scale);
            Tensor m = staging.input("mean", mean);
            Tensor s = staging.input("invStd", invStd);
            Tensor target = staging.output(dx, x.shape(), dy);
            Parallel.shared(
                    rowShape.elements(),
                    columns,
                    (from, to) ->
                            KERNEL.layerNormRowsInputGradient(
                                    in.storage.segment(),
                                    in.offset() + from * columns,
                                    gradient.storage.segment(),
                                    gradient.offset() + from * columns,
                                    factors.storage.segment(),
                                    factors.offset(),
                                    m.storage.segment(),
                                    m.offset() + from,
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

    /** Writes the gradients of scale and shift in layer normalization: [D]. */
    public static void layerNormParameterGradients(
            Tensor x, Tensor dy, Tensor mean, Tensor invStd, Tensor dScale, Tensor dShift) {
        String name = "layerNormParameterGradients";
        Shape rowShape = rows(name, x);
        Shape perColumn = Shape.of(x.size(-1));
        checkSame(name, x, dy);
        checkRows(name, mean, invStd, rowShape);
        try (Staging staging = Staging.of(name)) {
            Tensor in = staging.input("x", x);
            Tensor gradient = staging.input("dy", dy);
            Tensor m = staging.input("mean", mean);
            Tensor s = staging.input("invStd", invStd);
            Tensor first = staging.output(dScale, perColumn);
            Tensor second = staging.output(dShift, perColumn);
            KERNEL.layerNormRowsParameterGradients(
                    in.storage.segment(),
                    in.offset(),
                    gradient.storage.segment(),
                    gradient.offset(),
                    m.storage.segment(),
                    m.offset(),
                    s.storage.segment(),
                    s.offset(),
                    rowShape.elements(),
                    x.size(-1),
                    first.storage.segment(),
                    first.offset(),
                    second.storage.segment(),
                    second.offset());
            staging.finish();
        }
    }
}
