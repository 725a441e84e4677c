package dev.lanewise.core;

import static dev.lanewise.core.Operands.KERNELS;

import dev.lanewise.kernels.Conv2dShape;
import dev.lanewise.kernels.ConvTranspose2dShape;
import dev.lanewise.kernels.Convolution;
import dev.lanewise.kernels.ConvolutionPass;
import dev.lanewise.kernels.FusedActivation;

/**
 * Transposed 2-D convolution of x: [N, C, H, W] with weight: [C, K/groups, kernelHeight,
 * kernelWidth] to [N, K, outHeight, outWidth], sizes as in {@link ConvTranspose2dShape}.
 *
 * <p>With the options of the convolution that is transposed, the gradient of x is {@link
 * Convolutions#conv2d} of the output's gradient, that of the weight {@link
 * Convolutions#weightGradient} with the output's gradient as x and x as dOut. Threads and bits as
 * in {@link Convolutions}. Filters that are used more than once are best packed once, by {@link
 * PackedTransposedFilters}.
 */
public final class TransposedConvolutions {
    private static final Convolution KERNEL = KERNELS.convolution();

    private TransposedConvolutions() {}

    /** f(convTranspose(x, weight)). */
    public static Tensor convTranspose2d(
            Tensor x, Tensor weight, ConvTranspose2dOptions options, FusedActivation activation) {
        return forward(x, weight, null, options, activation, null);
    }

    /** f(convTranspose(x, weight) + bias), in one pass; bias: [K]. */
    public static Tensor convTranspose2d(
            Tensor x,
            Tensor weight,
            Tensor bias,
            ConvTranspose2dOptions options,
            FusedActivation activation) {
        return forward(x, weight, bias, options, activation, null);
    }

    /** out = f(convTranspose(x, weight)). */
    public static Tensor convTranspose2d(
            Tensor x,
            Tensor weight,
            ConvTranspose2dOptions options,
            FusedActivation activation,
            Tensor out) {
        return forward(x, weight, null, options, activation, out);
    }

    /** out = f(convTranspose(x, weight) + bias). */
    public static Tensor convTranspose2d(
            Tensor x,
            Tensor weight,
            Tensor bias,
            ConvTranspose2dOptions options,
            FusedActivation activation,
            Tensor out) {
        return forward(x, weight, bias, options, activation, out);
    }

    private static Tensor forward(
            Tensor x,
            Tensor weight,
            Tensor bias,
            ConvTranspose2dOptions options,
            FusedActivation activation,
            Tensor out) {
        String name = "convTranspose2d";
        Operands.checkActivation(name, activation);
        ConvTranspose2dShape geometry = options.geometry(x.shape(), weight.shape());
        Shape shape = outShape(geometry);
        if (bias != null && !bias.shape().equals(Shape.of(geometry.outChannels()))) {
            throw new ShapeException(
                    "%s: bias must be [%d], got %s, for weight %s"
                            .formatted(name, geometry.outChannels(), bias.shape(), weight.shape()));
        }
        Tensor y = out == null ? Operands.result(name, shape) : out;
        try (Staging staging = Staging.of(name)) {
            Tensor in = staging.input("x", x);
            Tensor filter = staging.input("weight", weight);
            Tensor shift = bias == null ? filter : staging.input("bias", bias);
            Tensor target = staging.output(y, shape);
            Conv2dShape convolution = geometry.convolution();
            if (KERNEL.packsFirst(convolution, ConvolutionPass.INPUT_GRADIENT)) {
                try (Block packed =
                        Convolutions.pack(convolution, ConvolutionPass.INPUT_GRADIENT, filter)) {
                    long place = packed.base();
                    packed(in, packed, place, bias != null, shift, geometry, activation, target);
                }
            } else {
                plain(in, filter, bias != null, shift, geometry, activation, target);
            }
            staging.finish();
        }
        return y;
    }

    private static void plain(
            Tensor in,
            Tensor filter,
            boolean hasBias,
            Tensor shift,
            ConvTranspose2dShape geometry,
            FusedActivation activation,
            Tensor target) {
        Conv2dShape convolution = geometry.convolution();
        Convolutions.overBands(
                convolution,
                ConvolutionPass.INPUT_GRADIENT,
                KERNEL.workspaceSize(convolution),
                (first, last, workspace) ->
                        KERNEL.transposed(
                                in.storage.segment(),
                                in.offset(),
                                filter.storage.segment(),
                                filter.offset(),
                                hasBias,
                                shift.storage.segment(),
                                shift.offset(),
                                geometry,
                                first,
                                last,
                                activation,
                                workspace.segment(),
                                workspace.base(),
                                target.storage.segment(),
                                target.offset()));
    }

    static Shape outShape(ConvTranspose2dShape geometry) {
        return Shape.of(
                geometry.batch(),
                geometry.outChannels(),
                geometry.outHeight(),
                geometry.outWidth());
    }

    /** By packed filters; operands are contiguous and held. */
    static void packed(
            Tensor in,
            Block packed,
            long packedOffset,
            boolean hasBias,
            Tensor shift,
            ConvTranspose2dShape geometry,
            FusedActivation activation,
            Tensor target) {
        Conv2dShape convolution = geometry.convolution();
        long size = KERNEL.packedWorkspaceSize(convolution);
        if (Parallel.isAlone() && convolution.batch() > 0) {
            int all = convolution.allBands(ConvolutionPass.INPUT_GRADIENT);
            try (Block workspace = Block.scratch(size)) {
                bands(
                        in,
                        packed,
                        packedOffset,
                        hasBias,
                        shift,
                        geometry,
                        activation,
                        0,
                        all,
                        workspace,
                        target);
            }
            return;
        }
        Convolutions.overBands(
                convolution,
                ConvolutionPass.INPUT_GRADIENT,
                size,
                (first, last, workspace) ->
                        bands(
                                in,
                                packed,
                                packedOffset,
                                hasBias,
                                shift,
                                geometry,
                                activation,
                                first,
                                last,
                                workspace,
                                target));
    }

    private static void bands(
            Tensor in,
            Block packed,
            long packedOffset,
            boolean hasBias,
            Tensor shift,
            ConvTranspose2dShape geometry,
            FusedActivation activation,
            int first,
            int last,
            Block workspace,
            Tensor target) {
        KERNEL.transposedPacked(
                in.storage.segment(),
                in.offset(),
                packed.segment(),
                packedOffset,
                hasBias,
                shift.storage.segment(),
                shift.offset(),
                geometry,
                first,
                last,
                activation,
                workspace.segment(),
                workspace.base(),
                target.storage.segment(),
                target.offset());
    }
}
