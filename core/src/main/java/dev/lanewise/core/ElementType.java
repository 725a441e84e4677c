package dev.lanewise.core;

/** The type of a tensor's elements: float32 is the compute type, int32 holds indices. */
public enum ElementType {
    /** 32-bit IEEE 754 floating point. */
    FLOAT32("float32"),
    /** 32-bit two's complement integers. */
    INT32("int32");

    /** Bytes of one element, the same for all types that tensors have. */
    static final long BYTES = 4;

    private final String text;

    ElementType(String text) {
        this.text = text;
    }

    /** Bytes of one element. */
    public long bytes() {
        return BYTES;
    }

    /** The name that NumPy and PyTorch use: {@code float32}, {@code int32}. */
    @Override
    public String toString() {
        return text;
    }
}
