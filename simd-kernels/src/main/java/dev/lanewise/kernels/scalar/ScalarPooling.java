package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.Pool2dShape;
import dev.lanewise.kernels.Pooling;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Pooling by one loop over each window, in row order. */
public final class ScalarPooling implements Pooling {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

    /** The direct kernels; they have no state. */
    public ScalarPooling() {}

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
        int outWidth = shape.outWidth();
        long outPlane = (long) shape.outHeight() * outWidth;
        long inPlane = (long) shape.inHeight() * shape.inWidth();
        for (long p = 0; p < planes; p++) {
            long plane = inOffset + p * inPlane;
            for (int o = 0; o < outPlane; o++) {
                int index = indexOfMaximum(in, plane, shape, o / outWidth, o % outWidth);
                long at = (p * outPlane + o);
                indices.set(INT, (indicesOffset + at) << 2, index);
                out.set(FLOAT, (outOffset + at) << 2, in.get(FLOAT, (plane + index) << 2));
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
        int outWidth = shape.outWidth();
        long outPlane = (long) shape.outHeight() * outWidth;
        long inPlane = (long) shape.inHeight() * shape.inWidth();
        for (long p = 0; p < planes; p++) {
            long plane = inOffset + p * inPlane;
            for (int o = 0; o < outPlane; o++) {
                int index = indexOfMaximum(in, plane, shape, o / outWidth, o % outWidth);
                float maximum = in.get(FLOAT, (plane + index) << 2);
                out.set(FLOAT, (outOffset + p * outPlane + o) << 2, maximum);
            }
        }
    }

    /** The position in its plane of the first maximum, or of the first NaN, of window (y, x). */
    public static int indexOfMaximum(
            MemorySegment in, long plane, Pool2dShape shape, int y, int x) {
        int startY = y * shape.strideHeight() - shape.padTop();
        int startX = x * shape.strideWidth() - shape.padLeft();
        int endY = Math.min(startY + shape.kernelHeight(), shape.inHeight());
        int endX = Math.min(startX + shape.kernelWidth(), shape.inWidth());
        int best = Math.max(startY, 0) * shape.inWidth() + Math.max(startX, 0);
        float maximum = in.get(FLOAT, (plane + best) << 2);
        for (int i = Math.max(startY, 0); i < endY; i++) {
            for (int j = Math.max(startX, 0); j < endX; j++) {
                float value = in.get(FLOAT, (plane + (long) i * shape.inWidth() + j) << 2);
                if (value > maximum || (value != value && maximum == maximum)) {
                    maximum = value;
                    best = i * shape.inWidth() + j;
                }
            }
        }
        return best;
    }

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
        long outPlane = (long) shape.outHeight() * shape.outWidth();
        long inPlane = (long) shape.inHeight() * shape.inWidth();
        zero(dIn, dInOffset, planes * inPlane);
        for (long p = 0; p < planes; p++) {
            for (long o = p * outPlane; o < (p + 1) * outPlane; o++) {
                int index = indices.get(INT, (indicesOffset + o) << 2);
                long at = (dInOffset + p * inPlane + index) << 2;
                float before = dIn.get(FLOAT, at);
                dIn.set(FLOAT, at, before + dOut.get(FLOAT, (dOutOffset + o) << 2));
            }
        }
    }

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
        long outPlane = (long) shape.outHeight() * shape.outWidth();
        long inPlane = (long) shape.inHeight() * shape.inWidth();
        for (long p = 0; p < planes; p++) {
            for (long o = p * outPlane; o < (p + 1) * outPlane; o++) {
                int index = indices.get(INT, (indicesOffset + o) << 2);
                float value = in.get(FLOAT, (inOffset + p * inPlane + index) << 2);
                out.set(FLOAT, (outOffset + o) << 2, value);
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
        int outWidth = shape.outWidth();
        long outPlane = (long) shape.outHeight() * outWidth;
        long inPlane = (long) shape.inHeight() * shape.inWidth();
        for (long p = 0; p < planes; p++) {
            long plane = inOffset + p * inPlane;
            for (int o = 0; o < outPlane; o++) {
                int y = o / outWidth;
                int x = o % outWidth;
                float mean = average(in, plane, shape, countPadding, y, x);
                out.set(FLOAT, (outOffset + p * outPlane + o) << 2, mean);
            }
        }
    }

    /** The mean of window (y, x). */
    public static float average(
            MemorySegment in, long plane, Pool2dShape shape, boolean countPadding, int y, int x) {
        return windowSum(in, plane, shape, y, x) / divisor(shape, y, x, countPadding);
    }

    private static float windowSum(MemorySegment in, long plane, Pool2dShape shape, int y, int x) {
        int startY = y * shape.strideHeight() - shape.padTop();
        int startX = x * shape.strideWidth() - shape.padLeft();
        int endY = Math.min(startY + shape.kernelHeight(), shape.inHeight());
        int endX = Math.min(startX + shape.kernelWidth(), shape.inWidth());
        float sum = 0;
        for (int i = Math.max(startY, 0); i < endY; i++) {
            for (int j = Math.max(startX, 0); j < endX; j++) {
                sum += in.get(FLOAT, (plane + (long) i * shape.inWidth() + j) << 2);
            }
        }
        return sum;
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
        int outWidth = shape.outWidth();
        long outPlane = (long) shape.outHeight() * outWidth;
        long inPlane = (long) shape.inHeight() * shape.inWidth();
        zero(dIn, dInOffset, planes * inPlane);
        for (long p = 0; p < planes; p++) {
            long plane = dInOffset + p * inPlane;
            for (int o = 0; o < outPlane; o++) {
                int y = o / outWidth;
                int x = o % outWidth;
                float gradient = dOut.get(FLOAT, (dOutOffset + p * outPlane + o) << 2);
                addToWindow(gradient / divisor(shape, y, x, countPadding), dIn, plane, shape, y, x);
            }
        }
    }

    private static void addToWindow(
            float share, MemorySegment dIn, long plane, Pool2dShape shape, int y, int x) {
        int startY = y * shape.strideHeight() - shape.padTop();
        int startX = x * shape.strideWidth() - shape.padLeft();
        int endY = Math.min(startY + shape.kernelHeight(), shape.inHeight());
        int endX = Math.min(startX + shape.kernelWidth(), shape.inWidth());
        for (int i = Math.max(startY, 0); i < endY; i++) {
            for (int j = Math.max(startX, 0); j < endX; j++) {
                long at = (plane + (long) i * shape.inWidth() + j) << 2;
                dIn.set(FLOAT, at, dIn.get(FLOAT, at) + share);
            }
        }
    }

    /**
     * By what the sum of window (y, x) is divided: its elements inside the padded input, or inside
     * the input.
     */
    private static int divisor(Pool2dShape shape, int y, int x, boolean countPadding) {
        int startY = y * shape.strideHeight() - shape.padTop();
        int startX = x * shape.strideWidth() - shape.padLeft();
        int endY = Math.min(startY + shape.kernelHeight(), shape.inHeight());
        int endX = Math.min(startX + shape.kernelWidth(), shape.inWidth());
        return countPadding
                ? shape.kernelHeight() * shape.kernelWidth()
                : (endY - Math.max(startY, 0)) * (endX - Math.max(startX, 0));
    }

    private static void zero(MemorySegment out, long outOffset, long n) {
        for (long i = 0; i < n; i++) {
            out.set(FLOAT, (outOffset + i) << 2, 0);
        }
    }
}
