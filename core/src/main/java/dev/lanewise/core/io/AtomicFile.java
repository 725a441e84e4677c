package dev.lanewise.core.io;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Writes a file so that nobody ever sees half of it: into a new file beside it, flushed to the
 * disk, then renamed over it.
 *
 * <p>A crash leaves the old file (and perhaps a {@code .name.tmp-...} beside it); readers that have
 * the old file open or mapped keep it. A symbolic link stays one: its target is replaced.
 */
public final class AtomicFile {

    private static final int ATTEMPTS = 100;

    private AtomicFile() {}

    /** Writes the content of a file. */
    @FunctionalInterface
    public interface Content {

        /** Writes everything to the stream, which the caller closes. */
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Writes or replaces a file.
     *
     * @throws UncheckedIOException if that fails; an existing file is then as it was
     */
    public static void write(Path path, Content content) {
        try {
            Path target = Files.isSymbolicLink(path) ? path.toRealPath() : path.toAbsolutePath();
            Path folder = target.getParent();
            if (folder == null || Files.isDirectory(target)) {
                throw new IOException(target + " is a folder, not a file");
            }
            Path temporary = writeBeside(folder, target, content);
            boolean renamed = false;
            try {
                Files.move(
                        temporary,
                        target,
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
                renamed = true;
            } finally {
                if (!renamed) {
                    Files.deleteIfExists(temporary);
                }
            }
            flushFolder(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("writing " + path + ": " + Source.reason(e), e);
        }
    }

    private static Path writeBeside(Path folder, Path target, Content content) throws IOException {
        for (int attempt = 1; ; attempt++) {
            long number = ThreadLocalRandom.current().nextLong(Long.MAX_VALUE);
            Path temporary =
                    folder.resolve(
                            "." + target.getFileName() + ".tmp-" + Long.toString(number, 36));
            FileChannel channel;
            try {
                channel =
                        FileChannel.open(
                                temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
            } catch (FileAlreadyExistsException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
                continue;
            }
            boolean written = false;
            try (channel;
                    OutputStream out = Channels.newOutputStream(channel)) {
                content.writeTo(out);
                out.flush();
                channel.force(true);
                written = true;
            } finally {
                if (!written) {
                    Files.deleteIfExists(temporary);
                }
            }
            return temporary;
        }
    }

    /** Makes the renaming itself durable; not every system lets a folder be opened for that. */
    private static void flushFolder(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            System.getLogger(AtomicFile.class.getName())
                    .log(System.Logger.Level.DEBUG, "could not flush folder " + folder, e);
        }
    }
}
