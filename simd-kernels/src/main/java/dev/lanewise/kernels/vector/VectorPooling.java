package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.Pool2dShape;
import dev.lanewise.kernels.Pooling;
import dev.lanewise.kernels.scalar.ScalarPooling;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Pooling with the outputs of a row in the lanes of a vector, for strides 1 and 2; windows that the
 * padding cuts at the left or right, and other strides, go through the scalar kernels.
 */
public final class VectorPooling implements Pooling {
    private static final VectorSpecies<Float> FLOAT = Lanes.FLOAT;
    private static final VectorSpecies<Integer> INT = Lanes.INT;
    private static final int LANES = Lanes.COUNT;
    private static final ByteOrder NATIVE = ByteOrder.nativeOrder();
    private static final ValueLayout.OfFloat SCALAR = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final ValueLayout.OfInt SCALAR_INT = ValueLayout.JAVA_INT_UNALIGNED;

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
        if (HalvingPool.applies(shape)) {
            HalvingPool.maxPool(
                    in, inOffset, planes, shape, indices, indicesOffset, out, outOffset);
            return;
        }
        if (shape.strideWidth() > 2) {
            scalar.maxPool(in, inOffset, planes, shape, indices, indicesOffset, out, outOffset);
            return;
        }
        int outWidth = shape.outWidth();
        int firstX = firstWhole(shape);
        int endX = endWhole(shape);
        long o = 0;
        for (long p = 0; p < planes; p++) {
            long plane = inOffset + p * shape.inHeight() * shape.inWidth();
            for (int y = 0; y < shape.outHeight(); y++) {
                maxRow(
                        in,
                        plane,
                        shape,
                        y,
                        firstX,
                        endX,
                        indices,
                        indicesOffset + o + firstX,
                        out,
                        outOffset + o + firstX);
                for (int x = 0; x < outWidth; x++) {
                    if (x < firstX || x >= endX) {
                        int index = ScalarPooling.indexOfMaximum(in, plane, shape, y, x);
                        indices.set(SCALAR_INT, (indicesOffset + o + x) << 2, index);
                        float maximum = in.get(SCALAR, (plane + index) << 2);
                        out.set(SCALAR, (outOffset + o + x) << 2, maximum);
                    }
                }
                o += outWidth;
            }
        }
    }

    /** Outputs firstX to endX of row y, whose windows the left and right padding doesn't cut. */
    private static void maxRow(
            MemorySegment in,
            long plane,
            Pool2dShape shape,
            int y,
            int firstX,
            int endX,
            MemorySegment indices,
            long indicesAt,
            MemorySegment out,
            long outAt) {
        int stride = shape.strideWidth();
        int firstRow = Math.max(0, y * shape.strideHeight() - shape.padTop());
        int endRow = endRow(shape, y);
        for (int x = firstX; x < endX; x += LANES) {
            int column = x * stride - shape.padLeft();
            int first = firstRow * shape.inWidth() + column;
            FloatVector maximum = strided(in, plane, first, shape, stride);
            IntVector best = IntVector.broadcast(INT, first).addIndex(stride);
            IntVector start = best;
            for (int i = firstRow; i < endRow; i++) {
                for (int j = i == firstRow ? 1 : 0; j < shape.kernelWidth(); j++) {
                    int at = i * shape.inWidth() + column + j;
                    FloatVector value = strided(in, plane, at, shape, stride);
                    VectorMask<Float> wins = wins(value, maximum);
                    maximum = maximum.blend(value, wins);
                    best = best.blend(start.add(at - first), wins.cast(INT));
                }
            }
            int i = x - firstX;
            if (endX - x >= LANES) {
                maximum.intoMemorySegment(out, (outAt + i) << 2, NATIVE);
                best.intoMemorySegment(indices, (indicesAt + i) << 2, NATIVE);
            } else {
                VectorMask<Float> rest = FLOAT.indexInRange(x, endX);
                maximum.intoMemorySegment(out, (outAt + i) << 2, NATIVE, rest);
                best.intoMemorySegment(indices, (indicesAt + i) << 2, NATIVE, rest.cast(INT));
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
        if (HalvingPool.applies(shape)) {
            HalvingPool.maxPoolInference(in, inOffset, planes, shape, out, outOffset);
            return;
        }
        if (shape.strideWidth() > 2) {
            scalar.maxPoolInference(in, inOffset, planes, shape, out, outOffset);
            return;
        }
        int outWidth = shape.outWidth();
        int firstX = firstWhole(shape);
        int endX = endWhole(shape);
        long o = outOffset;
        for (long p = 0; p < planes; p++) {
            long plane = inOffset + p * shape.inHeight() * shape.inWidth();
            for (int y = 0; y < shape.outHeight(); y++) {
                maxRow(in, plane, shape, y, firstX, endX, out, o + firstX);
                for (int x = 0; x < outWidth; x++) {
                    if (x < firstX || x >= endX) {
                        int index = ScalarPooling.indexOfMaximum(in, plane, shape, y, x);
                        out.set(SCALAR, (o + x) << 2, in.get(SCALAR, (plane + index) << 2));
                    }
                }
                o += outWidth;
            }
        }
    }

    private static void maxRow(
            MemorySegment in,
            long plane,
            Pool2dShape shape,
            int y,
            int firstX,
            int endX,
            MemorySegment out,
            long outAt) {
        int stride = shape.strideWidth();
        int firstRow = Math.max(0, y * shape.strideHeight() - shape.padTop());
        int endRow = endRow(shape, y);
        for (int x = firstX; x < endX; x += LANES) {
            int column = x * stride - shape.padLeft();
            int first = firstRow * shape.inWidth() + column;
            FloatVector maximum = strided(in, plane, first, shape, stride);
            for (int i = firstRow; i < endRow; i++) {
                for (int j = i == firstRow ? 1 : 0; j < shape.kernelWidth(); j++) {
                    int at = i * shape.inWidth() + column + j;
                    FloatVector value = strided(in, plane, at, shape, stride);
                    maximum = maximum.blend(value, wins(value, maximum));
                }
            }
            storeRow(maximum, endX - x, out, outAt + x - firstX);
        }
    }

    /** Where a value replaces the maximum so far: it is larger, or the first NaN. */
    private static VectorMask<Float> wins(FloatVector value, FloatVector maximum) {
        VectorMask<Float> larger = value.compare(VectorOperators.GT, maximum);
        VectorMask<Float> invalid = value.test(VectorOperators.IS_NAN);
        return larger.or(invalid.andNot(maximum.test(VectorOperators.IS_NAN)));
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
        int firstX = firstWhole(shape);
        int endX = endWhole(shape);
        long o = outOffset;
        for (long p = 0; p < planes; p++) {
            long plane = inOffset + p * shape.inHeight() * shape.inWidth();
            for (int y = 0; y < shape.outHeight(); y++) {
                averageRow(in, plane, shape, countPadding, y, firstX, endX, out, o + firstX);
                for (int x = 0; x < outWidth; x++) {
                    if (x < firstX || x >= endX) {
                        float mean = ScalarPooling.average(in, plane, shape, countPadding, y, x);
                        out.set(SCALAR, (o + x) << 2, mean);
                    }
                }
                o += outWidth;
            }
        }
    }

    private static void averageRow(
            MemorySegment in,
            long plane,
            Pool2dShape shape,
            boolean countPadding,
            int y,
            int firstX,
            int endX,
            MemorySegment out,
            long outAt) {
        int stride = shape.strideWidth();
        int firstRow = Math.max(0, y * shape.strideHeight() - shape.padTop());
        int endRow = endRow(shape, y);
        int countedRows = countPadding ? shape.kernelHeight() : endRow - firstRow;
        float divisor = countedRows * shape.kernelWidth();
        for (int x = firstX; x < endX; x += LANES) {
            int column = x * stride - shape.padLeft();
            FloatVector sum = FloatVector.zero(FLOAT);
            for (int i = firstRow; i < endRow; i++) {
                for (int j = 0; j < shape.kernelWidth(); j++) {
                    int at = i * shape.inWidth() + column + j;
                    sum = sum.add(strided(in, plane, at, shape, stride));
                }
            }
            storeRow(sum.div(divisor), endX - x, out, outAt + x - firstX);
        }
    }

    private static void storeRow(FloatVector values, int n, MemorySegment out, long at) {
        if (n >= LANES) {
            values.intoMemorySegment(out, at << 2, NATIVE);
        } else {
            values.intoMemorySegment(out, at << 2, NATIVE, FLOAT.indexInRange(0, n));
        }
    }

    /** Elements at, at + stride, ... of a plane; zero behind its end. */
    private static FloatVector strided(
            MemorySegment in, long plane, int at, Pool2dShape shape, int stride) {
        int left = shape.inHeight() * shape.inWidth() - at;
        FloatVector low = upTo(in, plane + at, left);
        return stride == 1 ? low : Interleave.even(low, upTo(in, plane + at + LANES, left - LANES));
    }

    /** A vector of which only the first n lanes are read. */
    private static FloatVector upTo(MemorySegment in, long at, int n) {
        return n >= LANES
                ? FloatVector.fromMemorySegment(FLOAT, in, at << 2, NATIVE)
                : n <= 0
                        ? FloatVector.zero(FLOAT)
                        : FloatVector.fromMemorySegment(
                                FLOAT, in, at << 2, NATIVE, FLOAT.indexInRange(0, n));
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
        if (HalvingPool.applies(shape)) {
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
        int plane = shape.inHeight() * shape.inWidth();
        for (long p = 0; p < planes; p++) {
            float share = dOut.get(SCALAR, (dOutOffset + p) << 2) / plane + 0f;
            FloatVector value = FloatVector.broadcast(FLOAT, share);
            for (int i = 0; i < plane; i += LANES) {
                storeRow(value, plane - i, dIn, dInOffset + p * plane + i);
            }
        }
    }
}
