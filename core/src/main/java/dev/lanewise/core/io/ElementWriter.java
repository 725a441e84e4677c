package dev.lanewise.core.io;

import dev.lanewise.core.Scope;
import dev.lanewise.core.Tensor;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Writes the elements of a tensor in row-major order, little-endian, bit by bit. */
final class ElementWriter {

    private static final int CHUNK_ELEMENTS = 1 << 16;

    private static final ValueLayout.OfInt LITTLE_ENDIAN =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private ElementWriter() {}

    static void write(Tensor tensor, OutputStream out) throws IOException {
        if (tensor.isContiguous()) {
            writeContiguous(tensor, out);
            return;
        }
        try (Scope _ = Scope.open()) {
            writeContiguous(tensor.contiguous(), out);
        }
    }

    private static void writeContiguous(Tensor tensor, OutputStream out) throws IOException {
        tensor.acquire("write");
        try {
            MemorySegment segment = tensor.segment();
            long count = tensor.elements();
            byte[] bytes = new byte[4 * (int) Math.min(CHUNK_ELEMENTS, count)];
            MemorySegment chunk = MemorySegment.ofArray(bytes);
            for (long done = 0; done < count; done += CHUNK_ELEMENTS) {
                int n = (int) Math.min(CHUNK_ELEMENTS, count - done);
                long from = (tensor.offset() + done) * 4;
                MemorySegment.copy(segment, ValueLayout.JAVA_INT, from, chunk, LITTLE_ENDIAN, 0, n);
                out.write(bytes, 0, 4 * n);
            }
        } finally {
            tensor.release();
        }
    }
}
