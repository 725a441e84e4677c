package dev.lanewise.kernels.table;

import dev.lanewise.kernels.Pool2dShape;

import java.util.List;

/** Rows of {@link dev.lanewise.kernels.Pooling}. */
final class PoolingRows {
    private PoolingRows() {}

    static List<KernelRow> rows() {
        return List.of(
                KernelRow.of(
                                "pooling",
                                "maxPoolInference",
                                (kernels, n, memory) -> {
                                    Pool2dShape shape = Pool2dShape.of(n, n, 2, 2);
                                    KernelArray in = memory.hostile(3L * n * n);
                                    KernelArray out =
                                            memory.output(
                                                    3L * shape.outHeight() * shape.outWidth());
                                    return () ->
                                            kernels.pooling()
                                                    .maxPoolInference(
                                                            in.segment(),
                                                            in.offset(),
                                                            3,
                                                            shape,
                                                            out.segment(),
                                                            out.offset());
                                })
                        .sizes(0, 1, 2, 3, 4, 7, 8, 15, 16, 17, 33, 63)
                        .benchSizes(28, 224));
    }
}
