package dev.lanewise.core.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;

/** Safetensors files that lie about their content. */
final class HostileSafeTensorsTest extends HostileFiles {

    private static void refuse(String header, int dataBytes, String reason) {
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
    void ranges() throws IOException {
        String a = tensor("a", "F32", "[2]", 0, 8);
        assertThat(acceptsSafetensors(safetensors("{" + a + "}  ", 8))).isTrue();
        refuse("{" + a + "," + tensor("b", "F32", "[2]", 4, 12) + "}", 12, "inside another");
        refuse("{" + a + "," + tensor("b", "F32", "[2]", 0, 8) + "}", 8, "inside");
        refuse("{" + a + "," + tensor("b", "F32", "[1]", 12, 16) + "}", 16, "a hole");
        refuse("{" + tensor("b", "F32", "[1]", 4, 8) + "}", 8, "a hole");
        refuse("{" + a + "}", 12, "belong to no tensor");
        refuse("{}", 1, "belong to no tensor");
        refuse("{" + a + "}", 4, "not a range");
        refuse("{" + tensor("b", "F32", "[2]", 8, 0) + "}", 8, "not a range");
        refuse("{" + tensor("b", "F32", "[3]", 0, 8) + "}", 8, "needs 12 bytes");
        refuse("{" + tensor("b", "F32", "[2]", 0, Long.MAX_VALUE) + "}", 8, "not a range");
    }

    @Test
    void sizesThatWrap() {
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
                refuse(
                        "{" + tensor("x", "F32", shape, 0, bytes) + "}",
                        bytes,
                        "more elements than there can be");
            }
        }
        refuse("{" + tensor("x", "F32", "[9223372036854775808]", 0, 4) + "}", 4, "63 bits");
        refuse("{" + tensor("x", "U8", "[1000000000000]", 0, 4) + "}", 4, "needs");
        refuse(
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
    void structure(String header, String reason) {
        // The table trims blanks.
        refuse(reason.startsWith("must") ? " " + header : header, 4, reason);
    }

    @Test
    void duplicateNamesHoweverWritten() {
        refuse(
                "{"
                        + tensor("ab", "U8", "[1]", 0, 1)
                        + ","
                        + tensor("\\u0061b", "U8", "[1]", 1, 2)
                        + "}",
                2,
                "duplicate tensor \"ab\"");
        refuse("{\"a\tb\":{}}", 0, "control character");
    }

    @Test
    void headerLength() throws IOException {
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
    void hugeHeaders() throws IOException {
        int size = 15 << 20;
        String nested = "{\"a\":" + "[".repeat(size);
        refuse(nested, 0, "expected '{'");
        refuse("{\"a\":".repeat(size / 5), 0, "unknown key");
        refuse("{\"" + "a".repeat(size), 0, "does not end");
        refuse("{\"" + "\\u0061".repeat(size / 6) + "\":{}}", 0, "longer than 4096");
        refuse("{" + " ".repeat(size), 0, "ends too early");
        refuse("{" + tensor("a", "F32", "[" + "9".repeat(size) + "]", 0, 4) + "}", 4, "63 bits");
        refuse("{}" + " ".repeat(17 << 20), 0, "exceeds the limit");
        StringBuilder many = new StringBuilder("{");
        for (int i = 0; i <= 100_000; i++) {
            many.append(tensor("t" + i, "F32", "[0]", 0, 0)).append(',');
        }
        refuse(many.toString(), 0, "more than 100000 tensors");
        StringBuilder metadata = new StringBuilder("{\"__metadata__\":{");
        for (int i = 0; i <= 10_000; i++) {
            metadata.append("\"k").append(i).append("\":\"\",");
        }
        refuse(metadata.toString(), 0, "more than 10000 metadata entries");
    }
}
