package dev.lanewise.bench;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/**
 * Loops that do nothing but load and store, as fast as the Vector API can: four vectors at a time,
 * whose loads come before their stores. Segments are cast to the class of native ones, so that C2
 * need not look for an array behind them.
 */
final class BandwidthLoops {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final long VECTOR = SPECIES.vectorByteSize();
    private static final long STEP = 4 * VECTOR;
    private static final Class<? extends MemorySegment> NATIVE = MemorySegment.NULL.getClass();

    private BandwidthLoops() {}

    /** Reads so many bytes; returns a sum, so that no load can be left out. */
    static float read(MemorySegment data, long bytes) {
        data = NATIVE.cast(data);
        FloatVector a = FloatVector.zero(SPECIES);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (long i = 0; i + STEP <= bytes; i += STEP) {
            a = FloatVector.fromMemorySegment(SPECIES, data, i, ORDER).add(a);
            b = FloatVector.fromMemorySegment(SPECIES, data, i + VECTOR, ORDER).add(b);
            c = FloatVector.fromMemorySegment(SPECIES, data, i + 2 * VECTOR, ORDER).add(c);
            d = FloatVector.fromMemorySegment(SPECIES, data, i + 3 * VECTOR, ORDER).add(d);
        }
        return a.add(b).add(c.add(d)).lane(0);
    }

    /** The second half becomes the first. */
    static void copy(MemorySegment data, long bytes) {
        data = NATIVE.cast(data);
        long half = half(bytes);
        for (long i = 0; i + STEP <= half; i += STEP) {
            FloatVector a = FloatVector.fromMemorySegment(SPECIES, data, i, ORDER);
            FloatVector b = FloatVector.fromMemorySegment(SPECIES, data, i + VECTOR, ORDER);
            FloatVector c = FloatVector.fromMemorySegment(SPECIES, data, i + 2 * VECTOR, ORDER);
            FloatVector d = FloatVector.fromMemorySegment(SPECIES, data, i + 3 * VECTOR, ORDER);
            long to = half + i;
            a.intoMemorySegment(data, to, ORDER);
            b.intoMemorySegment(data, to + VECTOR, ORDER);
            c.intoMemorySegment(data, to + 2 * VECTOR, ORDER);
            d.intoMemorySegment(data, to + 3 * VECTOR, ORDER);
        }
    }

    /**
     * The second half becomes the first, by the JDK, which writes past the caches if it is long.
     */
    static void copyByJdk(MemorySegment data, long bytes) {
        long half = half(bytes);
        MemorySegment.copy(data, 0, data, half, half);
    }

    /** The third third becomes the sum of the others. */
    static void add(MemorySegment data, long bytes) {
        long third = bytes / 3 & -64;
        add(data, 0, third, 2 * third, third);
    }

    /** The first half is added to the second, which is read and written: 1.5 times the traffic. */
    static void update(MemorySegment data, long bytes) {
        long half = half(bytes);
        add(data, 0, half, half, half);
    }

    private static void add(MemorySegment data, long x, long y, long out, long bytes) {
        data = NATIVE.cast(data);
        for (long i = 0; i + STEP <= bytes; i += STEP) {
            FloatVector a = FloatVector.fromMemorySegment(SPECIES, data, x + i, ORDER);
            FloatVector b = FloatVector.fromMemorySegment(SPECIES, data, x + i + VECTOR, ORDER);
            FloatVector c = FloatVector.fromMemorySegment(SPECIES, data, x + i + 2 * VECTOR, ORDER);
            FloatVector d = FloatVector.fromMemorySegment(SPECIES, data, x + i + 3 * VECTOR, ORDER);
            long at = y + i;
            a = a.add(FloatVector.fromMemorySegment(SPECIES, data, at, ORDER));
            b = b.add(FloatVector.fromMemorySegment(SPECIES, data, at + VECTOR, ORDER));
            c = c.add(FloatVector.fromMemorySegment(SPECIES, data, at + 2 * VECTOR, ORDER));
            d = d.add(FloatVector.fromMemorySegment(SPECIES, data, at + 3 * VECTOR, ORDER));
            long to = out + i;
            a.intoMemorySegment(data, to, ORDER);
            b.intoMemorySegment(data, to + VECTOR, ORDER);
            c.intoMemorySegment(data, to + 2 * VECTOR, ORDER);
            d.intoMemorySegment(data, to + 3 * VECTOR, ORDER);
        }
    }

    private static long half(long bytes) {
        return bytes / 2 & -64;
    }
}
