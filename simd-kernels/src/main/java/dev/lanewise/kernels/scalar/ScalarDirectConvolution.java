package dev.lanewise.kernels.scalar;

import static dev.lanewise.kernels.scalar.ProductBlock.COLUMNS;
import static dev.lanewise.kernels.scalar.ProductBlock.DEPTH;
import static dev.lanewise.kernels.scalar.ProductBlock.ROWS;
import static dev.lanewise.kernels.scalar.ProductBlock.copyIn;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.lanewise.kernels.Conv2dShape;
import dev.lanewise.kernels.ConvolutionPass;
import dev.lanewise.kernels.FusedActivation;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Convolution as a matrix product, one tile of a plane at a time: a row of the right matrix is the
 * tile as one filter tap sees it, zero outside the plane, and is made in a {@link ProductBlock}
 * just before it is used.
 *
 * <p>A tap is a number that stands for (c, r, s) or (k, r, s), counted in this order. Sums run over
 * (c, r, s), (k, r, s) and (n, y, x) in ascending order; n by n, tile by tile for the last.
 */
final class ScalarDirectConvolution {
    private ScalarDirectConvolution() {}

    /** out = f(conv(in, weight) + bias). */
    static void forward(
            MemorySegment in,
            long inOffset,
            MemorySegment weight,
            long weightOffset,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            Conv2dShape shape,
            int firstBand,
            int lastBand,
            FusedActivation activation,
            MemorySegment out,
            long outOffset) {
        int outPlane = shape.outHeight() * shape.outWidth();
        int width = tileWidth(COLUMNS, shape.outWidth());
        int height = COLUMNS / width;
        int groupOut = shape.outChannels() / shape.groups();
        int bands = Math.max(1, shape.bands(ConvolutionPass.FORWARD));
        for (int n = firstBand / bands; (long) n * bands < lastBand; n++) {
            int firstRow = Math.max(0, firstBand - n * bands) * Conv2dShape.BAND;
            int lastRow =
                    (int)
                            Math.min(
                                    (lastBand - (long) n * bands) * Conv2dShape.BAND,
                                    shape.outHeight());
            int pixels = (lastRow - firstRow) * shape.outWidth();
            for (int k = 0; k < shape.outChannels(); k += Math.min(ROWS, groupOut - k % groupOut)) {
                int rows = Math.min(ROWS, groupOut - k % groupOut);
                long o = outOffset + ((long) n * shape.outChannels() + k) * outPlane;
                for (int top = firstRow; top < lastRow; top += height) {
                    int bottom = Math.min(top + height, lastRow);
                    for (int left = 0; left < shape.outWidth(); left += width) {
                        int right = Math.min(left + width, shape.outWidth());
                        sumForward(
                                in,
                                inOffset,
                                weight,
                                weightOffset,
                                shape,
                                n,
                                k,
                                rows,
                                top,
                                bottom,
                                left,
                                right);
                        store(rows, top, bottom, left, right, out, o, outPlane, shape.outWidth());
                    }
                }
                o += (long) firstRow * shape.outWidth();
                for (int i = 0; i < rows; i++, o += outPlane) {
                    if (hasBias) {
                        add(bias.getAtIndex(JAVA_FLOAT, biasOffset + k + i), out, o, pixels);
                    }
                    activation.apply(ScalarKernels.bundle(), out, o, pixels);
                }
            }
        }
    }

