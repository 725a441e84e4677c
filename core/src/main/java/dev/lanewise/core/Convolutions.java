package dev.lanewise.core;

import static dev.lanewise.core.Operands.KERNELS;

import dev.lanewise.kernels.Conv2dShape;
import dev.lanewise.kernels.Convolution;
import dev.lanewise.kernels.ConvolutionPass;
import dev.lanewise.kernels.FusedActivation;

/**
 * 2-D convolution of images x: [N, C, H, W] with weight: [K, C/groups, kernelHeight, kernelWidth]
 * to [N, K, outHeight, outWidth], and its gradients.
 *
 * <p>Images, and the rows of a single one, are shared by the caller's {@link Workers} threads;
 * results have the same bits for any number of them. (The weight gradient shares images only.) A
 * 1-D convolution is one of images of height 1, with filters of height 1. Explicit outputs share no
 * memory with operands. Filters that are used more than once are best packed once, by {@link
 * PackedFilters}. {@link Conv2dOptions#algorithm} tells whether 3x3 filters may be computed by
 * {@link dev.lanewise.kernels.Winograd}'s algorithm.
 */
public final class Convolutions {
    private static final Convolution KERNEL = KERNELS.convolution();

    /** The least multiply-adds that are worth a hand-over to another thread. */
    private static final long GRAIN = 1 << 20;

    /** The least packed weights that are worth a hand-over to another thread. */
    private static final long PACK_GRAIN = 1 << 16;

    /** A batch is cut into at most so many parts. */
    private static final int PARTS = 8;

    private Convolutions() {}

    /** f(conv(x, weight)). */
    public static Tensor conv2d(
            Tensor x, Tensor weight, Conv2dOptions options, FusedActivation activation) {
        return forward(x, weight, null, options, activation, null);
    }

    /** f(conv(x, weight) + bias), in one pass; bias: [K]. */
    public static Tensor conv2d(
            Tensor x,
            Tensor weight,
            Tensor bias,
            Conv2dOptions options,
            FusedActivation activation) {
        return forward(x, weight, bias, options, activation, null);
    }

    /** out = f(conv(x, weight)). */
    public static Tensor conv2d(
            Tensor x,
            Tensor weight,
            Conv2dOptions options,
            FusedActivation activation,
            Tensor out) {
        return forward(x, weight, null, options, activation, out);
    }

    /** out = f(conv(x, weight) + bias). */
    public static Tensor conv2d(
            Tensor x,
            Tensor weight,
            Tensor bias,
            Conv2dOptions options,
            FusedActivation activation,
            Tensor out) {
        return forward(x, weight, bias, options, activation, out);
    }

