package dev.lanewise.core;

import static dev.lanewise.core.NormalizationChecks.channels;
import static dev.lanewise.core.NormalizationChecks.checkRows;
import static dev.lanewise.core.NormalizationChecks.checkSame;
import static dev.lanewise.core.NormalizationChecks.checkSize;
import static dev.lanewise.core.Operands.KERNELS;

import dev.lanewise.core.NormalizationChecks.Channels;
import dev.lanewise.kernels.GroupNormalization;

/**
 * Group normalization of x: [N, C, ...], with its gradients; formulas and paper are those of {@link
 * GroupNormalization}. The number of groups divides C; mean and invStd: [N, groups]; scale, shift
 * and their gradients: [C].
 */
public final class GroupNormalizations {
    private static final GroupNormalization KERNEL = KERNELS.groupNormalization();

    private GroupNormalizations() {}

    /**
     * What group normalization gives for training.
     *
     * @param output (x − mean) · invStd · scale + shift
     * @param mean each group's mean
     * @param invStd each group's 1/√(variance + epsilon)
     */
    public record GroupNormed(Tensor output, Tensor mean, Tensor invStd) {}

    /** Group normalization; scale, shift: [C]. */
    public static GroupNormed groupNorm(
            Tensor x, long groups, Tensor scale, Tensor shift, float epsilon) {
        String name = "groupNorm";
        Shape perGroup = perGroup(name, x, groups);
        Tensor out = Operands.result(name, x.shape());
        Tensor mean = Operands.result(name, perGroup);
        Tensor invStd = Operands.result(name, perGroup);
        groupNorm(x, groups, scale, shift, epsilon, mean, invStd, out);
        return new GroupNormed(out, mean, invStd);
    }

    /** Group normalization with all results given; out may be x. */
    public static Tensor groupNorm(
            Tensor x,
            long groups,
            Tensor scale,
            Tensor shift,
            float epsilon,
            Tensor mean,
            Tensor invStd,
            Tensor out) {
        String name = "groupNorm";
        Shape perGroup = perGroup(name, x, groups);
        Channels size = channels(name, x);
        checkSize(name, "scale", scale, size.channels());
        checkSize(name, "shift", shift, size.channels());
        try (Staging staging = Staging.of(name)) {
            Tensor in = staging.input("x", x);
            Tensor factors = staging.input("scale", scale);
            Tensor shifts = staging.input("shift", shift);
            Tensor target = staging.output(out, x.shape(), x);
            Tensor m = staging.output(mean, perGroup);
            Tensor s = staging.output(invStd, perGroup);
            long sample = size.channels() * size.spatial();
            Parallel.shared(
                    size.batch(),
                    sample,
                    (from, to) ->
                            KERNEL.groupNorm(
                                    in.storage.segment(),
                                    in.offset() + from * sample,
                                    factors.storage.segment(),
                                    factors.offset(),
                                    shifts.storage.segment(),
                                    shifts.offset(),
                                    to - from,
                                    size.channels(),
                                    size.spatial(),
                                    groups,
                                    epsilon,
                                    m.storage.segment(),
                                    m.offset() + from * groups,
                                    s.storage.segment(),
                                    s.offset() + from * groups,
                                    target.storage.segment(),
                                    target.offset() + from * sample));
            staging.finish();
        }
        return out;
    }

    /** dx = the gradient of x in group normalization; dx may be dy. */
    public static Tensor groupNormInputGradient(
            Tensor x, Tensor dy, long groups, Tensor scale, Tensor mean, Tensor invStd, Tensor dx) {
        String name = "groupNormInputGradient";
        Shape perGroup = perGroup(name, x, groups);
        Channels size = channels(name, x);
        checkSame(name, x, dy);
        checkSize(name, "scale", scale, size.channels());
        checkRows(name, mean, invStd, perGroup);
        try (Staging staging = Staging.of(name)) {
            Tensor in = staging.input("x", x);
            Tensor gradient = staging.input("dy", dy);
            Tensor factors = staging.input("scale", scale);
            Tensor m = staging.input("mean", mean);
            Tensor s = staging.input("invStd", invStd);
            Tensor target = staging.output(dx, x.shape(), dy);
            long sample = size.channels() * size.spatial();
            Parallel.shared(
                    size.batch(),
                    sample,
                    (from, to) ->
                            KERNEL.groupNormInputGradient(
                                    in.storage.segment(),
                                    in.offset() + from * sample,
                                    gradient.storage.segment(),
                                    gradient.offset() + from * sample,
                                    factors.storage.segment(),
                                    factors.offset(),
                                    m.storage.segment(),
                                    m.offset() + from * groups,
                                    s.storage.segment(),
                                    s.offset() + from * groups,
                                    to - from,
                                    size.channels(),
                                    size.spatial(),
                                    groups,
                                    target.storage.segment(),
                                    target.offset() + from * sample));
            staging.finish();
        }
        return dx;
    }

    /** Writes the gradients of scale and shift in group normalization: [C]. */
    public static void groupNormParameterGradients(
            Tensor x,
            Tensor dy,
            long groups,
            Tensor mean,
            Tensor invStd,
            Tensor dScale,
            Tensor dShift) {
        String name = "groupNormParameterGradients";
        Shape perGroup = perGroup(name, x, groups);
        Channels size = channels(name, x);
        checkSame(name, x, dy);
        checkRows(name, mean, invStd, perGroup);
        try (Staging staging = Staging.of(name)) {
            Tensor in = staging.input("x", x);
            Tensor gradient = staging.input("dy", dy);
            Tensor m = staging.input("mean", mean);
            Tensor s = staging.input("invStd", invStd);
            Tensor first = staging.output(dScale, size.perChannel());
            Tensor second = staging.output(dShift, size.perChannel());
            KERNEL.groupNormParameterGradients(
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
                    groups,
                    first.storage.segment(),
                    first.offset(),
                    second.storage.segment(),
                    second.offset());
            staging.finish();
        }
    }

    private static Shape perGroup(String name, Tensor x, long groups) {
        Channels size = channels(name, x);
        if (groups < 1 || size.channels() % groups != 0) {
            throw new ShapeException(
                    "%s: %d groups do not divide the %d channels of x %s"
                            .formatted(name, groups, size.channels(), x.shape()));
        }
        return Shape.of(size.batch(), groups);
    }
}
