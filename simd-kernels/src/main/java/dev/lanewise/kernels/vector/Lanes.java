package dev.lanewise.kernels.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/**
 * The one vector width of this JVM, the species derived from it, and the loads and stores that all
 * kernels share.
 *
 * <p>The width is the preferred one of the CPU, or {@code -Dlanewise.vectorBits=128|256|512}.
 * Everything here is a constant to the JIT, and every method is small enough to be inlined always.
 *
 * <p>The usual loop goes over whole vectors up to {@link #bound} and does the rest under the mask
 * {@code FLOAT.indexInRange(i, n)}, whose lanes past n are neither read (they load as 0) nor
 * written. {@code package-info} says how a kernel must be written so that C2 keeps its vectors in
 * registers.
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

    static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /**
     * The class of native segments. A loop over segments begins with {@code x = NATIVE.cast(x)} for
     * each of them: then C2 knows that there is no array behind them, whatever the profile of the
     * JDK's methods says ({@code package-info} tells why it may say otherwise).
     */
    static final Class<? extends MemorySegment> NATIVE = MemorySegment.NULL.getClass();

    /** Exchange lanes at a distance of 8, 4, 2, 1. */
    static final VectorShuffle<Float> SWAP_8 = swap(8);

    static final VectorShuffle<Float> SWAP_4 = swap(4);
    static final VectorShuffle<Float> SWAP_2 = swap(2);
    static final VectorShuffle<Float> SWAP_1 = swap(1);

    /** Exchange the halves of a vector, and the halves of each half. */
    static final VectorShuffle<Float> SWAP_HALVES =
            COUNT == 16 ? SWAP_8 : COUNT == 8 ? SWAP_4 : SWAP_2;

    static final VectorShuffle<Float> SWAP_QUARTERS =
            COUNT == 16 ? SWAP_4 : COUNT == 8 ? SWAP_2 : SWAP_1;

    /** The upper half of the lanes, and the upper half of each half. */
    static final VectorMask<Float> UPPER_HALF = withBit(COUNT / 2);

    static final VectorMask<Float> ODD_QUARTERS = withBit(COUNT / 4);

    private Lanes() {}

    /** The largest multiple of {@link #COUNT} that is at most n. */
    static long bound(long n) {
        return n & -COUNT;
    }

    /** The lanes whose number has this bit. */
    static VectorMask<Float> withBit(int bit) {
        boolean[] set = new boolean[COUNT];
        for (int i = 0; i < COUNT; i++) {
            set[i] = (i & bit) != 0;
        }
        return VectorMask.fromArray(FLOAT, set, 0);
    }

    private static VectorShuffle<Float> swap(int distance) {
        return VectorShuffle.fromOp(FLOAT, lane -> (lane ^ distance) & (COUNT - 1));
    }
}
