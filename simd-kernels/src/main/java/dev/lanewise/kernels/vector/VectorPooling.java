package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;

import dev.lanewise.kernels.Pool2dShape;
import dev.lanewise.kernels.Pooling;
import dev.lanewise.kernels.scalar.ScalarPooling;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Pooling with the outputs of a row in the lanes of a vector, for strides 1 and 2; windows that the
 * padding cuts at the left or right, and other strides, go through the scalar kernels.
 */
public final class VectorPooling implements Pooling {
    private static final int LANES = Lanes.COUNT;
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final ValueLayout.OfInt SCALAR_INT = ValueLayout.JAVA_INT_UNALIGNED;

    /** Fewer windows than this are left to the scalar loop. */
    private static final int FEW = LANES / 4;

    private final ScalarPooling scalar = new ScalarPooling();

    /** The vector kernels; they have no state. */
    public VectorPooling() {}

    @Override
    public void maxPool(
            MemorySegment in,
            long inOffset,
            long planes,
            Pool2dShape shape,
            MemorySegment indices,
            long indicesOffset,
            MemorySegment out,
            long outOffset) {
        if (HalvingPool.applies(shape, planes)) {
            HalvingPool.maxPool(
                    in, inOffset, planes, shape, indices, indicesOffset, out, outOffset);
            return;
        }
        if (shape.strideWidth() > 2) {
            scalar.maxPool(in, inOffset, planes, shape, indices, indicesOffset, out, outOffset);
            return;
        }
        int outWidth = shape.outWidth();
        int outHeight = shape.outHeight();
        long inPlane = (long) shape.inHeight() * shape.inWidth();
        long inEnd = inOffset + planes * inPlane;
        long size = planes * outHeight * outWidth;
        for (long row = 0; row < planes * outHeight; row++) {
            maxRow(
                    in,
                    inOffset + row / outHeight * inPlane,
                    inEnd,
                    shape,
                    (int) (row % outHeight),
                    indices,
                    indicesOffset + row * outWidth,
                    out,
                    outOffset + row * outWidth,
                    outOffset + size);
        }
    }

    /** Row y of a plane. A tile may write behind the row; what comes next is written later. */
    private static void maxRow(
            MemorySegment in,
            long plane,
            long inEnd,
            Pool2dShape shape,
            int y,
            MemorySegment indices,
            long indicesAt,
            MemorySegment out,
            long outAt,
            long outEnd) {
        in = NATIVE.cast(in);
        indices = NATIVE.cast(indices);
        out = NATIVE.cast(out);
        int width = shape.inWidth();
        int columns = shape.kernelWidth();
        int stride = shape.strideWidth();
        int firstRow = firstRow(shape, y);
        int rows = endRow(shape, y) - firstRow;
        int firstX = firstWhole(shape);
        int endX = endWhole(shape);
        long readable = inEnd - PoolTiles.reach(width, rows, columns, stride);
        int x = 0;
        while (x < shape.outWidth()) {
            int place = firstRow * width + x * stride - shape.padLeft();
            long at = plane + place;
            long i = indicesAt + x;
            long o = outAt + x;
            if (x < firstX || endX - x < FEW || at > readable || o > outEnd - LANES) {
                int index = ScalarPooling.indexOfMaximum(in, plane, shape, y, x);
                indices.set(SCALAR_INT, i << 2, index);
                out.set(SCALAR, o << 2, in.get(SCALAR, (plane + index) << 2));
                x++;
            } else if (stride == 1) {
                PoolTiles.maximumAt1(in, at, place, width, rows, columns, indices, i, out, o);
                x = Math.min(x + LANES, endX);
            } else {
                PoolTiles.maximumAt2(in, at, place, width, rows, columns, indices, i, out, o);
                x = Math.min(x + LANES, endX);
            }
        }
    }

