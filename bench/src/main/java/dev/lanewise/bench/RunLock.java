package dev.lanewise.bench;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * JMH's lock, held for the whole run: two runs at once would disturb each other. JMH itself takes
 * it anew for each fork, between which another run could slip in; so {@code bench/run} tells it not
 * to.
 */
final class RunLock implements AutoCloseable {
    private final FileChannel channel;

    private RunLock(FileChannel channel) {
        this.channel = channel;
    }

    /** Where JMH has it. */
    static Path file() {
        return Path.of(System.getProperty("java.io.tmpdir"), "jmh.lock");
    }

    /**
     * Takes the lock; empty where another run holds it.
     *
     * @throws IOException if the file can't be made or locked
     */
    static Optional<RunLock> take(Path file) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException _) {
            // Held in this very JVM: as good as by another.
            return Optional.empty();
        } finally {
            if (lock == null) {
                channel.close();
            }
        }
        return lock == null ? Optional.empty() : Optional.of(new RunLock(channel));
    }

    /** Gives it back. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
