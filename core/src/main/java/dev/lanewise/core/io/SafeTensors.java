package dev.lanewise.core.io;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.ScopeException;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Reads and writes safetensors, the format of most published weights.
 *
 * <pre>{@code
 * Map<String, Tensor> weights = SafeTensors.read(path);        // all, into the current scope
 *
 * try (SafeTensors file = SafeTensors.open(path)) {            // mapped: one by one
 *     file.readInto("fc1.weight", parameter);
 * }
 *
 * SafeTensors.write(path, weights, Map.of("format", "pt"));
 * }</pre>
 *
 * <p>Element types other than float32 and int32 are converted as {@link StoredType} says. An open
 * file may be read by several threads.
 */
public final class SafeTensors implements AutoCloseable {

    private final Source source;
    private final SafeTensorsHeader header;
    private volatile boolean closed;

    SafeTensors(Source source, ParseLimits limits) {
        this.source = source;
        boolean valid = false;
        try {
            this.header = SafeTensorsHeader.read(source, limits);
            valid = true;
        } finally {
            if (!valid) {
                source.close();
            }
        }
    }

    /** {@link #open(Path, ParseLimits)} with the default limits. */
    public static SafeTensors open(Path path) {
        return open(path, ParseLimits.DEFAULT);
    }

    /**
     * Maps a file into memory and reads its header; tensors are copied out of the mapping when they
     * are asked for, so that the others cost nothing.
     *
     * @throws ModelFormatException if the file is malformed or exceeds the limits
     * @throws java.io.UncheckedIOException if it can't be read
     */
    public static SafeTensors open(Path path, ParseLimits limits) {
        return new SafeTensors(Source.mapped(path), limits);
    }

    /** {@link #read(Path, ParseLimits)} with the default limits. */
    public static Map<String, Tensor> read(Path path) {
        return read(path, ParseLimits.DEFAULT);
    }

    /**
     * Reads all tensors into the current scope, in the order of the file; nothing is left there if
     * one can't be read.
     *
     * @throws ModelFormatException if the file is malformed or exceeds the limits
     * @throws java.io.UncheckedIOException if it can't be read
     */
    public static Map<String, Tensor> read(Path path, ParseLimits limits) {
        try (SafeTensors file = new SafeTensors(Source.channel(path), limits)) {
            return file.readAll();
        }
    }

    /** The names of the tensors, in the order of their data. */
    public Set<String> names() {
        return Collections.unmodifiableSet(header.tensors().keySet());
    }

    /** The text entries that the file carries, often just {@code format=pt}. */
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(header.metadata());
    }

    /**
     * The shape of a tensor.
     *
     * @throws ArgumentException if there is none of this name
     */
    public Shape shape(String name) {
        return entry("shape", name).shape();
    }

    /**
     * The element type that a tensor has in the file.
     *
     * @throws ArgumentException if there is none of this name
     */
    public StoredType storedType(String name) {
        return entry("storedType", name).type();
    }

    private SafeTensorsHeader.Entry entry(String operation, String name) {
        SafeTensorsHeader.Entry entry = header.tensors().get(name);
        if (entry == null) {
            throw new ArgumentException(
                    "SafeTensors.%s: %s has no tensor %s; see names()"
                            .formatted(operation, source.name(), JsonReader.quoted(name)));
        }
        return entry;
    }

    private ElementReader reader(SafeTensorsHeader.Entry entry) {
        if (closed) {
            throw new ScopeException("SafeTensors: " + source.name() + " is closed");
        }
        return new ElementReader(source, entry.type(), ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Reads one tensor into the current scope.
     *
     * @throws ArgumentException if there is none of this name
     * @throws ModelFormatException if its data can't be converted
     */
    public Tensor read(String name) {
        SafeTensorsHeader.Entry entry = entry("read", name);
        return reader(entry).read(entry.begin(), entry.shape());
    }

    /**
     * Reads one tensor into {@code out}, whose shape and type must be those of the tensor read.
     *
     * @throws ArgumentException if there is none of this name, or the types differ
     * @throws dev.lanewise.core.ShapeException if the shapes differ
     * @throws ModelFormatException if its data can't be converted; out then holds a part of it
     */
    public void readInto(String name, Tensor out) {
        SafeTensorsHeader.Entry entry = entry("readInto", name);
        reader(entry).readInto("SafeTensors.readInto " + name, entry.begin(), entry.shape(), out);
    }

    /** Reads all tensors into the current scope; nothing is left there if one can't be read. */
    public Map<String, Tensor> readAll() {
        return ElementReader.allOrNothing(names(), this::read);
    }

    @Override
    public void close() {
        closed = true;
        source.close();
    }

    // ---- writing ----

    /** {@link #write(Path, Map, Map)} without metadata. */
    public static void write(Path path, Map<String, Tensor> tensors) {
        write(path, tensors, Map.of());
    }

    /**
     * Writes or replaces a file, as a whole or not at all ({@link AtomicFile}): float32 tensors as
     * F32, int32 ones as I32, in the order of the map.
     *
     * @throws ArgumentException if a name is {@code __metadata__} or a string is not text
     * @throws java.io.UncheckedIOException if it can't be written; an existing file is then as it
     *     was
     */
    public static void write(Path path, Map<String, Tensor> tensors, Map<String, String> metadata) {
        Map<String, Tensor> all = new LinkedHashMap<>(tensors);
        byte[] header = header(all, metadata).getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(path, out -> write(out, header, all));
    }

    private static void write(OutputStream out, byte[] header, Map<String, Tensor> tensors)
            throws IOException {
        out.write(
                ByteBuffer.allocate(SafeTensorsHeader.LENGTH_BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(header.length)
                        .array());
        out.write(header);
        for (Tensor tensor : tensors.values()) {
            ElementWriter.write(tensor, out);
        }
    }

    private static String header(Map<String, Tensor> tensors, Map<String, String> metadata) {
        StringBuilder json = new StringBuilder("{");
        if (!metadata.isEmpty()) {
            json.append('"').append(SafeTensorsHeader.METADATA).append("\":{");
            String separator = "";
            for (Map.Entry<String, String> entry : metadata.entrySet()) {
                json.append(separator);
                writeString(entry.getKey(), json);
                json.append(':');
                writeString(entry.getValue(), json);
                separator = ",";
            }
            json.append(tensors.isEmpty() ? "}" : "},");
        }
        long begin = 0;
        String separator = "";
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            if (entry.getKey().equals(SafeTensorsHeader.METADATA)) {
                throw new ArgumentException(
                        "SafeTensors.write: no tensor can be called " + SafeTensorsHeader.METADATA);
            }
            Tensor tensor = entry.getValue();
            StoredType type = StoredType.of(tensor.type());
            long end = Math.addExact(begin, tensor.elements() * type.bytes());
            json.append(separator);
            writeString(entry.getKey(), json);
            json.append(":{\"dtype\":\"").append(type).append("\",\"shape\":");
            json.append(tensor.shape().toString().replace(" ", ""));
            json.append(",\"data_offsets\":[").append(begin).append(',').append(end).append("]}");
            begin = end;
            separator = ",";
        }
        json.append('}');
        // Blanks behind the header align the data, as the reference implementation does.
        int length = json.toString().getBytes(StandardCharsets.UTF_8).length;
        return json + " ".repeat(-length & 7);
    }

    private static void writeString(String string, StringBuilder json) {
        if (!JsonReader.isText(string)) {
            throw new ArgumentException(
                    "SafeTensors.write: half of a surrogate pair in " + JsonReader.quoted(string));
        }
        JsonReader.write(string, json);
    }
}
