package dev.lanewise.bench;

import dev.lanewise.core.Workers;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.ReferenceFunctions;
import dev.lanewise.kernels.ReferenceFunctions.Reference;
import dev.lanewise.kernels.UlpCheck;
import dev.lanewise.kernels.UlpCheck.Worst;

import me.tongfei.progressbar.ProgressBar;

import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

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
     * Prints a row and a RESULT line per function, and writes them to {@code json} where there is
     * one.
     *
     * @return 0, or 1 if a bound is exceeded, or 2 if no function is meant
     */
    static int run(
            BenchOptions options,
            Map<String, Object> environment,
            Optional<Path> json,
            PrintStream out)
            throws IOException {
        return run(ReferenceFunctions.all(), options, environment, json, out);
    }

    static int run(
            List<Reference> all,
            BenchOptions options,
            Map<String, Object> environment,
            Optional<Path> json,
            PrintStream out)
            throws IOException {
        List<Reference> functions = all.stream().filter(f -> options.includes(name(f))).toList();
        if (functions.isEmpty()) {
            System.err.printf("bench: no function of 'ulp' starts with %s%n", options.only());
            return 2;
        }
        long stride = options.quick() ? QUICK_STRIDE : 1;
        Kernels kernels = Kernels.active();
        List<Map<String, Object>> results = new ArrayList<>();
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
                results.add(result(function, worst, kernels, stride, exceeds));
            }
        }
        out.println();
        results.forEach(result -> out.println(line(result)));
        if (json.isPresent()) {
            Report.saveJson(json.get(), NAME, environment, results);
        }
        if (exceeded > 0) {
            System.err.printf(
                    "bench: %d of %d functions exceed their bounds%n", exceeded, functions.size());
        }
        return exceeded > 0 ? 1 : 0;
    }

    /** What is known of a function, by name: for its RESULT line and for the JSON file. */
    private static Map<String, Object> result(
            Reference function, Worst worst, Kernels kernels, long stride, boolean exceeds) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("case", name(function));
        result.put("impl", kernels.backend().name().toLowerCase(Locale.ROOT));
        result.put("ulp", new BigDecimal(decimal(worst.ulps())));
        result.put("bound", function.bound());
        result.put("at", worst.x());
        result.put("floats", PATTERNS / stride);
        result.put("exceeded", exceeds);
        return result;
    }

    private static String line(Map<String, Object> result) {
        StringBuilder line = new StringBuilder("RESULT bench=" + NAME);
        result.forEach((key, value) -> line.append(' ').append(key).append('=').append(value));
        return line.toString();
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
