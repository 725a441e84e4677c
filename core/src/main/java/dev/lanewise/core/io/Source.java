package dev.lanewise.core.io;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.ZipException;

/** Where the bytes of a file come from: a channel, a mapping, or a stream that unpacks them. */
abstract class Source implements AutoCloseable {

    private static final long PIECE_BYTES = 1L << 30;

    private final String name;
    private final long size;

    private Source(String name, long size) {
        this.name = name;
        this.size = size;
    }

    /** What to call it in messages. */
    final String name() {
        return name;
    }

    /** How many bytes there are. */
    final long size() {
        return size;
    }

    /** Reads into an array; all of it must be there. */
    abstract void read(long position, byte[] target, int length);

    /** Reads into a native segment; all of it must be there. */
    abstract void read(long position, MemorySegment target, long targetOffsetBytes, long length);

    @Override
    public abstract void close();

    final ModelFormatException malformed(String problem) {
        return new ModelFormatException(name + ": " + problem);
    }

    /** What an I/O failure means: broken content, or a broken disk. */
    static RuntimeException failure(String name, IOException e) {
        if (e instanceof ZipException || e instanceof EOFException) {
            return new ModelFormatException(name + ": " + e.getMessage(), e);
        }
        return new UncheckedIOException(name + ": " + reason(e), e);
    }

    /** What went wrong, for people; the file is named elsewhere. */
    static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "no such file";
            case AccessDeniedException _ -> "access denied";
            case FileSystemException f when f.getReason() != null -> f.getReason();
            case IOException other when other.getMessage() != null -> other.getMessage();
            default -> e.toString();
        };
    }

    /** Reads by positions from an open file. */
    static Source channel(Path path) {
        try {
            FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
            try {
                return new ChannelSource(path.toString(), channel.size(), channel);
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw failure(path.toString(), e);
        }
    }

    /** Copies from a mapping of the file, which touches only the pages it needs. */
    static Source mapped(Path path) {
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            MemorySegment mapping =
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            return new MappedSource(path.toString(), mapping, arena);
        } catch (IOException e) {
            arena.close();
            throw failure(path.toString(), e);
        }
    }

    /** Reads a stream of a known length from its start to its end; doesn't close it. */
    static Source stream(String name, long size, InputStream stream) {
        return new StreamSource(name, size, stream);
    }

    private static final class ChannelSource extends Source {
        private final FileChannel channel;

        ChannelSource(String name, long size, FileChannel channel) {
            super(name, size);
            this.channel = channel;
        }

        @Override
        void read(long position, byte[] target, int length) {
            read(position, ByteBuffer.wrap(target, 0, length));
        }

        @Override
        void read(long position, MemorySegment target, long targetOffsetBytes, long length) {
            for (long done = 0; done < length; done += PIECE_BYTES) {
                long piece = Math.min(PIECE_BYTES, length - done);
                read(
                        position + done,
                        target.asSlice(targetOffsetBytes + done, piece).asByteBuffer());
            }
        }

        private void read(long position, ByteBuffer target) {
            long at = position;
            try {
                while (target.hasRemaining()) {
                    int count = channel.read(target, at);
                    if (count < 0) {
                        throw malformed(
                                "ends at byte " + at + ", " + target.remaining() + " short");
                    }
                    at += count;
                }
            } catch (IOException e) {
                throw failure(name(), e);
            }
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                throw failure(name(), e);
            }
        }
    }

    private static final class MappedSource extends Source {
        private final MemorySegment mapping;
        private final Arena arena;

        MappedSource(String name, MemorySegment mapping, Arena arena) {
            super(name, mapping.byteSize());
            this.mapping = mapping;
            this.arena = arena;
        }

        @Override
        void read(long position, byte[] target, int length) {
            try {
                MemorySegment.copy(mapping, ValueLayout.JAVA_BYTE, position, target, 0, length);
            } catch (InternalError e) {
                throw shrunk(e);
            }
        }

        @Override
        void read(long position, MemorySegment target, long targetOffsetBytes, long length) {
            try {
                MemorySegment.copy(mapping, position, target, targetOffsetBytes, length);
            } catch (InternalError e) {
                throw shrunk(e);
            }
        }

        /** The JVM turns access to pages that are no longer there into an InternalError. */
        private ModelFormatException shrunk(InternalError e) {
            return new ModelFormatException(
                    name() + ": was cut short, or its disk failed, after it was mapped", e);
        }

        @Override
        public void close() {
            if (arena.scope().isAlive()) {
                arena.close();
            }
        }
    }

    private static final class StreamSource extends Source {
        private static final int BUFFER_BYTES = 1 << 16;

        private final InputStream stream;
        private byte[] buffer;
        private long position;

        StreamSource(String name, long size, InputStream stream) {
            super(name, size);
            this.stream = stream;
        }

        @Override
        void read(long at, byte[] target, int length) {
            assert at == position : "a stream is read in order";
            try {
                int count = stream.readNBytes(target, 0, length);
                position += count;
                if (count < length) {
                    throw malformed(
                            "ends at byte " + position + ", " + (length - count) + " short");
                }
            } catch (IOException e) {
                throw failure(name(), e);
            }
        }

        @Override
        void read(long at, MemorySegment target, long targetOffsetBytes, long length) {
            if (buffer == null) {
                buffer = new byte[BUFFER_BYTES];
            }
            for (long done = 0; done < length; done += BUFFER_BYTES) {
                int piece = (int) Math.min(BUFFER_BYTES, length - done);
                read(at + done, buffer, piece);
                MemorySegment.copy(
                        buffer, 0, target, ValueLayout.JAVA_BYTE, targetOffsetBytes + done, piece);
            }
        }

        @Override
        public void close() {
            // The stream belongs to its archive.
        }
    }
}