    @Override
    public void maxPoolInference(
            MemorySegment in,
            long inOffset,
            long planes,
            Pool2dShape shape,
            MemorySegment out,
            long outOffset) {
        if (HalvingPool.applies(shape, planes)) {
            HalvingPool.maxPoolInference(in, inOffset, planes, shape, out, outOffset);
            return;
        }
        if (shape.strideWidth() > 2) {
            scalar.maxPoolInference(in, inOffset, planes, shape, out, outOffset);
            return;
        }
        int outWidth = shape.outWidth();
        int outHeight = shape.outHeight();
        long inPlane = (long) shape.inHeight() * shape.inWidth();
        long inEnd = inOffset + planes * inPlane;
        long outEnd = outOffset + planes * outHeight * outWidth;
        for (long row = 0; row < planes * outHeight; row++) {
            long plane = inOffset + row / outHeight * inPlane;
            int y = (int) (row % outHeight);
            maxRow(in, plane, inEnd, shape, y, out, outOffset + row * outWidth, outEnd);
        }
    }

    private static void maxRow(
            MemorySegment in,
            long plane,
            long inEnd,
            Pool2dShape shape,
            int y,
            MemorySegment out,
            long outAt,
            long outEnd) {
        in = NATIVE.cast(in);
        out = NATIVE.cast(out);
        int width = shape.inWidth();
        int columns = shape.kernelWidth();
        int stride = shape.strideWidth();
        int firstRow = firstRow(shape, y);
        int rows = endRow(shape, y) - firstRow;
        int firstX = firstWhole(shape);
        int endX = endWhole(shape);
        long readable = inEnd - PoolTiles.reach(width, rows, columns, stride);
        int x = 0;
        while (x < shape.outWidth()) {
            long at = plane + firstRow * width + x * stride - shape.padLeft();
            long o = outAt + x;
            if (x < firstX || endX - x < FEW || at > readable || o > outEnd - LANES) {
                int index = ScalarPooling.indexOfMaximum(in, plane, shape, y, x);
                out.set(SCALAR, o << 2, in.get(SCALAR, (plane + index) << 2));
                x++;
            } else if (stride == 1) {
                PoolTiles.maximum1(in, at, width, rows, columns, out, o);
                x = Math.min(x + LANES, endX);
            } else {
                PoolTiles.maximum2(in, at, width, rows, columns, out, o);
                x = Math.min(x + LANES, endX);
            }
        }
    }

    @Override
    public void averagePool(
            MemorySegment in,
            long inOffset,
            long planes,
            Pool2dShape shape,
            boolean countPadding,
            MemorySegment out,
            long outOffset) {
        if (shape.strideWidth() > 2) {
            scalar.averagePool(in, inOffset, planes, shape, countPadding, out, outOffset);
            return;
        }
        int outWidth = shape.outWidth();
        int outHeight = shape.outHeight();
        long inPlane = (long) shape.inHeight() * shape.inWidth();
        long inEnd = inOffset + planes * inPlane;
        long outEnd = outOffset + planes * outHeight * outWidth;
        for (long row = 0; row < planes * outHeight; row++) {
            long plane = inOffset + row / outHeight * inPlane;
            int y = (int) (row % outHeight);
            long o = outOffset + row * outWidth;
            averageRow(in, plane, inEnd, shape, countPadding, y, out, o, outEnd);
        }
    }

    private static void averageRow(
            MemorySegment in,
            long plane,
            long inEnd,
            Pool2dShape shape,
            boolean countPadding,
            int y,
            MemorySegment out,
            long outAt,
            long outEnd) {
        in = NATIVE.cast(in);
        out = NATIVE.cast(out);
        int width = shape.inWidth();
        int columns = shape.kernelWidth();
        int stride = shape.strideWidth();
        int firstRow = firstRow(shape, y);
        int rows = endRow(shape, y) - firstRow;
        float divisor = (countPadding ? shape.kernelHeight() : rows) * columns;
        int firstX = firstWhole(shape);
        int endX = endWhole(shape);
        long readable = inEnd - PoolTiles.reach(width, rows, columns, stride);
        int x = 0;
        while (x < shape.outWidth()) {
            long at = plane + firstRow * width + x * stride - shape.padLeft();
            long o = outAt + x;
            if (x < firstX || endX - x < FEW || at > readable || o > outEnd - LANES) {
                float mean = ScalarPooling.average(in, plane, shape, countPadding, y, x);
                out.set(SCALAR, o << 2, mean);
                x++;
            } else if (stride == 1) {
                PoolTiles.average1(in, at, width, rows, columns, divisor, out, o);
                x = Math.min(x + LANES, endX);
            } else {
                PoolTiles.average2(in, at, width, rows, columns, divisor, out, o);
                x = Math.min(x + LANES, endX);
            }
        }
    }

