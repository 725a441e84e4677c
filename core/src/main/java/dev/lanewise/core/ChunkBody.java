package dev.lanewise.core;

/**
 * One piece of work that {@link Workers#run} splits into chunks.
 *
 * <p>Chunks run in any order and on several threads at once, so a body writes only what belongs to
 * its chunk. An object that is kept and run again costs no allocation.
 */
@FunctionalInterface
public interface ChunkBody {

    /** Does the work of chunk {@code chunk}, 0 ≤ chunk &lt; the number of chunks given to run. */
    void run(int chunk);
}
