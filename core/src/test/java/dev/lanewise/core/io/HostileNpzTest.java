package dev.lanewise.core.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Npz files whose directory or members lie. */
final class HostileNpzTest extends HostileFiles {

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
    void names(String name) throws IOException {
        byte[] array = npy("'<f4'", "(1,)", 4);
        assertThat(Npz.read(zip(Map.of("ok/x.npy", array)))).containsOnlyKeys("ok/x");
        Path path = zip(Map.of(name, name.endsWith("/") ? new byte[0] : array));
        assertThatThrownBy(() -> Npz.open(path)).isInstanceOf(ModelFormatException.class);
    }

    @Test
    void members() throws IOException {
        byte[] array = npy("'<f4'", "(1,)", 4);
        assertThatThrownBy(() -> Npz.read(zip(Map.of("x.npy", Arrays.copyOf(array, 500)))))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("f.npz/x.npy: ")
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
    void bombs() throws IOException {
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
    void whoseSizesOrChecksumsLie() throws IOException {
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
