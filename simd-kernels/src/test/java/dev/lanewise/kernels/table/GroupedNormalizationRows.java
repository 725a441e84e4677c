package dev.lanewise.kernels.table;

import java.util.List;

/**
 * Rows of {@link dev.lanewise.kernels.RmsNormalization}, where a size is the number of columns, and
 * {@link dev.lanewise.kernels.GroupNormalization}, where it is that of a plane.
 */
final class GroupedNormalizationRows {
    private GroupedNormalizationRows() {}

    static List<KernelRow> rows() {
        return List.of(
                rms(
                                "rmsNormRows",
                                (kernels, n, memory) -> {
                                    KernelArray x = memory.input((long) ROWS * n);
                                    KernelArray scale = memory.input(n);
                                    KernelArray invRms = memory.output(ROWS);
                                    KernelArray out = memory.output((long) ROWS * n);
                                    return () ->
                                            kernels.rmsNormalization()
                                                    .rmsNormRows(
                                                            x.segment(),
                                                            x.offset(),
                                                            scale.segment(),
                                                            scale.offset(),
                                                            ROWS,
                                                            n,
                                                            1e-2f,
                                                            invRms.segment(),
                                                            invRms.offset(),
                                                            out.segment(),
                                                            out.offset());
                                })
                        .flops(n -> 4.0 * ROWS * n),
                rms(
                                "rmsNormRowsInputGradient",
                                (kernels, n, memory) -> {
                                    KernelArray x = memory.input((long) ROWS * n);
                                    KernelArray dy = memory.input((long) ROWS * n);
                                    KernelArray scale = memory.input(n);
                                    KernelArray invRms = memory.input(ROWS, 1, 2);
                                    KernelArray dx = memory.output((long) ROWS * n);
                                    return () ->
                                            kernels.rmsNormalization()
                                                    .rmsNormRowsInputGradient(
                                                            x.segment(),
                                                            x.offset(),
                                                            dy.segment(),
                                                            dy.offset(),
                                                            scale.segment(),
                                                            scale.offset(),
                                                            invRms.segment(),
                                                            invRms.offset(),
                                                            ROWS,
                                                            n,
                                                            dx.segment(),
                                                            dx.offset());
                                })
                        .flops(n -> 7.0 * ROWS * n),
                rms(
                                "rmsNormRowsScaleGradient",
                                (kernels, n, memory) -> {
                                    KernelArray x = memory.input((long) ROWS * n);
                                    KernelArray dy = memory.input((long) ROWS * n);
                                    KernelArray invRms = memory.input(ROWS, 1, 2);
                                    KernelArray dScale = memory.output(n);
                                    return () ->
                                            kernels.rmsNormalization()
                                                    .rmsNormRowsScaleGradient(
                                                            x.segment(),
                                                            x.offset(),
                                                            dy.segment(),
                                                            dy.offset(),
                                                            invRms.segment(),
                                                            invRms.offset(),
                                                            ROWS,
                                                            n,
                                                            dScale.segment(),
                                                            dScale.offset());
                                })
                        .flops(n -> 3.0 * ROWS * n),
                group(
                                "groupNorm",
                                (kernels, n, memory) -> {
                                    KernelArray x = memory.input((long) BATCH * CHANNELS * n);
                                    KernelArray scale = memory.input(CHANNELS);
                                    KernelArray shift = memory.input(CHANNELS);
                                    KernelArray mean = memory.output(BATCH * GROUPS);
                                    KernelArray invStd = memory.output(BATCH * GROUPS);
                                    KernelArray out = memory.output(x.count());
                                    return () ->
                                            kernels.groupNormalization()
                                                    .groupNorm(
                                                            x.segment(),
                                                            x.offset(),
                                                            scale.segment(),
                                                            scale.offset(),
                                                            shift.segment(),
                                                            shift.offset(),
                                                            BATCH,
                                                            CHANNELS,
                                                            n,
                                                            GROUPS,
                                                            1e-2f,
                                                            mean.segment(),
                                                            mean.offset(),
                                                            invStd.segment(),
                                                            invStd.offset(),
                                                            out.segment(),
                                                            out.offset());
                                })
                        .flops(n -> 7.0 * BATCH * CHANNELS * n),
                group(
                                "groupNormInputGradient",
                                (kernels, n, memory) -> {
                                    KernelArray x = memory.input((long) BATCH * CHANNELS * n);
                                    KernelArray dy = memory.input(x.count());
                                    KernelArray scale = memory.input(CHANNELS);
                                    KernelArray mean = memory.input(BATCH * GROUPS, -0.1, 0.1);
                                    KernelArray invStd = memory.input(BATCH * GROUPS, 1, 2);
                                    KernelArray dx = memory.output(x.count());
                                    return () ->
                                            kernels.groupNormalization()
                                                    .groupNormInputGradient(
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
                                                            BATCH,
                                                            CHANNELS,
                                                            n,
                                                            GROUPS,
                                                            dx.segment(),
                                                            dx.offset());
                                })
                        .flops(n -> 9.0 * BATCH * CHANNELS * n),
                group(
                                "groupNormParameterGradients",
                                (kernels, n, memory) -> {
                                    KernelArray x = memory.input((long) BATCH * CHANNELS * n);
                                    KernelArray dy = memory.input(x.count());
                                    KernelArray mean = memory.input(BATCH * GROUPS, -0.1, 0.1);
                                    KernelArray invStd = memory.input(BATCH * GROUPS, 1, 2);
                                    KernelArray dScale = memory.output(CHANNELS);
                                    KernelArray dShift = memory.output(CHANNELS);
                                    return () ->
                                            kernels.groupNormalization()
                                                    .groupNormParameterGradients(
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
                                                            GROUPS,
                                                            dScale.segment(),
                                                            dScale.offset(),
                                                            dShift.segment(),
                                                            dShift.offset());
                                })
                        .flops(n -> 4.0 * BATCH * CHANNELS * n)
                        .tolerance(Tolerance.sum(n -> BATCH * n, 2.2)));
    }

    /** Twice a sum's error divided by its terms, with statistics and factors up to 8. */
    private static final Tolerance MEANS = Tolerance.bound(n -> 16 * (n / 64.0 + 8) * 0x1p-24);

    private static final int BATCH = 2;
    private static final int CHANNELS = 4;
    private static final int GROUPS = 2;
    private static final int ROWS = 5;

    private static KernelRow rms(String method, KernelRow.Preparation preparation) {
        return KernelRow.of("rmsNormalization", method, preparation)
                .tolerance(MEANS)
                .benchSizes(768, 1 << 16);
    }

    private static KernelRow group(String method, KernelRow.Preparation preparation) {
        return KernelRow.of("groupNormalization", method, preparation)
                .tolerance(MEANS)
                .benchSizes(49, 1 << 14);
    }
}
