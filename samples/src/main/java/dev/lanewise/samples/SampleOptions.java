package dev.lanewise.samples;

import dev.lanewise.samples.data.DataSource;
import dev.lanewise.samples.data.Fetcher;

import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Options that every sample understands. */
final class SampleOptions {
    @Option(
            names = "--quick",
            description = "A short run on the carried data that still meets its quality gate.")
    private boolean quick;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of all randomness (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where pictures and weights go (default: samples/out/NAME).")
    private Optional<Path> out;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads to compute with (default: all cores).")
    private Optional<Integer> threads;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Folder with the data files, plain or gzip, under their usual names (default: what was fetched, else what the clone carries).")
    private Optional<Path> data;

    boolean quick() {
        return quick;
    }

    long seed() {
        return seed;
    }

    /**
     * The folder for pictures and weights, made now: hours of training must not end in an error.
     */
    Path out(String sample) {
        String home = System.getProperty("lanewise.home", ".");
        Path folder = out.orElse(Path.of(home, "samples", "out", sample));
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new SampleException(
                    "--out: cannot make the folder %s (%s)".formatted(folder, e), e);
        }
        if (!Files.isWritable(folder)) {
            throw new SampleException("--out: cannot write to the folder " + folder);
        }
        return folder;
    }

    /** How many threads to compute with. */
    int threads() {
        int cores = Runtime.getRuntime().availableProcessors();
        int wanted = threads.orElse(cores);
        if (wanted < 1) {
            throw new SampleException("--threads: at least 1, not " + wanted);
        }
        return Math.min(wanted, cores);
    }

    /** Whether the data are the user's own. */
    boolean hasOwnData() {
        return data.isPresent();
    }

    /** The user's folder; else fetched sets, but not for a quick run; else the carried data. */
    DataSource data() {
        if (data.isPresent()) {
            return DataSource.folder(data.get());
        }
        return quick ? DataSource.carried() : DataSource.cacheOrCarried(Fetcher.defaultCache());
    }
}