    private static Tensor forward(
            Tensor x,
            Tensor weight,
            Tensor bias,
            Conv2dOptions options,
            FusedActivation activation,
            Tensor out) {
        Operands.checkActivation("conv2d", activation);
        Conv2dShape geometry = options.geometry(x.shape(), weight.shape());
        Shape shape = outShape(geometry);
        if (bias != null && !bias.shape().equals(Shape.of(geometry.outChannels()))) {
            throw new ShapeException(
                    "conv2d: bias must be [%d], got %s, for weight %s"
                            .formatted(geometry.outChannels(), bias.shape(), weight.shape()));
        }
        Tensor y = out == null ? Operands.result("conv2d", shape) : out;
        try (Staging staging = Staging.of("conv2d")) {
            Tensor in = staging.input("x", x);
            Tensor filter = staging.input("weight", weight);
            Tensor shift = bias == null ? filter : staging.input("bias", bias);
            Tensor target = staging.output(y, shape);
            if (KERNEL.packsFirst(geometry, ConvolutionPass.FORWARD)) {
                try (Block packed = pack(geometry, ConvolutionPass.FORWARD, filter)) {
                    PackedFilters.forward(
                            geometry,
                            in,
                            packed,
                            packed.base(),
                            bias != null,
                            shift,
                            activation,
                            target);
                }
            } else {
                overBands(
                        geometry,
                        ConvolutionPass.FORWARD,
                        KERNEL.workspaceSize(geometry),
                        (first, last, workspace) ->
                                KERNEL.forward(
                                        in.storage.segment(),
                                        in.offset(),
                                        filter.storage.segment(),
                                        filter.offset(),
                                        bias != null,
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
            staging.finish();
        }
        return y;
    }

    /** The gradient of x from dOut; x's shape says how large it is. */
    public static Tensor inputGradient(Tensor dOut, Tensor weight, Shape x, Conv2dOptions options) {
        return inputGradient(dOut, weight, x, options, Operands.result("conv2d input gradient", x));
    }

    /** dx = the gradient of x from dOut: the transposed convolution. */
    public static Tensor inputGradient(
            Tensor dOut, Tensor weight, Shape x, Conv2dOptions options, Tensor dx) {
        String name = "conv2d input gradient";
        Conv2dShape geometry = options.geometry(x, weight.shape());
        checkGradient(name, dOut, geometry);
        try (Staging staging = Staging.of(name)) {
            Tensor gradient = staging.input("dOut", dOut);
            Tensor filter = staging.input("weight", weight);
            Tensor target = staging.output(dx, x);
            if (KERNEL.packsFirst(geometry, ConvolutionPass.INPUT_GRADIENT)) {
                try (Block packed = pack(geometry, ConvolutionPass.INPUT_GRADIENT, filter)) {
                    overBands(
                            geometry,
                            ConvolutionPass.INPUT_GRADIENT,
                            KERNEL.packedWorkspaceSize(geometry),
                            (first, last, workspace) ->
                                    KERNEL.inputGradientPacked(
                                            gradient.storage.segment(),
                                            gradient.offset(),
                                            packed.segment(),
                                            packed.base(),
                                            geometry,
                                            first,
                                            last,
                                            workspace.segment(),
                                            workspace.base(),
                                            target.storage.segment(),
                                            target.offset()));
                }
            } else {
                overBands(
                        geometry,
                        ConvolutionPass.INPUT_GRADIENT,
                        KERNEL.workspaceSize(geometry),
                        (first, last, workspace) ->
                                KERNEL.inputGradient(
                                        gradient.storage.segment(),
                                        gradient.offset(),
                                        filter.storage.segment(),
                                        filter.offset(),
                                        geometry,
                                        first,
                                        last,
                                        workspace.segment(),
                                        workspace.base(),
                                        target.storage.segment(),
                                        target.offset()));
            }
            staging.finish();
        }
        return dx;
    }

    /** The gradient of the weight, whose shape is given, from x and dOut. */
    public static Tensor weightGradient(
            Tensor x, Tensor dOut, Shape weight, Conv2dOptions options) {
        return weightGradient(
                x, dOut, weight, options, 0, Operands.result("conv2d weight gradient", weight));
    }

    /**
     * dWeight = beta · dWeight + the gradient of the weight from x and dOut. With beta = 0, dWeight
     * is not read.
     */
    public static Tensor weightGradient(
            Tensor x,
            Tensor dOut,
            Shape weight,
            Conv2dOptions options,
            float beta,
            Tensor dWeight) {
        String name = "conv2d weight gradient";
        Conv2dShape geometry = options.geometry(x.shape(), weight);
        checkGradient(name, dOut, geometry);
        try (Staging staging = Staging.of(name)) {
            Tensor in = staging.input("x", x);
            Tensor gradient = staging.input("dOut", dOut);
            Tensor target = staging.updated(dWeight, weight);
            if (in.elements() == 0) {
                scale(target, beta);
            } else {
                sumOfParts(geometry, in, gradient, beta, target);
            }
            staging.finish();
        }
        return dWeight;
    }

    private static void scale(Tensor target, float beta) {
        if (beta == 0) {
            Copies.zero(target);
        } else {
            Elementwise.multiply(target, beta, target);
        }
    }

    /** Sums the images' gradients in parts that the shape alone determines. */
    private static void sumOfParts(
            Conv2dShape geometry, Tensor in, Tensor gradient, float beta, Tensor target) {
        long weights = target.elements();
        int images = geometry.batch();
        int perPart = imagesPerPart(geometry, weights);
        int parts = (images + perPart - 1) / perPart;
        if (parts == 1) {
            weightPart(geometry, in, gradient, 0, images, beta, target.storage, target.offset());
            return;
        }
        try (Block partial = Block.scratch(parts * weights)) {
            Parallel.pieces(
                    parts,
                    1,
                    (part, unused) ->
                            weightPart(
                                    geometry,
                                    in,
                                    gradient,
                                    (int) part * perPart,
                                    Math.min(images, ((int) part + 1) * perPart),
                                    0,
                                    partial,
                                    partial.base() + part * weights));
            KERNELS.reduction()
                    .sumColumns(
                            partial.segment(),
                            partial.base(),
                            weights,
                            parts,
                            weights,
                            beta,
                            target.storage.segment(),
                            target.offset());
        }
    }

    /** A part has enough arithmetic for a thread, and enough per weight to pay for its own sum. */
    private static int imagesPerPart(Conv2dShape geometry, long weights) {
        long outPixels = (long) geometry.outHeight() * geometry.outWidth();
        long forThread = GRAIN / Math.max(1, weights * outPixels);
        long forSum = 1024 / outPixels;
        long forCount = (geometry.batch() + PARTS - 1L) / PARTS;
        long images = Math.max(1, Math.max(forCount, Math.max(forThread, forSum)));
        return (int) Math.min(images, geometry.batch());
    }

    private static void weightPart(
            Conv2dShape geometry,
            Tensor in,
            Tensor gradient,
            int first,
            int last,
            float beta,
            Block target,
            long targetOffset) {
        try (Block workspace = Block.scratch(KERNEL.workspaceSize(geometry))) {
            KERNEL.weightGradient(
                    in.storage.segment(),
                    in.offset(),
                    gradient.storage.segment(),
                    gradient.offset(),
                    geometry,
                    first,
                    last,
                    beta,
                    workspace.segment(),
                    workspace.base(),
                    target.segment(),
                    targetOffset);
        }
    }

    /** The weight, packed once for all ranges of bands. */
    static Block pack(Conv2dShape geometry, ConvolutionPass pass, Tensor filter) {
        Block packed = Block.scratch(KERNEL.packedWeightSize(geometry, pass));
        try {
            pack(geometry, pass, filter, packed, packed.base());
            return packed;
        } catch (RuntimeException | Error failure) {
            packed.close();
            throw failure;
        }
    }

    /** Packs the weight; threads share its slices. */
    static void pack(
            Conv2dShape geometry,
            ConvolutionPass pass,
            Tensor filter,
            Block packed,
            long packedOffset) {
        int slices = KERNEL.weightSlices(geometry, pass);
        long size = Math.max(1, KERNEL.packedWeightSize(geometry, pass));
        long forThread = Math.ceilDiv(PACK_GRAIN * slices, size);
        Parallel.ranges(
                slices,
                forThread,
                1,
                (first, last) -> {
                    try (Block workspace = Block.scratch(KERNEL.packedWorkspaceSize(geometry))) {
                        KERNEL.packWeight(
                                filter.storage.segment(),
                                filter.offset(),
                                geometry,
                                pass,
                                (int) first,
                                (int) last,
                                workspace.segment(),
                                workspace.base(),
                                packed.segment(),
                                packedOffset);
                    }
                });
    }

    static Shape outShape(Conv2dShape geometry) {
        return Shape.of(
                geometry.batch(),
                geometry.outChannels(),
                geometry.outHeight(),
                geometry.outWidth());
    }

    private static void checkGradient(String name, Tensor dOut, Conv2dShape geometry) {
        if (!dOut.shape().equals(outShape(geometry))) {
            throw new ShapeException(
                    "%s: dOut must be %s, got %s"
                            .formatted(name, outShape(geometry), dOut.shape()));
        }
    }

    interface Bands {
        void run(int first, int last, Block workspace);
    }

    /**
     * Runs ranges of a pass' bands, which never change bits: one thread computes all in one go,
     * several share images, or one image's rows.
     */
    static void overBands(
            Conv2dShape geometry, ConvolutionPass pass, long workspaceSize, Bands body) {
        int bands = geometry.bands(pass);
        long forThread = Math.ceilDiv(GRAIN * bands, Math.max(1, multiplyAdds(geometry)));
        Parallel.ranges(
                geometry.allBands(pass),
                forThread,
                geometry.batch() < PARTS ? 1 : PARTS,
                (first, last) -> {
                    try (Block workspace = Block.scratch(workspaceSize)) {
                        body.run((int) first, (int) last, workspace);
                    }
                });
    }

    /** Those of an image. */
    private static long multiplyAdds(Conv2dShape geometry) {
        return (long) geometry.outChannels()
                * geometry.outHeight()
                * geometry.outWidth()
                * geometry.weightsPerChannel();
    }
}
