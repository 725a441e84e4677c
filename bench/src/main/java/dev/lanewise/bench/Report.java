package dev.lanewise.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.Predicate;

/**
 * Prints measurements as a table for people and as RESULT lines for scripts, and saves them as
 * JSON.
 */
final class Report {
    private static final String BASELINE = "scalar";

    /** The implementations that are not peers. */
    private static final Set<String> OURS =
            Set.of(
                    "vector",
                    "vector-512",
                    "vector-256",
                    "vector-128",
                    "vector-alone",
                    "vector-warmed",
                    "scalar",
                    "scalar-512");

    /**
     * Rows for information: another work than ours, so not among the peers that are compared with.
     */
    private static final Map<String, String> NOT_COMPARED =
            Map.of(
                    "onednn-blocked",
                    "without conversions from and to NCHW, as between layers in oneDNN's own"
                            + " layout; not among the peers");

    private final String group;
    private final List<Measurement> measurements;
    private final MachineLimits limits;

    Report(String group, List<Measurement> measurements, MachineLimits limits) {
        this.group = group;
        this.measurements = List.copyOf(measurements);
        this.limits = limits;
    }

    String group() {
        return group;
    }

    MachineLimits limits() {
        return limits;
    }

    /** The measurements of each case by implementation, in the order in which they were taken. */
    Map<String, Map<String, Measurement>> byCase() {
        Map<String, Map<String, Measurement>> cases = new LinkedHashMap<>();
        for (Measurement m : measurements) {
            cases.computeIfAbsent(m.name(), name -> new LinkedHashMap<>())
                    .put(m.implementation(), m);
        }
        return cases;
    }

    /**
     * How many times faster than the scalar kernels, by medians; NaN where there is no scalar
     * measurement.
     */
    static double speedup(Map<String, Measurement> implementations, Measurement of) {
        Measurement scalar = implementations.get(BASELINE);
        return scalar == null ? Double.NaN : scalar.medianNanos() / of.medianNanos();
    }

    /**
     * The geometric mean of an implementation's speedups over the cases that {@code accepted}
     * accepts.
     */
    double geometricMeanSpeedup(String implementation, Predicate<Measurement> accepted) {
        double logs = 0;
        int count = 0;
        for (var entry : byCase().entrySet()) {
            Measurement vector = entry.getValue().get(implementation);
            if (vector == null || !accepted.test(vector)) {
                continue;
            }
            double speedup = speedup(entry.getValue(), vector);
            if (speedup > 0) {
                logs += Math.log(speedup);
                count++;
            }
        }
        return count == 0 ? Double.NaN : Math.exp(logs / count);
    }

    /**
     * The median of the fastest peer over the slowest fork of the vector kernels: what a user can
     * count on; NaN where either is missing.
     */
    static double againstPeers(Map<String, Measurement> implementations, Measurement of) {
        double peer =
                implementations.values().stream()
                        .filter(m -> isPeer(m.implementation()))
                        .mapToDouble(Measurement::medianNanos)
                        .min()
                        .orElse(Double.NaN);
        return of.implementation().equals("vector") ? peer / of.worstNanos() : Double.NaN;
    }

    private static boolean isPeer(String implementation) {
        return !OURS.contains(implementation) && !NOT_COMPARED.containsKey(implementation);
    }

    void printTable(PrintStream out) {
        int width = measurements.stream().mapToInt(m -> m.name().length()).max().orElse(4);
        int by = measurements.stream().mapToInt(m -> m.implementation().length()).max().orElse(4);
        String format =
                "%-"
                        + Math.max(4, width)
                        + "s  %-"
                        + Math.max(10, by)
                        + "s %8s %8s %9s %7s %6s %5s %6s %7s %5s%n";
        out.printf(
                format, "case", "impl", "median", "best", "worst ", "GFLOP/s", "GB/s", "limit",
                "B/op", "speedup", "peers");
        byCase().forEach(
                        (name, implementations) ->
                                implementations
                                        .values()
                                        .forEach(m -> printRow(out, format, implementations, m)));
        out.println();
        out.println("median, best and worst are those of the forks, per call;");
        out.println("limit: share of the roofline of " + limits + ";");
        if (measurements.stream().anyMatch(m -> m.name().startsWith("conv"))) {
            out.println(
                    "convolutions count the operations of the direct form: Winograd's takes fewer;");
        }
        if (measurements.stream().anyMatch(m -> m.threads() > 1)) {
            out.println("on several threads that of as many such cores;");
        }
        out.println("speedup: over scalar; peers: fastest peer's median / our worst fork;");
        out.println("B/op: heap bytes a call, the most of any fork and iteration;");
        NOT_COMPARED.forEach(
                (implementation, what) -> {
                    if (measurements.stream()
                            .anyMatch(m -> m.implementation().equals(implementation))) {
                        out.println(implementation + ": " + what + ";");
                    }
                });
        out.println("~: some of the forks were not steady, see the remarks below.");
    }

