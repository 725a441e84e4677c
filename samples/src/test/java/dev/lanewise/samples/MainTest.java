package dev.lanewise.samples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.core.RandomStream;
import dev.lanewise.core.Scope;
import dev.lanewise.nn.layers.Linear;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import picocli.CommandLine;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import javax.imageio.ImageIO;

/** The command line, and the fast samples through it. */
class MainTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final PrintStream systemOut = System.out;
    private final PrintStream systemErr = System.err;
    @TempDir private Path folder;

    @BeforeEach
    void redirect() {
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void restore() {
        System.setOut(systemOut);
        System.setErr(systemErr);
    }

    private int run(String... arguments) {
        return Main.commandLine().execute(arguments);
    }

    private List<String> lines() {
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void listNamesEverySampleAndNoHiddenCommand() {
        assertThat(run("list")).isZero();
        assertThat(lines()).anyMatch(line -> line.startsWith("cnn "));
        assertThat(lines()).anyMatch(line -> line.startsWith("xor "));
        assertThat(lines()).noneMatch(line -> line.startsWith("step-time"));
    }

    @Test
    void everyCommandExplainsItself() {
        for (CommandLine command : Main.commandLine().getSubcommands().values()) {
            out.reset();
            assertThat(run(command.getCommandName(), "--help")).isZero();
            assertThat(lines().getFirst()).contains(command.getCommandName());
            assertThat(command.getCommandSpec().usageMessage().description()).hasSize(1);
        }
    }

    @Test
    void missingOrForeignWeightsAreNamedWithoutATrace() {
        Path file = folder.resolve("other.safetensors");
        String none = folder.resolve("none").toString();
        assertThat(run("cnn", "--quick", "--weights", none)).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("cnn: ").contains(none);
        err.reset();
        try (Scope _ = Scope.open()) {
            new Linear(2, 2, new RandomStream(1)).save(file);
        }
        assertThat(run("cnn", "--quick", "--weights", file.toString())).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .startsWith("cnn: load: " + file + " does not fit DigitNet")
                .contains("missing: conv1.weight")
                .contains("unknown: bias")
                .doesNotContain("\tat ");
    }

    @Test
    void wrongUseIsToldWithoutATrace() {
        assertThat(run("nonsense")).isEqualTo(2);
        assertThat(run("xor", "--threads", "0")).isEqualTo(1);
        assertThat(run("cnn", "--data", folder.resolve("none").toString())).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("--threads: at least 1, not 0")
                .contains("no such folder")
                .doesNotContain("\tat ");
    }

    @Test
    void whatCanNotWorkIsToldBeforeTheWorkBegins() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        String out = file.resolve("out").toString();
        for (String sample : List.of("xor", "mlp", "cnn")) {
            err.reset();
            assertThat(run(sample, "--quick", "--out", out)).isEqualTo(1);
            assertThat(err.toString(StandardCharsets.UTF_8))
                    .startsWith(sample + ": --out: cannot make the folder " + out)
                    .doesNotContain("\tat ");
        }
        assertThat(run("cnn", "--quick", "--threads", "0")).isEqualTo(1);
        assertThat(run("mlp", "--quick", "--threads", "0")).isEqualTo(1);
        Path images = idx("images", new int[] {2, 14, 14}, 2 * 14 * 14);
        Path labels = idx("labels", new int[] {2}, 2);
        err.reset();
        assertThat(run("cnn", "--quick", "--test", images.toString(), labels.toString()))
                .isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("holds pictures of 14x14 pixels, the network is for 28x28")
                .doesNotContain("\tat ");
        assertThat(out().lines()).isEmpty();
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private Path idx(String name, int[] sizes, int values) throws Exception {
        ByteBuffer content = ByteBuffer.allocate(4 + 4 * sizes.length + values);
        content.putInt(0x0800 + sizes.length);
        for (int size : sizes) {
            content.putInt(size);
        }
        return Files.write(folder.resolve(name), content.array());
    }

    @Test
    void xorMeetsItsGateAndDrawsItsBoundaries() throws Exception {
        long live = Scope.liveBytes();
        assertThat(run("xor", "--quick", "--seed", "3", "--out", folder.toString())).isZero();
        assertThat(lines().getLast())
                .startsWith(
                        "RESULT sample=xor perceptron_and=1 mlp_and=1 perceptron_or=1 mlp_or=1"
                                + " perceptron_xor=")
                .contains(" mlp_xor=1 ");
        assertThat(ImageIO.read(folder.resolve("boundaries.png").toFile()).getWidth())
                .isGreaterThan(900);
        assertThat(Scope.liveBytes()).isEqualTo(live);
    }
}
