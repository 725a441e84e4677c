package dev.lanewise.bench;

import dev.lanewise.core.Workers;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.ReferenceFunctions;
import dev.lanewise.kernels.ReferenceFunctions.Reference;
import dev.lanewise.kernels.UlpCheck;
import dev.lanewise.kernels.UlpCheck.Worst;

import me.tongfei.progressbar.ProgressBar;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/**
 * The error of every function with a stated bound, over all 2³² floats on all cores: minutes for a
 * function; with {@code --quick} over a sample of them.
 */
final class UlpGroup {
    static final String NAME = "ulp";
    static final String DESCRIPTION =
            "errors of the functions over all floats, against their bounds";

    private static final long PATTERNS = 1L << 32;

    /** Odd, so that the sample meets every pattern of low bits. */
    private static final long QUICK_STRIDE = 1021;

    private static final int CHUNKS = 256;
    private static final String ROW = "%-12s %8s %6s  %-14s %-14s %s%n";

    private UlpGroup() {}

    /**
     * Prints a row and a RESULT line per function.
     *
     * @return 0, or 1 if a bound is exceeded, or 2 if no function is meant
     */
    static int run(BenchOptions options, PrintStream out) {
        return run(ReferenceFunctions.all(), options, out);
    }

    static int run(List<Reference> all, BenchOptions options, PrintStream out) {
        List<Reference> functions = all.stream().filter(f -> options.includes(name(f))).toList();
        if (functions.isEmpty()) {
            System.err.printf("bench: no function of 'ulp' starts with %s%n", options.only());
            return 2;
        }
        long stride = options.quick() ? QUICK_STRIDE : 1;
        Kernels kernels = Kernels.active();
        String implementation = kernels.backend().name().toLowerCase(Locale.ROOT);
        StringBuilder results = new StringBuilder();
        int exceeded = 0;
        out.printf(ROW, "function", "ULP", "bound", "at x =", "gives", "instead of");
        try (ProgressBar progress = progress(functions.size());
                Workers.Setting _ = Workers.usingAll()) {
            for (Reference function : functions) {
                progress.setExtraMessage(name(function));
                Worst worst = worst(function, kernels, stride, progress);
                boolean exceeds = worst.ulps() > function.bound();
                exceeded += exceeds ? 1 : 0;
                print(function, worst, exceeds, out);
                results.append(
                        "RESULT bench=%s case=%s impl=%s ulp=%s bound=%s at=%s floats=%d exceeded=%b%n"
                                .formatted(
                                        NAME,
                                        name(function),
                                        implementation,
                                        decimal(worst.ulps()),
                                        function.bound(),
                                        worst.x(),
                                        PATTERNS / stride,
                                        exceeds));
            }
        }
        out.println();
        out.print(results);
        if (exceeded > 0) {
            System.err.printf(
                    "bench: %d of %d functions exceed their bounds%n", exceeded, functions.size());
        }
        return exceeded > 0 ? 1 : 0;
    }

    private static String name(Reference function) {
        return function.name().replace(' ', '/');
    }

    private static ProgressBar progress(int functions) {
        return Progress.bar(NAME, (long) functions * CHUNKS, "chunks");
    }

    private static Worst worst(
            Reference function, Kernels kernels, long stride, ProgressBar progress) {
        Worst[] found = new Worst[CHUNKS];
        long length = PATTERNS / CHUNKS;
        Workers.run(
                CHUNKS,
                chunk -> {
                    long from = Math.ceilDiv(chunk * length, stride) * stride;
                    found[chunk] =
                            UlpCheck.worst(function, kernels, from, (chunk + 1) * length, stride);
                    progress.step();
                });
        Worst worst = found[0];
        for (Worst other : found) {
            worst = other.ulps() > worst.ulps() ? other : worst;
        }
        return worst;
    }

    private static void print(Reference function, Worst worst, boolean exceeds, PrintStream out) {
        out.printf(
                ROW,
                name(function),
                decimal(worst.ulps()),
                function.bound(),
                worst.x(),
                worst.actual(),
                (float) worst.expected() + (exceeds ? "  EXCEEDED" : ""));
    }

    private static String decimal(double ulps) {
        return String.format(Locale.ROOT, "%.4f", ulps);
    }
}
