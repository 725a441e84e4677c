package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.Conv2dShape;
import dev.lanewise.kernels.Convolution;
import dev.lanewise.kernels.FusedActivation;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Direct convolution: every filter tap adds a scaled, shifted row of one array to a row of another.
 * Sums run over (c, r, s), (k, r, s) and (n, y, x) in ascending order.
 */
public final class ScalarConvolution implements Convolution {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

    /** The direct kernels; they have no state. */
    public ScalarConvolution() {}

    /** Nothing: direct convolution needs no scratch. */
    @Override
    public long workspaceSize(Conv2dShape shape) {
        return 0;
    }

    @Override
    public void forward(
            MemorySegment in,
            long inOffset,
            MemorySegment weight,
            long weightOffset,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            Conv2dShape shape,
            int firstImage,
            int lastImage,
            FusedActivation activation,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment out,
            long outOffset) {
        int outPlane = shape.outHeight() * shape.outWidth();
        int inPlane = shape.inHeight() * shape.inWidth();
        int taps = shape.kernelHeight() * shape.kernelWidth();
        int groupIn = shape.inChannels() / shape.groups();
        int groupOut = shape.outChannels() / shape.groups();
        for (int n = firstImage; n < lastImage; n++) {
            for (int k = 0; k < shape.outChannels(); k++) {
                long o = outOffset + ((long) n * shape.outChannels() + k) * outPlane;
                int firstChannel = k / groupOut * groupIn;
                fill(out, o, outPlane, 0);
                for (int c = 0; c < groupIn; c++) {
                    long i =
                            inOffset + ((long) n * shape.inChannels() + firstChannel + c) * inPlane;
                    long w = weightOffset + ((long) k * groupIn + c) * taps;
                    addFiltered(in, i, weight, w, shape, out, o);
                }
                if (hasBias) {
                    add(at(bias, biasOffset + k), out, o, outPlane);
                }
                activation.apply(ScalarKernels.bundle(), out, o, outPlane);
            }
        }
    }

    /** out[y, x] += in[y·stride + r·dilation − pad, ...] · weight[r, s] for one pair of planes. */
    private static void addFiltered(
            MemorySegment in,
            long inOffset,
            MemorySegment weight,
            long weightOffset,
            Conv2dShape shape,
            MemorySegment out,
            long outOffset) {
        int strideHeight = shape.strideHeight();
        int strideWidth = shape.strideWidth();
        int outWidth = shape.outWidth();
        for (int r = 0; r < shape.kernelHeight(); r++) {
            int shiftY = r * shape.dilationHeight() - shape.padTop();
            int endY = endY(shape, shiftY);
            for (int s = 0; s < shape.kernelWidth(); s++) {
                int shiftX = s * shape.dilationWidth() - shape.padLeft();
                int firstX = Conv2dShape.firstInside(shiftX, strideWidth);
                int count = endX(shape, shiftX) - firstX;
                float w = at(weight, weightOffset + (long) r * shape.kernelWidth() + s);
                for (int y = Conv2dShape.firstInside(shiftY, strideHeight); y < endY; y++) {
                    long i =
                            inOffset
                                    + (long) (y * strideHeight + shiftY) * shape.inWidth()
                                    + ((long) firstX * strideWidth + shiftX);
                    long o = outOffset + (long) y * outWidth + firstX;
                    addScaled(in, i, strideWidth, w, count, out, o, 1);
                }
            }
        }
    }

    @Override
    public void inputGradient(
            MemorySegment dOut,
            long dOutOffset,
            MemorySegment weight,
            long weightOffset,
            Conv2dShape shape,
            int firstImage,
            int lastImage,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment dIn,
            long dInOffset) {
        int outPlane = shape.outHeight() * shape.outWidth();
        int inPlane = shape.inHeight() * shape.inWidth();
        int taps = shape.kernelHeight() * shape.kernelWidth();
        int groupIn = shape.inChannels() / shape.groups();
        int groupOut = shape.outChannels() / shape.groups();
        for (int n = firstImage; n < lastImage; n++) {
            for (int channel = 0; channel < shape.inChannels(); channel++) {
                long i = dInOffset + ((long) n * shape.inChannels() + channel) * inPlane;
                int firstOut = channel / groupIn * groupOut;
                fill(dIn, i, inPlane, 0);
                for (int k = firstOut; k < firstOut + groupOut; k++) {
                    long o = dOutOffset + ((long) n * shape.outChannels() + k) * outPlane;
                    long w = weightOffset + ((long) k * groupIn + channel % groupIn) * taps;
                    addSpread(dOut, o, weight, w, shape, dIn, i);
                }
            }
        }
    }

    /**
     * dIn[y·stride + r·dilation − pad, ...] += dOut[y, x] · weight[r, s] for one pair of planes.
     */
    private static void addSpread(
            MemorySegment dOut,
            long dOutOffset,
            MemorySegment weight,
            long weightOffset,
            Conv2dShape shape,
            MemorySegment dIn,
            long dInOffset) {
        int strideHeight = shape.strideHeight();
        int strideWidth = shape.strideWidth();
        int outWidth = shape.outWidth();
        for (int r = 0; r < shape.kernelHeight(); r++) {
            int shiftY = r * shape.dilationHeight() - shape.padTop();
            int endY = endY(shape, shiftY);
            for (int s = 0; s < shape.kernelWidth(); s++) {
                int shiftX = s * shape.dilationWidth() - shape.padLeft();
                int firstX = Conv2dShape.firstInside(shiftX, strideWidth);
                int count = endX(shape, shiftX) - firstX;
                float w = at(weight, weightOffset + (long) r * shape.kernelWidth() + s);
                for (int y = Conv2dShape.firstInside(shiftY, strideHeight); y < endY; y++) {
                    long o = dOutOffset + (long) y * outWidth + firstX;
                    long i =
                            dInOffset
                                    + (long) (y * strideHeight + shiftY) * shape.inWidth()
                                    + ((long) firstX * strideWidth + shiftX);
                    addScaled(dOut, o, 1, w, count, dIn, i, strideWidth);
                }
            }
        }
    }

