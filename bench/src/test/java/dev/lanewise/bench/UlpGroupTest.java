package dev.lanewise.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import dev.lanewise.kernels.ReferenceFunctions;
import dev.lanewise.kernels.ReferenceFunctions.Reference;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

class UlpGroupTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @TempDir private Path folder;

    private int run(List<Reference> functions, String... only) throws IOException {
        BenchOptions options = new BenchOptions(true, false, 1, List.of(only), Path.of("."));
        return UlpGroup.run(
                functions,
                options,
                Map.of("jdk", "25"),
                Optional.of(folder.resolve("ulp.json")),
                new PrintStream(bytes, true, StandardCharsets.UTF_8));
    }

    private String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static Reference function(String name) {
        return ReferenceFunctions.all().stream()
                .filter(f -> f.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aKeptBoundPassesAndNamesTheWorstPlace() throws IOException {
        assertThat(run(ReferenceFunctions.all(), "sqrt", "elu/1")).isZero();
        assertThat(text().lines().filter(line -> line.startsWith("RESULT bench=ulp")))
                .hasSize(2)
                .anyMatch(
                        line ->
                                line.matches(
                                        "RESULT bench=ulp case=sqrt impl=\\w+ ulp=0\\.[45]\\d+"
                                                + " bound=0\\.5 at=\\S+ floats=\\d{7}"
                                                + " exceeded=false"));
    }

    @Test
    void anExceededBoundFails() throws IOException {
        Reference exp = function("exp");
        Reference tight = new Reference("exp", exp.kernel(), exp.reference(), 0.5);
        assertThat(run(List.of(tight, function("sqrt")))).isEqualTo(1);
        assertThat(text())
                .contains("EXCEEDED")
                .containsPattern("case=exp .* exceeded=true")
                .containsPattern("case=sqrt .* exceeded=false");
        JsonNode results =
                new ObjectMapper().readTree(folder.resolve("ulp.json").toFile()).get("results");
        assertThat(results).hasSize(2);
        assertThat(results.get(0).get("case").asText()).isEqualTo("exp");
        assertThat(results.get(0).get("ulp").asDouble()).isGreaterThan(0.5);
        assertThat(results.get(0).get("exceeded").asBoolean()).isTrue();
    }

    @Test
    void anUnknownFunctionIsToldApart() throws IOException {
        assertThat(run(ReferenceFunctions.all(), "nothing")).isEqualTo(2);
    }
}
