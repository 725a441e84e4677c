package dev.lanewise.core.io;

import dev.lanewise.core.ElementType;
import dev.lanewise.core.Shape;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What an npy file says about its array: a magic number, a version, the length of the header, and
 * the header, a Python dictionary such as {@code {'descr': '<f4', 'fortran_order': False, 'shape':
 * (2, 3), }}. It is read by a grammar of its own, never evaluated.
 *
 * @param type the element type
 * @param order the byte order of the elements
 * @param fortranOrder whether the first axis varies fastest
 * @param shape the sizes
 * @param dataStart where the elements begin
 */
record NpyHeader(
        StoredType type, ByteOrder order, boolean fortranOrder, Shape shape, long dataStart) {

    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int ALIGNMENT = 64;

    /** Reads the header and checks that the elements fill the rest of the source exactly. */
    static NpyHeader read(Source source, ParseLimits limits) {
        int fixed = MAGIC.length + 2;
        byte[] start = new byte[fixed + 4];
        if (source.size() < fixed + 2) {
            throw source.malformed("is too short for npy: " + source.size() + " bytes");
        }
        source.read(0, start, fixed);
        if (!Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw source.malformed("does not start with \\x93NUMPY: not an npy file");
        }
        int version = start[MAGIC.length];
        if (version < 1 || version > 3 || start[MAGIC.length + 1] != 0) {
            throw source.malformed(
                    "npy version %d.%d is not supported; 1.0, 2.0 and 3.0 are"
                            .formatted(version & 0xFF, start[MAGIC.length + 1] & 0xFF));
        }
        int lengthBytes = version == 1 ? 2 : 4;
        if (source.size() < fixed + lengthBytes) {
            throw source.malformed("ends within the length of its header");
        }
        byte[] lengthField = new byte[4];
        source.read(fixed, lengthField, lengthBytes);
        long length =
                ByteBuffer.wrap(lengthField).order(ByteOrder.LITTLE_ENDIAN).getInt() & 0xFFFF_FFFFL;
        long headerStart = fixed + lengthBytes;
        if (length > source.size() - headerStart) {
            throw source.malformed(
                    "claims %d header bytes, but %d bytes follow"
                            .formatted(length, source.size() - headerStart));
        }
        if (length > limits.npyHeaderBytes()) {
            throw source.malformed(
                    "header of %d bytes exceeds the limit of %d; raise ParseLimits.npyHeaderBytes if you trust the file"
                            .formatted(length, limits.npyHeaderBytes()));
        }
        byte[] header = new byte[(int) length];
        source.read(headerStart, header, header.length);
        NpyHeader parsed =
                new Parser(source, limits, text(source, header, version))
                        .parse(headerStart + length);
        parsed.checkData(source);
        return parsed;
    }

    private static String text(Source source, byte[] header, int version) {
        Charset charset = version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
        try {
            return charset.newDecoder().decode(ByteBuffer.wrap(header)).toString();
        } catch (CharacterCodingException e) {
            throw new ModelFormatException(source.name() + ": header is not UTF-8", e);
        }
    }

    private void checkData(Source source) {
        long elements = ElementReader.elements(source, "the array", shape.toArray());
        long bytes = elements * type.bytes();
        if (bytes != source.size() - dataStart) {
            throw source.malformed(
                    "%s %s needs %d bytes, the file holds %d"
                            .formatted(type, shape, bytes, source.size() - dataStart));
        }
    }

    /** The bytes before the elements of a tensor, as NumPy writes them: padded to 64 bytes. */
    static byte[] write(Shape shape, ElementType type) {
        StringBuilder sizes = new StringBuilder();
        for (long size : shape.toArray()) {
            sizes.append(sizes.isEmpty() ? "" : ", ").append(size);
        }
        String text =
                "{'descr': '<%s', 'fortran_order': False, 'shape': (%s%s), }"
                        .formatted(
                                StoredType.of(type).npyCode(), sizes, shape.rank() == 1 ? "," : "");
        int before = MAGIC.length + 4;
        int length = Math.ceilDiv(before + text.length() + 1, ALIGNMENT) * ALIGNMENT - before;
        ByteBuffer out = ByteBuffer.allocate(before + length).order(ByteOrder.LITTLE_ENDIAN);
        out.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) length);
        out.put(text.getBytes(StandardCharsets.US_ASCII));
        while (out.remaining() > 1) {
            out.put((byte) ' ');
        }
        return out.put((byte) '\n').array();
    }

    private static final class Parser {
        private final Source source;
        private final ParseLimits limits;
        private final String text;
        private int at;

        Parser(Source source, ParseLimits limits, String text) {
            this.source = source;
            this.limits = limits;
            this.text = text;
        }

        NpyHeader parse(long dataStart) {
            String descr = null;
            Boolean fortranOrder = null;
            long[] sizes = null;
            expect('{');
            while (peek() != '}') {
                String key = string();
                expect(':');
                boolean duplicate;
                switch (key) {
                    case "descr" -> {
                        duplicate = descr != null;
                        descr = descr();
                    }
                    case "fortran_order" -> {
                        duplicate = fortranOrder != null;
                        fortranOrder = truth();
                    }
                    case "shape" -> {
                        duplicate = sizes != null;
                        sizes = sizes();
                    }
                    default -> throw malformed("unknown key " + JsonReader.quoted(key));
                }
                if (duplicate) {
                    throw malformed("two keys " + key);
                }
                if (peek() != '}') {
                    expect(',');
                }
            }
            at++;
            if (!text.substring(at).isBlank()) {
                throw malformed("something follows the dictionary");
            }
            if (descr == null || fortranOrder == null || sizes == null) {
                throw malformed("needs the keys descr, fortran_order and shape");
            }
            StoredType type = type(descr);
            ElementReader.elements(source, "the array", sizes);
            return new NpyHeader(type, order(descr), fortranOrder, Shape.of(sizes), dataStart);
        }

        private ModelFormatException malformed(String problem) {
            return source.malformed("header, character %d: %s".formatted(at, problem));
        }

        private char peek() {
            while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            if (at == text.length()) {
                throw malformed("ends too early");
            }
            return text.charAt(at);
        }

        private void expect(char wanted) {
            char found = peek();
            if (found != wanted) {
                throw malformed(
                        "expected '%c', found %s".formatted(wanted, JsonReader.quoted("" + found)));
            }
            at++;
        }

        private String string() {
            char quote = peek();
            if (quote != '\'' && quote != '"') {
                throw malformed("expected a string");
            }
            int end = text.indexOf(quote, at + 1);
            if (end < 0) {
                throw malformed("a string does not end");
            }
            String string = text.substring(at + 1, end);
            if (string.indexOf('\\') >= 0) {
                throw malformed("an escape in a string");
            }
            at = end + 1;
            return string;
        }

        private String descr() {
            if (peek() == '[') {
                throw malformed("structured arrays are not supported; save each field by itself");
            }
            return string();
        }

        private boolean truth() {
            peek();
            for (String word : new String[] {"True", "False"}) {
                if (text.startsWith(word, at)) {
                    at += word.length();
                    return word.equals("True");
                }
            }
            throw malformed("expected True or False");
        }

        private long[] sizes() {
            List<Long> sizes = new ArrayList<>();
            expect('(');
            boolean comma = true;
            while (peek() != ')') {
                if (!comma) {
                    throw malformed("expected ',' or ')'");
                }
                if (sizes.size() == limits.rank()) {
                    throw malformed("more than %d axes".formatted(limits.rank()));
                }
                sizes.add(size());
                comma = peek() == ',';
                if (comma) {
                    at++;
                }
            }
            at++;
            if (sizes.size() == 1 && !comma) {
                throw malformed("a tuple of one size needs a comma");
            }
            return sizes.stream().mapToLong(Long::longValue).toArray();
        }

        private long size() {
            int start = at;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                at++;
            }
            if (at == start || at - start > 1 && text.charAt(start) == '0') {
                throw malformed("expected a size");
            }
            try {
                long size = Long.parseLong(text, start, at, 10);
                if (text.startsWith("L", at)) {
                    at++; // as Python 2 wrote long integers
                }
                return size;
            } catch (NumberFormatException tooLong) {
                throw new ModelFormatException(
                        source.name() + ": header: a size does not fit 63 bits", tooLong);
            }
        }

        private StoredType type(String descr) {
            for (StoredType type : StoredType.values()) {
                if (type.npyCode() != null
                        && descr.length() == 3
                        && descr.substring(1).equals(type.npyCode())) {
                    order(descr);
                    return type;
                }
            }
            throw source.malformed(
                    "the element type %s is not supported%s"
                            .formatted(
                                    JsonReader.quoted(descr),
                                    descr.contains("O") ? "; it holds Python objects" : ""));
        }

        private ByteOrder order(String descr) {
            return switch (descr.charAt(0)) {
                case '<' -> ByteOrder.LITTLE_ENDIAN;
                case '>' -> ByteOrder.BIG_ENDIAN;
                case '|' -> {
                    if (descr.endsWith("1")) {
                        yield ByteOrder.LITTLE_ENDIAN;
                    }
                    throw source.malformed(
                            "the element type %s lacks its byte order"
                                    .formatted(JsonReader.quoted(descr)));
                }
                default ->
                        throw source.malformed(
                                "the element type %s has no known byte order"
                                        .formatted(JsonReader.quoted(descr)));
            };
        }
    }
}
