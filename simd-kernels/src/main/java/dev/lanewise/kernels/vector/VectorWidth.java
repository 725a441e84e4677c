package dev.lanewise.kernels.vector;

import jdk.incubator.vector.VectorShape;

/** The vector widths of this JVM, for the choice of the backend. */
public final class VectorWidth {
    private VectorWidth() {}

    /** The bits of the vectors that suit the CPU best. */
    public static int preferredBits() {
        return VectorShape.preferredShape().vectorBitSize();
    }

    /** The bits of the largest vectors that the JVM can use. */
    public static int largestBits() {
        return VectorShape.S_Max_BIT.vectorBitSize();
    }
}
