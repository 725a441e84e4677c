package dev.lanewise.bench;

import dev.lanewise.bench.work.Work;
import dev.lanewise.kernels.vector.VectorWidth;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A work of each kind with vectors of 512, 256 and 128 bits, as far as this machine has them. */
final class WidthsGroup implements Group {
    private static final List<Integer> BITS = List.of(512, 256, 128);
    private static final String PRODUCT = "gemm/512x512x512";
    private static final List<String> WORKS =
            List.of(
                    "gemm/64x64x64",
                    PRODUCT,
                    "gemm/1x768x768p",
                    "conv/1x64x56x56-k64-3x3-s1-p1",
                    "conv/1x3x224x224-k64-7x7-s2-p3",
                    "conv/1x144x56x56-k144-3x3-s1-p1-g144",
                    "conv/1x144x56x56-k24-1x1-s1-p0",
                    "attention/12x512x512x64",
                    "lstm/128-256-t64-n1",
                    "exp/4096",
                    "tanh/4096",
                    "gelu/4096",
                    "softmax/1024x1024",
                    "layernorm/1024x768");

    @Override
    public String name() {
        return "widths";
    }

    @Override
    public String description() {
        return "works of each kind with vectors of 512, 256 and 128 bits";
    }

    @Override
    public List<String> cases(BenchOptions options) {
        return WORKS;
    }

    @Override
    public List<Measurement> measure(BenchOptions options, MachineLimits limits) throws Exception {
        List<Rounds.Case> cases = new ArrayList<>();
        for (String id : WORKS) {
            if (options.includes(id)) {
                cases.add(toCase(Work.parse(id)));
            }
        }
        return Rounds.run(name(), cases, options, options.kernelRunner(name(), limits));
    }

    private static Rounds.Case toCase(Work work) {
        Map<String, String> parameters = WorkGroup.parameters(work);
        List<Rounds.Contender> contenders = new ArrayList<>();
        for (int bits : BITS) {
            if (bits <= VectorWidth.largestBits()) {
                contenders.add(
                        Contenders.ofBits(
                                bits, WorkBenchmark.class, parameters, Rounds.Role.TESTED));
            }
        }
        contenders.addAll(Contenders.scalar(WorkBenchmark.class, parameters));
        return new Rounds.Case(work.id(), work.flops(), work.bytes(), work.footprint(), contenders);
    }

    @Override
    public List<String> remarks(Report report) {
        List<String> remarks = new ArrayList<>();
        for (int bits : BITS) {
            double mean = report.geometricMeanSpeedup("vector-" + bits, name -> true);
            if (!Double.isNaN(mean)) {
                remarks.add(
                        String.format(
                                Locale.ROOT,
                                "%d bits: %.2f times scalar (geometric mean)%s",
                                bits,
                                mean,
                                shareOfPeak(report, "vector-" + bits)));
            }
        }
        return remarks;
    }

    /** What a large product reaches of a register-only loop with vectors of the same width. */
    private static String shareOfPeak(Report report, String implementation) {
        Measurement product = report.byCase().getOrDefault(PRODUCT, Map.of()).get(implementation);
        return product == null
                ? ""
                : String.format(
                        Locale.ROOT,
                        "; %s at %.0f %% of the %.0f GFLOP/s of a register-only loop",
                        PRODUCT,
                        100 * product.gigaflops() / product.medianCalibration(),
                        product.medianCalibration());
    }
}
