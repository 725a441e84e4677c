package dev.lanewise.bench;

import dev.lanewise.kernels.Kernels;

import org.openjdk.jmh.runner.RunnerException;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;

/** The command {@code bench/run}. */
@Command(
        name = "bench/run",
        description = "Measures the kernels, whole steps of models, and peers.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class Bench implements Callable<Integer> {
    private static final List<Group> GROUPS =
            List.of(
                    new KernelGroup(
                            "kernels",
                            "every kernel of every family, vector against scalar",
                            Set.of()),
                    new WorkGroup(
                            "gemm",
                            "matrix products, square, as networks have them, and with transposed operands",
                            "gemm/64x64x64",
                            "gemm/128x128x128",
                            "gemm/256x256x256",
                            "gemm/512x512x512",
                            "gemm/1024x1024x1024",
                            "gemm/2048x2048x2048",
                            "gemm/1x768x768p",
                            "gemm/16x768x768p",
                            "gemm/128x768x3072p",
                            "gemm/128x3072x768p",
                            "gemm/12x512x64x512",
                            "gemm/512x512x64",
                            "gemm/512x512x512-nt",
                            "gemm/512x512x512-tn",
                            "gemm/128x768x3072-nt",
                            "gemm/4096x1x4096-tn"),
                    new WorkGroup(
                            "quantized",
                            "products with bfloat16, int8 and int4 weights beside float ones",
                            "gemm/1x4096x4096",
                            "quantized/1x4096x4096-bfloat16-g0",
                            "quantized/1x4096x4096-int8-g0",
                            "quantized/1x4096x4096-int8-g32",
                            "quantized/1x4096x4096-int4-g32",
                            "quantized/1x4096x4096-int4-g128",
                            "gemm/1x768x768p",
                            "quantized/1x768x768-int8-g64",
                            "gemm/4x4096x4096p",
                            "quantized/4x4096x4096-int8-g64",
                            "gemm/64x4096x4096p",
                            "quantized/64x4096x4096-int8-g64",
                            "quantized/64x4096x4096-int4-g32"),
                    new WorkGroup(
                            "conv",
                            "convolutions of known networks and gradients of some, weights packed before",
                            "conv/1x3x224x224-k64-7x7-s2-p3",
                            "conv/1x64x56x56-k64-3x3-s1-p1",
                            "conv/8x64x56x56-k64-3x3-s1-p1",
                            "conv/1x256x14x14-k256-3x3-s1-p1",
                            "conv/1x512x7x7-k512-3x3-s1-p1",
                            "conv/32x1x28x28-k32-3x3-s1-p1",
                            "conv/32x32x14x14-k64-3x3-s1-p1",
                            "conv/1x144x56x56-k144-3x3-s1-p1-g144",
                            "conv/1x144x56x56-k24-1x1-s1-p0",
                            "conv/1x128x28x28-k256-3x3-s2-p1",
                            "conv1d/32x64x256-k64-3-s1-p1",
                            "deconv/8x64x14x14-k32-4x4-s2-p1",
                            "deconv/8x64x28x28-k32-3x3-s1-p1",
                            "conv/1x64x56x56-k64-3x3-s1-p2-d2",
                            "conv/1x256x28x28-k256-3x3-s1-p1-g32",
                            "conv/8x64x56x56-k64-3x3-s1-p1-inputgradient",
                            "conv/8x64x56x56-k64-3x3-s1-p1-weightgradient",
                            "conv/1x144x56x56-k24-1x1-s1-p0-inputgradient",
                            "conv/1x144x56x56-k24-1x1-s1-p0-weightgradient",
                            "conv/1x128x28x28-k256-3x3-s2-p1-inputgradient",
                            "conv/1x128x28x28-k256-3x3-s2-p1-weightgradient"),
                    new WorkGroup(
                            "attention",
                            "attention, forward, with gradients, and of a single query",
                            "attention/12x128x128x64",
                            "attention/12x512x512x64",
                            "attention/12x1024x1024x64",
                            "attention/12x128x128x64-causal",
                            "attention/12x512x512x64-causal",
                            "attention/12x1024x1024x64-causal",
                            "attention/12x512x512x64-train",
                            "attention/12x1x1024x64"),
                    new WorkGroup(
                            "rnn",
                            "recurrent layers over 64 steps, forward, and one with gradients",
                            "lstm/128-256-t64-n1",
                            "lstm/128-256-t64-n32",
                            "gru/128-256-t64-n1",
                            "gru/128-256-t64-n32",
                            "lstm/128-256-t64-n32-train"),
                    new WorkGroup(
                            "elementwise",
                            "functions of each element, in cache and in memory",
                            "add/4096",
                            "exp/4096",
                            "tanh/4096",
                            "sigmoid/4096",
                            "gelu/4096",
                            "add/1048576",
                            "relu/1048576",
                            "exp/1048576",
                            "tanh/1048576",
                            "sigmoid/1048576",
                            "gelu/1048576"),
                    new WorkGroup(
                            "norm",
                            "softmax, cross-entropy and normalizations of rows",
                            "softmax/1024x1024",
                            "softmax/32768x10",
                            "logsoftmax/1024x1024",
                            "crossentropy/1024x1024",
                            "layernorm/1024x768",
                            "layernormgradient/1024x768",
                            "rmsnorm/1024x768"),
                    new StepGroup(),
                    new ThreadsGroup(),
                    new WidthsGroup(),
                    new JitGroup(),
                    new SteadyGroup(),
                    new KernelGroup("optim", "optimizer updates", Set.of("optimizer")));

    private static final int FULL_FORKS = 10;

    @Parameters(
            index = "0",
            paramLabel = "GROUP",
            description = "what to measure; 'list' shows the groups")
    private String group;

    @Option(
            names = "--quick",
            description = "one short fork and one size per kernel: minutes instead of an hour")
    private boolean quick;

    @Option(names = "--peers", description = "also measure the peers that can be loaded")
    private boolean peers;

    @Option(
            names = "--forks",
            paramLabel = "N",
            description =
                    "JVMs per case of the vector kernels, whose worst counts (default 10, quick 1);"
                            + " what they are compared with runs in up to 3")
    private Integer forks;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "PREFIX",
            description = "only cases whose names start so, for example gemm.gemm,transcendental")
    private List<String> only = List.of();

    @Option(names = "--json", paramLabel = "FILE", description = "also write the results as JSON")
    private Path json;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "folder for plots and logs (default bench/out)")
    private Path out;

    /** Runs the command and exits with its status. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Bench()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        if (group.equals("list")) {
            GROUPS.forEach(g -> System.out.printf("%-12s %s%n", g.name(), g.description()));
            System.out.printf("%-12s %s%n", UlpGroup.NAME, UlpGroup.DESCRIPTION);
            return 0;
        }
        if (group.equals(UlpGroup.NAME)) {
            return ulp();
        }
        Group chosen = GROUPS.stream().filter(g -> g.name().equals(group)).findFirst().orElse(null);
        if (chosen == null) {
            System.err.printf("bench: no group '%s'; 'bench/run list' shows the groups%n", group);
            return 2;
        }
        if (forks != null && forks < 1) {
            System.err.printf("bench: --forks must be at least 1, not %d%n", forks);
            return 2;
        }
        Path folder = out != null ? out : defaultFolder();
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            System.err.printf(
                    "bench: --out %s can't be made a folder: %s%n", folder, e.getMessage());
            return 2;
        }
        int jvms = forks != null ? forks : quick ? 1 : FULL_FORKS;
        BenchOptions options = new BenchOptions(quick, peers, jvms, only, folder);
        if (json != null && !isWritable(json)) {
            System.err.printf("bench: --json %s can't be written%n", json);
            return 2;
        }
        if (chosen.cases(options).stream().noneMatch(options::includes)) {
            System.err.printf("bench: no case of '%s' starts with %s%n", group, only);
            return 2;
        }
        Optional<RunLock> lock;
        try {
            lock = RunLock.take(RunLock.file());
        } catch (IOException e) {
            System.err.printf("bench: can't lock %s: %s%n", RunLock.file(), e.getMessage());
            return 1;
        }
        if (lock.isEmpty()) {
            System.err.printf(
                    "bench: another benchmark is running here (it holds %s): the two would disturb"
                            + " each other; try again when it is done%n",
                    RunLock.file());
            return 1;
        }
        try (RunLock _ = lock.get()) {
            return measure(chosen, options);
        }
    }

    /** Errors instead of times: no forks, no peers, no plots. */
    private int ulp() throws IOException {
        List<String> refused = new ArrayList<>();
        if (forks != null) {
            refused.add("--forks");
        }
        if (peers) {
            refused.add("--peers");
        }
        if (out != null) {
            refused.add("--out");
        }
        if (!refused.isEmpty()) {
            System.err.printf(
                    "bench: 'ulp' has no use for %s: it computes errors in this JVM, of our own"
                            + " functions, and draws nothing%n",
                    String.join(", ", refused));
            return 2;
        }
        if (json != null && !isWritable(json)) {
            System.err.printf("bench: --json %s can't be written%n", json);
            return 2;
        }
        BenchOptions options = new BenchOptions(quick, false, 1, only, Path.of("."));
        return UlpGroup.run(options, environment(), Optional.ofNullable(json), System.out);
    }

    private int measure(Group chosen, BenchOptions options) throws Exception {
        MachineLimits limits = MachineLimits.measure();
        List<Measurement> measurements;
        try {
            measurements = chosen.measure(options, limits);
        } catch (RunnerException | IOException e) {
            System.err.printf("%nbench: %s%n", e.getMessage());
            return 1;
        }
        report(chosen, new Report(chosen.name(), measurements, limits), options.out());
        return 0;
    }

    private static Path defaultFolder() {
        return Path.of(System.getProperty("lanewise.home", ".")).resolve("bench/out");
    }

    /** Whether a file can be written; makes its folder. */
    private static boolean isWritable(Path file) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            Files.createDirectories(folder);
            return Files.exists(file)
                    ? Files.isRegularFile(file) && Files.isWritable(file)
                    : Files.isWritable(folder);
        } catch (IOException e) {
            return false;
        }
    }

    private void report(Group chosen, Report report, Path folder) throws Exception {
        Map<String, Object> environment = environment();
        environment.put("limits", report.limits().toString());
        environment.forEach((key, value) -> System.out.printf("%-13s %s%n", key, value));
        System.out.println();
        report.printTable(System.out);
        List<Path> plots = Plots.draw(report, chosen.plotTitle(), folder);
        if (json != null) {
            report.saveJson(json, environment);
        }
        double mean = report.geometricMeanSpeedup("vector", Measurement::isComputeBound);
        System.out.println();
        if (!Double.isNaN(mean)) {
            System.out.printf(
                    Locale.ROOT,
                    "compute-bound kernels: vector is %.2f times scalar (geometric mean)%n",
                    mean);
        }
        chosen.remarks(report).forEach(System.out::println);
        report.doubts().forEach(System.out::println);
        plots.forEach(plot -> System.out.println("plot: " + plot));
        report.printResultLines(System.out);
    }

    private static Map<String, Object> environment() {
        Map<String, Object> environment = new LinkedHashMap<>();
        environment.put("date", LocalDate.now().toString());
        environment.put("jdk", Runtime.version().toString());
        environment.put("cpu", Machine.cpuName());
        environment.put("cores", Runtime.getRuntime().availableProcessors());
        environment.put("MaxVectorSize", Contenders.describeVectorBytes());
        environment.put("backend", Kernels.active().backend().toString().toLowerCase(Locale.ROOT));
        environment.put("flags", new ArrayList<>(Machine.jvmFlags()));
        return environment;
    }
}
