package dev.lanewise.samples;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.OperatingSystemMXBean;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What this JVM and the machine under it tell about themselves. */
final class Machine {
    private Machine() {}

    /** A flag of HotSpot as it is in force; empty on other virtual machines. */
    static Optional<String> vmFlag(String name) {
        HotSpotDiagnosticMXBean hotSpot =
                ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        if (hotSpot == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(hotSpot.getVMOption(name).getValue());
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // this build of HotSpot has no such flag
        }
    }

    /** Whether the optimizing compiler takes part: without it vector code is very slow. */
    static boolean hasC2() {
        return vmFlag("TieredStopAtLevel").map(level -> level.equals("4")).orElse(false)
                && !arguments().contains("-Xint")
                && !vmFlag("UseJVMCICompiler").map(Boolean::parseBoolean).orElse(false);
    }

    /** Whether the module of the vector classes is there. */
    static boolean hasVectorModule() {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    }

    /** The options that this JVM was started with. */
    static List<String> arguments() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments();
    }

    /** Bytes of memory that the machine or container has. */
    static long memoryBytes() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)
                .getTotalMemorySize();
    }

    /** The processor's name, or its architecture where the system does not tell. */
    static String processor() {
        return firstLine("/proc/cpuinfo", "model name")
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .orElse(System.getProperty("os.arch"));
    }

    /** How the system hands out huge pages: always, madvise or never. */
    static Optional<String> transparentHugePages() {
        return firstLine("/sys/kernel/mm/transparent_hugepage/enabled", "[")
                .map(line -> line.substring(line.indexOf('[') + 1, line.indexOf(']')));
    }

    private static Optional<String> firstLine(String file, String part) {
        try {
            return Files.readAllLines(Path.of(file)).stream()
                    .filter(line -> line.contains(part))
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty(); // not Linux
        }
    }
}
