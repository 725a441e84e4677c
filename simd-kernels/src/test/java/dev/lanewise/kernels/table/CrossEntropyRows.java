package dev.lanewise.kernels.table;

import java.util.List;

/** Rows of {@link dev.lanewise.kernels.CrossEntropy}: a size is the number of classes. */
final class CrossEntropyRows {
    private static final int[] CLASSES = {1, 3, 10, 16, 17, 31, 64, 67, 257, 1021, 4098};
    private static final int[] BENCH_CLASSES = {10, 1000, 50257};
    private static final int IGNORED = -100;

    private CrossEntropyRows() {}

    static List<KernelRow> rows() {
        // Sums in another order, of up to 4098 exponentials and of shifted logits down to −2.
        Tolerance sums = Tolerance.bound(n -> 1e-5 + 1e-6 * n);
        return List.of(
                loss(false, 0).tolerance(sums).flops(n -> 26.0 * rows(n) * n),
                loss(true, 0.1f)
                        .variant("weighted, smooth")
                        .tolerance(sums)
                        .flops(n -> 29.0 * rows(n) * n),
                loss(false, 0.1f).variant("smooth").tolerance(sums).flops(n -> 28.0 * rows(n) * n),
                gradient(false, 0).flops(n -> 24.0 * rows(n) * n),
                gradient(false, 0.1f).variant("smooth").flops(n -> 24.0 * rows(n) * n),
                gradient(true, 0).variant("weighted").flops(n -> 24.0 * rows(n) * n),
                gradient(true, 0.1f)
                        .variant("weighted, smooth")
                        .tolerance(Tolerance.bound(n -> 1e-5))
                        .flops(n -> 26.0 * rows(n) * n));
    }

    /** As many rows as give about 2¹⁶ elements in benchmarks, four in tests. */
    private static int rows(int columns) {
        for (int size : BENCH_CLASSES) {
            if (columns == size) {
                return Math.max(4, (1 << 16) / columns);
            }
        }
        return 4;
    }

    /** Any classes, one of them ignored. */
    private static KernelArray classes(KernelMemory memory, int n) {
        KernelArray classes = memory.indices(rows(n), n);
        classes.setInt(1, IGNORED);
        return classes;
    }

    private static KernelRow loss(boolean weighted, float smoothing) {
        return row(
                "crossEntropyRows",
                (kernels, n, memory) -> {
                    KernelArray x = memory.input((long) rows(n) * n);
                    KernelArray classes = classes(memory, n);
                    KernelArray weights = memory.input(weighted ? n : 0, 0.5, 2);
                    KernelArray loss = memory.output(rows(n));
                    KernelArray max = memory.output(rows(n));
                    KernelArray logSum = memory.output(rows(n));
                    return () ->
                            kernels.crossEntropy()
                                    .crossEntropyRows(
                                            x.segment(),
                                            x.offset(),
                                            classes.segment(),
                                            classes.offset(),
                                            weights.segment(),
                                            weights.offset(),
                                            weighted,
                                            rows(n),
                                            n,
                                            smoothing,
                                            IGNORED,
                                            loss.segment(),
                                            loss.offset(),
                                            max.segment(),
                                            max.offset(),
                                            logSum.segment(),
                                            logSum.offset());
                });
    }

    private static KernelRow gradient(boolean weighted, float smoothing) {
        return row(
                "crossEntropyRowsGradient",
                (kernels, n, memory) -> {
                    KernelArray x = memory.input((long) rows(n) * n);
                    KernelArray classes = classes(memory, n);
                    KernelArray weights = memory.input(weighted ? n : 0, 0.5, 2);
                    KernelArray max = memory.input(rows(n), 0, 1);
                    KernelArray logSum = memory.input(rows(n), 0, 3);
                    KernelArray dLoss = memory.input(rows(n));
                    KernelArray dx = memory.output((long) rows(n) * n);
                    return () ->
                            kernels.crossEntropy()
                                    .crossEntropyRowsGradient(
                                            x.segment(),
                                            x.offset(),
                                            classes.segment(),
                                            classes.offset(),
                                            weights.segment(),
                                            weights.offset(),
                                            weighted,
                                            max.segment(),
                                            max.offset(),
                                            logSum.segment(),
                                            logSum.offset(),
                                            dLoss.segment(),
                                            dLoss.offset(),
                                            rows(n),
                                            n,
                                            smoothing,
                                            IGNORED,
                                            dx.segment(),
                                            dx.offset());
                });
    }

    private static KernelRow row(String method, KernelRow.Preparation preparation) {
        return KernelRow.of("crossEntropy", method, preparation)
                .sizes(CLASSES)
                .benchSizes(BENCH_CLASSES);
    }
}
