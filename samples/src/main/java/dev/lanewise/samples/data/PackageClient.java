package dev.lanewise.samples.data;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A package client on the user's machine. It knows its registry, mirror and proxy; this library
 * knows none of them.
 */
enum PackageClient {
    /** Node's package manager; packages are gzip tar archives. */
    NPM("npm", "install Node.js with npm") {
        @Override
        List<String> downloadCommand(String spec) {
            return List.of("npm", "pack", "--silent", "--ignore-scripts", spec);
        }

        @Override
        InputStream openTar(Path archive) throws IOException {
            return new java.util.zip.GZIPInputStream(Files.newInputStream(archive), 1 << 16);
        }
    },
    /** Debian's and Ubuntu's package manager; {@code dpkg-deb} opens its archives. */
    APT("apt-get", "use a Debian or Ubuntu system, and run \"apt-get update\" once") {
        @Override
        List<String> downloadCommand(String spec) {
            return List.of("apt-get", "--quiet=2", "download", spec);
        }

        @Override
        InputStream openTar(Path archive) throws IOException {
            return new ProcessBuilder("dpkg-deb", "--fsys-tarfile", archive.toString())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .getInputStream();
        }
    };

    private final String program;
    private final String remedy;

    PackageClient(String program, String remedy) {
        this.program = program;
        this.remedy = remedy;
    }

    /** The command that downloads {@code spec} into the working folder. */
    abstract List<String> downloadCommand(String spec);

    /** The archive's content as an uncompressed tar stream. */
    abstract InputStream openTar(Path archive) throws IOException;

    /**
     * Downloads one package into an empty folder.
     *
     * @return the one file that the client left there
     * @throws FetchException if the client is missing or fails; the message holds what it said
     */
    Path download(String spec, Path folder) throws IOException {
        if (!isInstalled()) {
            throw new FetchException(
                    program + " is needed to get " + spec + " and is not on the PATH: " + remedy);
        }
        Path log = folder.resolveSibling(folder.getFileName() + ".log");
        Process process =
                new ProcessBuilder(downloadCommand(spec))
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        try {
            int status = process.waitFor();
            if (status != 0) {
                throw new FetchException(
                        "\"%s\" failed with status %d:%n%s%n(%s)"
                                .formatted(
                                        String.join(" ", downloadCommand(spec)),
                                        status,
                                        Files.readString(log).strip(),
                                        remedy));
            }
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new FetchException("interrupted while downloading " + spec);
        } finally {
            Files.deleteIfExists(log);
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> found = files.filter(Files::isRegularFile).toList();
            if (found.size() != 1) {
                throw new FetchException(
                        program + " left no single file for " + spec + ": " + found);
            }
            return found.getFirst();
        }
    }

    private boolean isInstalled() {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.of(path.split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }
}
