package dev.lanewise.samples.data;

import dev.lanewise.samples.SampleException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * Where a sample takes its files from: a folder that the user names, else the cache of fetched
 * sets, else the smaller sets that a clone carries as resources. Files may be plain or gzip.
 */
public final class DataSource {
    private final Optional<Path> folder;
    private final Optional<Path> cache;

    private DataSource(Optional<Path> folder, Optional<Path> cache) {
        this.folder = folder;
        this.cache = cache;
    }

    /** What a clone carries. */
    public static DataSource carried() {
        return new DataSource(Optional.empty(), Optional.empty());
    }

    /** The files in {@code folder}, or in its subfolder named like the set; nothing else. */
    public static DataSource folder(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new SampleException("--data: no such folder: " + folder);
        }
        return new DataSource(Optional.of(folder), Optional.empty());
    }

    /** The full sets that were fetched into {@code cache}, else what a clone carries. */
    public static DataSource cacheOrCarried(Path cache) {
        return new DataSource(Optional.empty(), Optional.of(cache));
    }

    /** Whether the file will come from the resources of this clone. */
    public boolean isCarried(String set, String file) {
        return folder.isEmpty() && find(set, file).isEmpty();
    }

    /**
     * The content of one file, unpacked.
     *
     * @throws SampleException if it is not there; the message names the places looked at
     */
    public byte[] read(String set, String file) {
        try {
            Optional<Path> found = find(set, file);
            if (found.isPresent()) {
                return unpack(found.get().toString(), Files.readAllBytes(found.get()));
            }
            if (folder.isPresent()) {
                throw new SampleException(
                        "--data: %s holds neither %s nor %s.gz (nor a folder %s with one of them)"
                                .formatted(folder.get(), file, file, set));
            }
            return readCarried(set, file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + set + "/" + file, e);
        }
    }

    /** {@link #read} as UTF-8 text. */
    public String readText(String set, String file) {
        return new String(read(set, file), StandardCharsets.UTF_8);
    }

    private Optional<Path> find(String set, String file) {
        List<Path> places =
                folder.isPresent()
                        ? List.of(folder.get(), folder.get().resolve(set))
                        : cache.stream().map(c -> c.resolve(set)).toList();
        // Some copies of MNIST write a dot where the original file names have a dash.
        String dotted = file.replace("-idx", ".idx");
        return places.stream()
                .flatMap(
                        place ->
                                List.of(file, file + ".gz", dotted, dotted + ".gz").stream()
                                        .map(place::resolve))
                .filter(Files::isRegularFile)
                .findFirst();
    }

    private static byte[] readCarried(String set, String file) throws IOException {
        String resource = "/data/" + set + "/" + file + ".gz";
        try (InputStream in = DataSource.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new SampleException(
                        "%s is not among the data that a clone carries; try: samples/run fetch %s"
                                .formatted(set, set));
            }
            return unpack(resource, in.readAllBytes());
        }
    }

    private static byte[] unpack(String name, byte[] content) throws IOException {
        boolean gzip = content.length > 2 && content[0] == (byte) 0x1f && content[1] == (byte) 0x8b;
        if (!gzip) {
            return content;
        }
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(content), 1 << 16)) {
            // No real data set unpacks to more; a hostile file would fill the heap.
            long most = Math.max(1 << 26, 200L * content.length);
            most = Math.min(most, Math.min(Runtime.getRuntime().maxMemory() / 4, 1 << 30));
            byte[] unpacked = in.readNBytes((int) most);
            if (in.read() >= 0) {
                throw new SampleException(
                        "%s: unpacks to more than %,d bytes; it is no data set"
                                .formatted(name, most));
            }
            return unpacked;
        }
    }
}
