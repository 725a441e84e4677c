package dev.lanewise.samples.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.samples.SampleException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;

class DataSourceTest {
    @TempDir private Path folder;

    @Test
    void folderBeatsCarriedDataAndMayHoldGzip() throws IOException {
        try (OutputStream out =
                new GZIPOutputStream(Files.newOutputStream(folder.resolve("moby-dick.txt.gz")))) {
            out.write("Call me anything.".getBytes());
        }
        assertThat(MobyDick.load(DataSource.folder(folder))).isEqualTo("Call me anything.");
    }

    @Test
    void aFileThatUnpacksToTooMuchIsRefused() throws IOException {
        try (OutputStream out =
                new GZIPOutputStream(Files.newOutputStream(folder.resolve("moby-dick.txt.gz")))) {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 80; i++) {
                out.write(zeros);
            }
        }
        DataSource source = DataSource.folder(folder);
        assertThatThrownBy(() -> MobyDick.load(source))
                .isInstanceOf(SampleException.class)
                .hasMessageContaining("moby-dick.txt.gz: unpacks to more than 67,108,864 bytes");
    }

    @Test
    void folderMayHoldOneFolderPerSet() throws IOException {
        Files.createDirectory(folder.resolve("moby-dick"));
        Files.writeString(folder.resolve("moby-dick/moby-dick.txt"), "text");
        assertThat(MobyDick.load(DataSource.folder(folder))).isEqualTo("text");
    }

    @Test
    void fetchedSetBeatsCarriedDataAndOthersStayCarried() throws IOException {
        Files.createDirectory(folder.resolve("moby-dick"));
        Files.writeString(folder.resolve("moby-dick/moby-dick.txt"), "whole text");
        DataSource source = DataSource.cacheOrCarried(folder);
        assertThat(MobyDick.load(source)).isEqualTo("whole text");
        assertThat(Iris.load(source)).hasSize(150);
    }

    @Test
    void missingFilesAreNamed() {
        assertThatThrownBy(() -> Iris.load(DataSource.folder(folder)))
                .isInstanceOf(SampleException.class)
                .hasMessageContaining("iris.csv")
                .hasMessageContaining(folder.toString());
        assertThatThrownBy(() -> DataSource.folder(folder.resolve("none")))
                .isInstanceOf(SampleException.class)
                .hasMessageContaining("no such folder");
        assertThatThrownBy(() -> DataSource.carried().read("co2", "co2-concentration.csv"))
                .isInstanceOf(SampleException.class)
                .hasMessageContaining("samples/run fetch co2");
    }

    @Test
    void fullFileGivesItsLastPartForTesting() throws IOException {
        int count = 12;
        Files.write(folder.resolve("train-images.idx3-ubyte"), idxImages(count));
        Files.write(folder.resolve("train-labels-idx1-ubyte"), idxLabels(count));
        ImageSplit split = Mnist.load(DataSource.folder(folder));
        assertThat(split.isFull()).isFalse(); // the full file has 60,000
        assertThat(split.train().size()).isEqualTo(10);
        assertThat(split.test().labelInts()).containsExactly(0, 1); // items 10 and 11
        ImageSplit some = split.limited(3, 5);
        assertThat(some.train().labelInts()).containsExactly(0, 1, 2);
        assertThat(some.test().size()).isEqualTo(2);
        assertThat(some.isFull()).isFalse();
        assertThat(split.limited(10, 2)).isSameAs(split);
        assertThat(split.test().brightness(1))
                .containsExactly(44 / 255f, 45 / 255f, 46 / 255f, 47 / 255f);
    }

    @Test
    void brokenImageFilesAreRefused() {
        byte[] images = idxImages(3);
        byte[] labels = idxLabels(3);
        assertRefused(new byte[2], labels, "images: not an IDX file");
        assertRefused(labels, labels, "images: its shape is [3], expected 3 axes");
        assertRefused(images, idxLabels(4), "3 images but labels holds 4 labels");
        assertRefused(Arrays.copyOf(images, images.length - 1), labels, "only 11 follow");
        assertRefused(Arrays.copyOf(images, images.length + 1), labels, "bytes follow");
        byte[] negative = ByteBuffer.wrap(images.clone()).putInt(8, -2).putInt(12, -2).array();
        assertRefused(negative, labels, "size -2 of axis 1");
        labels[9] = 10;
        assertRefused(images, labels, "label 10 outside the 10 classes");
    }

    private static void assertRefused(byte[] images, byte[] labels, String message) {
        assertThatThrownBy(() -> IdxImages.parse("images", images, "labels", labels, Mnist.CLASSES))
                .isInstanceOf(SampleException.class)
                .hasMessageContaining(message);
    }

    private static byte[] idxImages(int count) {
        ByteBuffer file = ByteBuffer.allocate(16 + 4 * count);
        file.putInt(0x0803).putInt(count).putInt(2).putInt(2);
        for (int i = 0; i < 4 * count; i++) {
            file.put((byte) i);
        }
        return file.array();
    }

    private static byte[] idxLabels(int count) {
        ByteBuffer file = ByteBuffer.allocate(8 + count);
        file.putInt(0x0801).putInt(count);
        for (int i = 0; i < count; i++) {
            file.put((byte) (i % 10));
        }
        return file.array();
    }
}