    @Override
    public void weightGradient(
            MemorySegment in,
            long inOffset,
            MemorySegment dOut,
            long dOutOffset,
            Conv2dShape shape,
            int firstImage,
            int lastImage,
            float beta,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment dWeight,
            long dWeightOffset) {
        int outPlane = shape.outHeight() * shape.outWidth();
        int inPlane = shape.inHeight() * shape.inWidth();
        int taps = shape.kernelHeight() * shape.kernelWidth();
        int groupIn = shape.inChannels() / shape.groups();
        int groupOut = shape.outChannels() / shape.groups();
        for (int k = 0; k < shape.outChannels(); k++) {
            for (int c = 0; c < groupIn; c++) {
                long w = dWeightOffset + ((long) k * groupIn + c) * taps;
                int channel = k / groupOut * groupIn + c;
                for (int tap = 0; tap < taps; tap++) {
                    float sum = 0;
                    for (int n = firstImage; n < lastImage; n++) {
                        long i = inOffset + ((long) n * shape.inChannels() + channel) * inPlane;
                        long o = dOutOffset + ((long) n * shape.outChannels() + k) * outPlane;
                        sum = correlate(in, i, dOut, o, shape, tap, sum);
                    }
                    float before = beta == 0 ? 0 : beta * at(dWeight, w + tap);
                    dWeight.set(FLOAT, (w + tap) << 2, before + sum);
                }
            }
        }
    }

    /** sum + Σ over y, x of in[y·stride + r·dilation − pad, ...] · dOut[y, x] for one tap. */
    private static float correlate(
            MemorySegment in,
            long inOffset,
            MemorySegment dOut,
            long dOutOffset,
            Conv2dShape shape,
            int tap,
            float sum) {
        int r = tap / shape.kernelWidth();
        int s = tap % shape.kernelWidth();
        int shiftY = r * shape.dilationHeight() - shape.padTop();
        int shiftX = s * shape.dilationWidth() - shape.padLeft();
        int firstX = Conv2dShape.firstInside(shiftX, shape.strideWidth());
        int count = endX(shape, shiftX) - firstX;
        int endY = endY(shape, shiftY);
        for (int y = Conv2dShape.firstInside(shiftY, shape.strideHeight()); y < endY; y++) {
            long i =
                    inOffset
                            + (long) (y * shape.strideHeight() + shiftY) * shape.inWidth()
                            + ((long) firstX * shape.strideWidth() + shiftX);
            long o = dOutOffset + (long) y * shape.outWidth() + firstX;
            sum = dot(in, i, shape.strideWidth(), dOut, o, count, sum);
        }
        return sum;
    }

    private static int endY(Conv2dShape shape, int shiftY) {
        return Conv2dShape.endInside(
                shiftY, shape.strideHeight(), shape.inHeight(), shape.outHeight());
    }

    private static int endX(Conv2dShape shape, int shiftX) {
        return Conv2dShape.endInside(
                shiftX, shape.strideWidth(), shape.inWidth(), shape.outWidth());
    }

    /** y[i · yStride] += x[i · xStride] · factor. */
    private static void addScaled(
            MemorySegment x,
            long xOffset,
            int xStride,
            float factor,
            int n,
            MemorySegment y,
            long yOffset,
            int yStride) {
        if (xStride == 1 && yStride == 1) {
            for (int i = 0; i < n; i++) {
                long at = (yOffset + i) << 2;
                y.set(
                        FLOAT,
                        at,
                        Math.fma(x.get(FLOAT, (xOffset + i) << 2), factor, y.get(FLOAT, at)));
            }
            return;
        }
        for (int i = 0; i < n; i++) {
            long at = (yOffset + (long) i * yStride) << 2;
            float value = x.get(FLOAT, (xOffset + (long) i * xStride) << 2);
            y.set(FLOAT, at, Math.fma(value, factor, y.get(FLOAT, at)));
        }
    }

    private static float dot(
            MemorySegment x,
            long xOffset,
            int xStride,
            MemorySegment y,
            long yOffset,
            int n,
            float sum) {
        for (int i = 0; i < n; i++) {
            float value = x.get(FLOAT, (xOffset + (long) i * xStride) << 2);
            sum = Math.fma(value, y.get(FLOAT, (yOffset + i) << 2), sum);
        }
        return sum;
    }

    private static void fill(MemorySegment out, long outOffset, int n, float value) {
        for (int i = 0; i < n; i++) {
            out.set(FLOAT, (outOffset + i) << 2, value);
        }
    }

    private static void add(float value, MemorySegment out, long outOffset, int n) {
        for (int i = 0; i < n; i++) {
            long at = (outOffset + i) << 2;
            out.set(FLOAT, at, out.get(FLOAT, at) + value);
        }
    }

    private static float at(MemorySegment segment, long index) {
        return segment.get(FLOAT, index << 2);
    }
}
