package dev.lanewise.core;

import java.lang.foreign.MemorySegment;

/**
 * A 64-byte aligned piece of a slab, or scratch memory for the time of one operation.
 *
 * <p>Its content is whatever was there before.
 */
class Block implements AutoCloseable {
    private static final ThreadLocal<Unused> UNUSED = ThreadLocal.withInitial(Unused::new);

    /** Closed blocks of a thread, as objects to use again: operations make no garbage. */
    private static final class Unused {
        final Block[] blocks = new Block[8];
        int count;
    }

    Slab slab;
    long byteOffset;

    /**
     * Pooled scratch memory for so many elements; {@link #close}, once and on the same thread,
     * gives it back.
     */
    static Block scratch(long elements) {
        Unused unused = UNUSED.get();
        Block block = unused.count > 0 ? unused.blocks[--unused.count] : new Block();
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
        slab = null;
        Unused unused = UNUSED.get();
        if (unused.count < unused.blocks.length) {
            unused.blocks[unused.count++] = this;
        }
    }
}
