package dev.lanewise.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

class ReportTest {
    @TempDir private Path folder;

    private final Report report =
            new Report(
                    "kernels",
                    List.of(
                            measurement(
                                    "vector",
                                    new Fork(100, 110, 0, Fork.State.STEADY),
                                    new Fork(250, 60, 0.25, Fork.State.DISTURBED),
                                    new Fork(120, 110, 0, Fork.State.NOT_WARM)),
                            measurement("scalar", new Fork(900, 110, 0, Fork.State.STEADY))),
                    MachineLimits.of(118, 400, 200, 100, 14));

    private static Measurement measurement(String implementation, Fork... forks) {
        return new Measurement(
                "kernels", "family.kernel/1", implementation, List.of(forks), 1e4, 1e3, 1e3);
    }

    private static List<String> printed(Consumer<PrintStream> print) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        print.accept(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void forksThatWereNotSteadyAreMarked() {
        assertThat(printed(report::printTable))
                .anyMatch(line -> line.matches("family.kernel/1 +vector .* 250 ns~ .* 0\\.25 .*"))
                .anyMatch(line -> line.matches("family.kernel/1 +scalar .* 900 ns  .* 0 .*"))
                .anyMatch(line -> line.startsWith("~:"));
        assertThat(report.doubts())
                .containsExactly(
                        "~ family.kernel/1 by vector: 1 of 3 forks steady;"
                                + " fork 2 disturbed (250 ns), fork 3 not warm (120 ns)");
        assertThat(printed(report::printResultLines))
                .anyMatch(
                        line -> line.contains("impl=vector") && line.contains("forks=3 steady=1 "))
                .anyMatch(
                        line -> line.contains("impl=scalar") && line.contains("forks=1 steady=1 "))
                .anyMatch(line -> line.contains(" allocated_bytes=0.25"));
    }

    @Test
    void rowsForInformationAreNotCompared() {
        Measurement ours = measurement("vector", new Fork(100, 110, 0, Fork.State.STEADY));
        Measurement peer = measurement("onednn", new Fork(300, 110, 0, Fork.State.STEADY));
        Measurement blocked =
                measurement("onednn-blocked", new Fork(50, 110, 0, Fork.State.STEADY));
        List<Measurement> all = List.of(ours, peer, blocked);
        Report with = new Report("kernels", all, MachineLimits.of(118, 400, 200, 100, 14));
        assertThat(Report.againstPeers(with.byCase().get(ours.name()), ours)).isEqualTo(3);
        assertThat(printed(with::printTable))
                .anyMatch(line -> line.startsWith("onednn-blocked: ") && line.endsWith("peers;"));
        assertThat(printed(report::printTable)).noneMatch(line -> line.contains("blocked"));
    }

    @Test
    void theFileSaysItForEachFork() throws IOException {
        Path file = folder.resolve("deep/results.json");
        report.saveJson(file, Map.of("jdk", "25"));
        JsonNode vector = new ObjectMapper().readTree(file.toFile()).get("results").get(0);
        assertThat(vector.get("steady").asInt()).isEqualTo(1);
        assertThat(vector.get("allocated_bytes").asDouble()).isEqualTo(0.25);
        assertThat(vector.get("fork_state"))
                .extracting(JsonNode::asText)
                .containsExactly("steady", "disturbed", "not warm");
        assertThat(vector.get("fork_ns")).hasSize(3);
    }
}
