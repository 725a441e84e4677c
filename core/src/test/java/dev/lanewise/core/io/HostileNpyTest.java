package dev.lanewise.core.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Npy files that lie about their content. */
final class HostileNpyTest extends HostileFiles {

    private static void refuse(byte[] content, String reason) {
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
    void acceptsWhatPythonWrites() throws IOException {
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
    void shapes(String shape, String reason) {
        if (shape.equals("(2")) {
            refuse(npy("{'descr':'<f4','fortran_order':False,'shape':(2", 8), "ends too early");
        } else {
            refuse(npy("'<f4'", shape, 8), reason);
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
    void types(String descr, String reason) {
        String header = "{'fortran_order': False, 'shape': (1,), 'descr': %s}".formatted(descr);
        refuse(npy(header, 4), reason);
    }

    @Test
    void structure() {
        refuse(npy("{'descr': '<f4', 'shape': (1,)}", 4), "needs the keys");
        refuse(npy("{'descr': '<f4', 'descr': '<f4', 'shape': (1,)}", 4), "two keys descr");
        refuse(npy("{'descr': '<f4', 'x': 1}", 4), "unknown key \"x\"");
        refuse(npy("{'fortran_order': 1}", 4), "True or False");
        refuse(
                npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} + x", 4),
                "something follows");
        refuse(npy("", 4), "ends too early");
        byte[] version = npy("'<f4'", "(1,)", 4);
        version[6] = 4;
        refuse(version, "version 4.0");
        version[6] = 1;
        version[7] = 1;
        refuse(version, "version 1.1");
        byte[] magic = npy("'<f4'", "(1,)", 4);
        magic[0] = 'x';
        refuse(magic, "not an npy file");
        byte[] longHeader = npy("'<f4'", "(1,)", 80_000);
        longHeader[6] = 2;
        ByteBuffer.wrap(longHeader).order(ByteOrder.LITTLE_ENDIAN).putInt(8, 70_000);
        refuse(longHeader, "exceeds the limit");
        ByteBuffer.wrap(longHeader).order(ByteOrder.LITTLE_ENDIAN).putInt(8, -1);
        refuse(longHeader, "claims 4294967295 header bytes");
        byte[] truth = npy("'|b1'", "(2,)", 2);
        truth[truth.length - 1] = 2;
        refuse(truth, "BOOL element 1 is the byte 2");
    }
}
