package dev.lanewise.core;

import java.util.ArrayList;
import java.util.List;

/**
 * Blocks of one size, with a free list per slab.
 *
 * <p>Sizes are multiples of 64 bytes with four steps per doubling up to {@link #LARGE}, where many
 * blocks share a slab, and eight steps above it, where each block has its own slab.
 */
final class SizeClass {
    /** Blocks above this size have a slab of their own. */
    static final long LARGE = 1 << 20;

    private static final long SMALLEST_SLAB = 1 << 18;
    private static final long BLOCKS_PER_SLAB = 16;

    final long blockBytes;
    private final int blocksPerSlab;
    // Slabs with at least one free block; the last one serves next, so that warm memory is reused.
    private final List<Slab> available = new ArrayList<>();

    SizeClass(long blockBytes) {
        this.blockBytes = blockBytes;
        long slabBytes = Math.max(SMALLEST_SLAB, Math.min(blockBytes * BLOCKS_PER_SLAB, 4 * LARGE));
        this.blocksPerSlab = blockBytes > LARGE ? 1 : (int) (slabBytes / blockBytes);
    }

    /** The class of blocks of at least so many bytes, as a number from 0. */
    static int index(long bytes) {
        if (bytes <= 4 * Slab.ALIGNMENT) {
            return (int) Math.max(0, (bytes - 1) / Slab.ALIGNMENT);
        }
        int steps = bytes <= LARGE ? 4 : 8;
        int log = 63 - Long.numberOfLeadingZeros(bytes - 1);
        int within = (int) ((bytes - 1) >>> (log - (steps == 4 ? 2 : 3))) & (steps - 1);
        int doublingsBeforeLarge = 63 - Long.numberOfLeadingZeros(LARGE) - 8;
        return steps == 4
                ? 4 + (log - 8) * 4 + within
                : 4 + doublingsBeforeLarge * 4 + (log - 8 - doublingsBeforeLarge) * 8 + within;
    }

    /** The block size of the class with this number: the inverse of {@link #index}. */
    static long blockBytes(int index) {
        if (index < 4) {
            return (index + 1) * Slab.ALIGNMENT;
        }
        int doublingsBeforeLarge = 63 - Long.numberOfLeadingZeros(LARGE) - 8;
        int small = index - 4;
        if (small < doublingsBeforeLarge * 4) {
            long base = 256L << (small / 4);
            return base + base / 4 * (small % 4 + 1);
        }
        int large = small - doublingsBeforeLarge * 4;
        long base = LARGE << (large / 8);
        return base + base / 8 * (large % 8 + 1);
    }

    /** Takes a free block into the given holder, if a slab of this class has one. */
    synchronized boolean take(Block into) {
        if (available.isEmpty()) {
            return false;
        }
        takeFrom(available.getLast(), into);
        return true;
    }

    /** A new slab, not yet among those that serve. */
    Slab newSlab() {
        return new Slab(this, blocksPerSlab);
    }

    long slabBytes() {
        return blockBytes * blocksPerSlab;
    }

    /** Adds a new slab and takes its first block. */
    synchronized void addAndTake(Slab slab, Block into) {
        available.add(slab);
        takeFrom(slab, into);
    }

    private void takeFrom(Slab slab, Block into) {
        into.slab = slab;
        into.byteOffset = slab.take();
        if (!slab.hasFree()) {
            available.remove(slab);
        }
    }

    /** Puts a block back; the slab is returned if that left it unused and it is not to be kept. */
    synchronized Slab giveBack(Block block, boolean keepUnused) {
        Slab slab = block.slab;
        if (!slab.hasFree()) {
            available.add(slab);
        }
        slab.giveBack(block.byteOffset);
        if (!keepUnused && slab.isUnused()) {
            available.remove(slab);
            return slab;
        }
        return null;
    }

    /** Withdraws all unused slabs. */
    synchronized List<Slab> withdrawUnused() {
        List<Slab> unused = new ArrayList<>();
        for (Slab slab : available) {
            if (slab.isUnused()) {
                unused.add(slab);
            }
        }
        available.removeAll(unused);
        return unused;
    }
}
