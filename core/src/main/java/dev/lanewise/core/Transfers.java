package dev.lanewise.core;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.Buffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/** Moves elements between tensors and arrays, buffers or segments of any kind. */
final class Transfers {
    private Transfers() {}

    static float[] toFloats(Tensor t) {
        float[] values = new float[arraySize("toArray", t)];
        if (t.type() == ElementType.FLOAT32) {
            read("toArray", t, MemorySegment.ofArray(values));
        } else {
            int[] ints = toInts(t);
            for (int i = 0; i < values.length; i++) {
                values[i] = ints[i];
            }
        }
        return values;
    }

    static int[] toInts(Tensor t) {
        Operands.checkInt("toIntArray", "the tensor", t);
        int[] values = new int[arraySize("toIntArray", t)];
        read("toIntArray", t, MemorySegment.ofArray(values));
        return values;
    }

    private static int arraySize(String operation, Tensor t) {
        if (t.elements() > Integer.MAX_VALUE - 8) {
            throw new ShapeException(
                    "%s: %d elements are more than an array holds: %s"
                            .formatted(operation, t.elements(), t.shape()));
        }
        return (int) t.elements();
    }

    static void copyTo(Tensor t, FloatBuffer target) {
        Operands.checkFloat("copyTo", "the tensor", t);
        checkRoom("copyTo", t, target);
        checkOrder("copyTo", target.order());
        read("copyTo", t, MemorySegment.ofBuffer(target).asSlice(0, bytes(t)));
        target.position(target.position() + (int) t.elements());
    }

    static void copyTo(Tensor t, IntBuffer target) {
        Operands.checkInt("copyTo", "the tensor", t);
        checkRoom("copyTo", t, target);
        checkOrder("copyTo", target.order());
        read("copyTo", t, MemorySegment.ofBuffer(target).asSlice(0, bytes(t)));
        target.position(target.position() + (int) t.elements());
    }

    private static void checkRoom(String operation, Tensor t, Buffer target) {
        if (target.remaining() < t.elements()) {
            throw new ShapeException(
                    "%s: the buffer has room for %d elements, %s has %d"
                            .formatted(operation, target.remaining(), t.shape(), t.elements()));
        }
    }

    static void copyTo(Tensor t, MemorySegment target) {
        if (target.byteSize() < bytes(t)) {
            throw new ShapeException(
                    "copyTo: the segment has %d bytes, %s needs %d"
                            .formatted(target.byteSize(), t.shape(), bytes(t)));
        }
        read("copyTo", t, target);
    }

    static Tensor copyFrom(Tensor t, float[] values) {
        Operands.checkFloat("copyFrom", "the tensor", t);
        checkCount(t, values.length);
        return write(t, MemorySegment.ofArray(values));
    }

    static Tensor copyFrom(Tensor t, int[] values) {
        Operands.checkInt("copyFrom", "the tensor", t);
        checkCount(t, values.length);
        return write(t, MemorySegment.ofArray(values));
    }

    static Tensor copyFrom(Tensor t, FloatBuffer values) {
        Operands.checkFloat("copyFrom", "the tensor", t);
        checkCount(t, values.remaining());
        checkOrder("copyFrom", values.order());
        write(t, MemorySegment.ofBuffer(values));
        values.position(values.limit());
        return t;
    }

    static Tensor copyFrom(Tensor t, IntBuffer values) {
        Operands.checkInt("copyFrom", "the tensor", t);
        checkCount(t, values.remaining());
        checkOrder("copyFrom", values.order());
        write(t, MemorySegment.ofBuffer(values));
        values.position(values.limit());
        return t;
    }

    static Tensor copyFrom(Tensor t, MemorySegment values) {
        if (values.byteSize() != bytes(t)) {
            throw new ShapeException(
                    "copyFrom: the segment has %d bytes, %s needs %d"
                            .formatted(values.byteSize(), t.shape(), bytes(t)));
        }
        return write(t, values);
    }

    private static void checkOrder(String operation, ByteOrder order) {
        if (order != ByteOrder.nativeOrder()) {
            throw new ArgumentException(
                    operation
                            + ": the buffer's byte order is not the machine's; make it with"
                            + " order(ByteOrder.nativeOrder())");
        }
    }

    private static void checkCount(Tensor t, long count) {
        if (count != t.elements()) {
            throw new ShapeException(
                    "copyFrom: %d values for %d elements: %s"
                            .formatted(count, t.elements(), t.shape()));
        }
    }

    private static long bytes(Tensor t) {
        return t.elements() * ElementType.BYTES;
    }

    private static void read(String operation, Tensor t, MemorySegment target) {
        Operands.hold(operation, t);
        try {
            if (t.isContiguous()) {
                copyBytes(t.storage.segment(), t.offset(), target, 0, t.elements());
                return;
            }
            try (Block scratch = Block.scratch(t.elements())) {
                Copies.move(t.storage, t.layout(), scratch, Layout.contiguous(t.shape()));
                copyBytes(scratch.segment(), scratch.base(), target, 0, t.elements());
            }
        } finally {
            Operands.release(t);
        }
    }

    private static Tensor write(Tensor t, MemorySegment values) {
        Operands.checkOut("copyFrom", t, t.shape(), t.type());
        Operands.hold("copyFrom", t);
        try {
            if (t.isContiguous()) {
                copyBytes(values, 0, t.storage.segment(), t.offset(), t.elements());
                return t;
            }
            try (Block scratch = Block.scratch(t.elements())) {
                copyBytes(values, 0, scratch.segment(), scratch.base(), t.elements());
                Copies.move(scratch, Layout.contiguous(t.shape()), t.storage, t.layout());
            }
        } finally {
            Operands.release(t);
        }
        return t;
    }

    /** Offsets count elements. */
    private static void copyBytes(
            MemorySegment from, long fromOffset, MemorySegment to, long toOffset, long elements) {
        long size = ValueLayout.JAVA_FLOAT.byteSize();
        MemorySegment.copy(from, fromOffset * size, to, toOffset * size, elements * size);
    }
}
