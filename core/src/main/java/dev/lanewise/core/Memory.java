package dev.lanewise.core;

import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The process-wide pool of tensor memory: slabs by size class, live bytes, and a bounded cache of
 * slabs that nobody uses.
 */
final class Memory {
    private static final int CLASSES = SizeClass.index(Shape.MAX_ELEMENTS * ElementType.BYTES) + 1;
    private static final AtomicReferenceArray<SizeClass> POOL = new AtomicReferenceArray<>(CLASSES);
    private static final AtomicLong LIVE = new AtomicLong();
    private static final AtomicLong RESERVED = new AtomicLong();

    /** Unused bytes that are kept for reuse, as much as the Java heap may take by default. */
    private static final long CACHE_BYTES = cacheBytes(System.getProperty("lanewise.cacheBytes"));

    private Memory() {}

    private static long cacheBytes(String wanted) {
        long heap = Runtime.getRuntime().maxMemory();
        try {
            long bytes = wanted == null ? heap : Long.parseLong(wanted.strip());
            if (bytes >= 0) {
                return bytes;
            }
        } catch (NumberFormatException notANumber) {
            // as a negative one
        }
        System.getLogger(Memory.class.getName())
                .log(
                        Level.WARNING,
                        "-Dlanewise.cacheBytes={0}: expected a number of bytes from 0 on, as"
                                + " 1073741824; keeping up to {1}",
                        wanted,
                        heap);
        return heap;
    }

    static void take(Block into, long bytes) {
        SizeClass sizeClass = sizeClass(SizeClass.index(bytes));
        if (!sizeClass.take(into)) {
            sizeClass.addAndTake(newSlab(sizeClass), into);
        }
        LIVE.getAndAdd(sizeClass.blockBytes);
    }

    static void giveBack(Block block) {
        SizeClass sizeClass = block.slab.sizeClass;
        long live = LIVE.addAndGet(-sizeClass.blockBytes);
        Slab unneeded = sizeClass.giveBack(block, RESERVED.get() - live <= CACHE_BYTES);
        if (unneeded != null) {
            release(unneeded);
        }
    }

    private static SizeClass sizeClass(int index) {
        SizeClass found = POOL.get(index);
        if (found != null) {
            return found;
        }
        POOL.compareAndSet(index, null, new SizeClass(SizeClass.blockBytes(index)));
        return POOL.get(index);
    }

    private static Slab newSlab(SizeClass sizeClass) {
        long bytes = sizeClass.slabBytes();
        Slab slab;
        try {
            slab = sizeClass.newSlab();
        } catch (OutOfMemoryError e) {
            trim();
            try {
                slab = sizeClass.newSlab();
            } catch (OutOfMemoryError again) {
                throw new OutOfMemoryError(
                        "no native memory for %,d more bytes; %,d are live, %,d are reserved"
                                .formatted(bytes, LIVE.get(), RESERVED.get()));
            }
        }
        RESERVED.getAndAdd(slab.bytes());
        return slab;
    }

    private static void release(Slab slab) {
        RESERVED.getAndAdd(-slab.bytes());
        slab.release();
    }

    /** Bytes of blocks in use. */
    static long live() {
        return LIVE.get();
    }

    /** Bytes of all slabs, in use or cached. */
    static long reserved() {
        return RESERVED.get();
    }

    /** Returns every slab without a block in use to the operating system. */
    static void trim() {
        for (int i = 0; i < CLASSES; i++) {
            SizeClass sizeClass = POOL.get(i);
            if (sizeClass != null) {
                List<Slab> unused = sizeClass.withdrawUnused();
                unused.forEach(Memory::release);
            }
        }
    }
}
