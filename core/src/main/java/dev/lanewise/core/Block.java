package dev.lanewise.core;

import java.lang.foreign.MemorySegment;

/**
 * A 64-byte aligned piece of a slab, or scratch memory for the time of one operation.
 *
 * <p>Its content is whatever was there before.
 */
class Block implements AutoCloseable {
    Slab slab;
    long byteOffset;

    /** Pooled scratch memory for so many elements; {@link #close} gives it back. */
    static Block scratch(long elements) {
        Block block = new Block();
        Memory.take(block, elements * ElementType.BYTES);
        return block;
    }

    MemorySegment segment() {
        return slab.segment;
    }

    /** The first element's offset in the segment, in elements. */
    long base() {
        return byteOffset / ElementType.BYTES;
    }

    long bytes() {
        return slab.sizeClass.blockBytes;
    }

    /** Gives the memory back to the pool. */
    @Override
    public void close() {
        Memory.giveBack(this);
    }
}
