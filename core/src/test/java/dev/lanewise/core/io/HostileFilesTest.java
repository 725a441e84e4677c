package dev.lanewise.core.io;

import static dev.lanewise.core.io.GoldenFilesTest.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;

import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.testing.NoLeaks;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Only ModelFormatException may escape, memory and time stay bounded, nothing is left behind. */
@ExtendWith(NoLeaks.class)
@Timeout(120)
final class HostileFilesTest {

    /** What headers are made of: damage with these gets further into a parser. */
    private static final String SIGNS = "0123456789{}[](),:'\"\\<>|";

    private static final ThreadMXBean THREAD = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir Path folder;
    private Scope scope;

    @BeforeEach
    void open() {
        scope = Scope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private interface Reader {
        void read() throws IOException;
    }

    /** Reads; true if the content was accepted. Anything but a refusal fails the test. */
    private static boolean accepts(Reader reader) throws IOException {
        long live = Scope.liveBytes();
        long heap = THREAD.getCurrentThreadAllocatedBytes();
        boolean accepted = false;
        try (Scope _ = Scope.open()) {
            long inside = Scope.liveBytes();
            try {
                reader.read();
                accepted = true;
            } catch (ModelFormatException expected) {
                assertThat(Scope.liveBytes()).as("left in the scope").isEqualTo(inside);
                assertThat(expected.getMessage()).isNotBlank();
            }
        }
        assertThat(Scope.liveBytes()).isEqualTo(live);
        assertThat(THREAD.getCurrentThreadAllocatedBytes() - heap).isLessThan(4 << 20);
        return accepted;
    }

    private static boolean acceptsSafetensors(byte[] content) throws IOException {
        return accepts(
                () -> {
                    Source source =
                            Source.stream("f", content.length, new ByteArrayInputStream(content));
                    try (SafeTensors file = new SafeTensors(source, ParseLimits.DEFAULT)) {
                        file.readAll();
                    }
                });
    }

    private static boolean acceptsNpy(byte[] content) throws IOException {
        return accepts(
                () ->
                        Npy.read(
                                Source.stream(
                                        "f", content.length, new ByteArrayInputStream(content)),
                                ParseLimits.DEFAULT));
    }

    private boolean acceptsFile(String format, byte[] content) throws IOException {
        Path path = Files.write(folder.resolve("f"), content);
        boolean copied =
                accepts(
                        () -> {
                            switch (format) {
                                case "npy" -> Npy.read(path);
                                case "npz" -> Npz.read(path);
                                default -> SafeTensors.read(path);
                            }
                        });
        boolean mapped =
                accepts(
                        () -> {
                            switch (format) {
                                case "npy" -> {
                                    try (Npy file = Npy.open(path)) {
                                        file.read();
                                    }
                                }
                                case "npz" -> Npz.read(path);
                                default -> {
                                    try (SafeTensors file = SafeTensors.open(path)) {
                                        file.readAll();
                                    }
                                }
                            }
                        });
        assertThat(mapped).isEqualTo(copied);
        return copied;
    }

    private boolean accepts(String format, byte[] content) throws IOException {
        return switch (format) {
            case "npy" -> acceptsNpy(content);
            case "safetensors" -> acceptsSafetensors(content);
            default -> acceptsFile(format, content);
        };
    }

    // ---- corpora ----

    @ParameterizedTest
    @ValueSource(
            strings = {
                "le_f4.npy",
                "fortran.npy",
                "version3.npy",
                "types.safetensors",
                "deflated.npz",
                "stored.npz"
            })
    void truncatedAtEveryByte(String name) throws IOException {
        byte[] whole = Files.readAllBytes(golden(name));
        String format = name.substring(name.indexOf('.') + 1);
        assertThat(acceptsFile(format, whole)).isTrue();
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThat(acceptsFile(format, cut)).as("%s cut to %d", name, length).isFalse();
        }
        if (!format.equals("npz")) {
            assertThat(acceptsFile(format, Arrays.copyOf(whole, whole.length + 1))).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "le_f4.npy, 20000",
        "fortran_be_i8.npy, 10000",
        "types.safetensors, 30000",
        "deflated.npz, 2000",
        "stored.npz, 2000"
    })
    void damagedAtRandom(String name, int cases) throws IOException {
        byte[] whole = Files.readAllBytes(golden(name));
        String format = name.substring(name.indexOf('.') + 1);
        // Damage to the header is what counts; elements take any bits.
        int header = format.equals("npz") ? whole.length : Math.min(whole.length, 1200);
        SplittableRandom random = new SplittableRandom(20261121);
        int accepted = 0;
        for (int i = 0; i < cases; i++) {
            byte[] damaged = damaged(whole, header, random);
            try {
                accepted += accepts(format, damaged) ? 1 : 0;
            } catch (RuntimeException | Error e) {
                throw new AssertionError("case " + i + " of " + name + ": " + e, e);
            }
        }
        assertThat(accepted).as("the damage must matter, mostly").isLessThan(cases * 9 / 10);
    }