    private void printRow(
            PrintStream out,
            String format,
            Map<String, Measurement> implementations,
            Measurement m) {
        double share = limits.share(m);
        out.printf(
                format,
                m.name(),
                m.implementation(),
                time(m.medianNanos()),
                time(m.bestNanos()),
                time(m.worstNanos()) + (isSteady(m) ? " " : "~"),
                m.flops() > 0 ? decimal(m.gigaflops()) : "",
                m.bytes() > 0 ? decimal(m.gigabytesPerSecond()) : "",
                share > 0 ? Math.round(100 * share) + "%" : "",
                bytes(m.allocatedBytes()),
                decimal(speedup(implementations, m)),
                decimal(againstPeers(implementations, m)));
    }

    private static boolean isSteady(Measurement m) {
        return m.steadyForks() == m.forks().size();
    }

    /** A line for each measurement of which some fork can't be relied on: which, and why. */
    List<String> doubts() {
        return measurements.stream().filter(m -> !isSteady(m)).map(Report::doubt).toList();
    }

    private static String doubt(Measurement m) {
        StringJoiner forks = new StringJoiner(", ");
        for (int i = 0; i < m.forks().size(); i++) {
            Fork fork = m.forks().get(i);
            if (fork.state() != Fork.State.STEADY) {
                forks.add("fork %d %s (%s)".formatted(i + 1, fork.state(), time(fork.nanos())));
            }
        }
        return "~ %s by %s: %d of %d forks steady; %s"
                .formatted(m.name(), m.implementation(), m.steadyForks(), m.forks().size(), forks);
    }

    void printResultLines(PrintStream out) {
        byCase().forEach(
                        (name, implementations) ->
                                implementations.forEach(
                                        (implementation, m) ->
                                                out.println(resultLine(implementations, m))));
    }

    private String resultLine(Map<String, Measurement> implementations, Measurement m) {
        StringBuilder line =
                new StringBuilder(
                        "RESULT bench=%s case=%s impl=%s"
                                .formatted(group, m.name(), m.implementation()));
        figures(implementations, m)
                .forEach((key, value) -> line.append(' ').append(key).append('=').append(value));
        return line.toString();
    }

    /** The figures of a measurement by name: what a RESULT line and the JSON file say. */
    private Map<String, Object> figures(Map<String, Measurement> implementations, Measurement m) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("ns", plain(m.medianNanos()));
        figures.put("best_ns", plain(m.bestNanos()));
        figures.put("worst_ns", plain(m.worstNanos()));
        figures.put("forks", m.forks().size());
        figures.put("steady", m.steadyForks());
        putIfKnown(figures, "gflops", m.gigaflops());
        putIfKnown(figures, "gbs", m.gigabytesPerSecond());
        putIfKnown(figures, "limit_share", limits.share(m));
        putIfKnown(figures, "calibration_gflops", m.medianCalibration());
        figures.put("allocated_bytes", bytes(m.allocatedBytes()));
        putIfKnown(figures, "speedup", speedup(implementations, m));
        putIfKnown(figures, "peer_ratio", againstPeers(implementations, m));
        return figures;
    }

    private static void putIfKnown(Map<String, Object> figures, String key, double value) {
        if (value > 0) {
            figures.put(key, plain(value));
        }
    }

    void saveJson(Path file, Map<String, Object> environment) throws IOException {
        List<Map<String, Object>> rows =
                byCase().values().stream()
                        .flatMap(
                                implementations ->
                                        implementations.values().stream()
                                                .map(m -> row(implementations, m)))
                        .toList();
        saveJson(file, group, environment, rows);
    }

    /** Writes the file that every group writes. */
    static void saveJson(
            Path file,
            String group,
            Map<String, Object> environment,
            List<Map<String, Object>> results)
            throws IOException {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("group", group);
        root.put("environment", environment);
        root.put("results", results);
        Files.createDirectories(file.toAbsolutePath().getParent());
        new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .writeValue(file.toFile(), root);
    }

    private Map<String, Object> row(Map<String, Measurement> implementations, Measurement m) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("case", m.name());
        row.put("impl", m.implementation());
        figures(implementations, m).forEach((key, value) -> row.put(key, number(value)));
        row.put("fork_ns", m.forks().stream().map(Fork::nanos).toList());
        row.put("fork_calibration", m.forks().stream().map(Fork::calibration).toList());
        row.put("fork_state", m.forks().stream().map(fork -> fork.state().toString()).toList());
        return row;
    }

    private static Object number(Object figure) {
        return figure instanceof String text ? Double.valueOf(text) : figure;
    }

    private static String plain(double value) {
        return String.format(Locale.ROOT, value < 100 ? "%.3f" : "%.1f", value);
    }

    /** Heap bytes of a call: what is rare still shows, whatever is below a hundredth is none. */
    private static String bytes(double value) {
        if (value < 0.005) {
            return "0";
        }
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.0f", value);
    }

    private static String decimal(double value) {
        return Double.isNaN(value)
                ? ""
                : String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.1f", value);
    }

    /** A time in at most eight characters, with its unit. */
    private static String time(double nanos) {
        if (nanos < 10_000) {
            return String.format(Locale.ROOT, nanos < 100 ? "%.1f ns" : "%.0f ns", nanos);
        }
        return nanos < 10_000_000
                ? String.format(Locale.ROOT, nanos < 100_000 ? "%.2f us" : "%.0f us", nanos / 1e3)
                : String.format(Locale.ROOT, "%.1f ms", nanos / 1e6);
    }
}
