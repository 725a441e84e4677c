package dev.lanewise.core;

import static dev.lanewise.core.Operands.KERNELS;

import dev.lanewise.kernels.Pool2dShape;
import dev.lanewise.kernels.Pooling;

/**
 * Max and average pooling of images x: [N, C, H, W], each plane on its own, and the gradients. The
 * planes are shared by the caller's {@link Workers} threads.
 */
public final class Poolings {
    private static final Pooling KERNEL = KERNELS.pooling();

    private Poolings() {}

    /**
     * What max pooling gives for training.
     *
     * @param output the maxima: [N, C, outHeight, outWidth]
     * @param indices each maximum's place in its plane, row · W + column: int32
     */
    public record MaxPooled(Tensor output, Tensor indices) {}

    /** The maxima of the windows and their places, the first of equal ones. */
    public static MaxPooled maxPoolWithIndices(Tensor x, Pool2dShape shape) {
        Shape result = resultShape("maxPool", x.shape(), shape);
        Tensor out = Operands.result("maxPool", result);
        Tensor indices = Operands.result("maxPool", result, ElementType.INT32);
        maxPoolWithIndices(x, shape, indices, out);
        return new MaxPooled(out, indices);
    }

    /** indices, out = the places of the maxima of the windows, and the maxima. */
    public static Tensor maxPoolWithIndices(
            Tensor x, Pool2dShape shape, Tensor indices, Tensor out) {
        Shape result = resultShape("maxPool", x.shape(), shape);
        try (Staging staging = Staging.of("maxPool")) {
            Tensor in = staging.input("x", x);
            Tensor places = staging.output(indices, result, ElementType.INT32);
            Tensor target = staging.output(out, result);
            overPlanes(
                    x.shape(),
                    shape,
                    (from, to, inSize, outSize) ->
                            KERNEL.maxPool(
                                    in.storage.segment(),
                                    in.offset() + from * inSize,
                                    to - from,
                                    shape,
                                    places.storage.segment(),
                                    places.offset() + from * outSize,
                                    target.storage.segment(),
                                    target.offset() + from * outSize));
            staging.finish();
        }
        return out;
    }

    /** The maxima of the windows. */
    public static Tensor maxPool(Tensor x, Pool2dShape shape) {
        return maxPool(
                x, shape, Operands.result("maxPool", resultShape("maxPool", x.shape(), shape)));
    }

    /** out = the maxima of the windows. */
    public static Tensor maxPool(Tensor x, Pool2dShape shape, Tensor out) {
        Shape result = resultShape("maxPool", x.shape(), shape);
        try (Staging staging = Staging.of("maxPool")) {
            Tensor in = staging.input("x", x);
            Tensor target = staging.output(out, result);
            overPlanes(
                    x.shape(),
                    shape,
                    (from, to, inSize, outSize) ->
                            KERNEL.maxPoolInference(
                                    in.storage.segment(),
                                    in.offset() + from * inSize,
                                    to - from,
                                    shape,
                                    target.storage.segment(),
                                    target.offset() + from * outSize));
            staging.finish();
        }
        return out;
    }

    /** The gradient of x: each dOut goes to the place of its maximum. */
    public static Tensor maxPoolGradient(Tensor dOut, Tensor indices, Pool2dShape shape) {
        Shape dx = inputShape("maxPool gradient", dOut.shape(), shape);
        return maxPoolGradient(dOut, indices, shape, Operands.result("maxPool gradient", dx));
    }

    /** dx = the gradient of x: each dOut goes to the place of its maximum. */
    public static Tensor maxPoolGradient(
            Tensor dOut, Tensor indices, Pool2dShape shape, Tensor dx) {
        String name = "maxPool gradient";
        Shape in = inputShape(name, dOut.shape(), shape);
        checkIndices(name, indices, dOut.shape());
        try (Staging staging = Staging.of(name)) {
            Tensor gradient = staging.input("dOut", dOut);
            Tensor places = staging.indices("indices", indices);
            Tensor target = staging.output(dx, in);
            overPlanes(
                    in,
                    shape,
                    (from, to, inSize, outSize) ->
                            KERNEL.maxPoolGradient(
                                    gradient.storage.segment(),
                                    gradient.offset() + from * outSize,
                                    places.storage.segment(),
                                    places.offset() + from * outSize,
                                    to - from,
                                    shape,
                                    target.storage.segment(),
                                    target.offset() + from * inSize));
            staging.finish();
        }
        return dx;
    }

    /**
     * out[n, c, y, x] = in[n, c, indices[n, c, y, x]]: the elements at the places that max pooling
     * noted; the linear map whose transpose is {@link #maxPoolGradient}.
     */
    public static Tensor gatherPlanes(Tensor in, Tensor indices, Pool2dShape shape) {
        Shape result = resultShape("gatherPlanes", in.shape(), shape);
        return gatherPlanes(in, indices, shape, Operands.result("gatherPlanes", result));
    }

    /** out = the elements at the places that max pooling noted. */
    public static Tensor gatherPlanes(Tensor in, Tensor indices, Pool2dShape shape, Tensor out) {
        Shape result = resultShape("gatherPlanes", in.shape(), shape);
        checkIndices("gatherPlanes", indices, result);
        try (Staging staging = Staging.of("gatherPlanes")) {
            Tensor source = staging.input("in", in);
            Tensor places = staging.indices("indices", indices);
            Tensor target = staging.output(out, result);
            overPlanes(
                    in.shape(),
                    shape,
                    (from, to, inSize, outSize) ->
                            KERNEL.gatherPlanes(
                                    source.storage.segment(),
                                    source.offset() + from * inSize,
                                    places.storage.segment(),
                                    places.offset() + from * outSize,
                                    to - from,
                                    shape,
                                    target.storage.segment(),
                                    target.offset() + from * outSize));
            staging.finish();
        }
        return out;
    }

