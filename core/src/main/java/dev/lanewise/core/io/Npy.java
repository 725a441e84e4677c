package dev.lanewise.core.io;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.Scope;
import dev.lanewise.core.ScopeException;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;

import java.nio.file.Path;

/**
 * Reads and writes npy, NumPy's format for one array.
 *
 * <pre>{@code
 * Tensor images = Npy.read(path);
 *
 * try (Npy file = Npy.open(path)) {          // mapped: more than memory holds, row by row
 *     Tensor some = file.rows(1000, 1064);
 * }
 *
 * Npy.write(path, images);
 * }</pre>
 *
 * <p>Versions 1.0, 2.0 and 3.0, either byte order, either axis order. Element types other than
 * float32 and int32 are converted as {@link StoredType} says; Python objects, structures, strings
 * and complex numbers are refused. An open file may be read by several threads.
 */
public final class Npy implements AutoCloseable {

    private final Source source;
    private final NpyHeader header;
    private volatile boolean closed;

    Npy(Source source, ParseLimits limits) {
        this.source = source;
        boolean valid = false;
        try {
            this.header = NpyHeader.read(source, limits);
            valid = true;
        } finally {
            if (!valid) {
                source.close();
            }
        }
    }

    /** {@link #open(Path, ParseLimits)} with the default limits. */
    public static Npy open(Path path) {
        return open(path, ParseLimits.DEFAULT);
    }

    /**
     * Maps a file into memory and reads its header; elements are copied out of the mapping when
     * they are asked for.
     *
     * @throws ModelFormatException if the file is malformed or exceeds the limits
     * @throws java.io.UncheckedIOException if it can't be read
     */
    public static Npy open(Path path, ParseLimits limits) {
        return new Npy(Source.mapped(path), limits);
    }

    /** {@link #read(Path, ParseLimits)} with the default limits. */
    public static Tensor read(Path path) {
        return read(path, ParseLimits.DEFAULT);
    }

    /**
     * Reads an array into the current scope.
     *
     * @throws ModelFormatException if the file is malformed or exceeds the limits
     * @throws java.io.UncheckedIOException if it can't be read
     */
    public static Tensor read(Path path, ParseLimits limits) {
        try (Npy file = new Npy(Source.channel(path), limits)) {
            return file.read();
        }
    }

    /** Reads an array from a source that begins with its header, and ends with its elements. */
    static Tensor read(Source source, ParseLimits limits) {
        return read(source, NpyHeader.read(source, limits));
    }

    private static Tensor read(Source source, NpyHeader header) {
        ElementReader reader = new ElementReader(source, header.type(), header.order());
        Shape shape = header.shape();
        if (!header.fortranOrder() || shape.rank() < 2) {
            return reader.read(header.dataStart(), shape);
        }
        // Row-major order of the reversed axes; the permuted view has them the right way round.
        Scope outer = Scope.current();
        try (Scope _ = Scope.open()) {
            Tensor reversed = reader.read(header.dataStart(), reversed(shape));
            return outer.keep(reversed.permute(reversedAxes(shape.rank())).copy());
        }
    }

    private static Shape reversed(Shape shape) {
        long[] sizes = new long[shape.rank()];
        for (int axis = 0; axis < sizes.length; axis++) {
            sizes[axis] = shape.size(-1 - axis);
        }
        return Shape.of(sizes);
    }

    private static int[] reversedAxes(int rank) {
        int[] axes = new int[rank];
        for (int axis = 0; axis < rank; axis++) {
            axes[axis] = rank - 1 - axis;
        }
        return axes;
    }

    /** The sizes of the array. */
    public Shape shape() {
        return header.shape();
    }

    /** The element type in the file. */
    public StoredType storedType() {
        return header.type();
    }

    /**
     * Reads the whole array into the current scope.
     *
     * @throws ModelFormatException if an element can't be converted
     */
    public Tensor read() {
        checkOpen();
        return read(source, header);
    }

    /**
     * Reads the part {@code from} (inclusive) to {@code to} (exclusive) of the first axis into the
     * current scope: [to − from, ...].
     *
     * @throws ArgumentException if the range is not within the axis, or the file is in Fortran
     *     order, where rows don't lie together
     * @throws ModelFormatException if an element can't be converted
     */
    public Tensor rows(long from, long to) {
        checkOpen();
        Shape shape = header.shape();
        if (shape.rank() == 0 || from < 0 || to < from || to > shape.size(0)) {
            throw new ArgumentException(
                    "Npy.rows: %d to %d are no rows of %s".formatted(from, to, shape));
        }
        if (header.fortranOrder() && shape.rank() > 1) {
            throw new ArgumentException(
                    "Npy.rows: %s is in Fortran order; read() it whole".formatted(source.name()));
        }
        Shape part = shape.with(0, to - from);
        long rowBytes =
                shape.isEmpty() ? 0 : shape.elements() / shape.size(0) * header.type().bytes();
        return new ElementReader(source, header.type(), header.order())
                .read(header.dataStart() + from * rowBytes, part);
    }

    private void checkOpen() {
        if (closed) {
            throw new ScopeException("Npy: " + source.name() + " is closed");
        }
    }

    @Override
    public void close() {
        closed = true;
        source.close();
    }

    /**
     * Writes or replaces a file, as a whole or not at all ({@link AtomicFile}): version 1.0,
     * little-endian, C order.
     *
     * @throws java.io.UncheckedIOException if it can't be written; an existing file is then as it
     *     was
     */
    public static void write(Path path, Tensor tensor) {
        byte[] header = NpyHeader.write(tensor.shape(), tensor.type());
        AtomicFile.write(
                path,
                out -> {
                    out.write(header);
                    ElementWriter.write(tensor, out);
                });
    }
}
