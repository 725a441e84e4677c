package dev.lanewise.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the measurements ran on. */
final class Machine {
    private Machine() {}

    /** The CPU's name as the operating system tells it, else the architecture. */
    static String cpuName() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
                if (line.startsWith("model name")) {
                    return line.substring(line.indexOf(':') + 1).strip();
                }
            }
        } catch (IOException e) {
            // Not Linux: the architecture has to do.
            return System.getProperty("os.arch");
        }
        return System.getProperty("os.arch");
    }

    /** The flags of this JVM that bear on speed. */
    static List<String> jvmFlags() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(
                        argument ->
                                argument.startsWith("-X")
                                        || argument.startsWith("-Dlanewise.k")
                                        || argument.startsWith("-Dlanewise.v"))
                .toList();
    }
}
