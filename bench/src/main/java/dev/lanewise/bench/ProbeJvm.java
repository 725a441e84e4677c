package dev.lanewise.bench;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Runs a main class in a JVM of its own, with this JVM's flags and class path, and reads what it
 * prints: for what JMH has no form, such as the first seconds of a JVM.
 */
final class ProbeJvm {
    private static final String PREFIX = "PROBE ";

    private ProbeJvm() {}

    /**
     * A figure that a probe prints.
     *
     * @param name what was measured, one word
     * @param fork what the probe's JVM saw of it
     */
    record Figure(String name, Fork fork) {
        /** Prints this figure for the parent; called in the probe. */
        void print() {
            System.out.println(
                    PREFIX
                            + String.join(
                                    " ",
                                    name,
                                    Double.toString(fork.nanos()),
                                    Double.toString(fork.calibration()),
                                    Double.toString(fork.allocatedBytes()),
                                    fork.state().name()));
        }

        private static Figure parse(String line) {
            String[] parts = line.split(" ");
            return new Figure(
                    parts[1],
                    new Fork(
                            Double.parseDouble(parts[2]),
                            Double.parseDouble(parts[3]),
                            Double.parseDouble(parts[4]),
                            Fork.State.valueOf(parts[5])));
        }
    }

    /**
     * Runs {@code main} and returns its figures; {@code onFigure} hears of each as it comes.
     *
     * @throws IOException if the JVM can't be started or ends with an error; the message holds what
     *     it said
     */
    static List<Figure> run(
            Class<?> main,
            List<String> jvmArguments,
            List<String> arguments,
            Consumer<Figure> onFigure)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(jvmArguments);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(main.getName());
        command.addAll(arguments);
        File errors = File.createTempFile("lanewise-probe", ".log");
        try {
            Process process = new ProcessBuilder(command).redirectError(errors).start();
            List<Figure> figures = new ArrayList<>();
            try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.startsWith(PREFIX)) {
                        Figure figure = Figure.parse(line);
                        figures.add(figure);
                        onFigure.accept(figure);
                    }
                }
            }
            int status = process.waitFor();
            if (status != 0) {
                throw new IOException(
                        "%s ended with status %d:%n%s"
                                .formatted(
                                        main.getSimpleName(),
                                        status,
                                        Files.readString(errors.toPath())));
            }
            return figures;
        } finally {
            Files.delete(errors.toPath());
        }
    }
}
