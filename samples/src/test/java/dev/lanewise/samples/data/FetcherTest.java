package dev.lanewise.samples.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

class FetcherTest {
    @TempDir private Path home;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes);

    @Test
    void onlyWantedEntriesAreWrittenAndUnderOurNames() throws IOException {
        add("../../evil", "x");
        add("/etc/evil", "x");
        add("package/data.txt", "wanted");
        unpack(Map.of("package/data.txt", "data.csv"), 100);
        try (Stream<Path> files = Files.walk(home)) {
            assertThat(files.filter(Files::isRegularFile))
                    .containsExactly(home.resolve("set/data.csv"));
        }
        assertThat(home.resolve("set/data.csv")).hasContent("wanted");
    }

    @Test
    void linksAreNotFollowed() throws IOException {
        TarArchiveEntry link = new TarArchiveEntry("package/data.txt", TarConstants.LF_SYMLINK);
        link.setLinkName("/etc/passwd");
        tar.putArchiveEntry(link);
        tar.closeArchiveEntry();
        assertThatThrownBy(() -> unpack(Map.of("package/data.txt", "data.txt"), 100))
                .isInstanceOf(FetchException.class)
                .hasMessageContaining("lacks [package/data.txt]");
        assertThat(home.resolve("set/data.txt")).doesNotExist();
    }

    @Test
    void tooLargeEntriesAreRefused() throws IOException {
        add("package/data.txt", "0123456789");
        assertThatThrownBy(() -> unpack(Map.of("package/data.txt", "data.txt"), 9))
                .isInstanceOf(FetchException.class)
                .hasMessageContaining("10 bytes, more than the 9 allowed");
        assertThat(home.resolve("set/data.txt")).doesNotExist();
    }

    @Test
    void setIsPresentOnlyWithAllItsFiles() throws IOException {
        FetchableSet mnist = FetchableSet.all().getFirst();
        Fetcher fetcher = new Fetcher(home);
        Path folder = Files.createDirectories(fetcher.folder(mnist));
        Files.createFile(folder.resolve("train-images-idx3-ubyte"));
        assertThat(fetcher.isPresent(mnist)).isFalse();
        for (String file : mnist.files().values()) {
            Files.writeString(folder.resolve(file), "");
        }
        assertThat(fetcher.isPresent(mnist)).isTrue();
    }

    @Test
    void everySetIsPinnedAndStaysInItsFolder() {
        assertThat(FetchableSet.all()).extracting(FetchableSet::name).doesNotHaveDuplicates();
        assertThat(FetchableSet.all())
                .allSatisfy(
                        set -> {
                            assertThat(set.source().sha256()).matches("[0-9a-f]{64}");
                            assertThat(set.source().spec()).matches(".+[@=][0-9].*");
                            assertThat(set.name()).matches("[a-z0-9-]+");
                            assertThat(set.files().values())
                                    .allMatch(f -> f.matches("[a-z0-9._-]+"));
                        });
    }

    private void add(String name, String content) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, true);
        entry.setSize(content.length());
        tar.putArchiveEntry(entry);
        tar.write(content.getBytes());
        tar.closeArchiveEntry();
    }

    private void unpack(Map<String, String> wanted, long limit) throws IOException {
        tar.close();
        Fetcher.unpack(
                new ByteArrayInputStream(bytes.toByteArray()), wanted, home.resolve("set"), limit);
    }
}
