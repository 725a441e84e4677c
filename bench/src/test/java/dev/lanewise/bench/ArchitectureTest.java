package dev.lanewise.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Rules about the main sources that the compiler can't check, each with its reason and its
 * exceptions.
 */
class ArchitectureTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final List<String> LIBRARY = List.of("simd-kernels", "core", "nn");
    private static final List<String> ALL =
            List.of("simd-kernels", "core", "nn", "bench", "samples");

    /**
     * A pattern that main sources may not contain.
     *
     * @param reason why
     * @param modules where it is forbidden
     * @param pattern what is forbidden
     * @param exceptions path fragments where it is allowed
     */
    record Rule(String reason, List<String> modules, Pattern pattern, List<String> exceptions) {
        static Rule of(String reason, List<String> modules, String pattern, String... exceptions) {
            return new Rule(reason, modules, Pattern.compile(pattern), List.of(exceptions));
        }

        @Override
        public String toString() {
            return reason;
        }
    }

    static Stream<Rule> rules() {
        return Stream.of(
                Rule.of(
                        "the incubating Vector API stays in one package",
                        LIBRARY,
                        "jdk\\.incubator\\.vector",
                        "/kernels/vector/",
                        "module-info.java",
                        "/kernels/Backend"),
                Rule.of(
                        "sums have a fixed order",
                        List.of("simd-kernels"),
                        "reduceLanes\\( *(VectorOperators\\.)?ADD"),
                Rule.of(
                        "transcendental functions are own polynomials",
                        LIBRARY,
                        "lanewise\\( *(VectorOperators\\.)?(EXP|EXPM1|LOG|LOG1P|TANH|SIN|COS|POW|CBRT|SINH|COSH)\\b"),
                Rule.of("memory is freed by scopes, not by the collector", ALL, "Arena\\.ofAuto"),
                Rule.of(
                        "every thread belongs to the one pool or says why",
                        LIBRARY,
                        "parallelStream|\\.parallel\\(\\)|ForkJoinPool|commonPool|newFixedThreadPool|newCachedThreadPool"),
                Rule.of(
                        "work is cut by its shape, never by the number of threads",
                        LIBRARY,
                        "\\b(Workers|Parallel)\\.(threads|available)\\(\\)|availableProcessors",
                        "/core/Workers.java",
                        "/core/Parallel.java",
                        "/training/Trainer.java"),
                Rule.of(
                        "a library does not change its JVM's properties",
                        LIBRARY,
                        "System\\.setProperty"),
                Rule.of(
                        "nothing is unfinished",
                        ALL,
                        "\\b(TODO|FIXME|XXX|HACK)\\b|UnsupportedOperationException\\(\\)"),
                Rule.of(
                        "a library does not print",
                        LIBRARY,
                        "^(?! *\\*).*System\\.(out|err)\\b",
                        "/training/"));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void mainSourcesKeep(Rule rule) throws IOException {
        List<String> breaches = new ArrayList<>();
        int files = 0;
        for (String module : rule.modules()) {
            for (Path file : mainSources(module)) {
                files++;
                String path = ROOT.relativize(file).toString().replace('\\', '/');
                if (rule.exceptions().stream().noneMatch(path::contains)) {
                    breaches.addAll(breaches(rule, path, Files.readAllLines(file)));
                }
            }
        }
        assertThat(files).as("main sources found below %s", ROOT).isGreaterThan(10);
        assertThat(breaches).as(rule.reason()).isEmpty();
    }

    private static List<String> breaches(Rule rule, String path, List<String> lines) {
        List<String> breaches = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (rule.pattern().matcher(lines.get(i)).find()) {
                breaches.add(path + ":" + (i + 1) + ": " + lines.get(i).strip());
            }
        }
        return breaches;
    }

    private static List<Path> mainSources(String module) throws IOException {
        Path sources = ROOT.resolve(module).resolve("src/main/java");
        try (Stream<Path> files = Files.walk(sources)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }
}
