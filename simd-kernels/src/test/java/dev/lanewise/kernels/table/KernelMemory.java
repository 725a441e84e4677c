package dev.lanewise.kernels.table;

import dev.lanewise.kernels.table.KernelArray.Kind;
import dev.lanewise.kernels.table.KernelArray.Role;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The arrays of one prepared call, filled from a seed, with canaries around each.
 *
 * <p>Two memories with the same seed, whatever their placement, give the same content in the same
 * order of requests. Segments come from one shared arena, as in the library.
 */
public final class KernelMemory implements AutoCloseable {

    /** How arrays lie in the segments that kernels get. */
    public enum Placement {
        /** The segment is the array, so that any access outside throws; 4-byte aligned only. */
        EXACT,
        /** The segment has canaries on both sides, the offset is odd. */
        GUARDED,
        /** As {@link #GUARDED}, but the array is 64-byte aligned: as tensors are. */
        ALIGNED
    }

    private static final long GUARD_BYTES = 128;

    /** A NaN, so that a canary that is read shows in the result. */
    private static final int CANARY = 0x7fc0dead;

    private static final ValueLayout.OfInt LITTLE_ENDIAN_INT =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int GARBAGE = 0x7fc0beef;

    private static final float[] SPECIAL = {
        0f,
        -0f,
        1f,
        -1f,
        Float.NaN,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        Float.MIN_NORMAL,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        0x1.0p-126f * 0.75f,
        16777217f,
        -2.5f,
    };

    private final Arena arena = Arena.ofShared();
    private final List<KernelArray> arrays = new ArrayList<>();
    private final Placement placement;
    private final SplittableRandom random;

    /** An empty memory. */
    public KernelMemory(Placement placement, long seed) {
        this.placement = placement;
        this.random = new SplittableRandom(seed);
    }

    /** Floats uniform in [−1, 1), to be read. */
    public KernelArray input(long count) {
        return input(count, -1, 1);
    }

    /** Floats uniform in [low, high), to be read. */
    public KernelArray input(long count, double low, double high) {
        return uniform(count, low, high, Role.INPUT);
    }

    /** Floats uniform in [low, high), to be read and written. */
    public KernelArray updated(long count, double low, double high) {
        return uniform(count, low, high, Role.UPDATED);
    }

    /** Floats over many magnitudes with NaN, infinities, −0 and subnormals among them. */
    public KernelArray hostile(long count) {
        return fillHostile(allocate(count, Kind.FLOAT, Role.INPUT));
    }

    /** As {@link #hostile}, to be read and written. */
    public KernelArray hostileUpdated(long count) {
        return fillHostile(allocate(count, Kind.FLOAT, Role.UPDATED));
    }

    /** Ints uniform in [0, bound), to be read. */
    public KernelArray indices(long count, int bound) {
        return ints(count, 0, bound);
    }

    /** Ints uniform in [low, high), to be read. */
    public KernelArray ints(long count, int low, int high) {
        KernelArray array = allocate(count, Kind.INT, Role.INPUT);
        for (long i = 0; i < count; i++) {
            array.setInt(i, random.nextInt(low, high));
        }
        return array;
    }

    /** Any bytes, to be read. */
    public KernelArray bytes(long count) {
        KernelArray array = allocate(count, Kind.BYTE, Role.INPUT);
        for (long i = 0; i < count; i++) {
            array.setByte(i, (byte) random.nextInt());
        }
        return array;
    }

    /** Floats to be overwritten. */
    public KernelArray output(long count) {
        return allocate(count, Kind.FLOAT, Role.OUTPUT);
    }

    /** Ints to be overwritten. */
    public KernelArray outputInts(long count) {
        return allocate(count, Kind.INT, Role.OUTPUT);
    }

    /** A workspace of floats, always 64-byte aligned. */
    public KernelArray scratch(long count) {
        return allocate(count, Kind.FLOAT, Role.SCRATCH);
    }

    /** Every array, in the order of the requests. */
    public List<KernelArray> arrays() {
        return arrays;
    }

    /** The bytes that a call moves at least: inputs and outputs once, updated arrays twice. */
    public long trafficBytes() {
        long bytes = 0;
        for (KernelArray array : arrays) {
            bytes +=
                    switch (array.role()) {
                        case INPUT, OUTPUT -> array.sizeBytes();
                        case UPDATED -> 2 * array.sizeBytes();
                        case SCRATCH -> 0;
                    };
        }
        return bytes;
    }

    /** The bytes of inputs and outputs, each counted once. */
    public long footprintBytes() {
        long bytes = 0;
        for (KernelArray array : arrays) {
            bytes += array.role() == Role.SCRATCH ? 0 : array.sizeBytes();
        }
        return bytes;
    }

    /** Throws an {@link AssertionError} that names the array if a canary was overwritten. */
    public void checkCanaries(String what) {
        for (int index = 0; index < arrays.size(); index++) {
            KernelArray array = arrays.get(index);
            long end = array.startBytes() + array.sizeBytes();
            for (long at = 0; at < array.startBytes(); at++) {
                checkCanary(what, index, at);
            }
            for (long at = end; at < array.backing().byteSize(); at++) {
                checkCanary(what, index, at);
            }
        }
    }

    @Override
    public void close() {
        arena.close();
    }

    private KernelArray uniform(long count, double low, double high, Role role) {
        KernelArray array = allocate(count, Kind.FLOAT, role);
        for (long i = 0; i < count; i++) {
            array.set(i, (float) (low + (high - low) * random.nextDouble()));
        }
        return array;
    }

    private KernelArray fillHostile(KernelArray array) {
        for (long i = 0; i < array.count(); i++) {
            float sign = random.nextBoolean() ? 1f : -1f;
            float value = sign * (float) Math.pow(2, random.nextDouble() * 60 - 30);
            boolean special = random.nextInt(8) == 0;
            array.set(i, special ? SPECIAL[random.nextInt(SPECIAL.length)] : value);
        }
        return array;
    }

    private KernelArray allocate(long count, Kind kind, Role role) {
        boolean aligned = placement == Placement.ALIGNED || role == Role.SCRATCH;
        long start = GUARD_BYTES + (aligned ? 0 : 4);
        long bytes = count * kind.bytes;
        long total = (start + bytes + GUARD_BYTES + 3) & ~3L;
        MemorySegment backing = arena.allocate(total, 64);
        for (long at = 0; at < total; at += 4) {
            backing.set(LITTLE_ENDIAN_INT, at, CANARY);
        }
        for (long at = start; at + 4 <= start + bytes; at += 4) {
            backing.set(ValueLayout.JAVA_INT, at, GARBAGE);
        }
        KernelArray array =
                placement == Placement.EXACT
                        ? new KernelArray(
                                backing.asSlice(start, bytes), 0, count, kind, role, backing, start)
                        : new KernelArray(
                                backing, start / kind.bytes, count, kind, role, backing, start);
        arrays.add(array);
        return array;
    }

    private void checkCanary(String what, int index, long at) {
        KernelArray array = arrays.get(index);
        byte expected = (byte) (CANARY >>> (8 * (int) (at & 3)));
        if (array.backing().get(ValueLayout.JAVA_BYTE, at) != expected) {
            throw new AssertionError(
                    "%s wrote outside array %d (%s, %d elements): byte %d of [0, %d)"
                            .formatted(
                                    what,
                                    index,
                                    array.role(),
                                    array.count(),
                                    at - array.startBytes(),
                                    array.sizeBytes()));
        }
    }
}