    private static byte[] damaged(byte[] whole, int header, SplittableRandom random) {
        byte[] bytes = whole.clone();
        int count = 1 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            int at = random.nextInt(Math.min(header, bytes.length));
            switch (random.nextInt(6)) {
                case 0, 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes[at] = (byte) random.nextInt(256);
                case 3 -> bytes[at] = (byte) SIGNS.charAt(random.nextInt(SIGNS.length()));
                case 4 -> {
                    // A piece of the file over another one.
                    int length = random.nextInt(1 + Math.min(16, bytes.length - at));
                    int from = random.nextInt(bytes.length - length + 1);
                    System.arraycopy(bytes, from, bytes, at, length);
                }
                default -> {
                    // A byte more or less.
                    boolean more = random.nextBoolean();
                    byte[] shifted = new byte[bytes.length + (more ? 1 : -1)];
                    System.arraycopy(bytes, 0, shifted, 0, at);
                    int from = more ? at : at + 1;
                    System.arraycopy(bytes, from, shifted, more ? at + 1 : at, bytes.length - from);
                    bytes = shifted;
                }
            }
        }
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(strings = {"npy", "safetensors", "npz"})
    void noise(String format) throws IOException {
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < (format.equals("npz") ? 500 : 5000); i++) {
            byte[] content = new byte[random.nextInt(300)];
            random.nextBytes(content);
            assertThat(accepts(format, content)).isFalse();
        }
    }

    // ---- safetensors ----

    static byte[] safetensors(String header, int dataBytes) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + text.length + dataBytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length)
                .put(text)
                .array();
    }

    private static String tensor(String name, String dtype, String shape, long begin, long end) {
        return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                .formatted(name, dtype, shape, begin, end);
    }

    private static void refuseSafetensors(String header, int dataBytes, String reason) {
        byte[] content = safetensors(header, dataBytes);
        assertThatThrownBy(
                        () ->
                                new SafeTensors(
                                        Source.stream(
                                                "f",
                                                content.length,
                                                new ByteArrayInputStream(content)),
                                        ParseLimits.DEFAULT))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageStartingWith("f: ")
                .hasMessageContaining(reason);
    }

    @Test
    void safetensorsRanges() throws IOException {
        String a = tensor("a", "F32", "[2]", 0, 8);
        assertThat(acceptsSafetensors(safetensors("{" + a + "}  ", 8))).isTrue();
        refuseSafetensors(
                "{" + a + "," + tensor("b", "F32", "[2]", 4, 12) + "}", 12, "inside another");
        refuseSafetensors("{" + a + "," + tensor("b", "F32", "[2]", 0, 8) + "}", 8, "inside");
        refuseSafetensors("{" + a + "," + tensor("b", "F32", "[1]", 12, 16) + "}", 16, "a hole");
        refuseSafetensors("{" + tensor("b", "F32", "[1]", 4, 8) + "}", 8, "a hole");
        refuseSafetensors("{" + a + "}", 12, "belong to no tensor");
        refuseSafetensors("{}", 1, "belong to no tensor");
        refuseSafetensors("{" + a + "}", 4, "not a range");
        refuseSafetensors("{" + tensor("b", "F32", "[2]", 8, 0) + "}", 8, "not a range");
        refuseSafetensors("{" + tensor("b", "F32", "[3]", 0, 8) + "}", 8, "needs 12 bytes");
        refuseSafetensors(
                "{" + tensor("b", "F32", "[2]", 0, Long.MAX_VALUE) + "}", 8, "not a range");
    }

    @Test
    void safetensorsSizesThatWrap() {
        // 2^62 * 4 bytes and 2^32 * 2^32 are 0 in 64 bits; the last is 4 (a published attack).
        for (String shape :
                new String[] {
                    "[4611686018427387904]",
                    "[4294967296,4294967296]",
                    "[9223372036854775807,9223372036854775807]",
                    "[4611686018427387905]",
                    "[0,4294967296,4294967296]"
                }) {
            for (int bytes : new int[] {0, 4}) {
                refuseSafetensors(
                        "{" + tensor("x", "F32", shape, 0, bytes) + "}",
                        bytes,
                        "more elements than there can be");
            }
        }
        refuseSafetensors(
                "{" + tensor("x", "F32", "[9223372036854775808]", 0, 4) + "}", 4, "63 bits");
        refuseSafetensors("{" + tensor("x", "U8", "[1000000000000]", 0, 4) + "}", 4, "needs");
        refuseSafetensors(
                "{" + tensor("x", "F32", "[1" + ",1".repeat(16) + "]", 0, 4) + "}",
                4,
                "more than 16");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}} | two keys dtype",
                "{\"__metadata__\":{\"a\":\"b\",\"a\":\"c\"}} | duplicate metadata key",
                "{\"__metadata__\":{},\"__metadata__\":{}} | duplicate key",
                "{\"__metadata__\":{\"a\":1}} | expected '\"'",
                "{\"__metadata__\":[]} | expected '{'",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4],\"x\":0}} | unknown key \"x\"",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[]}} | needs dtype, shape and data_offsets",
                "{\"a\":{\"dtype\":\"F8\",\"shape\":[],\"data_offsets\":[0,4]}} | dtype \"F8\"",
                "{\"a\":{\"dtype\":\"f32\",\"shape\":[],\"data_offsets\":[0,4]}} | dtype \"f32\"",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}} | non-negative integer",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}} | non-negative integer",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1e0],\"data_offsets\":[0,4]}} | non-negative integer",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[01],\"data_offsets\":[0,4]}} | non-negative integer",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1,],\"data_offsets\":[0,4]}} | non-negative integer",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0]}} | not a range",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,2,4]}} | more than 2",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[[[[]]]],\"data_offsets\":[0,4]}} | non-negative integer",
                "{\"a\":null} | expected '{'",
                "{\"a\"} | expected ':'",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},} | expected '\"'",
                "{} x | something follows",
                "{}{} | something follows",
                "{} | must start with '{'",
                "[] | must start with '{'",
                "{\"\\x\":{}} | unknown escape",
                "{\"\\ud800\":{}} | surrogate",
                "{\"\\u12g4\":{}} | hexadecimal",
                "{\"a | does not end",
                "{\"a\\ | does not end",
                "{// | expected '\"'"
            })
    void safetensorsStructure(String header, String reason) {
        // The table trims blanks.
        refuseSafetensors(reason.startsWith("must") ? " " + header : header, 4, reason);
    }

    @Test
    void safetensorsDuplicateNamesHoweverWritten() {
        refuseSafetensors(
                "{"
                        + tensor("ab", "U8", "[1]", 0, 1)
                        + ","
                        + tensor("\\u0061b", "U8", "[1]", 1, 2)
                        + "}",
                2,
                "duplicate tensor \"ab\"");
        refuseSafetensors("{\"a\tb\":{}}", 0, "control character");
    }

    @Test
    void safetensorsHeaderLength() throws IOException {
        for (long length : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 3, 0, 1, 1L << 40}) {
            byte[] content = safetensors("{}", 0);
            ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
            assertThat(acceptsSafetensors(content)).isFalse();
            assertThat(acceptsFile("safetensors", content)).isFalse();
        }
        byte[] invalid = safetensors("{\"aa\":0}", 0);
        invalid[10] = (byte) 0xC0;
        assertThatThrownBy(() -> SafeTensors.read(Files.write(folder.resolve("utf"), invalid)))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("UTF-8");
    }

    /** Long headers of every costly kind come to their end quickly, and without deep recursion. */
    @Test
    @Timeout(20)
    void safetensorsHugeHeaders() throws IOException {
        int size = 15 << 20;
        String nested = "{\"a\":" + "[".repeat(size);
        refuseSafetensors(nested, 0, "expected '{'");
        refuseSafetensors("{\"a\":".repeat(size / 5), 0, "unknown key");
        refuseSafetensors("{\"" + "a".repeat(size), 0, "does not end");
        refuseSafetensors("{\"" + "\\u0061".repeat(size / 6) + "\":{}}", 0, "longer than 4096");
        refuseSafetensors("{" + " ".repeat(size), 0, "ends too early");
        refuseSafetensors(
                "{" + tensor("a", "F32", "[" + "9".repeat(size) + "]", 0, 4) + "}", 4, "63 bits");
        refuseSafetensors("{}" + " ".repeat(17 << 20), 0, "exceeds the limit");
        StringBuilder many = new StringBuilder("{");
        for (int i = 0; i <= 100_000; i++) {
            many.append(tensor("t" + i, "F32", "[0]", 0, 0)).append(',');
        }
        refuseSafetensors(many.toString(), 0, "more than 100000 tensors");
        StringBuilder metadata = new StringBuilder("{\"__metadata__\":{");
        for (int i = 0; i <= 10_000; i++) {
            metadata.append("\"k").append(i).append("\":\"\",");
        }
        refuseSafetensors(metadata.toString(), 0, "more than 10000 metadata entries");
    }

    @Test
    void limitsCanBeChanged() {
        Path path = folder.resolve("model");
        SafeTensors.write(
                path,
                Map.of("a", scope.of(1), "b", scope.zeros(Shape.of(1, 1, 1))),
                Map.of("m", "x"));
        assertThat(SafeTensors.read(path, ParseLimits.DEFAULT.withTensors(2))).hasSize(2);
        for (ParseLimits tight :
                new ParseLimits[] {
                    ParseLimits.DEFAULT.withTensors(1),
                    ParseLimits.DEFAULT.withRank(2),
                    ParseLimits.DEFAULT.withNameBytes(0),
                    ParseLimits.DEFAULT.withMetadataEntries(0),
                    ParseLimits.DEFAULT.withHeaderBytes(20)
                }) {
            assertThatThrownBy(() -> SafeTensors.read(path, tight))
                    .isInstanceOf(ModelFormatException.class);
        }
        Npy.write(path, scope.zeros(Shape.of(1, 1, 1)));
        assertThatThrownBy(() -> Npy.read(path, ParseLimits.DEFAULT.withRank(2)))
                .isInstanceOf(ModelFormatException.class);
        assertThatThrownBy(() -> Npy.read(path, ParseLimits.DEFAULT.withNpyHeaderBytes(10)))
                .isInstanceOf(ModelFormatException.class);
        assertThatThrownBy(() -> ParseLimits.DEFAULT.withRank(17)).hasMessageContaining("17");
        assertThatThrownBy(() -> ParseLimits.DEFAULT.withTensors(-1))
                .hasMessageContaining("negative");
    }

    /** The reserved bytes never fall by themselves, so they show what was taken in between. */
    @Test
    void noMemoryIsTakenForWhatIsNotThere() throws IOException {
        long reserved = Scope.reservedBytes();
        String shape = "[1073741824,4]";
        assertThat(
                        acceptsFile(
                                "safetensors",
                                safetensors(
                                        "{" + tensor("x", "F32", shape, 0, 1L << 34) + "}", 64)))
                .isFalse();
        assertThat(acceptsFile("npy", npy("'<f4'", "(1073741824, 4)", 64))).isFalse();
        assertThat(Scope.reservedBytes()).isEqualTo(reserved);
    }

    // ---- npy ----

    private static byte[] npy(String descr, String shape, int dataBytes) {
        return npy(
                "{'descr': %s, 'fortran_order': False, 'shape': %s, }".formatted(descr, shape),
                dataBytes);
    }

    private static byte[] npy(String header, int dataBytes) {
        byte[] text = (header + "\n").getBytes(StandardCharsets.ISO_8859_1);
        return ByteBuffer.allocate(10 + text.length + dataBytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0})
                .putShort((short) text.length)
                .put(text)
                .array();
    }

    private static void refuseNpy(byte[] content, String reason) {
        assertThatThrownBy(
                        () ->
                                Npy.read(
                                        Source.stream(
                                                "f",
                                                content.length,
                                                new ByteArrayInputStream(content)),
                                        ParseLimits.DEFAULT))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageStartingWith("f: ")
                .hasMessageContaining(reason);
    }

    @Test
    void npyAcceptsWhatPythonWrites() throws IOException {
        assertThat(acceptsNpy(npy("'<f4'", "(2,)", 8))).isTrue();
        assertThat(acceptsNpy(npy("'<f4'", "(2L, 1L)", 8))).isTrue();
        assertThat(acceptsNpy(npy("'<f4'", "()", 4))).isTrue();
        assertThat(acceptsNpy(npy("\"<f4\"", "(1,2,)", 8))).isTrue();
        assertThat(acceptsNpy(npy("{\"shape\":(1,),'fortran_order':True,'descr':'|u1'}", 1)))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "(2); a comma",
                "(-2,); expected a size",
                "(2.0,); expected ',' or ')'",
                "(1e3,); expected ',' or ')'",
                "(02,); expected a size",
                "(2 3); expected ',' or ')'",
                "(,); expected a size",
                "(2,,); expected a size",
                "[2]; expected '('",
                "(((((; expected a size",
                "(2; expected '}'",
                "(99999999999999999999,); 63 bits",
                "(4611686018427387904,); more elements",
                "(4294967296, 4294967296); more elements",
                "(0, 4294967296, 4294967296); more elements",
                "(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1); more than 16 axes",
                "(3,); needs 12 bytes",
                "(1,); needs 4 bytes",
                "__import__('os'); expected '('"
            })
    void npyShapes(String shape, String reason) {
        if (shape.equals("(2")) {
            refuseNpy(npy("{'descr':'<f4','fortran_order':False,'shape':(2", 8), "ends too early");
        } else {
            refuseNpy(npy("'<f4'", shape, 8), reason);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "'|O'; Python objects",
                "'<f16'; not supported",
                "'f4'; not supported",
                "'=f4'; no known byte order",
                "'|f4'; lacks its byte order",
                "'<m8'; not supported",
                "'<f4; does not end",
                "'\\x3cf4'; an escape",
                "''; not supported",
                "None; expected a string",
                "[('a', '<f4')]; structured"
            })
    void npyTypes(String descr, String reason) {
        String header = "{'fortran_order': False, 'shape': (1,), 'descr': %s}".formatted(descr);
        refuseNpy(npy(header, 4), reason);
    }

    @Test
    void npyStructure() {
        refuseNpy(npy("{'descr': '<f4', 'shape': (1,)}", 4), "needs the keys");
        refuseNpy(npy("{'descr': '<f4', 'descr': '<f4', 'shape': (1,)}", 4), "two keys descr");
        refuseNpy(npy("{'descr': '<f4', 'x': 1}", 4), "unknown key \"x\"");
        refuseNpy(npy("{'fortran_order': 1}", 4), "True or False");
        refuseNpy(
                npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} + x", 4),
                "something follows");
        refuseNpy(npy("", 4), "ends too early");
        byte[] version = npy("'<f4'", "(1,)", 4);
        version[6] = 4;
        refuseNpy(version, "version 4.0");
        version[6] = 1;
        version[7] = 1;
        refuseNpy(version, "version 1.1");
        byte[] magic = npy("'<f4'", "(1,)", 4);
        magic[0] = 'x';
        refuseNpy(magic, "not an npy file");
        byte[] longHeader = npy("'<f4'", "(1,)", 80_000);
        longHeader[6] = 2;
        ByteBuffer.wrap(longHeader).order(ByteOrder.LITTLE_ENDIAN).putInt(8, 70_000);
        refuseNpy(longHeader, "exceeds the limit");
        ByteBuffer.wrap(longHeader).order(ByteOrder.LITTLE_ENDIAN).putInt(8, -1);
        refuseNpy(longHeader, "claims 4294967295 header bytes");
        byte[] truth = npy("'|b1'", "(2,)", 2);
        truth[truth.length - 1] = 2;
        refuseNpy(truth, "BOOL element 1 is the byte 2");
    }

    // ---- npz ----

    private Path zip(Map<String, byte[]> members) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> member : members.entrySet()) {
                zip.putNextEntry(new ZipEntry(member.getKey()));
                zip.write(member.getValue());
                zip.closeEntry();
            }
        }
        return Files.write(folder.resolve("f.npz"), bytes.toByteArray());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../x.npy",
                "a/../../x.npy",
                "/etc/x.npy",
                "C:/x.npy",
                "..\\x.npy",
                "a\nb.npy",
                "./x.npy",
                "a//x.npy",
                ".npy",
                "x.txt",
                "x.npy/",
                "a/"
            })
    void npzNames(String name) throws IOException {
        byte[] array = npy("'<f4'", "(1,)", 4);
        assertThat(Npz.read(zip(Map.of("ok/x.npy", array)))).containsOnlyKeys("ok/x");
        Path path = zip(Map.of(name, name.endsWith("/") ? new byte[0] : array));
        assertThatThrownBy(() -> Npz.open(path)).isInstanceOf(ModelFormatException.class);
    }

    @Test
    void npzMembers() throws IOException {
        byte[] array = npy("'<f4'", "(1,)", 4);
        assertThatThrownBy(() -> Npz.read(zip(Map.of("x.npy", Arrays.copyOf(array, 500)))))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageStartingWith("f.npz/x.npy: ")
                .hasMessageContaining("needs 4 bytes");
        assertThatThrownBy(() -> Npz.read(zip(Map.of("x.npy", new byte[0]))))
                .isInstanceOf(ModelFormatException.class);
        Path two = zip(Map.of("x.npy", array, "y.npy", array));
        assertThatThrownBy(() -> Npz.read(two, ParseLimits.DEFAULT.withTensors(1)))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("2 members");
        assertThatThrownBy(() -> Npz.read(two, ParseLimits.DEFAULT.withNameBytes(4)))
                .isInstanceOf(ModelFormatException.class);
        // The second member gets the name of the first.
        byte[] bytes = Files.readAllBytes(two);
        for (int i = 0; i + 5 <= bytes.length; i++) {
            if (new String(bytes, i, 5, StandardCharsets.ISO_8859_1).equals("y.npy")) {
                bytes[i] = 'x';
            }
        }
        Files.write(two, bytes);
        assertThatThrownBy(() -> Npz.read(two))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("two members");
    }

    @Test
    void npzBombs() throws IOException {
        // 64 MiB of zeros in 64 KiB: fine by default, refused below a limit before it is unpacked.
        Path bomb = folder.resolve("bomb.npz");
        try (Scope inner = Scope.open()) {
            Npz.write(bomb, Map.of("x", inner.zeros(Shape.of(1 << 24))), true);
        }
        assertThat(Files.size(bomb)).isLessThan(1 << 20);
        long reserved = Scope.reservedBytes();
        assertThatThrownBy(() -> Npz.read(bomb, ParseLimits.DEFAULT.withInflatedBytes(1 << 20)))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("inflatedBytes");
        // A directory that claims more than deflate can do.
        byte[] bytes = Files.readAllBytes(bomb);
        int directory = indexOf(bytes, new byte[] {'P', 'K', 1, 2});
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(directory + 24, 0x7FFF_FFFF);
        Files.write(bomb, bytes);
        assertThatThrownBy(() -> Npz.read(bomb))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("can't unpack");
        assertThat(Scope.reservedBytes()).isEqualTo(reserved);
    }

    @Test
    void npzWhoseSizesOrChecksumsLie() throws IOException {
        Tensor tensor = scope.arange(1000);
        for (boolean deflated : new boolean[] {false, true}) {
            Path path = folder.resolve("lie.npz");
            Npz.write(path, Map.of("x", tensor), deflated);
            byte[] whole = Files.readAllBytes(path);
            int directory = indexOf(whole, new byte[] {'P', 'K', 1, 2});
            // Offsets in a directory entry: 16 checksum, 20 packed size, 24 size, 42 place.
            for (int field : new int[] {16, 20, 24, 42}) {
                for (int change : new int[] {-129, -4, -1, 1, 4, 1000}) {
                    byte[] bytes = whole.clone();
                    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
                    buffer.putInt(directory + field, buffer.getInt(directory + field) + change);
                    boolean accepted = acceptsFile("npz", bytes);
                    // Deflate knows its own end, so a wrong packed size may go unnoticed.
                    assertThat(accepted && !(deflated && field == 20)).isFalse();
                }
            }
            byte[] flipped = whole.clone();
            flipped[deflated ? 300 : 2000] ^= 4;
            assertThat(acceptsFile("npz", flipped)).isFalse();
        }
    }

    private static int indexOf(byte[] bytes, byte[] wanted) {
        for (int i = bytes.length - wanted.length; i >= 0; i--) {
            if (Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
                return i;
            }
        }
        throw new AssertionError("not found");
    }
}
