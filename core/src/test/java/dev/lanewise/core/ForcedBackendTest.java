package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.Backend;

import org.junit.jupiter.api.Test;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Kernels that were asked for and can't be had: the same clear exception each time. */
class ForcedBackendTest {

    /** The program that runs in a JVM of its own. */
    static final class Uses {
        private Uses() {}

        public static void main(String[] args) {
            RandomStream random = new RandomStream(1);
            for (int i = 0; i < 2; i++) {
                tell(() -> Scope.open().randn(Shape.of(3), random));
                tell(() -> Scope.detached().zeros(Shape.of(3)));
            }
        }

        private static void tell(Runnable use) {
            try {
                use.run();
                System.out.println("nothing thrown");
            } catch (Throwable t) {
                System.out.println("thrown: " + t);
            }
        }
    }

    @Test
    void everyUseSaysWhatIsWrong() throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--add-modules=jdk.incubator.vector");
        command.add("-Dlanewise.vectorBits=1024");
        command.add("-cp");
        command.add(
                String.join(
                        File.pathSeparator,
                        location(Backend.class),
                        location(Scope.class),
                        location(Uses.class)));
        command.add(Uses.class.getName());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(output.lines().filter(line -> line.startsWith("thrown: ")))
                .hasSize(4)
                .containsOnly(
                        "thrown: java.lang.IllegalStateException: Lanewise kernels:"
                                + " -Dlanewise.vectorBits=1024 is not one of 128, 256, 512");
    }

    private static String location(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    }
}
