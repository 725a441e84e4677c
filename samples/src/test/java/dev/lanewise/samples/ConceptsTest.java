package dev.lanewise.samples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** {@code CONCEPTS.md} names only classes, tests and samples that exist. */
class ConceptsTest {
    private static final Pattern ROW =
            Pattern.compile("\\| ([A-J]\\d\\d) \\|(.*)\\|(.*)\\|(.*)\\|(.*)\\|");
    private static final Pattern NAME = Pattern.compile("`([^`]+)`");

    private final Path root = Path.of("").toAbsolutePath().getParent();

    private record Row(
            String id,
            String concept,
            List<String> classes,
            List<String> tests,
            List<String> samples) {}

    @Test
    void everythingNamedExists() throws IOException {
        Set<String> mainClasses = classes("main");
        Set<String> testClasses = classes("test");
        Set<String> samples = Main.commandLine().getSubcommands().keySet();
        List<String> missing = new ArrayList<>();
        for (Row row : rows()) {
            collectMissing(row.id, "class", row.classes, mainClasses, missing);
            collectMissing(row.id, "test", row.tests, testClasses, missing);
            collectMissing(row.id, "sample", row.samples, samples, missing);
            if (row.classes.isEmpty() || row.tests.isEmpty()) {
                missing.add(row.id + ": a row needs a class and a test");
            }
            if (row.concept.contains("▶") && row.samples.isEmpty()) {
                missing.add(row.id + ": a row with ▶ needs a sample");
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void idsAreUniqueAndInOrder() throws IOException {
        List<String> ids = rows().stream().map(Row::id).toList();
        assertThat(ids).isNotEmpty().doesNotHaveDuplicates().isSorted();
    }

    private static void collectMissing(
            String id, String kind, List<String> names, Set<String> known, List<String> missing) {
        for (String name : names) {
            if (!known.contains(name)) {
                missing.add("%s: no %s named %s".formatted(id, kind, name));
            }
        }
    }

    private List<Row> rows() throws IOException {
        List<Row> rows = new ArrayList<>();
        for (String line : Files.readAllLines(root.resolve("samples/CONCEPTS.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                rows.add(
                        new Row(
                                row.group(1),
                                row.group(2),
                                names(row.group(3)),
                                names(row.group(4)),
                                names(row.group(5))));
            } else {
                assertThat(line)
                        .as("a row that is not in the form of the table")
                        .doesNotMatch("^\\| *[A-J]\\d.*");
            }
        }
        return rows;
    }

    private static List<String> names(String cell) {
        return NAME.matcher(cell).results().map(match -> match.group(1)).toList();
    }

    /** Qualified names below {@code dev.lanewise}, such as {@code nn.layers.Linear}. */
    private Set<String> classes(String kind) throws IOException {
        Set<String> names = new TreeSet<>();
        for (String module : List.of("simd-kernels", "core", "nn", "samples")) {
            Path sources =
                    root.resolve(module).resolve("src").resolve(kind).resolve("java/dev/lanewise");
            if (!Files.isDirectory(sources)) {
                continue;
            }
            try (Stream<Path> files = Files.walk(sources)) {
                files.map(file -> sources.relativize(file).toString().replace('\\', '/'))
                        .filter(file -> file.endsWith(".java"))
                        .map(file -> file.substring(0, file.length() - 5).replace('/', '.'))
                        .forEach(names::add);
            }
        }
        return names;
    }
}
