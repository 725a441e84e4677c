package dev.lanewise.core.io;

import dev.lanewise.core.ElementType;

/**
 * An element type that a file may hold, and what it becomes in a tensor.
 *
 * <ul>
 *   <li>32-bit types are taken as they are, bit by bit.
 *   <li>Narrower types are widened, which is exact.
 *   <li>{@link #F64} is rounded to the nearest float; beyond its range, to infinity.
 *   <li>{@link #I64} must fit 32 bits: a value that doesn't is a {@link ModelFormatException}.
 *   <li>{@link #BOOL} becomes 0 or 1; any other byte is a {@link ModelFormatException}.
 * </ul>
 */
public enum StoredType {
    /** 64-bit floating point, rounded to float32. */
    F64(8, ElementType.FLOAT32, "f8"),
    /** 32-bit floating point. */
    F32(4, ElementType.FLOAT32, "f4"),
    /** 16-bit IEEE 754 floating point, widened to float32. */
    F16(2, ElementType.FLOAT32, "f2"),
    /** The upper half of a float32, widened to it. */
    BF16(2, ElementType.FLOAT32, null),
    /** 64-bit integers, whose values must fit int32. */
    I64(8, ElementType.INT32, "i8"),
    /** 32-bit integers. */
    I32(4, ElementType.INT32, "i4"),
    /** 16-bit integers, widened to int32. */
    I16(2, ElementType.INT32, "i2"),
    /** Unsigned 16-bit integers, widened to int32. */
    U16(2, ElementType.INT32, "u2"),
    /** 8-bit integers, widened to int32. */
    I8(1, ElementType.INT32, "i1"),
    /** Unsigned 8-bit integers, widened to int32. */
    U8(1, ElementType.INT32, "u1"),
    /** Bytes 0 and 1, widened to int32. */
    BOOL(1, ElementType.INT32, "b1");

    private final int bytes;
    private final ElementType elementType;
    private final String npyCode;

    StoredType(int bytes, ElementType elementType, String npyCode) {
        this.bytes = bytes;
        this.elementType = elementType;
        this.npyCode = npyCode;
    }

    /** Bytes of one element in the file. */
    public int bytes() {
        return bytes;
    }

    /** The type of the tensor that it is read as. */
    public ElementType elementType() {
        return elementType;
    }

    /** How a tensor's elements are stored without a conversion. */
    static StoredType of(ElementType type) {
        return switch (type) {
            case FLOAT32 -> F32;
            case INT32 -> I32;
        };
    }

    /** NumPy's code without the byte order; null where NumPy has no such type. */
    String npyCode() {
        return npyCode;
    }
}
