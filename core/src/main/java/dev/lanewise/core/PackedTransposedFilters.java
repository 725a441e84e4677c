package dev.lanewise.core;

import dev.lanewise.kernels.ConvTranspose2dShape;
import dev.lanewise.kernels.ConvolutionPass;
import dev.lanewise.kernels.FusedActivation;

/**
 * The filters of a transposed 2-D convolution, weight: [C, K/groups, kernelHeight, kernelWidth],
 * packed once for any number of batches of images of one size: {@link PackedFilters} for {@link
 * TransposedConvolutions}, with the same rules for sizes, bits and memory.
 *
 * <p>The gradient of a convolution's input is a transposed convolution with the same weight, so
 * these serve it, too.
 */
public final class PackedTransposedFilters {
    private final ConvTranspose2dOptions options;
    private final Shape weight;
    private final Shape image;
    private final Tensor packed;

    /** The sizes of the last call, to be found again in the next one. */
    private Sizes recent;

    private record Sizes(ConvTranspose2dShape geometry, Shape out) {}

    private PackedTransposedFilters(
            ConvTranspose2dOptions options, Shape weight, Shape image, Tensor packed) {
        this.options = options;
        this.weight = weight;
        this.image = image;
        this.packed = packed;
    }

    /**
     * Packs filters for images of a size.
     *
     * @param weight [C, K/groups, kernelHeight, kernelWidth]; may be a view
     * @param options stride, padding, output padding, dilation, groups and algorithm
     * @param height H, the rows of an image
     * @param width W, its columns
     * @throws ShapeException if the weight has another rank, its channels don't part into the
     *     groups, or padding leaves no output
     * @throws ArgumentException if it is not float32
     */
    public static PackedTransposedFilters of(
            Tensor weight, ConvTranspose2dOptions options, long height, long width) {
        String name = "PackedTransposedFilters.of";
        Operands.checkFloat(name, "weight", weight);
        if (weight.rank() != 4 || height < 1 || width < 1) {
            throw new ShapeException(
                    "%s: weight must be [C, K/groups, h, w] and images at least 1x1, got %s and %dx%d"
                            .formatted(name, weight.shape(), height, width));
        }
        Shape image = Shape.of(1, weight.size(0), height, width);
        ConvTranspose2dShape geometry = options.geometry(image, weight.shape());
        Tensor packed =
                PackedFilters.pack(
                        name, weight, geometry.convolution(), ConvolutionPass.INPUT_GRADIENT);
        return new PackedTransposedFilters(options, weight.shape(), image, packed);
    }

    /** The weight's shape: [C, K/groups, kernelHeight, kernelWidth]. */
    public Shape shape() {
        return weight;
    }

    /** How the filters move over their output. */
    public ConvTranspose2dOptions options() {
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
    public PackedTransposedFilters keepIn(Scope scope) {
        scope.keep(packed);
        return this;
    }

    /** f(convTranspose(x, weight)); x: [N, C, H, W], result: [N, K, outHeight, outWidth]. */
    public Tensor convTranspose2d(Tensor x, FusedActivation activation) {
        return forward(x, null, activation, null);
    }

    /**
     * f(convTranspose(x, weight) + bias), in one pass; bias: [K].
     *
     * @throws ShapeException if x is not [N, C, H, W] with the packed C, H and W, or bias not [K]
     */
    public Tensor convTranspose2d(Tensor x, Tensor bias, FusedActivation activation) {
        return forward(x, bias, activation, null);
    }

    /** out = f(convTranspose(x, weight)). */
    public Tensor convTranspose2d(Tensor x, FusedActivation activation, Tensor out) {
        return forward(x, null, activation, out);
    }

    /** out = f(convTranspose(x, weight) + bias); out shares no memory with x and bias. */
    public Tensor convTranspose2d(Tensor x, Tensor bias, FusedActivation activation, Tensor out) {
        return forward(x, bias, activation, out);
    }

    private Tensor forward(Tensor x, Tensor bias, FusedActivation activation, Tensor out) {
        String name = "PackedTransposedFilters.convTranspose2d";
        Operands.checkActivation(name, activation);
        PackedFilters.checkImages(name, x, image, weight);
        Sizes sizes = sizes(x);
        ConvTranspose2dShape geometry = sizes.geometry;
        if (bias != null) {
            Operands.checkVector(name, "bias", bias, geometry.outChannels(), "weight", weight);
        }
        Shape shape = sizes.out;
        Tensor y = out == null ? Operands.result(name, shape) : out;
        try (Staging staging = Staging.of(name)) {
            Tensor in = staging.input("x", x);
            Tensor filter = staging.input("weight", packed);
            Tensor shift = bias == null ? filter : staging.input("bias", bias);
            Tensor target = staging.output(y, shape);
            TransposedConvolutions.packed(
                    in,
                    filter.storage,
                    filter.offset(),
                    bias != null,
                    shift,
                    geometry,
                    activation,
                    target);
            staging.finish();
        }
        return y;
    }

    private Sizes sizes(Tensor x) {
        Sizes sizes = recent;
        if (sizes == null || sizes.geometry.batch() != x.size(0)) {
            ConvTranspose2dShape geometry = options.geometry(x.shape(), weight);
            sizes = new Sizes(geometry, TransposedConvolutions.outShape(geometry));
            recent = sizes;
        }
        return sizes;
    }

    /** {@code PackedTransposedFilters [64, 32, 3, 3] for images [64, 28, 28], 73728 bytes}. */
    @Override
    public String toString() {
        return "PackedTransposedFilters %s for images [%d, %d, %d], %d bytes"
                .formatted(weight, image.size(1), image.size(2), image.size(3), bytes());
    }
}
