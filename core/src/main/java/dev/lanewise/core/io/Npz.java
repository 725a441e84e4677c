package dev.lanewise.core.io;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.ScopeException;
import dev.lanewise.core.Tensor;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Reads and writes npz, NumPy's format for named arrays: a zip archive of {@link Npy} members,
 * stored or deflated.
 *
 * <p>Nothing is unpacked to the disk, and names that would lead outside a folder if it were are
 * refused all the same. Sizes are believed only up to what deflate can reach, to {@link
 * ParseLimits#inflatedBytes} and to {@link ParseLimits#inflationRatio} times the file's own size;
 * checksums are verified.
 */
public final class Npz implements AutoCloseable {

    /** Deflate can't do better than 258 bytes for two bits and a little. */
    private static final long MAX_RATIO = 1032;

    private static final String SUFFIX = ".npy";

    /** The same bytes for the same tensors, whenever they are written. */
    private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    private final String fileName;
    private final ZipFile zip;
    private final ParseLimits limits;
    private final Map<String, ZipEntry> members;
    private volatile boolean closed;

    private Npz(Path path, ZipFile zip, ParseLimits limits) {
        this.fileName = path.toString();
        this.zip = zip;
        this.limits = limits;
        this.members = members(path.toFile().length());
    }

    /** {@link #open(Path, ParseLimits)} with the default limits. */
    public static Npz open(Path path) {
        return open(path, ParseLimits.DEFAULT);
    }

    /**
     * Opens an archive and reads its directory; arrays are read when they are asked for.
     *
     * @throws ModelFormatException if the archive is malformed or exceeds the limits
     * @throws java.io.UncheckedIOException if it can't be read
     */
    public static Npz open(Path path, ParseLimits limits) {
        ZipFile zip = zip(path);
        Npz npz = null;
        try {
            npz = new Npz(path, zip, limits);
            return npz;
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(path + ": " + e.getMessage(), e);
        } finally {
            if (npz == null) {
                close(zip, path.toString());
            }
        }
    }

    private static ZipFile zip(Path path) {
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
            throw Source.failure(
                    path.toString(),
                    Files.exists(path)
                            ? new IOException("not a readable file")
                            : new NoSuchFileException(path.toString()));
        }
        try {
            return new ZipFile(path.toFile(), StandardCharsets.UTF_8);
        } catch (IOException | IllegalArgumentException e) {
            throw new ModelFormatException(
                    path + ": not a readable zip archive: " + e.getMessage(), e);
        }
    }

    /** {@link #read(Path, ParseLimits)} with the default limits. */
    public static Map<String, Tensor> read(Path path) {
        return read(path, ParseLimits.DEFAULT);
    }

    /**
     * Reads all arrays into the current scope, in the order of the archive; nothing is left there
     * if one can't be read.
     *
     * @throws ModelFormatException if the archive is malformed or exceeds the limits
     * @throws java.io.UncheckedIOException if it can't be read
     */
    public static Map<String, Tensor> read(Path path, ParseLimits limits) {
        try (Npz file = open(path, limits)) {
            return file.readAll();
        }
    }

    private ModelFormatException malformed(String problem) {
        return new ModelFormatException(fileName + ": " + problem);
    }

    private Map<String, ZipEntry> members(long packedBytes) {
        if (zip.size() > limits.tensors()) {
            throw malformed(
                    "has %d members, the limit is %d; raise ParseLimits.tensors if you trust the file"
                            .formatted(zip.size(), limits.tensors()));
        }
        Map<String, ZipEntry> members = new LinkedHashMap<>();
        long total = 0;
        for (Enumeration<? extends ZipEntry> e = zip.entries(); e.hasMoreElements(); ) {
            ZipEntry entry = e.nextElement();
            String name = checkedName(entry.getName());
            total = checkedTotal(entry, total);
            if (members.put(name, entry) != null) {
                throw malformed("has two members " + JsonReader.quoted(entry.getName()));
            }
        }
        if (limits.isBomb(packedBytes, total)) {
            throw malformed(
                    "unpacks to %d bytes, more than %d times the file's %d; raise ParseLimits.inflationRatio if you trust the file"
                            .formatted(total, limits.inflationRatio(), packedBytes));
        }
        return members;
    }

    private String checkedName(String member) {
        if (!member.endsWith(SUFFIX)) {
            throw malformed("member " + JsonReader.quoted(member) + " is no .npy file");
        }
        if (member.getBytes(StandardCharsets.UTF_8).length > limits.nameBytes()) {
            throw malformed(
                    "a member's name is longer than %d bytes".formatted(limits.nameBytes()));
        }
        String name = member.substring(0, member.length() - SUFFIX.length());
        if (!isInside(name)) {
            throw malformed(
                    "member %s: the name leads out of its folder"
                            .formatted(JsonReader.quoted(member)));
        }
        return name;
    }

    /** Whether a name would stay inside the folder that someone unpacks it to. */
    private static boolean isInside(String name) {
        String path = "/" + name + "/";
        return !name.isEmpty()
                && !path.contains("//")
                && !path.contains("/./")
                && !path.contains("/../")
                && name.indexOf('\\') < 0
                && !name.matches("[A-Za-z]:.*")
                && name.chars().noneMatch(Character::isISOControl);
    }

    /** Adds a member's size to the total, if both are possible at all. */
    private long checkedTotal(ZipEntry entry, long total) {
        long size = entry.getSize();
        long packed = entry.getCompressedSize();
        boolean stored = entry.getMethod() == ZipEntry.STORED;
        if (!stored && entry.getMethod() != ZipEntry.DEFLATED) {
            throw malformed(
                    "member %s is neither stored nor deflated"
                            .formatted(JsonReader.quoted(entry.getName())));
        }
        if (size < 0 || packed < 0 || stored && size != packed || size / MAX_RATIO > packed) {
            throw malformed(
                    "member %s can't unpack from %d to %d bytes"
                            .formatted(JsonReader.quoted(entry.getName()), packed, size));
        }
        if (size > limits.inflatedBytes() - total) {
            throw malformed(
                    "unpacks to more than %d bytes; raise ParseLimits.inflatedBytes if you trust the file"
                            .formatted(limits.inflatedBytes()));
        }
        return total + size;
    }

    /** The names of the arrays, in the order of the archive. */
    public Set<String> names() {
        return Collections.unmodifiableSet(members.keySet());
    }

    /**
     * Reads one array into the current scope.
     *
     * @throws ArgumentException if there is none of this name
     * @throws ModelFormatException if it is malformed
     */
    public Tensor read(String name) {
        ZipEntry entry = members.get(name);
        if (entry == null) {
            throw new ArgumentException(
                    "Npz.read: %s has no array %s; see names()"
                            .formatted(fileName, JsonReader.quoted(name)));
        }
        if (closed) {
            throw new ScopeException("Npz: " + fileName + " is closed");
        }
        return ElementReader.allOrNothing(Set.of(name), _ -> read(entry)).get(name);
    }

    private Tensor read(ZipEntry entry) {
        String name = fileName + "/" + entry.getName();
        CRC32 checksum = new CRC32();
        try (InputStream packed = zip.getInputStream(entry);
                InputStream in = new CheckedInputStream(packed, checksum)) {
            Tensor tensor = Npy.read(Source.stream(name, entry.getSize(), in), limits);
            if (in.read() >= 0) {
                throw new ModelFormatException(name + ": unpacks to more than it claims");
            }
            if (checksum.getValue() != entry.getCrc()) {
                throw new ModelFormatException(name + ": the checksum is wrong; it is damaged");
            }
            return tensor;
        } catch (IOException e) {
            throw Source.failure(name, e);
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(name + ": " + e.getMessage(), e);
        }
    }

    /** Reads all arrays into the current scope; nothing is left there if one can't be read. */
    public Map<String, Tensor> readAll() {
        return ElementReader.allOrNothing(names(), this::read);
    }

    @Override
    public void close() {
        closed = true;
        close(zip, fileName);
    }

    private static void close(ZipFile zip, String name) {
        try {
            zip.close();
        } catch (IOException e) {
            throw Source.failure(name, e);
        }
    }

    // ---- writing ----

    /**
     * Writes or replaces an archive, as a whole or not at all ({@link AtomicFile}), in the order of
     * the map; the same tensors give the same bytes.
     *
     * @param deflated whether to compress, which is slow and gains little on weights
     * @throws ArgumentException if a name is empty or would lead out of a folder
     * @throws java.io.UncheckedIOException if it can't be written; an existing file is then as it
     *     was
     */
    public static void write(Path path, Map<String, Tensor> tensors, boolean deflated) {
        Map<String, Tensor> all = new LinkedHashMap<>(tensors);
        for (String name : all.keySet()) {
            if (!isInside(name) || !JsonReader.isText(name)) {
                throw new ArgumentException(
                        "Npz.write: %s can't be a member's name"
                                .formatted(JsonReader.quoted(name)));
            }
        }
        AtomicFile.write(
                path,
                out -> {
                    ZipOutputStream zip = new ZipOutputStream(out, StandardCharsets.UTF_8);
                    zip.setLevel(Deflater.BEST_SPEED);
                    for (Map.Entry<String, Tensor> member : all.entrySet()) {
                        write(zip, member.getKey(), member.getValue(), deflated);
                    }
                    zip.finish();
                });
    }

    private static void write(ZipOutputStream zip, String name, Tensor tensor, boolean deflated)
            throws IOException {
        byte[] header = NpyHeader.write(tensor.shape(), tensor.type());
        ZipEntry entry = new ZipEntry(name + SUFFIX);
        entry.setTimeLocal(NO_TIME);
        if (!deflated) {
            // A stored member's checksum comes before its bytes.
            CRC32 checksum = new CRC32();
            OutputStream counted =
                    new CheckedOutputStream(OutputStream.nullOutputStream(), checksum);
            counted.write(header);
            ElementWriter.write(tensor, counted);
            entry.setMethod(ZipEntry.STORED);
            entry.setSize(header.length + tensor.elements() * tensor.type().bytes());
            entry.setCrc(checksum.getValue());
        }
        zip.putNextEntry(entry);
        zip.write(header);
        ElementWriter.write(tensor, zip);
        zip.closeEntry();
    }
}
