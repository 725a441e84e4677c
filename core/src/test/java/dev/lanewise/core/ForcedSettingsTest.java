package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.Backend;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Settings of the JVM that can't be honoured: the same clear exception each time. */
class ForcedSettingsTest {

    /** The program that runs in a JVM of its own: its uses of tensors, or of threads. */
    static final class Uses {
        private Uses() {}

        public static void main(String[] args) {
            RandomStream random = new RandomStream(1);
            for (int i = 0; i < 2; i++) {
                if (args[0].equals("tensors")) {
                    tell(() -> Scope.open().randn(Shape.of(3), random));
                    tell(() -> Scope.detached().zeros(Shape.of(3)));
                } else {
                    tell(Workers::available);
                    tell(Workers::usingAll);
                }
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
    void everyUseOfKernelsSaysWhatIsWrong() throws Exception {
        assertThat(thrown("-Dlanewise.vectorBits=1024", "tensors"))
                .hasSize(4)
                .containsOnly(
                        "thrown: java.lang.IllegalStateException: Lanewise kernels:"
                                + " -Dlanewise.vectorBits=1024 is not one of 128, 256, 512");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "0", "1025"})
    void everyUseOfThreadsSaysWhatIsWrong(String threads) throws Exception {
        assertThat(thrown("-Dlanewise.threads=" + threads, "threads"))
                .hasSize(4)
                .containsOnly(
                        "thrown: dev.lanewise.core.ArgumentException: -Dlanewise.threads="
                                + threads
                                + ": expected a number from 1 to 1024");
    }

    /** What each use tells in a JVM with this setting. */
    private static List<String> thrown(String setting, String uses) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--add-modules=jdk.incubator.vector");
        command.add(setting);
        command.add("-cp");
        command.add(
                String.join(
                        File.pathSeparator,
                        location(Backend.class),
                        location(Scope.class),
                        location(Uses.class)));
        command.add(Uses.class.getName());
        command.add(uses);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return output.lines()
                .filter(line -> line.startsWith("thrown: ") || line.equals("nothing thrown"))
                .toList();
    }

    private static String location(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    }
}