    /** Sums over (c, r, s) for a tile of the output channels firstOut to firstOut + rows. */
    private static void sumForward(
            MemorySegment in,
            long inOffset,
            MemorySegment weight,
            long weightOffset,
            Conv2dShape shape,
            int n,
            int firstOut,
            int rows,
            int top,
            int bottom,
            int left,
            int right) {
        int inPlane = shape.inHeight() * shape.inWidth();
        int taps = shape.kernelHeight() * shape.kernelWidth();
        int groupIn = shape.inChannels() / shape.groups();
        int group = firstOut / (shape.outChannels() / shape.groups());
        long image = inOffset + ((long) n * shape.inChannels() + group * groupIn) * inPlane;
        long filters = weightOffset + (long) firstOut * groupIn * taps;
        int columns = (bottom - top) * (right - left);
        ProductBlock block = ProductBlock.ofThread();
        block.clear(rows, columns);
        for (int q = 0; q < groupIn * taps; q += DEPTH) {
            int depth = Math.min(DEPTH, groupIn * taps - q);
            for (int i = 0; i < rows; i++) {
                long filter = filters + (long) i * groupIn * taps;
                copyIn(weight, filter + q, 1, depth, block.left[i], 0);
            }
            for (int p = 0; p < depth; p++) {
                long plane = image + (long) ((q + p) / taps) * inPlane;
                int tap = (q + p) % taps;
                gather(in, plane, shape, tap, top, bottom, left, right, block.right[p]);
            }
            block.multiply(rows, depth, columns);
        }
    }

    /** out = f(the gradient of the input, given the output's as in, + bias). */
    static void inputGradient(
            MemorySegment in,
            long inOffset,
            MemorySegment weight,
            long weightOffset,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            Conv2dShape shape,
            int firstBand,
            int lastBand,
            FusedActivation activation,
            MemorySegment out,
            long outOffset) {
        int inPlane = shape.inHeight() * shape.inWidth();
        int width = tileWidth(COLUMNS, shape.inWidth());
        int height = COLUMNS / width;
        int groupIn = shape.inChannels() / shape.groups();
        int bands = Math.max(1, shape.bands(ConvolutionPass.INPUT_GRADIENT));
        int bandRows = Conv2dShape.BAND * shape.strideHeight();
        for (int n = firstBand / bands; (long) n * bands < lastBand; n++) {
            int firstRow = Math.max(0, firstBand - n * bands) * bandRows;
            int lastRow =
                    (int) Math.min((lastBand - (long) n * bands) * bandRows, shape.inHeight());
            int pixels = (lastRow - firstRow) * shape.inWidth();
            for (int c = 0; c < shape.inChannels(); c += Math.min(ROWS, groupIn - c % groupIn)) {
                int rows = Math.min(ROWS, groupIn - c % groupIn);
                long o = outOffset + ((long) n * shape.inChannels() + c) * inPlane;
                for (int top = firstRow; top < lastRow; top += height) {
                    int bottom = Math.min(top + height, lastRow);
                    for (int left = 0; left < shape.inWidth(); left += width) {
                        int right = Math.min(left + width, shape.inWidth());
                        sumInputGradient(
                                in,
                                inOffset,
                                weight,
                                weightOffset,
                                shape,
                                n,
                                c,
                                rows,
                                top,
                                bottom,
                                left,
                                right);
                        store(rows, top, bottom, left, right, out, o, inPlane, shape.inWidth());
                    }
                }
                o += (long) firstRow * shape.inWidth();
                for (int i = 0; i < rows; i++, o += inPlane) {
                    if (hasBias) {
                        add(bias.getAtIndex(JAVA_FLOAT, biasOffset + c + i), out, o, pixels);
                    }
                    activation.apply(ScalarKernels.bundle(), out, o, pixels);
                }
            }
        }
    }

    /** Sums over (k, r, s) for a tile of the input channels firstIn to firstIn + rows. */
    private static void sumInputGradient(
            MemorySegment dOut,
            long dOutOffset,
            MemorySegment weight,
            long weightOffset,
            Conv2dShape shape,
            int n,
            int firstIn,
            int rows,
            int top,
            int bottom,
            int left,
            int right) {
        int outPlane = shape.outHeight() * shape.outWidth();
        int taps = shape.kernelHeight() * shape.kernelWidth();
        int groupIn = shape.inChannels() / shape.groups();
        int groupOut = shape.outChannels() / shape.groups();
        int firstOut = firstIn / groupIn * groupOut;
        long image = dOutOffset + ((long) n * shape.outChannels() + firstOut) * outPlane;
        long filters = weightOffset + ((long) firstOut * groupIn + firstIn % groupIn) * taps;
        int columns = (bottom - top) * (right - left);
        ProductBlock block = ProductBlock.ofThread();
        block.clear(rows, columns);
        for (int q = 0; q < groupOut * taps; q += DEPTH) {
            int depth = Math.min(DEPTH, groupOut * taps - q);
            for (int p = 0; p < depth; p++) {
                int k = (q + p) / taps;
                int tap = (q + p) % taps;
                long w = filters + (long) k * groupIn * taps + tap;
                for (int i = 0; i < rows; i++) {
                    block.left[i][p] = weight.getAtIndex(JAVA_FLOAT, w + (long) i * taps);
                }
                long plane = image + (long) k * outPlane;
                spread(dOut, plane, shape, tap, top, bottom, left, right, block.right[p]);
            }
            block.multiply(rows, depth, columns);
        }
    }

