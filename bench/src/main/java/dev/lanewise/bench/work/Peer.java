package dev.lanewise.bench.work;

import java.lang.foreign.Arena;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;

/**
 * Another library that does the same work. Implementations come with the Maven profile {@code
 * peers}. All use {@link #threads} threads.
 */
public interface Peer {
    /** The environment variable that says how many threads; some libraries read it themselves. */
    String THREADS_VARIABLE = "OMP_NUM_THREADS";

    /** The name in tables. */
    String name();

    /** Whether the library has such a function; cheap, loads nothing native. */
    boolean supports(Work work);

    /**
     * One call that leaves its result in {@code data.out()}, in the library's best form (weights
     * packed beforehand where it can). Only for work that it {@link #supports}.
     */
    Runnable prepare(Work work, Work.Data data, Arena arena);

    /**
     * The threads of every peer: the environment's {@link #THREADS_VARIABLE}, which the launcher or
     * the fork's group sets; 1 without it.
     */
    static int threads() {
        return Integer.parseInt(System.getenv().getOrDefault(THREADS_VARIABLE, "1"));
    }

    /** The peers on the class path, by name. */
    static List<Peer> all() {
        return ServiceLoader.load(Peer.class).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparing(Peer::name))
                .toList();
    }
}