    /** The means of the windows; zeros of the padding count if {@code countPadding}. */
    public static Tensor averagePool(Tensor x, Pool2dShape shape, boolean countPadding) {
        Shape result = resultShape("averagePool", x.shape(), shape);
        return averagePool(x, shape, countPadding, Operands.result("averagePool", result));
    }

    /** out = the means of the windows; zeros of the padding count if {@code countPadding}. */
    public static Tensor averagePool(
            Tensor x, Pool2dShape shape, boolean countPadding, Tensor out) {
        Shape result = resultShape("averagePool", x.shape(), shape);
        try (Staging staging = Staging.of("averagePool")) {
            Tensor in = staging.input("x", x);
            Tensor target = staging.output(out, result);
            overPlanes(
                    x.shape(),
                    shape,
                    (from, to, inSize, outSize) ->
                            KERNEL.averagePool(
                                    in.storage.segment(),
                                    in.offset() + from * inSize,
                                    to - from,
                                    shape,
                                    countPadding,
                                    target.storage.segment(),
                                    target.offset() + from * outSize));
            staging.finish();
        }
        return out;
    }

    /** The gradient of {@link #averagePool(Tensor, Pool2dShape, boolean)}. */
    public static Tensor averagePoolGradient(Tensor dOut, Pool2dShape shape, boolean countPadding) {
        Shape dx = inputShape("averagePool gradient", dOut.shape(), shape);
        return averagePoolGradient(
                dOut, shape, countPadding, Operands.result("averagePool gradient", dx));
    }

    /** dx = the gradient of {@link #averagePool(Tensor, Pool2dShape, boolean)}. */
    public static Tensor averagePoolGradient(
            Tensor dOut, Pool2dShape shape, boolean countPadding, Tensor dx) {
        String name = "averagePool gradient";
        Shape in = inputShape(name, dOut.shape(), shape);
        try (Staging staging = Staging.of(name)) {
            Tensor gradient = staging.input("dOut", dOut);
            Tensor target = staging.output(dx, in);
            overPlanes(
                    in,
                    shape,
                    (from, to, inSize, outSize) ->
                            KERNEL.averagePoolGradient(
                                    gradient.storage.segment(),
                                    gradient.offset() + from * outSize,
                                    to - from,
                                    shape,
                                    countPadding,
                                    target.storage.segment(),
                                    target.offset() + from * inSize));
            staging.finish();
        }
        return dx;
    }

    private static Shape resultShape(String name, Shape x, Pool2dShape shape) {
        checkWindow(name, shape);
        if (x.rank() != 4 || x.size(2) != shape.inHeight() || x.size(3) != shape.inWidth()) {
            throw new ShapeException(
                    "%s: x must be [N, C, %d, %d], got %s"
                            .formatted(name, shape.inHeight(), shape.inWidth(), x));
        }
        return Shape.of(x.size(0), x.size(1), shape.outHeight(), shape.outWidth());
    }

    private static Shape inputShape(String name, Shape dOut, Pool2dShape shape) {
        checkWindow(name, shape);
        if (dOut.rank() != 4
                || dOut.size(2) != shape.outHeight()
                || dOut.size(3) != shape.outWidth()) {
            throw new ShapeException(
                    "%s: dOut must be [N, C, %d, %d], got %s"
                            .formatted(name, shape.outHeight(), shape.outWidth(), dOut));
        }
        return Shape.of(dOut.size(0), dOut.size(1), shape.inHeight(), shape.inWidth());
    }

    private static void checkWindow(String name, Pool2dShape s) {
        boolean positive =
                s.kernelHeight() > 0
                        && s.kernelWidth() > 0
                        && s.strideHeight() > 0
                        && s.strideWidth() > 0
                        && Math.min(s.padTop(), s.padBottom()) >= 0
                        && Math.min(s.padLeft(), s.padRight()) >= 0;
        if (!positive
                || Math.max(s.padTop(), s.padBottom()) > s.kernelHeight() / 2
                || Math.max(s.padLeft(), s.padRight()) > s.kernelWidth() / 2) {
            throw new ArgumentException(
                    name
                            + ": window and stride must be positive, padding at most half of the"
                            + " window: "
                            + s);
        }
    }

    private static void checkIndices(String name, Tensor indices, Shape shape) {
        if (!indices.shape().equals(shape)) {
            throw new ShapeException(
                    "%s: indices must be %s, got %s".formatted(name, shape, indices.shape()));
        }
    }

    private interface Planes {
        void run(long from, long to, long inSize, long outSize);
    }

    private static void overPlanes(Shape x, Pool2dShape shape, Planes body) {
        long planes = x.size(0) * x.size(1);
        long inSize = (long) shape.inHeight() * shape.inWidth();
        long outSize = (long) shape.outHeight() * shape.outWidth();
        long grain = Math.max(1, Parallel.ELEMENTS / Math.max(1, inSize));
        if (Parallel.isShared(planes, grain)) {
            Parallel.pieces(planes, grain, (from, to) -> body.run(from, to, inSize, outSize));
        } else if (planes > 0) {
            body.run(0, planes, inSize, outSize);
        }
    }
}
