package dev.lanewise.core.io;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.ElementType;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.ShapeException;
import dev.lanewise.core.Tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Reads the elements of one tensor from a source, converting them on the way. */
final class ElementReader {

    private static final int CHUNK_ELEMENTS = 1 << 14;

    private final Source source;
    private final StoredType type;
    private final ByteOrder order;

    ElementReader(Source source, StoredType type, ByteOrder order) {
        this.source = source;
        this.type = type;
        this.order = order;
    }

    /**
     * The number of elements of a shape, if there can be so many; sizes of 0 hide no overflow.
     *
     * @throws ModelFormatException if a size is negative or the product exceeds {@link
     *     Shape#MAX_ELEMENTS}
     */
    static long elements(Source source, String what, long[] sizes) {
        boolean empty = false;
        long elements = 1;
        for (long size : sizes) {
            if (size < 0) {
                throw source.malformed(what + " has a negative size: " + size);
            }
            empty |= size == 0;
            if (size > Shape.MAX_ELEMENTS / elements) {
                throw source.malformed(
                        "%s has more elements than there can be: %s"
                                .formatted(what, Arrays.toString(sizes)));
            }
            elements *= Math.max(size, 1);
        }
        return empty ? 0 : elements;
    }

    /** Reads a new tensor into the current scope; nothing is left there if that fails. */
    Tensor read(long position, Shape shape) {
        Scope outer = Scope.current();
        try (Scope inner = Scope.open()) {
            Tensor out = inner.empty(shape, type.elementType());
            fill(position, out);
            return outer.keep(out);
        }
    }

    /** Reads named tensors into the current scope: all, or none if one can't be read. */
    static Map<String, Tensor> allOrNothing(Set<String> names, Function<String, Tensor> read) {
        Scope outer = Scope.current();
        try (Scope _ = Scope.open()) {
            Map<String, Tensor> tensors = LinkedHashMap.newLinkedHashMap(names.size());
            for (String name : names) {
                tensors.put(name, read.apply(name));
            }
            tensors.values().forEach(outer::keep);
            return tensors;
        }
    }

    /** Reads into a tensor that is there already. */
    void readInto(String operation, long position, Shape shape, Tensor out) {
        if (!out.shape().equals(shape)) {
            throw new ShapeException(
                    "%s: out must be %s as in the file, got %s"
                            .formatted(operation, shape, out.shape()));
        }
        if (out.type() != type.elementType()) {
            throw new ArgumentException(
                    "%s: out must be %s, which %s is read as, got %s"
                            .formatted(operation, type.elementType(), type, out.type()));
        }
        if (out.isContiguous()) {
            fill(position, out);
            return;
        }
        try (Scope scope = Scope.open()) {
            Tensor packed = scope.empty(shape, out.type());
            fill(position, packed);
            out.copyFrom(packed);
        }
    }

    private void fill(long position, Tensor out) {
        out.acquire("read");
        try {
            MemorySegment segment = out.segment();
            long offset = out.offset();
            long count = out.elements();
            if ((type == StoredType.F32 || type == StoredType.I32)
                    && order == ByteOrder.nativeOrder()) {
                source.read(position, segment, offset * 4, count * 4);
            } else if (type.elementType() == ElementType.FLOAT32) {
                fillFloats(position, segment, offset, count);
            } else {
                fillInts(position, segment, offset, count);
            }
        } finally {
            out.release();
        }
    }

    private void fillFloats(long position, MemorySegment out, long offset, long count) {
        int chunk = (int) Math.min(CHUNK_ELEMENTS, count);
        byte[] raw = new byte[chunk * type.bytes()];
        // NaN payloads survive as bits, not as floats.
        int[] bits = new int[chunk];
        Wide wide = new Wide(order);
        for (long done = 0; done < count; done += chunk) {
            int n = (int) Math.min(chunk, count - done);
            source.read(position + done * type.bytes(), raw, n * type.bytes());
            switch (type) {
                case F64 -> {
                    for (int i = 0; i < n; i++) {
                        double value = (double) wide.doubles.get(raw, i * 8);
                        bits[i] = Float.floatToRawIntBits((float) value);
                    }
                }
                case F32 -> {
                    for (int i = 0; i < n; i++) {
                        bits[i] = (int) wide.ints.get(raw, i * 4);
                    }
                }
                case F16 -> {
                    for (int i = 0; i < n; i++) {
                        bits[i] = float16Bits((short) wide.shorts.get(raw, i * 2));
                    }
                }
                case BF16 -> {
                    for (int i = 0; i < n; i++) {
                        bits[i] = (short) wide.shorts.get(raw, i * 2) << 16;
                    }
                }
                default -> throw new AssertionError(type);
            }
            MemorySegment.copy(bits, 0, out, ValueLayout.JAVA_INT, (offset + done) * 4, n);
        }
    }

    /** float16 to float32, NaN payloads and their quiet bit included, which hardware would set. */
    static int float16Bits(short half) {
        int exponentAndMantissa = half & 0x7FFF;
        if (exponentAndMantissa > 0x7C00) {
            return (half & 0x8000) << 16 | 0x7F80_0000 | (half & 0x3FF) << 13;
        }
        return Float.floatToRawIntBits(Float.float16ToFloat(half));
    }

    private void fillInts(long position, MemorySegment out, long offset, long count) {
        int chunk = (int) Math.min(CHUNK_ELEMENTS, count);
        byte[] raw = new byte[chunk * type.bytes()];
        int[] values = new int[chunk];
        Wide wide = new Wide(order);
        for (long done = 0; done < count; done += chunk) {
            int n = (int) Math.min(chunk, count - done);
            source.read(position + done * type.bytes(), raw, n * type.bytes());
            for (int i = 0; i < n; i++) {
                values[i] =
                        switch (type) {
                            case I64 -> narrowed((long) wide.longs.get(raw, i * 8), done + i);
                            case I32 -> (int) wide.ints.get(raw, i * 4);
                            case I16 -> (short) wide.shorts.get(raw, i * 2);
                            case U16 -> (short) wide.shorts.get(raw, i * 2) & 0xFFFF;
                            case I8 -> raw[i];
                            case U8 -> raw[i] & 0xFF;
                            case BOOL -> truth(raw[i], done + i);
                            default -> throw new AssertionError(type);
                        };
            }
            MemorySegment.copy(values, 0, out, ValueLayout.JAVA_INT, (offset + done) * 4, n);
        }
    }

    private int narrowed(long value, long index) {
        if (value != (int) value) {
            throw source.malformed(
                    "I64 element %d is %d, which does not fit int32".formatted(index, value));
        }
        return (int) value;
    }

    private int truth(byte value, long index) {
        if (value != 0 && value != 1) {
            throw source.malformed(
                    "BOOL element %d is the byte %d, not 0 or 1".formatted(index, value & 0xFF));
        }
        return value;
    }

    /** Views of a byte array as wider elements in one byte order. */
    private static final class Wide {
        final VarHandle shorts;
        final VarHandle ints;
        final VarHandle longs;
        final VarHandle doubles;

        Wide(ByteOrder order) {
            shorts = MethodHandles.byteArrayViewVarHandle(short[].class, order);
            ints = MethodHandles.byteArrayViewVarHandle(int[].class, order);
            longs = MethodHandles.byteArrayViewVarHandle(long[].class, order);
            doubles = MethodHandles.byteArrayViewVarHandle(double[].class, order);
        }
    }
}
