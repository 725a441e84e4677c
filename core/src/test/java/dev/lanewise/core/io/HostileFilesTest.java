package dev.lanewise.core.io;

import static dev.lanewise.core.io.GoldenFilesTest.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;

/** Damage, noise and limits in all formats. */
final class HostileFilesTest extends HostileFiles {

    /** What headers are made of: damage with these gets further into a parser. */
    private static final String SIGNS = "0123456789{}[](),:'\"\\<>|";

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
}
