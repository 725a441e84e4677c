package dev.lanewise.samples;

import dev.lanewise.kernels.Backend;
import dev.lanewise.kernels.Kernels;

import picocli.CommandLine.Command;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** Tells what Lanewise finds on this machine, measures it for 5 seconds, and advises. */
@Command(
        name = "doctor",
        description = "Shows JDK, backend, cores, memory, flags and speed, and what to improve.")
final class Doctor implements Callable<Integer> {
    private final List<String> advice = new ArrayList<>();

    @Override
    public Integer call() {
        int cores = Runtime.getRuntime().availableProcessors();
        Backend backend = Backend.active();
        String width =
                backend == Backend.SCALAR ? "" : ", vectors of " + Backend.vectorBits() + " bits";
        System.out.printf("JDK          %s%n", System.getProperty("java.runtime.version"));
        System.out.printf(
                "VM           %s, %s%n",
                System.getProperty("java.vm.name"), System.getProperty("java.vm.vendor"));
        System.out.printf("home         %s%n", System.getProperty("java.home"));
        System.out.printf("processor    %s, %d cores for this JVM%n", Machine.processor(), cores);
        System.out.printf("backend      %s%s%n", name(backend), width);
        Backend.reasons().forEach(reason -> System.out.println("             " + reason));
        System.out.printf("C2           %s%n", Machine.hasC2() ? "in force" : "NOT in force");
        System.out.printf(
                "memory       %s GiB, heap at most %s GiB%n",
                gibibytes(Machine.memoryBytes()), gibibytes(Runtime.getRuntime().maxMemory()));
        System.out.printf("huge pages   %s%n", hugePages());
        System.out.printf("flags        %s%n", String.join(" ", Machine.arguments()));
        examine(backend, cores);
        measure(backend, cores);
        return 0;
    }

    private void examine(Backend backend, int cores) {
        if (!Machine.hasVectorModule()) {
            advice.add(
                    "start Java with --add-modules jdk.incubator.vector: without it only the scalar kernels run");
        } else if (backend == Backend.SCALAR) {
            advice.add(
                    "the scalar kernels are in force although the vector module is there: look at -Dlanewise.kernels and at the log");
        }
        if (!Machine.hasC2()) {
            advice.add(
                    "C2 is off (-Xint, -XX:TieredStopAtLevel, Graal): vector code is up to 100 times slower without it");
        }
        if (cores < 2) {
            advice.add("one core only: the JIT's threads share it, so warm-up takes long");
        }
        String pages = Machine.transparentHugePages().orElse("");
        boolean asked = System.getenv().getOrDefault("GLIBC_TUNABLES", "").contains("hugetlb=1");
        if (pages.equals("never")) {
            advice.add(
                    "transparent huge pages are off (/sys/kernel/mm/transparent_hugepage/enabled); madvise makes large tensors faster");
        } else if (pages.equals("madvise") && !asked) {
            advice.add(
                    "huge pages are given on request: set GLIBC_TUNABLES=glibc.malloc.hugetlb=1 for the JVM");
        }
        if (Machine.memoryBytes() < 2L << 30) {
            advice.add("less than 2 GiB of memory: the larger samples may not fit");
        }
    }

    private void measure(Backend backend, int cores) {
        Kernels active = Kernels.active();
        Kernels scalar = Kernels.scalar();
        try (SpeedCheck check = new SpeedCheck()) {
            double gemm = check.gemmGflops(active.gemm());
            double scalarGemm = backend == Backend.SCALAR ? gemm : check.gemmGflops(scalar.gemm());
            double exp = check.expGigaPerSecond(active.transcendental());
            double scalarExp =
                    backend == Backend.SCALAR
                            ? exp
                            : check.expGigaPerSecond(scalar.transcendental());
            double difference = check.gemmDifference(active, scalar);
            System.out.printf(
                    "%n%-24s %10s %10s %8s%n", "one core", name(backend), "scalar", "ratio");
            row("matrix product, GFLOP/s", gemm, scalarGemm);
            row("exp, billions a second", exp, scalarExp);
            if (difference > 1e-5) {
                throw new SampleException(
                        "the two backends' matrix products differ by %.3g of their size: please report this with the lines above"
                                .formatted(difference));
            }
            if (check.unsteady()) {
                advice.add(
                        "a kernel did not reach a steady speed in the time that it was given (the machine is busy?): the figures above may be too low");
            } else if (backend == Backend.VECTOR && gemm < 2 * scalarGemm) {
                advice.add(
                        "the vector kernels are less than twice as fast as the scalar ones: a busy neighbour? run again");
            }
            System.out.println();
            for (String line : advice.isEmpty() ? List.of("nothing to improve") : advice) {
                System.out.println("advice: " + line);
            }
            Result.of("doctor")
                    .put("backend", name(backend))
                    .put("vector_bits", Backend.vectorBits())
                    .put("c2", Boolean.toString(Machine.hasC2()))
                    .put("cores", cores)
                    .put("gemm_gflops", gemm)
                    .put("gemm_speedup", gemm / scalarGemm)
                    .put("exp_giga_per_second", exp)
                    .put("exp_speedup", exp / scalarExp)
                    .put("advice", advice.size())
                    .print();
        }
    }

    private static void row(String what, double active, double scalar) {
        System.out.printf("%-24s %10.2f %10.2f %8.1f%n", what, active, scalar, active / scalar);
    }

    private static String hugePages() {
        return Machine.transparentHugePages().map(mode -> mode + " (transparent)").orElse("unknown")
                + ", GLIBC_TUNABLES="
                + System.getenv().getOrDefault("GLIBC_TUNABLES", "");
    }

    private static String gibibytes(long bytes) {
        return "%.1f".formatted(bytes / (double) (1L << 30));
    }

    private static String name(Backend backend) {
        return backend.name().toLowerCase(java.util.Locale.ROOT);
    }
}
