package dev.lanewise.kernels.table;

import dev.lanewise.kernels.Comparison;
import dev.lanewise.kernels.Kernels;

import java.util.List;

/** Rows of {@link Comparison}. */
final class ComparisonRows {
    private ComparisonRows() {}

    static List<KernelRow> rows() {
        return List.of(
                binary("equal", Comparison::equal),
                binary("notEqual", Comparison::notEqual),
                binary("less", Comparison::less),
                binary("lessOrEqual", Comparison::lessOrEqual),
                unaryScalar("equalScalar", Comparison::equalScalar),
                unaryScalar("lessScalar", Comparison::lessScalar),
                unaryScalar("lessOrEqualScalar", Comparison::lessOrEqualScalar),
                unaryScalar("greaterScalar", Comparison::greaterScalar),
                unaryScalar("greaterOrEqualScalar", Comparison::greaterOrEqualScalar),
                unary("isNaN", Comparison::isNaN),
                row(
                        "select",
                        (kernels, n, memory) -> {
                            KernelArray condition = memory.hostile(n);
                            KernelArray a = memory.hostile(n);
                            KernelArray b = memory.hostile(n);
                            KernelArray out = memory.output(n);
                            return () ->
                                    kernels.comparison()
                                            .select(
                                                    condition.segment(),
                                                    condition.offset(),
                                                    a.segment(),
                                                    a.offset(),
                                                    b.segment(),
                                                    b.offset(),
                                                    n,
                                                    out.segment(),
                                                    out.offset());
                        }));
    }

    private static KernelRow row(String method, KernelRow.Preparation preparation) {
        return KernelRow.of("comparison", method, preparation);
    }

    private static KernelRow unary(String method, Elementwise.Unary<Comparison> kernel) {
        return Elementwise.unary("comparison", method, Kernels::comparison, kernel);
    }

    private static KernelRow unaryScalar(
            String method, Elementwise.UnaryScalar<Comparison> kernel) {
        return Elementwise.unaryScalar("comparison", method, Kernels::comparison, 1f, kernel);
    }

    private static KernelRow binary(String method, Elementwise.Binary<Comparison> kernel) {
        return Elementwise.binary("comparison", method, Kernels::comparison, kernel);
    }
}
