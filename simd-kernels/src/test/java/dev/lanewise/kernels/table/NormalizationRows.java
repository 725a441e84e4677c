package dev.lanewise.kernels.table;

import java.util.List;

/** Rows of {@link dev.lanewise.kernels.Normalization}. */
final class NormalizationRows {
    private NormalizationRows() {}

    static List<KernelRow> rows() {
        return List.of(
                row(
                                "channelStatistics",
                                (kernels, n, memory) -> {
                                    KernelArray x = memory.input((long) BATCH * CHANNELS * n);
                                    KernelArray mean = memory.output(CHANNELS);
                                    KernelArray variance = memory.output(CHANNELS);
                                    return () ->
                                            kernels.normalization()
                                                    .channelStatistics(
                                                            x.segment(),
                                                            x.offset(),
                                                            BATCH,
                                                            CHANNELS,
                                                            n,
                                                            mean.segment(),
                                                            mean.offset(),
                                                            variance.segment(),
                                                            variance.offset());
                                })
                        .flops(n -> 4.0 * BATCH * CHANNELS * n)
                        .tolerance(Tolerance.sum(n -> BATCH * n, 1)),
                row(
                                "channelAffine",
                                (kernels, n, memory) -> {
                                    KernelArray x = memory.hostile((long) BATCH * CHANNELS * n);
                                    KernelArray scale = memory.input(CHANNELS);
                                    KernelArray shift = memory.input(CHANNELS);
                                    KernelArray out = memory.output((long) BATCH * CHANNELS * n);
                                    return () ->
                                            kernels.normalization()
                                                    .channelAffine(
                                                            x.segment(),
                                                            x.offset(),
                                                            scale.segment(),
                                                            scale.offset(),
                                                            shift.segment(),
                                                            shift.offset(),
                                                            BATCH,
                                                            CHANNELS,
                                                            n,
                                                            out.segment(),
                                                            out.offset());
                                })
                        .flops(n -> 2.0 * BATCH * CHANNELS * n)
                        .tolerance(Tolerance.EXACT),
                row(
                                "channelGradientSums",
                                (kernels, n, memory) -> {
                                    KernelArray x = memory.input((long) BATCH * CHANNELS * n);
                                    KernelArray dy = memory.input((long) BATCH * CHANNELS * n);
                                    KernelArray mean = memory.input(CHANNELS, -0.1, 0.1);
                                    KernelArray invStd = memory.input(CHANNELS, 1, 2);
                                    KernelArray sumDy = memory.output(CHANNELS);
                                    KernelArray sumDyX = memory.output(CHANNELS);
                                    return () ->
                                            kernels.normalization()
                                                    .channelGradientSums(
                                                            x.segment(),
                                                            x.offset(),
                                                            dy.segment(),
                                                            dy.offset(),
                                                            mean.segment(),
                                                            mean.offset(),
                                                            invStd.segment(),
                                                            invStd.offset(),
                                                            BATCH,
                                                            CHANNELS,
                                                            n,
                                                            sumDy.segment(),
                                                            sumDy.offset(),
                                                            sumDyX.segment(),
                                                            sumDyX.offset());
                                })
                        .flops(n -> 5.0 * BATCH * CHANNELS * n)
                        .tolerance(Tolerance.sum(n -> BATCH * n, 2.2)),
                row(
                                "channelInputGradient",
                                (kernels, n, memory) -> {
                                    KernelArray x = memory.input((long) BATCH * CHANNELS * n);
                                    KernelArray dy = memory.input((long) BATCH * CHANNELS * n);
                                    KernelArray mean = memory.input(CHANNELS, -0.1, 0.1);
                                    KernelArray invStd = memory.input(CHANNELS, 1, 2);
                                    KernelArray scale = memory.input(CHANNELS);
                                    KernelArray sumDy = memory.input(CHANNELS);
                                    KernelArray sumDyX = memory.input(CHANNELS);
                                    KernelArray dx = memory.output((long) BATCH * CHANNELS * n);
                                    return () ->
                                            kernels.normalization()
                                                    .channelInputGradient(
                                                            x.segment(),
                                                            x.offset(),
                                                            dy.segment(),
                                                            dy.offset(),
                                                            mean.segment(),
                                                            mean.offset(),
                                                            invStd.segment(),
                                                            invStd.offset(),
                                                            scale.segment(),
                                                            scale.offset(),
                                                            sumDy.segment(),
                                                            sumDy.offset(),
                                                            sumDyX.segment(),
                                                            sumDyX.offset(),
                                                            BATCH,
                                                            CHANNELS,
                                                            n,
                                                            dx.segment(),
                                                            dx.offset());
                                })
                        .flops(n -> 5.0 * BATCH * CHANNELS * n)
                        .tolerance(Tolerance.EXACT),
                row(
                                "layerNormRows",
                                (kernels, n, memory) -> {
                                    KernelArray x = memory.input((long) ROWS * n);
                                    KernelArray scale = memory.input(n);
                                    KernelArray shift = memory.input(n);
                                    KernelArray mean = memory.output(ROWS);
                                    KernelArray invStd = memory.output(ROWS);
                                    KernelArray out = memory.output((long) ROWS * n);
                                    return () ->
                                            kernels.normalization()
                                                    .layerNormRows(
                                                            x.segment(),
                                                            x.offset(),
                                                            scale.segment(),
                                                            scale.offset(),
                                                            shift.segment(),
                                                            shift.offset(),
                                                            ROWS,
                                                            n,
                                                            1e-2f,
                                                            mean.segment(),
                                                            mean.offset(),
                                                            invStd.segment(),
                                                            invStd.offset(),
                                                            out.segment(),
                                                            out.offset());
                                })
                        .flops(n -> 8.0 * ROWS * n)
                        .tolerance(MEANS),
                row(
                                "layerNormRowsInputGradient",
                                (kernels, n, memory) -> {
                                    KernelArray x = memory.input((long) ROWS * n);
                                    KernelArray dy = memory.input((long) ROWS * n);
                                    KernelArray scale = memory.input(n);
                                    KernelArray mean = memory.input(ROWS, -0.1, 0.1);
                                    KernelArray invStd = memory.input(ROWS, 1, 2);
                                    KernelArray dx = memory.output((long) ROWS * n);
                                    return () ->
                                            kernels.normalization()
                                                    .layerNormRowsInputGradient(
                                                            x.segment(),
                                                            x.offset(),
                                                            dy.segment(),
                                                            dy.offset(),
                                                            scale.segment(),
                                                            scale.offset(),
                                                            mean.segment(),
                                                            mean.offset(),
                                                            invStd.segment(),
                                                            invStd.offset(),
                                                            ROWS,
                                                            n,
                                                            dx.segment(),
                                                            dx.offset());
                                })
                        .flops(n -> 11.0 * ROWS * n)
                        .tolerance(MEANS),
                row(
                                "layerNormRowsParameterGradients",
                                (kernels, n, memory) -> {
                                    KernelArray x = memory.input((long) ROWS * n);
                                    KernelArray dy = memory.input((long) ROWS * n);
                                    KernelArray mean = memory.input(ROWS, -0.1, 0.1);
                                    KernelArray invStd = memory.input(ROWS, 1, 2);
                                    KernelArray dScale = memory.output(n);
                                    KernelArray dShift = memory.output(n);
                                    return () ->
                                            kernels.normalization()
                                                    .layerNormRowsParameterGradients(
                                                            x.segment(),
                                                            x.offset(),
                                                            dy.segment(),
                                                            dy.offset(),
                                                            mean.segment(),
                                                            mean.offset(),
                                                            invStd.segment(),
                                                            invStd.offset(),
                                                            ROWS,
                                                            n,
                                                            dScale.segment(),
                                                            dScale.offset(),
                                                            dShift.segment(),
                                                            dShift.offset());
                                })
                        .flops(n -> 5.0 * ROWS * n)
                        .tolerance(Tolerance.sum(n -> ROWS, 2.2)));
    }

    /** Twice a sum's error divided by its terms, with statistics and factors up to 8. */
    private static final Tolerance MEANS = Tolerance.bound(n -> 16 * (n / 64.0 + 8) * 0x1p-24);

    private static final int BATCH = 2;
    private static final int CHANNELS = 3;
    private static final int ROWS = 5;

    private static KernelRow row(String method, KernelRow.Preparation preparation) {
        return KernelRow.of("normalization", method, preparation).benchSizes(768, 1 << 16);
    }
}
