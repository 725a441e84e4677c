package dev.lanewise.kernels.table;

import java.util.List;
import java.util.stream.Stream;

/** Every row of every family. */
public final class KernelTable {
    private KernelTable() {}

    /** All rows, family by family in the order of {@link dev.lanewise.kernels.Kernels}. */
    public static List<KernelRow> rows() {
        return Stream.of(
                        ArithmeticRows.rows(),
                        ComparisonRows.rows(),
                        TranscendentalRows.rows(),
                        ActivationRows.rows(),
                        ReductionRows.rows(),
                        SoftmaxRows.rows(),
                        CrossEntropyRows.rows(),
                        NormalizationRows.rows(),
                        GroupedNormalizationRows.rows(),
                        GemmRows.rows(),
                        QuantizedGemmRows.rows(),
                        ConvolutionRows.rows(),
                        PoolingRows.rows(),
                        AttentionRows.rows(),
                        RecurrentRows.rows(),
                        OptimizerUpdateRows.rows(),
                        AdaptiveUpdateRows.rows(),
                        DataMovementRows.rows(),
                        RandomFillRows.rows())
                .flatMap(List::stream)
                .toList();
    }

    /** The row with this {@link KernelRow#id}. */
    public static KernelRow row(String id) {
        return rows().stream()
                .filter(row -> row.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no kernel row '" + id + "'"));
    }
}
