import com.google.googlejavaformat.java.Main;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Checks ({@code check}) or rewrites ({@code write}) the formatting of all Java sources below the
 * given folders, with google-java-format in its AOSP style. A program of its own, so that it runs
 * on the JDK the build selects: the one under Maven may be too old for the syntax.
 */
public final class Format {
    private Format() {}

    public static void main(String[] args) throws Exception {
        boolean check = !args[0].equals("write");
        List<String> arguments =
                new ArrayList<>(List.of("--aosp", "--skip-reflowing-long-strings"));
        arguments.addAll(
                check ? List.of("--dry-run", "--set-exit-if-changed") : List.of("--replace"));
        int options = arguments.size();
        for (int i = 1; i < args.length; i++) {
            try (Stream<Path> files = Files.walk(Path.of(args[i]))) {
                files.map(Path::toString)
                        .filter(file -> file.endsWith(".java"))
                        .sorted()
                        .forEach(arguments::add);
            }
        }
        if (arguments.size() == options) {
            return;
        }
        PrintWriter out = new PrintWriter(System.out, true);
        PrintWriter err = new PrintWriter(System.err, true);
        int status = new Main(out, err, System.in).format(arguments.toArray(String[]::new));
        if (status != 0) {
            System.err.println(
                    check
                            ? "The files above are not formatted (or do not parse). Run: mvn validate -Dformat=write"
                            : "Some files could not be formatted.");
            System.exit(1);
        }
    }
}
