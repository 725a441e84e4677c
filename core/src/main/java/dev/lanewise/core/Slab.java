package dev.lanewise.core;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One piece of memory from the operating system, cut into equal blocks.
 *
 * <p>All slabs come from shared arenas, so that kernels see one kind of segment. A slab is closed
 * only when none of its blocks is in use. Guarded by the lock of its size class.
 */
final class Slab {
    /** Every block starts at a multiple of this many bytes: a cache line, a 512-bit vector. */
    static final long ALIGNMENT = 64;

    private final Arena arena;
    final MemorySegment segment;
    final SizeClass sizeClass;
    private final int[] freeBlocks;
    private int free;

    Slab(SizeClass sizeClass, int blocks) {
        this.sizeClass = sizeClass;
        this.freeBlocks = new int[blocks];
        this.arena = Arena.ofShared();
        MemorySegment memory;
        try {
            memory = arena.allocate(sizeClass.blockBytes * blocks, ALIGNMENT);
        } catch (OutOfMemoryError | RuntimeException e) {
            arena.close();
            throw e;
        }
        this.segment = memory;
        for (int i = 0; i < blocks; i++) {
            freeBlocks[i] = blocks - 1 - i;
        }
        this.free = blocks;
    }

    /** The byte offset of a block that is now in use. */
    long take() {
        return freeBlocks[--free] * sizeClass.blockBytes;
    }

    void giveBack(long byteOffset) {
        freeBlocks[free++] = (int) (byteOffset / sizeClass.blockBytes);
    }

    boolean hasFree() {
        return free > 0;
    }

    boolean isUnused() {
        return free == freeBlocks.length;
    }

    long bytes() {
        return segment.byteSize();
    }

    /** Returns the memory to the operating system; needs {@link #isUnused()}. */
    void release() {
        assert isUnused();
        arena.close();
    }
}