    /** dWeight = beta · dWeight + the gradient of the weight. */
    static void weightGradient(
            MemorySegment in,
            long inOffset,
            MemorySegment dOut,
            long dOutOffset,
            Conv2dShape shape,
            int firstImage,
            int lastImage,
            float beta,
            MemorySegment dWeight,
            long dWeightOffset) {
        int perFilter = shape.weightsPerChannel();
        int groupOut = shape.outChannels() / shape.groups();
        for (int k = 0; k < shape.outChannels(); k += Math.min(COLUMNS, groupOut - k % groupOut)) {
            int columns = Math.min(COLUMNS, groupOut - k % groupOut);
            for (int q = 0; q < perFilter; q += ROWS) {
                int rows = Math.min(ROWS, perFilter - q);
                ProductBlock block = ProductBlock.ofThread();
                block.clear(rows, columns);
                for (int n = firstImage; n < lastImage; n++) {
                    addImage(in, inOffset, dOut, dOutOffset, shape, n, k, columns, q, rows);
                }
                for (int j = 0; j < columns; j++) {
                    long filter = dWeightOffset + (long) (k + j) * perFilter + q;
                    for (int i = 0; i < rows; i++) {
                        float before =
                                beta == 0f ? 0f : beta * dWeight.getAtIndex(JAVA_FLOAT, filter + i);
                        dWeight.setAtIndex(JAVA_FLOAT, filter + i, before + block.sums[i][j]);
                    }
                }
            }
        }
    }

    /** sums[tap, k] += Σ over y, x of what the tap sees · dOut[k, y, x], for one image. */
    private static void addImage(
            MemorySegment in,
            long inOffset,
            MemorySegment dOut,
            long dOutOffset,
            Conv2dShape shape,
            int n,
            int firstOut,
            int columns,
            int firstTap,
            int rows) {
        int inPlane = shape.inHeight() * shape.inWidth();
        int outPlane = shape.outHeight() * shape.outWidth();
        int taps = shape.kernelHeight() * shape.kernelWidth();
        int groupIn = shape.inChannels() / shape.groups();
        int group = firstOut / (shape.outChannels() / shape.groups());
        long image = inOffset + ((long) n * shape.inChannels() + group * groupIn) * inPlane;
        long gradient = dOutOffset + ((long) n * shape.outChannels() + firstOut) * outPlane;
        int width = tileWidth(DEPTH, shape.outWidth());
        int height = DEPTH / width;
        ProductBlock block = ProductBlock.ofThread();
        for (int top = 0; top < shape.outHeight(); top += height) {
            int bottom = Math.min(top + height, shape.outHeight());
            for (int left = 0; left < shape.outWidth(); left += width) {
                int right = Math.min(left + width, shape.outWidth());
                for (int i = 0; i < rows; i++) {
                    long plane = image + (long) ((firstTap + i) / taps) * inPlane;
                    int tap = (firstTap + i) % taps;
                    gather(in, plane, shape, tap, top, bottom, left, right, block.left[i]);
                }
                int depth = 0;
                for (int y = top; y < bottom; y++) {
                    for (int x = left; x < right; x++, depth++) {
                        long position = gradient + (long) y * shape.outWidth() + x;
                        copyIn(dOut, position, outPlane, columns, block.right[depth], 0);
                    }
                }
                block.multiply(rows, depth, columns);
            }
        }
    }

