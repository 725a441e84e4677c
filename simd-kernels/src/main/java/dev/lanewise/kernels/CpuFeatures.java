package dev.lanewise.kernels;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The instruction sets of this machine that matter to vector kernels, for the log. */
final class CpuFeatures {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    /** In the order in which they are named; Linux spells them so. */
    private static final List<String> OF_INTEREST =
            List.of(
                    "sse4_2",
                    "avx",
                    "avx2",
                    "fma",
                    "avx512f",
                    "avx512_vnni",
                    "avx512_bf16",
                    "asimd",
                    "sve",
                    "sve2");

    private CpuFeatures() {}

    /**
     * The architecture and, where the system tells them, its features: {@code amd64 (avx2 fma)}.
     */
    static String describe() {
        String architecture = System.getProperty("os.arch", "an unknown CPU");
        return flags().map(flags -> ofInterest(architecture, flags)).orElse(architecture);
    }

    private static String ofInterest(String architecture, String flags) {
        List<String> there = Arrays.asList(flags.trim().split("\\s+"));
        List<String> named = OF_INTEREST.stream().filter(there::contains).toList();
        return named.isEmpty() ? architecture : architecture + " (" + String.join(" ", named) + ")";
    }

    /** The features of the first CPU that Linux lists; empty on other systems. */
    private static Optional<String> flags() {
        if (!Files.isReadable(CPU_INFO)) {
            return Optional.empty();
        }
        try (Stream<String> lines = Files.lines(CPU_INFO)) {
            return lines.filter(line -> line.matches("(flags|Features)\\s*:.*"))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1));
        } catch (IOException | UncheckedIOException e) {
            return Optional.empty(); // only the log would have named them
        }
    }
}
