package dev.lanewise.kernels.table;

import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.Pool2dShape;

import java.util.List;
import java.util.function.IntFunction;

/** Rows of {@link dev.lanewise.kernels.Pooling}; a size is the height and width of the planes. */
final class PoolingRows {
    private static final int PLANES = 3;

    private PoolingRows() {}

    static List<KernelRow> rows() {
        IntFunction<Pool2dShape> halving = n -> Pool2dShape.of(n, n, 2, 2);
        IntFunction<Pool2dShape> overlapping = n -> new Pool2dShape(n, n, 3, 3, 2, 2, 1, 1, 1, 1);
        IntFunction<Pool2dShape> sliding = n -> new Pool2dShape(n, n, 3, 3, 1, 1, 1, 1, 1, 1);
        return List.of(
                maxPool(halving),
                maxPool(sliding).variant("3x3 stride 1").sizes(2, 3, 4, 17, 33, 56),
                maxPool(overlapping).variant("3x3 stride 2").sizes(2, 3, 4, 17, 33, 56, 64),
                maxPoolInference(halving),
                maxPoolInference(sliding).variant("3x3 stride 1").sizes(2, 3, 4, 17, 33, 56),
                maxPoolInference(overlapping)
                        .variant("3x3 stride 2")
                        .sizes(2, 3, 4, 17, 33, 56, 64),
                maxPoolGradient(halving),
                maxPoolGradient(overlapping).variant("3x3 stride 2").sizes(2, 3, 4, 17, 33, 56),
                gatherPlanes(halving),
                averagePool(halving, true),
                averagePool(sliding, true).variant("3x3 stride 1").sizes(2, 3, 4, 17, 33, 56),
                averagePool(overlapping, false).variant("3x3 stride 2").sizes(2, 3, 4, 17, 33, 56),
                averagePoolGradient(halving, true),
                averagePoolGradient(n -> Pool2dShape.of(n, n, Math.max(1, n), 1), true)
                        .variant("global")
                        .sizes(0, 1, 2, 3, 4, 7, 8, 15, 16, 17, 33)
                        .benchSizes(7, 14));
    }

    private static KernelRow row(String method, KernelRow.Preparation preparation) {
        return KernelRow.of("pooling", method, preparation)
                .sizes(0, 1, 2, 3, 4, 7, 8, 14, 15, 16, 17, 28, 33, 63, 64, 66)
                .benchSizes(28, 224);
    }

    private static long outSize(Pool2dShape shape) {
        return (long) PLANES * shape.outHeight() * shape.outWidth();
    }

    private static long inSize(Pool2dShape shape) {
        return (long) PLANES * shape.inHeight() * shape.inWidth();
    }

    private static KernelRow maxPool(IntFunction<Pool2dShape> shapes) {
        return row(
                "maxPool",
                (kernels, n, memory) -> {
                    Pool2dShape shape = shapes.apply(n);
                    KernelArray in = memory.hostile(inSize(shape));
                    KernelArray indices = memory.outputInts(outSize(shape));
                    KernelArray out = memory.output(outSize(shape));
                    return () ->
                            kernels.pooling()
                                    .maxPool(
                                            in.segment(),
                                            in.offset(),
                                            PLANES,
                                            shape,
                                            indices.segment(),
                                            indices.offset(),
                                            out.segment(),
                                            out.offset());
                });
    }

    private static KernelRow maxPoolInference(IntFunction<Pool2dShape> shapes) {
        return row(
                "maxPoolInference",
                (kernels, n, memory) -> {
                    Pool2dShape shape = shapes.apply(n);
                    KernelArray in = memory.hostile(inSize(shape));
                    KernelArray out = memory.output(outSize(shape));
                    return () ->
                            kernels.pooling()
                                    .maxPoolInference(
                                            in.segment(),
                                            in.offset(),
                                            PLANES,
                                            shape,
                                            out.segment(),
                                            out.offset());
                });
    }

    private static KernelRow maxPoolGradient(IntFunction<Pool2dShape> shapes) {
        return row(
                "maxPoolGradient",
                (kernels, n, memory) -> {
                    Pool2dShape shape = shapes.apply(n);
                    KernelArray dOut = memory.input(outSize(shape));
                    KernelArray indices = places(shape, memory);
                    KernelArray dIn = memory.output(inSize(shape));
                    return () ->
                            kernels.pooling()
                                    .maxPoolGradient(
                                            dOut.segment(),
                                            dOut.offset(),
                                            indices.segment(),
                                            indices.offset(),
                                            PLANES,
                                            shape,
                                            dIn.segment(),
                                            dIn.offset());
                });
    }

    private static KernelRow gatherPlanes(IntFunction<Pool2dShape> shapes) {
        return row(
                "gatherPlanes",
                (kernels, n, memory) -> {
                    Pool2dShape shape = shapes.apply(n);
                    KernelArray in = memory.hostile(inSize(shape));
                    KernelArray indices = places(shape, memory);
                    KernelArray out = memory.output(outSize(shape));
                    return () ->
                            kernels.pooling()
                                    .gatherPlanes(
                                            in.segment(),
                                            in.offset(),
                                            indices.segment(),
                                            indices.offset(),
                                            PLANES,
                                            shape,
                                            out.segment(),
                                            out.offset());
                });
    }

    /** Where the maxima of random planes are. */
    private static KernelArray places(Pool2dShape shape, KernelMemory memory) {
        KernelArray in = memory.input(inSize(shape));
        KernelArray indices = memory.ints(outSize(shape), 0, 1);
        KernelArray maxima = memory.scratch(outSize(shape));
        Kernels.scalar()
                .pooling()
                .maxPool(
                        in.segment(),
                        in.offset(),
                        PLANES,
                        shape,
                        indices.segment(),
                        indices.offset(),
                        maxima.segment(),
                        maxima.offset());
        return indices;
    }

    private static KernelRow averagePool(IntFunction<Pool2dShape> shapes, boolean countPadding) {
        return row(
                "averagePool",
                (kernels, n, memory) -> {
                    Pool2dShape shape = shapes.apply(n);
                    KernelArray in = memory.hostile(inSize(shape));
                    KernelArray out = memory.output(outSize(shape));
                    return () ->
                            kernels.pooling()
                                    .averagePool(
                                            in.segment(),
                                            in.offset(),
                                            PLANES,
                                            shape,
                                            countPadding,
                                            out.segment(),
                                            out.offset());
                });
    }

    private static KernelRow averagePoolGradient(
            IntFunction<Pool2dShape> shapes, boolean countPadding) {
        return row(
                "averagePoolGradient",
                (kernels, n, memory) -> {
                    Pool2dShape shape = shapes.apply(n);
                    KernelArray dOut = memory.hostile(outSize(shape));
                    KernelArray dIn = memory.output(inSize(shape));
                    return () ->
                            kernels.pooling()
                                    .averagePoolGradient(
                                            dOut.segment(),
                                            dOut.offset(),
                                            PLANES,
                                            shape,
                                            countPadding,
                                            dIn.segment(),
                                            dIn.offset());
                });
    }
}