    /** The width of tiles of at most so many elements: the plane's, where a row fits. */
    private static int tileWidth(int elements, int planeWidth) {
        return Math.clamp(planeWidth, 1, elements);
    }

    /** row = the tile of in[y·stride + r·dilation − pad, ...] over outputs (y, x), 0 outside. */
    private static void gather(
            MemorySegment in,
            long plane,
            Conv2dShape shape,
            int tap,
            int top,
            int bottom,
            int left,
            int right,
            float[] row) {
        int shiftY = tap / shape.kernelWidth() * shape.dilationHeight() - shape.padTop();
        int shiftX = tap % shape.kernelWidth() * shape.dilationWidth() - shape.padLeft();
        int strideX = shape.strideWidth();
        int first = Math.clamp(Conv2dShape.firstInside(shiftX, strideX), left, right);
        int end = Conv2dShape.endInside(shiftX, strideX, shape.inWidth(), right);
        int count = Math.max(end - first, 0);
        int at = 0;
        for (int y = top; y < bottom; y++, at += right - left) {
            int inY = y * shape.strideHeight() + shiftY;
            boolean inside = inY >= 0 && inY < shape.inHeight();
            if (!inside || count < right - left) {
                Arrays.fill(row, at, at + right - left, 0f);
            }
            if (inside && count > 0) {
                long from = plane + (long) inY * shape.inWidth() + (long) first * strideX + shiftX;
                copyIn(in, from, strideX, count, row, at + first - left);
            }
        }
    }

    /** row = the tile over inputs (y, x) of the dOut that the tap multiplies there, or 0. */
    private static void spread(
            MemorySegment dOut,
            long plane,
            Conv2dShape shape,
            int tap,
            int top,
            int bottom,
            int left,
            int right,
            float[] row) {
        int shiftY = tap / shape.kernelWidth() * shape.dilationHeight() - shape.padTop();
        int shiftX = tap % shape.kernelWidth() * shape.dilationWidth() - shape.padLeft() - left;
        int strideX = shape.strideWidth();
        int first = Math.min(Conv2dShape.firstInside(shiftX, strideX), shape.outWidth());
        int end = Conv2dShape.endInside(shiftX, strideX, right - left, shape.outWidth());
        int at = 0;
        for (int y = top; y < bottom; y++, at += right - left) {
            Arrays.fill(row, at, at + right - left, 0f);
            int steps = y - shiftY;
            int outY = steps / shape.strideHeight();
            if (steps < 0 || steps % shape.strideHeight() != 0 || outY >= shape.outHeight()) {
                continue;
            }
            long from = plane + (long) outY * shape.outWidth();
            if (strideX == 1 && first < end) {
                copyIn(dOut, from + first, 1, end - first, row, at + first + shiftX);
                continue;
            }
            for (int x = first; x < end; x++) {
                row[at + x * strideX + shiftX] = dOut.getAtIndex(JAVA_FLOAT, from + x);
            }
        }
    }

    /** Stores the sums of a tile in planes that follow each other. */
    private static void store(
            int rows,
            int top,
            int bottom,
            int left,
            int right,
            MemorySegment planes,
            long planesOffset,
            int planeSize,
            int planeWidth) {
        ProductBlock block = ProductBlock.ofThread();
        for (int i = 0; i < rows; i++) {
            int from = 0;
            for (int y = top; y < bottom; y++, from += right - left) {
                long to = planesOffset + (long) i * planeSize + (long) y * planeWidth + left;
                MemorySegment.copy(block.sums[i], from, planes, JAVA_FLOAT, to << 2, right - left);
            }
        }
    }

    private static void add(float value, MemorySegment out, long outOffset, int n) {
        for (int i = 0; i < n; i++) {
            float sum = out.getAtIndex(JAVA_FLOAT, outOffset + i) + value;
            out.setAtIndex(JAVA_FLOAT, outOffset + i, sum);
        }
    }
}
