package dev.lanewise.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/** Compiles and runs every Java example of the README. */
class ReadmeTest {
    private static final Path README =
            Path.of("").toAbsolutePath().getParent().resolve("README.md");
    private static final Pattern EXAMPLE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final String IMPORTS =
            """
            import static dev.lanewise.nn.losses.Losses.*;
            import static dev.lanewise.nn.ops.Functional.*;
            import dev.lanewise.core.*;
            import dev.lanewise.kernels.Kernels;
            import dev.lanewise.nn.*;
            import dev.lanewise.nn.autograd.*;
            import dev.lanewise.nn.data.*;
            import dev.lanewise.nn.layers.*;
            import dev.lanewise.nn.ops.Padding;
            import dev.lanewise.nn.optim.*;
            import dev.lanewise.nn.training.*;
            import java.lang.foreign.Arena;
            import java.lang.foreign.MemorySegment;
            import java.nio.file.Files;
            import java.nio.file.Path;
            """;

    @TempDir Path folder;

    private static List<String> examples() throws IOException {
        List<String> examples = new ArrayList<>();
        EXAMPLE.matcher(Files.readString(README))
                .results()
                .map(result -> result.group(1))
                .forEach(examples::add);
        return examples;
    }

    static IntStream numbers() throws IOException {
        return IntStream.range(0, examples().size());
    }

    @Test
    void thereAreSix() throws IOException {
        assertThat(examples()).hasSize(6);
    }

    @Test
    void linksLeadSomewhere() throws IOException {
        Pattern link = Pattern.compile("\\]\\(([^)#:]+)\\)");
        List<String> targets =
                link.matcher(Files.readString(README))
                        .results()
                        .map((MatchResult result) -> result.group(1))
                        .toList();
        assertThat(targets)
                .isNotEmpty()
                .allMatch(target -> Files.exists(README.resolveSibling(target)));
    }

    @ParameterizedTest
    @MethodSource("numbers")
    void runs(int number) throws Exception {
        String name = "Example" + number;
        Path source = folder.resolve(name + ".java");
        Files.writeString(
                source,
                IMPORTS
                        + "public final class "
                        + name
                        + " {\n    public static void run() throws Exception {\n"
                        + examples().get(number)
                        + "    }\n}\n");
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        java.io.ByteArrayOutputStream messages = new java.io.ByteArrayOutputStream();
        int status =
                compiler.run(
                        null,
                        messages,
                        messages,
                        "-d",
                        folder.toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        source.toString());
        assertThat(status).as(messages.toString(java.nio.charset.StandardCharsets.UTF_8)).isZero();
        try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            Method run = loader.loadClass(name).getMethod("run");
            run.invoke(null);
        } catch (InvocationTargetException e) {
            throw new AssertionError(
                    "example " + number + " failed: " + e.getCause(), e.getCause());
        }
    }
}
