package dev.lanewise.core;

import static dev.lanewise.core.Operands.KERNELS;

import dev.lanewise.kernels.Conv2dShape;
import dev.lanewise.kernels.Convolution;
import dev.lanewise.kernels.ConvolutionAlgorithm;
import dev.lanewise.kernels.ConvolutionPass;
import dev.lanewise.kernels.FusedActivation;

/**
 * The filters of a 2-D convolution, weight: [K, C/groups, kernelHeight, kernelWidth], in the order
 * in which the kernel reads them, packed once for any number of batches of images of one size.
 *
 * <pre>{@code
 * try (Scope scope = Scope.open()) {
 *     PackedFilters filters = PackedFilters.of(weight, Conv2dOptions.of(1, 1), 56, 56);
 *     Tensor y = filters.conv2d(x, bias, FusedActivation.RELU); // x: [N, C, 56, 56]
 * }
 * }</pre>
 *
 * <p>{@link Convolutions#conv2d} packs filters in every call; here only N may differ from call to
 * call. The algorithm, and with it the packed form, depends on all other numbers, the images'
 * height and width too: filters for images of two sizes are packed twice. The packed form takes the
 * memory of the weight rounded up to whole vectors, four times that for {@link
 * dev.lanewise.kernels.Winograd}'s algorithm; later changes of the weight have no effect.
 *
 * <p>Results are those of {@link Convolutions#conv2d} to the bit with {@link
 * ConvolutionAlgorithm#DIRECT}, for any number of threads. With {@link ConvolutionAlgorithm#FAST}
 * they are, too, but for one case: where a batch is too small to pay for transforming 3x3 filters
 * (fewer than 16 tiles of 4x4 outputs in all its images), conv2d sums products, while packed
 * filters, transformed already, use {@link dev.lanewise.kernels.Winograd}'s algorithm for any
 * batch, with the accuracy told there. So the bits of an image never depend on the batch it is in.
 *
 * <p>The packed filters are a tensor of the scope that is current at construction and live as long
 * as it; {@link #keepIn} moves them. Their order is that of this machine: save the weight, not the
 * packed form. Several threads may use one object at a time.
 */
public final class PackedFilters {
    private static final Convolution KERNEL = KERNELS.convolution();

    private final Conv2dOptions options;
    private final Shape weight;
    private final Shape image;
    private final Tensor packed;

    /** The sizes of the last call, to be found again in the next one. */
    private Sizes recent;

    private record Sizes(Conv2dShape geometry, Shape out) {}

    private PackedFilters(Conv2dOptions options, Shape weight, Shape image, Tensor packed) {
        this.options = options;
        this.weight = weight;
        this.image = image;
        this.packed = packed;
    }

    /**
     * Packs filters for images of a size, many of them on the threads of the caller's {@link
     * Workers}.
     *
     * @param weight [K, C/groups, kernelHeight, kernelWidth]; may be a view
     * @param options stride, padding, dilation, groups and algorithm
     * @param height H, the rows of an image
     * @param width W, its columns
     * @throws ShapeException if the weight has another rank, its output channels don't part into
     *     the groups, or it does not fit the padded image
     * @throws ArgumentException if it is not float32
     */
    public static PackedFilters of(Tensor weight, Conv2dOptions options, long height, long width) {
        String name = "PackedFilters.of";
        Operands.checkFloat(name, "weight", weight);
        if (weight.rank() != 4 || height < 1 || width < 1) {
            throw new ShapeException(
                    "%s: weight must be [K, C/groups, h, w] and images at least 1x1, got %s and %dx%d"
                            .formatted(name, weight.shape(), height, width));
        }
        Shape image = Shape.of(1, weight.size(1) * options.groups(), height, width);
        Conv2dShape geometry = options.geometry(image, weight.shape());
        return new PackedFilters(
                options,
                weight.shape(),
                image,
                pack(name, weight, geometry, ConvolutionPass.FORWARD));
    }

    /** The weight, packed for a pass into a new tensor of one axis. */
    static Tensor pack(String name, Tensor weight, Conv2dShape geometry, ConvolutionPass pass) {
        Shape size = Shape.of(KERNEL.packedWeightSize(geometry, pass));
        Tensor packed = Operands.result(name, size);
        try (Staging staging = Staging.of(name)) {
            Tensor filter = staging.input("weight", weight);
            Tensor target = staging.output(packed, size);
            Convolutions.pack(geometry, pass, filter, target.storage, target.offset());
            staging.finish();
        }
        return packed;
    }

    /** The weight's shape: [K, C/groups, kernelHeight, kernelWidth]. */
    public Shape shape() {
        return weight;
    }

    /** How the filters move over images. */
    public Conv2dOptions options() {
        return options;
    }

    /** The bytes of the packed filters. */
    public long bytes() {
        return ElementType.BYTES * packed.elements();
    }

