package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.BiasAxis;
import dev.lanewise.kernels.Conv2dShape;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.Gemm;

import java.lang.foreign.MemorySegment;

/**
 * A convolution of 1x1 filters, stride 1, without padding, as what it is: for each image and group,
 * the matrix product of the filters [filters, channels] and the planes [channels, pixels], which
 * are read in place.
 */
final class PointwiseKernel {
    private static final Gemm GEMM = new VectorGemm();

    /** With fewer pixels, the product's blocks and tiles cost more than they save. */
    private static final int LEAST_PIXELS = 64;

    /** With fewer pixels, {@link PixelKernel} wins where its panels are filled. */
    private static final int LEAST_PIXELS_FOR_PANELS = 512;

    private PointwiseKernel() {}

    /**
     * Whether it wins: for enough filters and pixels. The sums of longer products are cut into
     * blocks, which is another order than that of convolutions.
     */
    static boolean applies(Conv2dShape s, Correlation forward, boolean fillsPanels) {
        boolean pointwise = s.kernelHeight() * s.kernelWidth() == 1 && forward.wholePlanes;
        int pixels = s.outHeight() * s.outWidth();
        return pointwise
                && forward.sourceChannels <= GEMM.depthBlock()
                && forward.filters >= GemmTile.ROWS
                && pixels >= (fillsPanels ? LEAST_PIXELS_FOR_PANELS : LEAST_PIXELS);
    }

    static long workspaceSize(Correlation c) {
        return GEMM.workspaceSize(c.filters, (long) c.outHeight * c.outWidth, c.sourceChannels);
    }

    static void run(
            Correlation c,
            MemorySegment in,
            long inOffset,
            MemorySegment weight,
            long weightOffset,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            FusedActivation activation,
            int firstBand,
            int lastBand,
            MemorySegment work,
            long workOffset,
            MemorySegment out,
            long outOffset) {
        long plane = (long) c.outHeight * c.outWidth;
        for (int n = firstBand / c.bands; (long) n * c.bands < lastBand; n++) {
            long first = (long) c.firstRow(n, firstBand) * c.outWidth;
            long pixels = (long) c.lastRow(n, lastBand) * c.outWidth - first;
            for (int g = 0; g < c.groups; g++) {
                long image = (long) n * c.groups + g;
                GEMM.gemm(
                        weight,
                        weightOffset + (long) g * c.filters * c.sourceChannels,
                        c.sourceChannels,
                        1,
                        in,
                        inOffset + image * c.sourceChannels * plane + first,
                        plane,
                        1,
                        hasBias ? BiasAxis.ROWS : BiasAxis.NONE,
                        bias,
                        biasOffset + (long) g * c.filters,
                        c.filters,
                        pixels,
                        c.sourceChannels,
                        1,
                        0,
                        activation,
                        work,
                        workOffset,
                        out,
                        outOffset + image * c.filters * plane + first,
                        plane);
            }
        }
    }
}
