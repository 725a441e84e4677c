package dev.lanewise.kernels.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The one vector width of this JVM and the species derived from it.
 *
 * <p>The width is the preferred one of the CPU, or {@code -Dlanewise.vectorBits=128|256|512}.
 * Everything here is a constant to the JIT.
 */
final class Lanes {
    /** Bits of a vector. */
    static final int BITS =
            Integer.getInteger(
                    "lanewise.vectorBits", FloatVector.SPECIES_PREFERRED.vectorBitSize());

    private static final VectorShape SHAPE = VectorShape.forBitSize(BITS);

    /** Vectors of floats. */
    static final VectorSpecies<Float> FLOAT = VectorSpecies.of(float.class, SHAPE);

    /** Vectors of as many ints. */
    static final VectorSpecies<Integer> INT = VectorSpecies.of(int.class, SHAPE);

    /** Floats in a vector. */
    static final int COUNT = FLOAT.length();

    /** Bytes in a vector. */
    static final long BYTES = FLOAT.vectorByteSize();

    private Lanes() {}
}