    private static int firstRow(Pool2dShape shape, int y) {
        return Math.max(0, y * shape.strideHeight() - shape.padTop());
    }

    private static int endRow(Pool2dShape shape, int y) {
        int end = y * shape.strideHeight() - shape.padTop() + shape.kernelHeight();
        return Math.min(end, shape.inHeight());
    }

    /** The first output column whose window the left padding doesn't cut. */
    private static int firstWhole(Pool2dShape shape) {
        return Math.min(shape.outWidth(), Math.ceilDiv(shape.padLeft(), shape.strideWidth()));
    }

    /** The end of the output columns whose windows neither padding cuts. */
    private static int endWhole(Pool2dShape shape) {
        int last = shape.inWidth() + shape.padLeft() - shape.kernelWidth();
        int end = last < 0 ? 0 : last / shape.strideWidth() + 1;
        return Math.clamp(end, firstWhole(shape), shape.outWidth());
    }

    /** A scatter: the scalar loop is faster than any vector form tried. */
    @Override
    public void maxPoolGradient(
            MemorySegment dOut,
            long dOutOffset,
            MemorySegment indices,
            long indicesOffset,
            long planes,
            Pool2dShape shape,
            MemorySegment dIn,
            long dInOffset) {
        scalar.maxPoolGradient(
                dOut, dOutOffset, indices, indicesOffset, planes, shape, dIn, dInOffset);
    }

    /** A gather: the scalar loop is faster than any vector form tried. */
    @Override
    public void gatherPlanes(
            MemorySegment in,
            long inOffset,
            MemorySegment indices,
            long indicesOffset,
            long planes,
            Pool2dShape shape,
            MemorySegment out,
            long outOffset) {
        scalar.gatherPlanes(in, inOffset, indices, indicesOffset, planes, shape, out, outOffset);
    }

    @Override
    public void averagePoolGradient(
            MemorySegment dOut,
            long dOutOffset,
            long planes,
            Pool2dShape shape,
            boolean countPadding,
            MemorySegment dIn,
            long dInOffset) {
        if (HalvingPool.applies(shape, planes)) {
            HalvingPool.averagePoolGradient(dOut, dOutOffset, planes, shape, dIn, dInOffset);
            return;
        }
        boolean global =
                shape.kernelHeight() == shape.inHeight()
                        && shape.kernelWidth() == shape.inWidth()
                        && (shape.padTop() | shape.padBottom() | shape.padLeft() | shape.padRight())
                                == 0;
        if (!global) {
            scalar.averagePoolGradient(
                    dOut, dOutOffset, planes, shape, countPadding, dIn, dInOffset);
            return;
        }
        spread(dOut, dOutOffset, planes, shape.inHeight() * shape.inWidth(), dIn, dInOffset);
    }

    /** Gradients of the means of whole planes: to each element its share. */
    private static void spread(
            MemorySegment dOut,
            long dOutOffset,
            long planes,
            int plane,
            MemorySegment dIn,
            long dInOffset) {
        dOut = NATIVE.cast(dOut);
        dIn = NATIVE.cast(dIn);
        for (long p = 0; p < planes; p++) {
            float share = dOut.get(SCALAR, (dOutOffset + p) << 2) / plane + 0f;
            FloatVector value = FloatVector.broadcast(FLOAT, share);
            for (int i = 0; i < plane; i += LANES) {
                value.intoMemorySegment(
                        dIn, (dInOffset + p * plane + i) << 2, ORDER, FLOAT.indexInRange(i, plane));
            }
        }
    }
}
