package dev.lanewise.core.io;

import dev.lanewise.core.Shape;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a safetensors file says about itself: 8 bytes with the length of the header, little-endian,
 * then the header, a JSON object from names to type, shape and byte range, then the data.
 *
 * <p>The rules are those of the reference implementation, and stricter where it is lenient: no
 * duplicate or unknown keys anywhere, and the byte ranges cover the data without holes or overlap.
 *
 * @param metadata the entries of {@code __metadata__}
 * @param tensors the tensors by name, in the order of their data
 */
record SafeTensorsHeader(Map<String, String> metadata, Map<String, Entry> tensors) {

    static final String METADATA = "__metadata__";
    static final int LENGTH_BYTES = 8;

    /**
     * A tensor in the file.
     *
     * @param begin the first byte of its data in the file
     * @param end the byte after its last
     */
    record Entry(StoredType type, Shape shape, long begin, long end) {}

    static SafeTensorsHeader read(Source source, ParseLimits limits) {
        if (source.size() < LENGTH_BYTES) {
            throw source.malformed("is too short for safetensors: " + source.size() + " bytes");
        }
        byte[] prefix = new byte[LENGTH_BYTES];
        source.read(0, prefix, LENGTH_BYTES);
        long length = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (length < 2 || length > source.size() - LENGTH_BYTES) {
            throw source.malformed(
                    "claims %s header bytes, but %d bytes follow; not safetensors, or cut short"
                            .formatted(
                                    Long.toUnsignedString(length), source.size() - LENGTH_BYTES));
        }
        if (length > limits.headerBytes()) {
            throw source.malformed(
                    "header of %d bytes exceeds the limit of %d; raise ParseLimits.headerBytes if you trust the file"
                            .formatted(length, limits.headerBytes()));
        }
        byte[] header = new byte[(int) length];
        source.read(LENGTH_BYTES, header, header.length);
        return new Parser(source, limits, text(source, header)).parse(LENGTH_BYTES + length);
    }