    /** The scope that owns the packed filters. */
    public Scope scope() {
        return packed.scope();
    }

    /**
     * Moves the packed filters to another scope, as {@link Scope#keep}.
     *
     * @return this
     */
    public PackedFilters keepIn(Scope scope) {
        scope.keep(packed);
        return this;
    }

    /** f(conv(x, weight)); x: [N, C, H, W], result: [N, K, outHeight, outWidth]. */
    public Tensor conv2d(Tensor x, FusedActivation activation) {
        return forward(x, null, activation, null);
    }

    /**
     * f(conv(x, weight) + bias), in one pass; bias: [K].
     *
     * @throws ShapeException if x is not [N, C, H, W] with the packed C, H and W, or bias not [K]
     */
    public Tensor conv2d(Tensor x, Tensor bias, FusedActivation activation) {
        return forward(x, bias, activation, null);
    }

    /** out = f(conv(x, weight)). */
    public Tensor conv2d(Tensor x, FusedActivation activation, Tensor out) {
        return forward(x, null, activation, out);
    }

    /** out = f(conv(x, weight) + bias); out shares no memory with x and bias. */
    public Tensor conv2d(Tensor x, Tensor bias, FusedActivation activation, Tensor out) {
        return forward(x, bias, activation, out);
    }

    private Tensor forward(Tensor x, Tensor bias, FusedActivation activation, Tensor out) {
        String name = "PackedFilters.conv2d";
        Operands.checkActivation(name, activation);
        checkImages(name, x, image, weight);
        if (bias != null) {
            Operands.checkVector(name, "bias", bias, weight.size(0), "weight", weight);
        }
        Sizes sizes = sizes(x);
        Conv2dShape geometry = sizes.geometry;
        Shape shape = sizes.out;
        Tensor y = out == null ? Operands.result(name, shape) : out;
        try (Staging staging = Staging.of(name)) {
            Tensor in = staging.input("x", x);
            Tensor filter = staging.input("weight", packed);
            Tensor shift = bias == null ? filter : staging.input("bias", bias);
            Tensor target = staging.output(y, shape);
            forward(
                    geometry,
                    in,
                    filter.storage,
                    filter.offset(),
                    bias != null,
                    shift,
                    activation,
                    target);
            staging.finish();
        }
        return y;
    }

    private Sizes sizes(Tensor x) {
        Sizes sizes = recent;
        if (sizes == null || sizes.geometry.batch() != x.size(0)) {
            Conv2dShape geometry = options.geometry(x.shape(), weight);
            sizes = new Sizes(geometry, Convolutions.outShape(geometry));
            recent = sizes;
        }
        return sizes;
    }

    /** Refuses images of another size than those that filters were packed for. */
    static void checkImages(String name, Tensor x, Shape image, Shape weight) {
        if (x.rank() != 4
                || x.size(1) != image.size(1)
                || x.size(2) != image.size(2)
                || x.size(3) != image.size(3)) {
            throw new ShapeException(
                    "%s: x must be [N, %d, %d, %d], got %s, for weight %s; pack the weight once more for images of another size"
                            .formatted(
                                    name,
                                    image.size(1),
                                    image.size(2),
                                    image.size(3),
                                    x.shape(),
                                    weight));
        }
    }

    /** The convolution of images by packed filters; operands are contiguous and held. */
    static void forward(
            Conv2dShape geometry,
            Tensor in,
            Block packed,
            long packedOffset,
            boolean hasBias,
            Tensor shift,
            FusedActivation activation,
            Tensor target) {
        long size = KERNEL.packedWorkspaceSize(geometry);
        if (Parallel.isAlone() && geometry.batch() > 0) {
            int all = geometry.allBands(ConvolutionPass.FORWARD);
            try (Block workspace = Block.scratch(size)) {
                bands(
                        geometry,
                        in,
                        packed,
                        packedOffset,
                        hasBias,
                        shift,
                        activation,
                        0,
                        all,
                        workspace,
                        target);
            }
            return;
        }
        Convolutions.overBands(
                geometry,
                ConvolutionPass.FORWARD,
                size,
                (first, last, workspace) ->
                        bands(
                                geometry,
                                in,
                                packed,
                                packedOffset,
                                hasBias,
                                shift,
                                activation,
                                first,
                                last,
                                workspace,
                                target));
    }

    private static void bands(
            Conv2dShape geometry,
            Tensor in,
            Block packed,
            long packedOffset,
            boolean hasBias,
            Tensor shift,
            FusedActivation activation,
            int first,
            int last,
            Block workspace,
            Tensor target) {
        KERNEL.forwardPacked(
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

    /** {@code PackedFilters [64, 64, 3, 3] for images [64, 56, 56], 589824 bytes}. */
    @Override
    public String toString() {
        return "PackedFilters %s for images [%d, %d, %d], %d bytes"
                .formatted(weight, image.size(1), image.size(2), image.size(3), bytes());
    }
}
