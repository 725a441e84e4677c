package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.Conv2dShape;
import dev.lanewise.kernels.ConvolutionPass;
import dev.lanewise.kernels.Winograd;

import java.util.Arrays;

/** What the vector kernels derive from one geometry: built once, then found by its shape. */
final class ConvolutionPlan {
    /**
     * Plans by the hash of their shape. Races are benign: a plan is immutable, and a lost one is
     * built again.
     */
    private static final ConvolutionPlan[] CACHE = new ConvolutionPlan[1024];

    /**
     * The share of a panel's lanes that filters must fill for {@link PixelKernel} to win: little
     * where a stride takes the source apart for lanes along the pixels, half where it takes the
     * destination apart. Without strides nearly all, and with 16 registers lanes along the pixels
     * always win.
     */
    private static final float FILLED_STRIDED = 0.25f;

    private static final float FILLED_TRANSPOSED = 0.5f;
    private static final float FILLED_DENSE = Lanes.BITS == 512 ? 0.85f : Float.POSITIVE_INFINITY;

    /** With fewer pixels in a batch, packing weights for {@link PixelKernel} does not pay. */
    private static final long LEAST_PIXELS_UNPACKED = 64;

    final Conv2dShape shape;
    final Correlation forward;
    final Correlation inputGradient;

    /**
     * The forward table, its last entry repeated up to a multiple of the lowest gradient tile,
     * {@link GradientTiles#LOW}.
     */
    final int[] tapTable;

    /** The byte offset of every output position's first tap within a staged plane. */
    final int[] positions;

    /** For weights packed for {@link Winograd}'s algorithm; null where it does not suit. */
    private final WinogradPlan winogradForward;

    private final WinogradPlan winogradInputGradient;

    /** Whether {@link PointwiseKernel} runs the forward convolution. */
    final boolean pointwise;

    /** For weights packed for {@link PixelKernel}; null where it does not suit. */
    private final PixelPlan pixelForward;

    private final PixelPlan pixelInputGradient;

    /** What kernels on packed weights and their packing need. */
    final long packedWorkspaceSize;

    final long workspaceSize;

    private ConvolutionPlan(Conv2dShape shape) {
        this.shape = shape;
        forward = Correlation.forward(shape);
        inputGradient = Correlation.inputGradient(shape);
        int[] table = forward.phases[0].table();
        tapTable =
                Arrays.copyOf(
                        table, Math.ceilDiv(table.length, GradientTiles.LOW) * GradientTiles.LOW);
        if (table.length > 0) {
            Arrays.fill(tapTable, table.length, tapTable.length, table[table.length - 1]);
        }
        int outWidth = shape.outWidth();
        int pitch = forward.inPlace ? outWidth : forward.pitch;
        positions = new int[Math.multiplyExact(shape.outHeight(), outWidth)];
        for (int p = 0; p < positions.length; p++) {
            positions[p] = (p / outWidth * pitch + p % outWidth) * Float.BYTES;
        }
        winogradForward = winogradPlan(ConvolutionPass.FORWARD);
        winogradInputGradient = winogradPlan(ConvolutionPass.INPUT_GRADIENT);
        PixelPlan byPixels =
                winogradForward == null && !forward.singlePlane
                        ? pixelPlan(Correlation.forwardByPixels(shape))
                        : null;
        pointwise = PointwiseKernel.applies(shape, forward, byPixels != null);
        pixelForward = pointwise ? null : byPixels;
        pixelInputGradient =
                winogradInputGradient == null && !inputGradient.singlePlane
                        ? pixelPlan(inputGradient)
                        : null;
        long taps =
                Math.max(
                        CorrelationKernel.workspaceSize(forward),
                        CorrelationKernel.workspaceSize(inputGradient));
        long direct = Math.max(taps, Math.max(scratch(pixelForward), scratch(pixelInputGradient)));
        if (pointwise) {
            direct = Math.max(direct, PointwiseKernel.workspaceSize(forward));
        }
        long weightGradient =
                DepthwiseGradientKernel.applies(forward)
                        ? DepthwiseGradientKernel.workspaceSize(this)
                        : WeightGradientKernel.workspaceSize(this);
        packedWorkspaceSize =
                Math.max(
                        direct, Math.max(scratch(winogradForward), scratch(winogradInputGradient)));
        long unpacked =
                Math.max(
                        unpacked(winogradForward, ConvolutionPass.FORWARD),
                        unpacked(winogradInputGradient, ConvolutionPass.INPUT_GRADIENT));
        long gathered =
                Math.max(
                                packedSize(pixelForward),
                                pixelInputGradient == null
                                        ? CorrelationKernel.packedSize(inputGradient)
                                        : pixelInputGradient.packedSize)
                        + direct;
        workspaceSize = Math.max(weightGradient, Math.max(gathered, unpacked));
    }

    private WinogradPlan winogradPlan(ConvolutionPass pass) {
        return Winograd.suits(shape, pass)
                ? new WinogradPlan(Winograd.Geometry.of(shape, pass))
                : null;
    }

    private static long scratch(WinogradPlan plan) {
        return plan == null
                ? 0
                : Math.max(plan.workspaceSize, WinogradWeights.workspaceSize(plan.geometry));
    }

    private static long scratch(PixelPlan plan) {
        return plan == null ? 0 : plan.workspaceSize;
    }

    private static long packedSize(PixelPlan plan) {
        return plan == null ? 0 : plan.packedSize;
    }

    /** The plan with lanes along the filters, or null where lanes along the pixels are faster. */
    private static PixelPlan pixelPlan(Correlation c) {
        float least =
                c.advanceHeight * c.advanceWidth > 1
                        ? FILLED_STRIDED
                        : c.phases.length > 1 ? FILLED_TRANSPOSED : FILLED_DENSE;
        boolean suits = c.filters > 1 && c.filters >= least * PixelPlan.padded(c.filters);
        return suits ? new PixelPlan(c) : null;
    }

    /**
     * Whether the plain forward convolution packs its weights for {@link PixelKernel} first: where
     * they are used often enough.
     */
    boolean packsPixelsFirst() {
        return pixelForward != null
                && (long) shape.batch() * shape.outHeight() * shape.outWidth()
                        >= LEAST_PIXELS_UNPACKED;
    }

    /** The plan of a pass on packed weights; null where lanes go along the pixels. */
    PixelPlan pixels(ConvolutionPass pass) {
        return pass == ConvolutionPass.FORWARD ? pixelForward : pixelInputGradient;
    }

    /** What the plain form needs that packs first: its packed weights, too. */
    private long unpacked(WinogradPlan plan, ConvolutionPass pass) {
        return Winograd.suitsUnpacked(shape, pass) ? plan.packedSize() + scratch(plan) : 0;
    }

    /** The plan of a pass on packed weights; null where they are no other than the plain ones. */
    WinogradPlan winograd(ConvolutionPass pass) {
        return pass == ConvolutionPass.FORWARD ? winogradForward : winogradInputGradient;
    }

    /** The plan of this geometry. */
    static ConvolutionPlan of(Conv2dShape shape) {
        int slot = shape.hashCode() & (CACHE.length - 2);
        for (int i = slot; i < slot + 2; i++) {
            ConvolutionPlan plan = CACHE[i];
            if (plan != null && (plan.shape == shape || plan.shape.equals(shape))) {
                return plan;
            }
        }
        ConvolutionPlan plan = new ConvolutionPlan(shape);
        CACHE[CACHE[slot] == null ? slot : slot + 1] = plan;
        return plan;
    }
}