    private static String text(Source source, byte[] header) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(header)).toString();
        } catch (CharacterCodingException e) {
            throw new ModelFormatException(source.name() + ": header is not UTF-8", e);
        }
    }

    private static final class Parser {
        private final Source source;
        private final ParseLimits limits;
        private final JsonReader json;
        private final String text;

        Parser(Source source, ParseLimits limits, String text) {
            this.source = source;
            this.limits = limits;
            this.text = text;
            this.json = new JsonReader(source, text);
        }

        SafeTensorsHeader parse(long dataStart) {
            if (text.charAt(0) != '{') {
                throw source.malformed("header must start with '{'");
            }
            Map<String, String> metadata = null;
            Map<String, Entry> tensors = new LinkedHashMap<>();
            json.beginObject();
            for (boolean first = true; json.hasNextKey(first); first = false) {
                String name = name("tensor");
                if (name.equals(METADATA)) {
                    if (metadata != null) {
                        throw json.malformed("duplicate key " + METADATA);
                    }
                    metadata = metadata();
                } else if (tensors.containsKey(name)) {
                    throw json.malformed("duplicate tensor " + JsonReader.quoted(name));
                } else if (tensors.size() == limits.tensors()) {
                    throw source.malformed(
                            "has more than %d tensors; raise ParseLimits.tensors if you trust the file"
                                    .formatted(limits.tensors()));
                } else {
                    tensors.put(name, entry(name, dataStart));
                }
            }
            json.end();
            return new SafeTensorsHeader(
                    metadata == null ? Map.of() : metadata, inOrder(tensors, dataStart));
        }

        private String name(String what) {
            String name = json.key();
            // A char is at most 3 bytes of UTF-8, so most names need no counting.
            if (name.length() > limits.nameBytes() / 3
                    && name.getBytes(StandardCharsets.UTF_8).length > limits.nameBytes()) {
                throw json.malformed(
                        "a %s name is longer than %d bytes".formatted(what, limits.nameBytes()));
            }
            return name;
        }

        private Map<String, String> metadata() {
            Map<String, String> metadata = new LinkedHashMap<>();
            json.beginObject();
            for (boolean first = true; json.hasNextKey(first); first = false) {
                String key = name("metadata");
                if (metadata.size() == limits.metadataEntries()) {
                    throw source.malformed(
                            "has more than %d metadata entries"
                                    .formatted(limits.metadataEntries()));
                }
                if (metadata.put(key, json.string()) != null) {
                    throw json.malformed("duplicate metadata key " + JsonReader.quoted(key));
                }
            }
            return metadata;
        }

        private Entry entry(String name, long dataStart) {
            StoredType type = null;
            long[] sizes = null;
            long[] range = null;
            json.beginObject();
            for (boolean first = true; json.hasNextKey(first); first = false) {
                String key = json.key();
                boolean duplicate;
                switch (key) {
                    case "dtype" -> {
                        duplicate = type != null;
                        type = type(name, json.string());
                    }
                    case "shape" -> {
                        duplicate = sizes != null;
                        sizes = json.integers(limits.rank(), "shape");
                    }
                    case "data_offsets" -> {
                        duplicate = range != null;
                        range = json.integers(2, "data_offsets");
                    }
                    default ->
                            throw json.malformed(
                                    "tensor %s has an unknown key %s"
                                            .formatted(
                                                    JsonReader.quoted(name),
                                                    JsonReader.quoted(key)));
                }
                if (duplicate) {
                    throw json.malformed(
                            "tensor %s has two keys %s".formatted(JsonReader.quoted(name), key));
                }
            }
            if (type == null || sizes == null || range == null) {
                throw json.malformed(
                        "tensor %s needs dtype, shape and data_offsets"
                                .formatted(JsonReader.quoted(name)));
            }
            return entry(name, type, sizes, range, dataStart);
        }

        private Entry entry(
                String name, StoredType type, long[] sizes, long[] range, long dataStart) {
            String what = "tensor " + JsonReader.quoted(name);
            long data = source.size() - dataStart;
            if (range.length != 2 || range[0] > range[1] || range[1] > data) {
                throw source.malformed(
                        "%s: data_offsets %s are not a range within %d bytes of data"
                                .formatted(what, Arrays.toString(range), data));
            }
            long bytes = ElementReader.elements(source, what, sizes) * type.bytes();
            if (bytes != range[1] - range[0]) {
                throw source.malformed(
                        "%s: %s %s needs %d bytes, data_offsets %s hold %d"
                                .formatted(
                                        what,
                                        type,
                                        Arrays.toString(sizes),
                                        bytes,
                                        Arrays.toString(range),
                                        range[1] - range[0]));
            }
            return new Entry(type, Shape.of(sizes), dataStart + range[0], dataStart + range[1]);
        }

        private StoredType type(String name, String code) {
            for (StoredType type : StoredType.values()) {
                if (type.name().equals(code)) {
                    return type;
                }
            }
            throw json.malformed(
                    "tensor %s has the dtype %s; supported are %s"
                            .formatted(
                                    JsonReader.quoted(name),
                                    JsonReader.quoted(code),
                                    Arrays.toString(StoredType.values())));
        }

        /** Sorts by place and checks that each tensor begins where the one before ends. */
        private Map<String, Entry> inOrder(Map<String, Entry> tensors, long dataStart) {
            List<Map.Entry<String, Entry>> sorted = new ArrayList<>(tensors.entrySet());
            sorted.sort(
                    Map.Entry.comparingByValue(
                            Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end)));
            Map<String, Entry> ordered = LinkedHashMap.newLinkedHashMap(sorted.size());
            long at = dataStart;
            for (Map.Entry<String, Entry> tensor : sorted) {
                if (tensor.getValue().begin() != at) {
                    throw source.malformed(
                            "tensor %s begins at byte %d of the data, %s"
                                    .formatted(
                                            JsonReader.quoted(tensor.getKey()),
                                            tensor.getValue().begin() - dataStart,
                                            tensor.getValue().begin() < at
                                                    ? "inside another"
                                                    : "after a hole"));
                }
                at = tensor.getValue().end();
                ordered.put(tensor.getKey(), tensor.getValue());
            }
            if (at != source.size()) {
                throw source.malformed(
                        "%d bytes at the end belong to no tensor".formatted(source.size() - at));
            }
            return ordered;
        }
    }
}
