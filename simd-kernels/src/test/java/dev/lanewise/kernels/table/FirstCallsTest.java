package dev.lanewise.kernels.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.Kernels;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * No kernel's first call loads a class that C2 could have assumed not to exist: that would throw
 * other kernels' code away.
 */
class FirstCallsTest {
    /**
     * Vectors, masks, their operations' interfaces, and segments; lambdas are but more of these.
     */
    private static final Pattern CLASS =
            Pattern.compile(
                    "\\] ((?:jdk\\.incubator\\.vector|jdk\\.internal\\.vm\\.vector)\\.[\\w$]+"
                            + "|jdk\\.internal\\.foreign\\.\\w*(?:Segment|Session)\\w*Impl[\\w$]*)"
                            + " source");

    @Test
    void loadNoClassesOfVectorsOrSegments() throws Exception {
        List<String> lines = run();
        int ready = lines.indexOf(FirstCalls.READY);
        assertThat(ready).isPositive();
        assertThat(lines.subList(0, ready)).anyMatch(FirstCallsTest::loadsAVectorClass);
        assertThat(lines.subList(ready, lines.size()))
                .anyMatch(line -> line.startsWith("first call of transcendental.exp"))
                .noneMatch(FirstCallsTest::loadsAVectorClass);
    }

    private static boolean loadsAVectorClass(String line) {
        return !line.contains("$$Lambda") && CLASS.matcher(line).find();
    }

    private static List<String> run() throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--add-modules=jdk.incubator.vector",
                                "-Dlanewise.kernels=vector",
                                "-Xlog:class+load=info:stdout",
                                "-cp",
                                location(Kernels.class)
                                        + System.getProperty("path.separator")
                                        + location(FirstCalls.class),
                                FirstCalls.class.getName())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        return output.lines().toList();
    }

    private static Path location(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }
}
