package dev.lanewise.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.io.ModelFormatException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;

class IdxFileTest {

    private static byte[] idx(int type, int[] sizes, byte... values) {
        ByteBuffer file = ByteBuffer.allocate(4 + 4 * sizes.length + values.length);
        file.put((byte) 0).put((byte) 0).put((byte) type).put((byte) sizes.length);
        for (int size : sizes) {
            file.putInt(size);
        }
        return file.put(values).array();
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(content);
        }
        return out.toByteArray();
    }

    private static IdxFile parse(byte[] content) throws IOException {
        return IdxFile.read("test", new ByteArrayInputStream(content));
    }

    @Test
    void readsPlainAndCompressedFiles(@TempDir Path folder) throws IOException {
        byte[] content = idx(8, new int[] {2, 1, 2}, (byte) 0, (byte) 255, (byte) 51, (byte) 102);
        Path plain = Files.write(folder.resolve("images"), content);
        Path compressed = Files.write(folder.resolve("images.gz"), gzip(content));
        for (Path file : new Path[] {plain, compressed}) {
            IdxFile idx = IdxFile.read(file);
            assertThat(idx.shape()).isEqualTo(Shape.of(2, 1, 2));
            try (Scope scope = Scope.open()) {
                Tensor images = idx.toImages();
                assertThat(images.scope()).isSameAs(scope);
                assertThat(images.shape()).isEqualTo(Shape.of(2, 1, 1, 2));
                assertThat(images.toArray())
                        .containsExactly(0f, 1f, 51 * (1 / 255f), 102 * (1 / 255f));
            }
        }
    }

    @Test
    void readsLabels() throws IOException {
        try (Scope scope = Scope.open()) {
            Tensor labels = parse(idx(8, new int[] {3}, (byte) 7, (byte) 0, (byte) 200)).toLabels();
            assertThat(labels.scope()).isSameAs(scope);
            assertThat(labels.toIntArray()).containsExactly(7, 0, 200);
        }
    }

    @Test
    void refusesWhatIsNotWellFormed() {
        assertRefused(new byte[0], "two zero bytes");
        assertRefused(idx(0x0d, new int[] {1}, (byte) 1, (byte) 0, (byte) 0, (byte) 0), "0x0d");
        assertRefused(idx(8, new int[] {}), "rank 0");
        assertRefused(idx(8, new int[] {5}, (byte) 1), "only 1 follow");
        assertRefused(idx(8, new int[] {1}, (byte) 1, (byte) 2), "bytes follow");
        assertRefused(idx(8, new int[] {-1}, (byte) 1), "negative");
        assertRefused(idx(8, new int[] {1 << 30, 1 << 30, 1 << 30, 1 << 30}), "too large");
        assertRefused(new byte[] {0, 0, 8, 3, 0, 0}, "header");
    }

    @Test
    void aSmallFileThatUnpacksToAGigabyteIsRefusedEarly() throws IOException {
        byte[] head = idx(8, new int[] {(1 << 28) - 1});
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(head);
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 80; i++) {
                gzip.write(zeros);
            }
        }
        assertRefused(out.toByteArray(), "more than 200 times its own size");
    }

    @Test
    void moreThanTheHeapHoldsIsRefused() {
        long quarter = Runtime.getRuntime().maxMemory() / 4;
        if (quarter < IdxFile.MAX_ELEMENTS) {
            assertRefused(idx(8, new int[] {(int) quarter + 1}), "-Xmx");
        }
        assertRefused(idx(8, new int[] {IdxFile.MAX_ELEMENTS + 1}), "too large");
    }

    private static void assertRefused(byte[] content, String because) {
        assertThatThrownBy(() -> parse(content))
                .isInstanceOf(ModelFormatException.class)
                .hasMessageContaining("test")
                .hasMessageContaining(because);
    }

    @Test
    void damagedFilesThrowNothingElse() throws IOException {
        byte[] plain = idx(8, new int[] {4, 3}, new byte[12]);
        byte[] compressed = gzip(plain);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 5000; i++) {
            byte[] content = (i % 2 == 0 ? plain : compressed).clone();
            content[random.nextInt(content.length)] ^= (byte) (1 << random.nextInt(8));
            byte[] cut = java.util.Arrays.copyOf(content, random.nextInt(content.length + 1));
            for (byte[] damaged : new byte[][] {content, cut}) {
                try {
                    assertThat(parse(damaged).values().length)
                            .isEqualTo((int) parse(damaged).shape().elements());
                } catch (ModelFormatException expected) {
                    assertThat(expected).hasMessageContaining("test");
                }
            }
        }
    }
}
