package dev.lanewise.kernels.table;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * An array of a prepared call: what the kernel gets ({@link #segment}, {@link #offset}) and what is
 * around it.
 *
 * @param segment the segment to pass
 * @param offset the index of the first element in it (in bytes for {@link Kind#BYTE})
 * @param count elements
 * @param kind the type of the elements
 * @param role what the kernel does with it
 * @param backing the whole allocation: canaries, the array, canaries
 * @param startBytes where in the backing the array begins
 */
public record KernelArray(
        MemorySegment segment,
        long offset,
        long count,
        Kind kind,
        Role role,
        MemorySegment backing,
        long startBytes) {

    /** The type of the elements. */
    public enum Kind {
        /** 32-bit floats. */
        FLOAT(4),
        /** 32-bit integers. */
        INT(4),
        /** Bytes. */
        BYTE(1);

        /** Bytes of an element. */
        final int bytes;

        Kind(int bytes) {
            this.bytes = bytes;
        }
    }

    /** What a kernel does with an array. */
    public enum Role {
        /** Only read. */
        INPUT,
        /** Overwritten; holds NaN beforehand. */
        OUTPUT,
        /** Read and written. */
        UPDATED,
        /** Written, of no meaning afterwards; holds NaN beforehand. */
        SCRATCH
    }

    /** Element i of a float array. */
    public float get(long i) {
        return backing.get(ValueLayout.JAVA_FLOAT_UNALIGNED, startBytes + 4 * i);
    }

    /** Sets element i of a float array; also stores the value that a kernel returns. */
    public void set(long i, float value) {
        backing.set(ValueLayout.JAVA_FLOAT_UNALIGNED, startBytes + 4 * i, value);
    }

    /** Element i of an int array. */
    public int getInt(long i) {
        return backing.get(ValueLayout.JAVA_INT_UNALIGNED, startBytes + 4 * i);
    }

    /** Sets element i of an int array; also stores the index that a kernel returns. */
    public void setInt(long i, int value) {
        backing.set(ValueLayout.JAVA_INT_UNALIGNED, startBytes + 4 * i, value);
    }

    /** Element i of a byte array. */
    public byte getByte(long i) {
        return backing.get(ValueLayout.JAVA_BYTE, startBytes + i);
    }

    /** Sets element i of a byte array. */
    public void setByte(long i, byte value) {
        backing.set(ValueLayout.JAVA_BYTE, startBytes + i, value);
    }

    /** The bytes that the elements take. */
    public long sizeBytes() {
        return count * kind.bytes;
    }

    /** The elements alone, as a segment. */
    public MemorySegment content() {
        return backing.asSlice(startBytes, sizeBytes());
    }
}
