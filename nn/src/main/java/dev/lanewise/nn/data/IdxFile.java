package dev.lanewise.nn.data;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.ElementType;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.io.ModelFormatException;
import dev.lanewise.kernels.Kernels;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * An array of unsigned bytes in the IDX format, plain or gzip: the format of MNIST and its
 * relatives (LeCun, Cortes and Burges, "The MNIST database of handwritten digits").
 *
 * <p>Layout, big-endian: two zero bytes, the element type (0x08, unsigned byte), the rank, one
 * int32 per axis, then the elements. A file with any other type, with sizes that don't match its
 * length, or with trailing bytes is refused. Memory grows with what has been read, not with what
 * the header claims: up to {@link #MAX_ELEMENTS}, a quarter of the Java heap, and for gzip beyond
 * 64 MiB {@link #MAX_RATIO} times the bytes of the file.
 *
 * @param shape the sizes
 * @param values the elements, row-major, unsigned
 */
public record IdxFile(Shape shape, byte[] values) {
    private static final int UNSIGNED_BYTE = 0x08;
    private static final int MAX_RANK = 8;

    /** The most elements that a file may hold. */
    public static final int MAX_ELEMENTS = 1 << 30;

    /** How many times its own size a gzip file may unpack to, where that is more than 64 MiB. */
    public static final int MAX_RATIO = 200;

    private static final int HARMLESS_BYTES = 1 << 26;
    private static final int PIECE_BYTES = 1 << 20;

    /** Whether the shape and the number of values agree. */
    public IdxFile {
        if (shape.elements() != values.length) {
            throw new ArgumentException(
                    "IdxFile: %d values don't fill %s".formatted(values.length, shape));
        }
    }

    /**
     * Reads a file; one whose content starts like gzip is decompressed.
     *
     * @throws ModelFormatException if it is not a well-formed IDX file of unsigned bytes
     * @throws IOException if the file can't be read
     */
    public static IdxFile read(Path file) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            return read(file.toString(), in);
        }
    }

    /**
     * Reads a stream to its end.
     *
     * @param name what error messages call it
     */
    public static IdxFile read(String name, InputStream in) throws IOException {
        Counted buffered = new Counted(in.markSupported() ? in : new BufferedInputStream(in));
        buffered.mark(2);
        boolean gzip = buffered.read() == 0x1f && buffered.read() == 0x8b;
        buffered.reset();
        try {
            InputStream content = gzip ? new GZIPInputStream(buffered, 1 << 16) : buffered;
            return parse(name, content, buffered);
        } catch (ZipException | EOFException e) {
            throw new ModelFormatException(name + ": damaged or truncated: " + e.getMessage(), e);
        }
    }

    /** Counts the bytes that were taken from a stream. */
    private static final class Counted extends FilterInputStream {
        private long count;

        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int value = super.read();
            count += value < 0 ? 0 : 1;
            return value;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = super.read(target, offset, length);
            count += Math.max(read, 0);
            return read;
        }
    }

    private static IdxFile parse(String name, InputStream in, Counted packed) throws IOException {
        byte[] head = in.readNBytes(4);
        if (head.length < 4 || head[0] != 0 || head[1] != 0) {
            throw new ModelFormatException(
                    name + ": not an IDX file: it must start with two zero bytes");
        }
        if (head[2] != UNSIGNED_BYTE) {
            throw new ModelFormatException(
                    "%s: IDX element type 0x%02x; only unsigned bytes (0x08) are read"
                            .formatted(name, head[2]));
        }
        int rank = head[3] & 0xff;
        if (rank < 1 || rank > MAX_RANK) {
            throw new ModelFormatException(
                    "%s: rank %d is outside 1 to %d".formatted(name, rank, MAX_RANK));
        }
        byte[] sizes = in.readNBytes(4 * rank);
        if (sizes.length < 4 * rank) {
            throw new ModelFormatException(name + ": ends within its header");
        }
        long[] shape = new long[rank];
        long elements = 1;
        for (int axis = 0; axis < rank; axis++) {
            shape[axis] = ByteBuffer.wrap(sizes).getInt(4 * axis);
            elements *= shape[axis]; // both factors are below 2³¹
            if (shape[axis] < 0 || elements > MAX_ELEMENTS) {
                throw new ModelFormatException(
                        "%s: size %d of axis %d is negative or too large"
                                .formatted(name, shape[axis], axis));
            }
        }
        if (elements > Runtime.getRuntime().maxMemory() / 4) {
            throw new ModelFormatException(
                    "%s: %s is more than a quarter of the Java heap; start java with a larger -Xmx"
                            .formatted(name, Shape.of(shape)));
        }
        byte[] values = values(name, in, (int) elements, packed);
        if (values.length < elements) {
            throw new ModelFormatException(
                    "%s: %s promises %d bytes, but only %d follow"
                            .formatted(name, Shape.of(shape), elements, values.length));
        }
        if (in.read() >= 0) {
            throw new ModelFormatException(
                    "%s: bytes follow the %d that %s promises"
                            .formatted(name, elements, Shape.of(shape)));
        }
        return new IdxFile(Shape.of(shape), values);
    }

    /** The next so many bytes, or those that there are. */
    private static byte[] values(String name, InputStream in, int elements, Counted packed)
            throws IOException {
        byte[] values = new byte[Math.min(elements, PIECE_BYTES)];
        int done = 0;
        while (done < elements) {
            if (done == values.length) {
                values = Arrays.copyOf(values, (int) Math.min(elements, 2L * done));
            }
            int read = in.readNBytes(values, done, Math.min(PIECE_BYTES, values.length - done));
            if (read == 0) {
                break;
            }
            done += read;
            if (done > HARMLESS_BYTES && done / MAX_RATIO > packed.count) {
                throw new ModelFormatException(
                        "%s: unpacks to more than %d times its own size; it is no data set"
                                .formatted(name, MAX_RATIO));
            }
        }
        return done == values.length ? values : Arrays.copyOf(values, done);
    }

    /** Images [N, H, W] as brightness 0 to 1: a tensor [N, 1, H, W] in the current scope. */
    public Tensor toImages() {
        if (shape.rank() != 3) {
            throw new ModelFormatException("images need the shape [N, H, W], not " + shape);
        }
        Tensor images =
                Scope.current().empty(Shape.of(shape.size(0), 1, shape.size(1), shape.size(2)));
        try (Scope scratch = Scope.open()) {
            Tensor bytes = scratch.empty(Shape.of((values.length + 3) / 4), ElementType.INT32);
            MemorySegment.copy(
                    MemorySegment.ofArray(values),
                    0,
                    bytes.segment(),
                    bytes.offset() * 4,
                    values.length);
            Kernels.active()
                    .data()
                    .uint8ToFloat(
                            bytes.segment(),
                            bytes.offset() * 4,
                            values.length,
                            1 / 255f,
                            0,
                            images.segment(),
                            images.offset());
        }
        return images;
    }

    /** Labels [N] as an int32 tensor [N] in the current scope. */
    public Tensor toLabels() {
        int[] labels = new int[values.length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = values[i] & 0xff;
        }
        return Scope.current().ofInts(labels, Shape.of(labels.length));
    }
}
