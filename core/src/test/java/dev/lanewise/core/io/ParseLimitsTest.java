package dev.lanewise.core.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.testing.NoLeaks;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Sizes that a file claims, or unpacks to, against what it costs to send it. */
@ExtendWith(NoLeaks.class)
class ParseLimitsTest {
    private static final int MEBI = 1 << 20;

    @TempDir Path folder;

    private static byte[] npyHeader(String shape) {
        String text =
                "{'descr': '<f4', 'fortran_order': False, 'shape': (%s,), }\n".formatted(shape);
        byte[] header = ("\u0093NUMPY\u0001\0  " + text).getBytes(StandardCharsets.ISO_8859_1);
        header[8] = (byte) text.length();
        header[9] = 0;
        return header;
    }

    /** An archive of so many arrays of zeros, each of so many bytes. */
    private Path zeros(int arrays, int bytes) throws IOException {
        Path file = folder.resolve(arrays + "x" + bytes + ".npz");
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.setLevel(9);
            byte[] block = new byte[MEBI];
            for (int array = 0; array < arrays; array++) {
                zip.putNextEntry(new ZipEntry("a" + array + ".npy"));
                zip.write(npyHeader(Integer.toString(bytes / 4)));
                for (int done = 0; done < bytes; done += block.length) {
                    zip.write(block, 0, Math.min(block.length, bytes - done));
                }
                zip.closeEntry();
            }
        }
        return file;
    }

    @Test
    void aSmallArchiveThatUnpacksToGigabytesIsRefusedBeforeItIsUnpacked() throws IOException {
        Path bomb = zeros(5, 32 * MEBI);
        assertThat(Files.size(bomb)).isLessThan(MEBI / 4);
        long live = Scope.liveBytes();
        try (Scope _ = Scope.open()) {
            assertThatThrownBy(() -> Npz.open(bomb))
                    .isInstanceOf(ModelFormatException.class)
                    .hasMessageContaining("200 times")
                    .hasMessageContaining("ParseLimits.inflationRatio");
            assertThat(Scope.liveBytes()).isEqualTo(live);
            assertThat(Npz.read(bomb, ParseLimits.DEFAULT.withInflationRatio(2000))).hasSize(5);
        }
    }

    @Test
    void zerosThatAreNotWorthTheWorryAreRead() throws IOException {
        try (Scope _ = Scope.open()) {
            assertThat(Npz.read(zeros(2, 16 * MEBI)).get("a1").shape())
                    .isEqualTo(Shape.of(4 * MEBI));
        }
    }

    @Test
    void messagesNameTheWholePathAndTheReason() throws IOException {
        Path none = folder.resolve("none/x.npy");
        assertThatThrownBy(() -> Npy.read(none))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage(none + ": no such file");
        assertThatThrownBy(() -> Npz.open(none)).hasMessage(none + ": no such file");
        assertThatThrownBy(() -> SafeTensors.open(none)).hasMessage(none + ": no such file");
        Path text = Files.writeString(folder.resolve("text"), "text");
        assertThatThrownBy(() -> SafeTensors.open(text)).hasMessageStartingWith(text + ": ");
        assertThatThrownBy(() -> Npz.open(text)).hasMessageStartingWith(text + ": ");
        try (Scope scope = Scope.open()) {
            assertThatThrownBy(() -> Npy.write(none, scope.of(1)))
                    .hasMessage("writing " + none + ": no such file");
        }
    }

    @Test
    void moreElementsThanThereCanBe() throws IOException {
        for (String shape :
                new String[] {"2305843009213693951", "1152921504606846975", "576460752303423489"}) {
            Path file = Files.write(folder.resolve("big.npy"), npyHeader(shape));
            assertThatThrownBy(() -> Npy.read(file))
                    .isInstanceOf(ModelFormatException.class)
                    .hasMessageContaining("more elements than there can be");
        }
    }
}
