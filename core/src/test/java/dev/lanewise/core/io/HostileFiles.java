package dev.lanewise.core.io;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;

import dev.lanewise.core.Scope;
import dev.lanewise.core.testing.NoLeaks;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Only ModelFormatException may escape, memory and time stay bounded, nothing is left behind. */
@ExtendWith(NoLeaks.class)
@Timeout(120)
abstract class HostileFiles {

    private static final ThreadMXBean THREAD = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir Path folder;
    Scope scope;

    @BeforeEach
    void open() {
        scope = Scope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    interface Reader {
        void read() throws IOException;
    }

    /** Reads; true if the content was accepted. Anything but a refusal fails the test. */
    static boolean accepts(Reader reader) throws IOException {
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

    static boolean acceptsSafetensors(byte[] content) throws IOException {
        return accepts(
                () -> {
                    Source source =
                            Source.stream("f", content.length, new ByteArrayInputStream(content));
                    try (SafeTensors file = new SafeTensors(source, ParseLimits.DEFAULT)) {
                        file.readAll();
                    }
                });
    }

    static boolean acceptsNpy(byte[] content) throws IOException {
        return accepts(
                () ->
                        Npy.read(
                                Source.stream(
                                        "f", content.length, new ByteArrayInputStream(content)),
                                ParseLimits.DEFAULT));
    }

    boolean acceptsFile(String format, byte[] content) throws IOException {
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

    boolean accepts(String format, byte[] content) throws IOException {
        return switch (format) {
            case "npy" -> acceptsNpy(content);
            case "safetensors" -> acceptsSafetensors(content);
            default -> acceptsFile(format, content);
        };
    }

    static byte[] safetensors(String header, int dataBytes) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + text.length + dataBytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length)
                .put(text)
                .array();
    }

    static String tensor(String name, String dtype, String shape, long begin, long end) {
        return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                .formatted(name, dtype, shape, begin, end);
    }

    static byte[] npy(String descr, String shape, int dataBytes) {
        return npy(
                "{'descr': %s, 'fortran_order': False, 'shape': %s, }".formatted(descr, shape),
                dataBytes);
    }

    static byte[] npy(String header, int dataBytes) {
        byte[] text = (header + "\n").getBytes(StandardCharsets.ISO_8859_1);
        return ByteBuffer.allocate(10 + text.length + dataBytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0})
                .putShort((short) text.length)
                .put(text)
                .array();
    }
}
